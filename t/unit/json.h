/* SPDX-License-Identifier: GPL-2.0-only */
/* A strict reader of JSON, RFC 8259, that only tells what is wrong. */
#ifndef JSON_H
#define JSON_H

/* "" for JSON, else the problem and where. Keys must not come twice. */
const char *json_problem(const char *text);

#endif
