/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report for programs: the same facts as one JSON object. Every key is
 * always present, with null for a value that is unknown or does not apply.
 */
#include "check/verify/report.h"
#include "json.h"
#include "report.h"

/* The members that every attempt has. */
static void put_members(struct dmabuf_json *json,
			const struct check_result *result)
{
	dmabuf_json_text(json, "state", check_state_name(result->state));
	dmabuf_json_text(json, "reason", result->reason);
	dmabuf_json_text(json, "remedy", result->remedy);
}

static void put_result(struct dmabuf_json *json, const char *key,
		       const struct check_result *result)
{
	dmabuf_json_open(json, key, '{');
	put_members(json, result);
	dmabuf_json_close(json, '}');
}

static void put_known(struct dmabuf_json *json, const char *key,
		      unsigned long long number, bool known)
{
	if (known)
		dmabuf_json_number(json, key, number);
	else
		dmabuf_json_null(json, key);
}

static void put_kernel(struct dmabuf_json *json,
		       const struct check_kernel *kernel)
{
	dmabuf_json_open(json, "kernel", '{');
	dmabuf_json_text(json, "release", kernel->host.release);
	dmabuf_json_text(json, "note", kernel->host.note);
	dmabuf_json_text(json, "command_line", kernel->host.cmdline);
	dmabuf_json_text(json, "cpu", kernel->host.cpu);
	dmabuf_json_close(json, '}');
	put_result(json, "io_uring", &kernel->io_uring);
	dmabuf_json_open(json, "interface", '{');
	put_members(json, &kernel->interface);
	dmabuf_json_text(json, "family", kernel->family);
	dmabuf_json_close(json, '}');
}

static void put_step(struct dmabuf_json *json, const char *key,
		     enum check_state state)
{
	dmabuf_json_text(json, key, check_state_name(state));
}

static void put_source(struct dmabuf_json *json,
		       const struct check_source *source)
{
	bool had = source->allocated == CHECK_OK;

	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "source", source->name);
	dmabuf_json_text(json, "kind", source->kind);
	put_members(json, &source->result);
	put_step(json, "present", source->present);
	put_step(json, "permitted", source->permitted);
	put_step(json, "allocated", source->allocated);
	put_step(json, "read_back", source->read_back);
	dmabuf_json_bool(json, "exports", source->exports);
	if (had)
		dmabuf_json_bool(json, "cpu_mapping", source->mapped);
	else
		dmabuf_json_null(json, "cpu_mapping");
	put_known(json, "largest_bytes", source->largest,
		  had && source->largest);
	put_known(json, "granule_bytes", source->granule, had);
	dmabuf_json_text(json, "detail", source->detail);
	dmabuf_json_close(json, '}');
}

static void put_transfer(struct dmabuf_json *json,
			 const struct check_transfer *t)
{
	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "source", t->source->name);
	put_members(json, &t->result);
	dmabuf_json_bool(json, "read_verified", t->verified);
	dmabuf_json_bool(json, "write_verified", t->written);
	put_known(json, "register_ns", t->register_ns, t->verified);
	put_known(json, "first_map_ns", t->first_map_ns, t->verified);
	check_put_verified(json, t);
	dmabuf_json_close(json, '}');
}

static void put_drive(struct dmabuf_json *json,
		      const struct check_drive *drive, bool write)
{
	static const struct check_result not_asked = {
		.reason = "--write was not given",
	};
	unsigned int i;

	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "device", drive->name);
	put_members(json, &drive->result);
	dmabuf_json_text(json, "kind", check_drive_kind(drive));
	dmabuf_json_text(json, "disk", drive->target.disk);
	dmabuf_json_text(json, "model", drive->target.model);
	dmabuf_json_text(json, "firmware", drive->target.firmware);
	dmabuf_json_text(json, "pci", drive->pci);
	dmabuf_json_text(json, "iommu_domain", drive->target.iommu);
	dmabuf_json_text(json, "iommu_mode",
			 check_iommu_mode(drive->target.iommu));
	put_known(json, "logical_block_bytes", drive->logical_block,
		  drive->logical_block);
	put_known(json, "max_request_kib", drive->max_kib, drive->max_kib);
	put_known(json, "max_hw_request_kib", drive->max_hw_kib,
		  drive->max_hw_kib);
	put_result(json, "scatter_lists", &drive->sgl);
	put_result(json, "writable", write ? &drive->writable : &not_asked);
	dmabuf_json_open(json, "transfers", '[');
	for (i = 0; i < drive->nr_transfers; i++)
		put_transfer(json, &drive->transfers[i]);
	dmabuf_json_close(json, ']');
	dmabuf_json_close(json, '}');
}

