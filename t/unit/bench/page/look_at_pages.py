# SPDX-License-Identifier: GPL-2.0-only
"""Pages in a headless browser, as TAP without numbers and without a plan:

    look_at_pages.py DIRECTORY      that page_sample.py has filled
"""

import os
import sys

sys.dont_write_bytecode = True
from browser import Browser  # noqa: E402

PAGES = ('report', 'compare', 'describe', 'steady', 'wide', 'tiny', 'hostile')
FETCHING = '<img src="http://localhost:9/x.png"><script>x = y.z;</script>'

# Pictures without a size, or whose marks lie outside of them
POOR_PICTURES = '''[...document.querySelectorAll("figure svg")].filter(svg => {
  const all = svg.getBoundingClientRect();
  const marks = [...svg.querySelectorAll("g > [transform] > title")];
  return all.width < 100 || all.height < 50 || !marks.length ||
    marks.some(title => {
      const mark = title.parentNode.getBoundingClientRect();
      return !mark.width || !mark.height || mark.left < all.left ||
        mark.right > all.right || mark.top < all.top ||
        mark.bottom > all.bottom;
    });
}).length'''
# The table that is sorted, one of its headings, and what the column of that
# is sorted by
TABLE = '''document.querySelector("[aria-labelledby=figures] table.sort, " +
                                "[aria-labelledby=summary] table.sort")'''
HEAD = f'''[...{TABLE}.tHead.rows[0].cells].find(
  cell => cell.textContent.startsWith(%r))'''
COLUMN = f'''[...{TABLE}.tBodies[0].rows].map(
  row => row.cells[({HEAD}).cellIndex].dataset.v)'''
STATE = f'({HEAD}).getAttribute("aria-sort")'
BUTTON = f'({HEAD}).querySelector("button")'


def numbers(browser, text):
    return [float(value) for value in browser.ask(COLUMN % text)]


def renders(browser, _):
    """has a title and a heading, and no script fails"""
    assert browser.ask('document.title.length') > 3
    assert browser.ask('document.querySelector("h1").offsetHeight') > 10
    assert not browser.complaints(), browser.complaints()


def fetches_nothing(browser, _):
    """asks for nothing but itself"""
    assert not browser.requests(), browser.requests()


def draws(browser, _):
    """shows its pictures, with every mark inside of them"""
    count = browser.ask('document.querySelectorAll("figure svg").length')
    assert count, count
    assert browser.ask(POOR_PICTURES) == 0, browser.ask(POOR_PICTURES)


def fits(browser, _):
    """is never wider than its window"""
    for width in (400, 1000, 1400):
        browser.width(width)
        wide = browser.ask('document.documentElement.scrollWidth')
        assert wide <= width, f'{wide} in {width}'


def keeps_names_in_sight(browser, _):
    """in a narrow window the name of a row stays where a table scrolls"""
    browser.width(420)
    left = browser.ask('''[...document.querySelectorAll(".wide")].filter(
      each => each.scrollWidth > each.clientWidth + 40).map(each => {
        each.scrollLeft = 40;
        const name = each.querySelector("tbody tr > :first-child");
        return name.getBoundingClientRect().left -
               each.getBoundingClientRect().left;
      })''')
    assert left and set(left) == {0}, left
    narrow = browser.ask('''[...document.querySelectorAll(
      ".wide tbody tr > :first-child")].filter(each => each.offsetWidth &&
      each.offsetWidth < 40).length''')
    assert narrow == 0, narrow


def prints(browser, name):
    """prints whole: nothing folded, cut off or for the mouse alone"""
    browser.media('print')
    # what A4 has between its margins
    browser.width(1030)
    browser.ask('dispatchEvent(new Event("beforeprint"))')
    cut = browser.ask('''[...document.querySelectorAll(".wide.tall")].filter(
      each => each.scrollHeight > each.clientHeight + 1).length''')
    folded = browser.ask('''[...document.querySelectorAll("details > *")]
      .filter(each => each.tagName != "SUMMARY" &&
              !each.matches(".filter") && !each.checkVisibility()).length''')
    menu = browser.ask('document.querySelector("nav").offsetHeight')
    assert (cut, folded, menu) == (0, 0, 0), (cut, folded, menu)
    # a button would be in the headings of the first page alone
    kinds = browser.ask('[...document.querySelectorAll("th button")].map('
                        'each => getComputedStyle(each).display)')
    assert set(kinds) <= {'contents'}, kinds
    # names that are as long as they like are cut
    wide = browser.ask('document.documentElement.scrollWidth')
    assert wide <= 1030 or name == 'hostile', wide
    if name == 'report':
        data = browser.call('Page.printToPDF', preferCSSPageSize=True)['data']
        assert data.startswith('JVBERi0'), data[:20]    # "%PDF-"


def is_dark(browser, _):
    """is dark where that is wanted"""
    look = 'getComputedStyle(document.body).%s'
    light = browser.ask(look % 'backgroundColor')
    browser.media(scheme='dark')
    dark = browser.ask(look % 'backgroundColor')
    ink = browser.ask(look % 'color')
    assert light == 'rgb(255, 255, 255)', light
    assert shade(dark) < 60 < 180 < shade(ink), (dark, ink)


