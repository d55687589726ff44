/* SPDX-License-Identifier: Apache-2.0
 * The proto3 JSON mapping of our messages, both ways, driven by the schema's descriptors over jansson. Input:
 * lowerCamelCase or original names, whole numbers as text or number (2e5 too), enums by name or number, bytes as base64
 * of either alphabet, null as absent, a mark of UTF-8 in front; unknown names and a field given twice are an error that
 * names the path. Output: lowerCamelCase, int64 as strings, default values omitted. Depth and size
 * are bounded. */
#ifndef HUTONG_COMMON_PB_JSON_H
#define HUTONG_COMMON_PB_JSON_H
#include "common/pb/wire.h"

/* JSON text to canonical message bytes (appended). REJECT_MALFORMED, REJECT_RANGE, REJECT_TOO_LARGE; `why` has a
 * line for each fault: where, and one of shape.def. */
MUST_USE enum status json_to_message(enum wire_message message, struct span text, struct buffer *bytes,
                                     struct buffer *why);
/* The same of a value that was read already; it is borrowed. */
struct json_t; /* jansson's */
MUST_USE enum status json_value_to_message(enum wire_message message, struct json_t *object, struct buffer *bytes,
                                           struct buffer *why);
enum { JSON_SIZE_MAX = 8 * 1024 * 1024 }; /* of a text */
/* The schema's message of this name; false: there is none. */
bool json_message_named(const char *name, enum wire_message *message);
/* Message bytes to JSON text (appended, one line). `compact` false: indented. */
MUST_USE enum status message_to_json(enum wire_message message, struct span bytes, bool compact, struct buffer *text);
#endif
