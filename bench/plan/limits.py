# SPDX-License-Identifier: GPL-2.0-only
"""The limits of the kernel's interfaces, which would show only when a point is
measured.
"""

from bench.units import show_size
from .job import is_on, is_uring, options_of

# IORING_MAX_ENTRIES, IORING_MAX_REG_BUFFERS, and the most that io_uring
# registers as one buffer
RING_DEPTH = 32768
BUFFERS = 16384
BUFFER = 1 << 30


def why_too_large(axes, path_options):
    """Why io_uring cannot do these axes, or None."""
    options = options_of(path_options)
    if not is_uring(options):
        return None
    fixed = is_on(options, 'fixedbufs')
    depth, what = (BUFFERS, 'registered buffers') if fixed else \
        (RING_DEPTH, 'entries of a ring')
    if axes['iodepth'] > depth:
        return (f'takes an iodepth of at most {depth} (io_uring\'s limit of '
                f'{what}; iodepth {axes["iodepth"]})')
    # The limit of a dma-buf depends on the kernel.
    registers = fixed or options.get('dmabuf_path', 'direct') != 'direct'
    if registers and axes['bs'] > BUFFER:
        return (f'takes a bs of at most {show_size(BUFFER)} (io_uring\'s '
                f'limit of a buffer; bs {show_size(axes["bs"])})')
    return None
