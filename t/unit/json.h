/* SPDX-License-Identifier: GPL-2.0-only */
/* A strict parser of JSON (RFC 8259) that only reports problems. */
#ifndef JSON_H
#define JSON_H

/* "" for valid JSON without duplicate keys, else the problem and its place. */
const char *json_problem(const char *text);

#endif