static void put_peer(struct dmabuf_json *json, const struct check_peer *peer)
{
	const struct check_pci_topology *topology = &peer->topology;
	unsigned int i;

	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "device", peer->drive->name);
	dmabuf_json_text(json, "peer", peer->bdf);
	dmabuf_json_text(json, "source",
			 peer->source ? peer->source->name : NULL);
	dmabuf_json_text(json, "relation", topology->relation ?
			 check_pci_relation_text(topology->relation) : NULL);
	dmabuf_json_text(json, "problem", topology->problem);
	dmabuf_json_text(json, "data", check_peer_data(peer));
	dmabuf_json_open(json, "ports", '[');
	for (i = 0; i < topology->nr_ports; i++) {
		const struct check_pci_port *port = &topology->ports[i];

		dmabuf_json_open(json, NULL, '{');
		dmabuf_json_text(json, "port", port->bdf);
		dmabuf_json_text(json, "acs", !port->known ? NULL :
				 !port->has_acs ? "absent" :
				 port->acs[0] ? port->acs : "off");
		dmabuf_json_close(json, '}');
	}
	dmabuf_json_close(json, ']');
	dmabuf_json_close(json, '}');
}

static void put_fio(struct dmabuf_json *json, const struct check_fio *fio)
{
	dmabuf_json_open(json, "fio", '{');
	put_members(json, &fio->runs);
	dmabuf_json_text(json, "file", fio->file);
	dmabuf_json_text(json, "version", fio->version);
	dmabuf_json_close(json, '}');
	dmabuf_json_open(json, "plugin", '{');
	put_members(json, &fio->plugin);
	dmabuf_json_text(json, "module", fio->module);
	dmabuf_json_text(json, "for_version", fio->built_for);
	put_result(json, "by_name", &fio->by_name);
	dmabuf_json_close(json, '}');
}

static void put_hints(struct dmabuf_json *json,
		      const struct check_hints *hints)
{
	dmabuf_json_open(json, "hints", '{');
	put_known(json, "memlock_bytes", hints->memlock,
		  hints->memlock != UINT64_MAX);
	put_known(json, "open_files", hints->open_files,
		  hints->open_files != UINT64_MAX);
	dmabuf_json_text(json, "governor", hints->governor);
	put_known(json, "mitigations", hints->mitigations,
		  hints->mitigations_known);
	dmabuf_json_text(json, "mitigation_names", hints->mitigation_names);
	dmabuf_json_close(json, '}');
}

void check_print_json(const struct check_report *report, FILE *f)
{
	struct dmabuf_json out = { .f = f }, *json = &out;
	unsigned int i;

	dmabuf_json_open(json, NULL, '{');
	dmabuf_json_text(json, "verdict", check_state_name(report->verdict));
	dmabuf_json_open(json, "required", '[');
	for (i = 0; i < report->nr_required; i++) {
		dmabuf_json_open(json, NULL, '{');
		dmabuf_json_text(json, "name", report->required[i].name);
		put_members(json, &report->required[i].result);
		dmabuf_json_close(json, '}');
	}
	dmabuf_json_close(json, ']');
	put_kernel(json, &report->kernel);
	dmabuf_json_open(json, "sources", '[');
	for (i = 0; i < report->nr_sources; i++)
		put_source(json, &report->sources[i]);
	dmabuf_json_close(json, ']');
	dmabuf_json_open(json, "drives", '[');
	for (i = 0; i < report->nr_drives; i++)
		put_drive(json, &report->drives[i], report->write);
	dmabuf_json_close(json, ']');
	dmabuf_json_open(json, "peers", '[');
	for (i = 0; i < report->nr_peers; i++)
		put_peer(json, &report->peers[i]);
	dmabuf_json_close(json, ']');
	put_fio(json, &report->fio);
	put_hints(json, &report->hints);
	dmabuf_json_text(json, "fio_dmabuf", report->version);
	dmabuf_json_close(json, '}');
}
