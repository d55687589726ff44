/* SPDX-License-Identifier: Apache-2.0
 * What a value of JSON that does not fit its field should have been, in the words of whoever wrote it. */
#ifndef HUTONG_COMMON_PB_JSON_SHAPE_INTERNAL_H
#define HUTONG_COMMON_PB_JSON_SHAPE_INTERNAL_H
#include <jansson.h>

#include "common/codes/shape.h"
#include "common/pb/schema_internal.h"

enum { JSON_NAME_SIZE = 64 };

/* snake_case to lowerCamelCase */
void json_camel_name(const char *name, char out[JSON_NAME_SIZE]);
/* Whether `name` is what json_camel_name makes of `snake`. */
bool json_is_camel(const char *name, const char *snake);
/* How this field is written: a day, an amount in fen, ... */
enum shape json_shape_of_field(const ProtobufCFieldDescriptor *field);
/* The value as it could be meant, appended: 20250301 for "2025-03-01", 2000000 for 20000.00 in fen. Nothing where that
 * cannot be told. */
void json_note_value(const ProtobufCFieldDescriptor *field, const json_t *value, struct buffer *note);
/* Which field a name that `message` lacks could stand for; its national name is one as well. */
void json_note_name(const ProtobufCMessageDescriptor *message, const ProtobufCMessageDescriptor *top, const char *name,
                    struct buffer *note);
/* The names of an enumeration, or the likeliest of them. */
void json_note_enum(const ProtobufCEnumDescriptor *names, const json_t *value, struct buffer *note);
#endif