def shade(text):
    return sum(map(int, text.strip('rgb()').split(','))) / 3


def sorts_by_mouse(browser, name):
    """sorts by a click on a heading, either way"""
    heading = 'IOPS' if name != 'compare' else 'Change'
    before = numbers(browser, heading)
    for state, down in (('ascending', False), ('descending', True)):
        x, y = browser.ask(
            '(function (button) { button.scrollIntoView({block: "center"});'
            ' const box = button.getBoundingClientRect();'
            ' return [box.x + box.width / 2, box.y + box.height / 2]; })'
            f'({BUTTON % heading})')
        for kind in ('mousePressed', 'mouseReleased'):
            browser.call('Input.dispatchMouseEvent', type=kind, x=x, y=y,
                         button='left', clickCount=1)
        assert browser.ask(STATE % heading) == state
        after = numbers(browser, heading)
        assert after == sorted(before, reverse=down) != before, after


def sorts_by_keyboard(browser, name):
    """sorts by the keyboard alone: Tab, Enter, Space"""
    heading = 'p99' if name != 'compare' else 'Detectable'
    browser.ask('scrollTo(0, 0), document.activeElement.blur()')
    for _ in range(200):
        browser.press('Tab', 9)
        if browser.ask(f'document.activeElement === {BUTTON % heading}'):
            break
    else:
        raise AssertionError('no way to the heading')
    browser.press('Enter', 13, '\r')
    assert browser.ask(STATE % heading) == 'ascending'
    assert numbers(browser, heading) == sorted(numbers(browser, heading))
    browser.press(' ', 32, ' ')
    assert browser.ask(STATE % heading) == 'descending'


def filters(browser, _):
    """a long table shows the rows that have the words"""
    rows = f'''[...{TABLE}.tBodies[0].rows].filter(
      row => row.offsetHeight > 0).map(row => row.cells[0].textContent)'''
    before = len(browser.ask(rows))
    browser.ask('document.querySelector(".filter input").focus()')
    browser.call('Input.insertText', text='staged')
    after = browser.ask(rows)
    assert 0 < len(after) < before, (len(after), before)
    assert set(after) == {'staged'}, set(after)


def needs_no_script(browser, name, path):
    """says the same without its script"""
    content = 'document.body.innerText.replace(/\\s+/g, "").length'
    rows = 'document.querySelectorAll("tbody tr").length'
    browser.page(path)
    with_script = browser.ask(rows), browser.ask(content)
    browser.scripts(False)
    browser.page(path)
    buttons = browser.ask('document.querySelectorAll("button").length')
    without = browser.ask(rows), browser.ask(content)
    browser.scripts(True)
    assert buttons == 0, buttons
    assert without[0] == with_script[0] > 0
    assert abs(without[1] - with_script[1]) < 50, (without, with_script)


def shows_names_as_they_are(browser, _):
    """names with markup are text"""
    assert browser.ask('typeof window.hostile') == 'undefined'
    text = browser.ask('document.body.textContent')
    assert '<script>window.hostile = 1</script>' in text
    assert browser.ask('document.querySelectorAll("body script").length') == 1


def sees_what_is_wrong(browser, path):
    """a page that fetches something is noticed, its policy stops it"""
    with open(path, encoding='utf-8') as file:
        text = file.read()
    copy = path.replace('.html', '-fetching.html')
    for policy in (True, False):
        changed = text.replace('</main>', FETCHING + '</main>')
        if not policy:
            changed = changed.replace('Content-Security-Policy', 'X')
        with open(copy, 'w', encoding='utf-8') as file:
            file.write(changed)
        browser.page(copy)
        assert browser.complaints() and len(browser.requests()) == 1
        reasons = [event.get('blockedReason')
                   for event in browser.named('Network.loadingFailed')]
        assert reasons == (['csp'] if policy else [None]), reasons


EVERY = (renders, fetches_nothing, draws, fits, is_dark, prints)
MORE = {'report': (sorts_by_mouse, sorts_by_keyboard,
                   keeps_names_in_sight),
        'compare': (sorts_by_mouse, sorts_by_keyboard, keeps_names_in_sight),
        'wide': (sorts_by_mouse, filters),
        'hostile': (shows_names_as_they_are,)}


def attempt(description, check, *arguments):
    try:
        check(*arguments)
    except (AssertionError, RuntimeError) as error:
        print(f'not ok - {description}')
        for line in (str(error) or 'no').splitlines():
            print('#   ' + line[:500])
    else:
        print(f'ok - {description}', flush=True)


def main(directory):
    with Browser() as browser:
        for name in PAGES:
            path = os.path.join(directory, name + '.html')
            browser.page(path)
            for check in EVERY + MORE.get(name, ()):
                browser.width(1400)
                browser.media()
                attempt(f'{name}: {check.__doc__}', check, browser, name)
        path = os.path.join(directory, 'report.html')
        attempt(f'report: {needs_no_script.__doc__}', needs_no_script,
                browser, 'report', path)
        attempt(sees_what_is_wrong.__doc__, sees_what_is_wrong, browser, path)


if __name__ == '__main__':
    try:
        main(sys.argv[1])
    except (OSError, EOFError) as problem:
        sys.exit(f'look_at_pages.py: {problem}')
