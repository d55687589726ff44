/* SPDX-License-Identifier: Apache-2.0
 * Values and names of JSON that do not fit. */
#include "common/pb/json_shape_internal.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

enum { NAMES_MAX = 128, DIGITS_MAX = 18 };

/* The national interface's names, out of the schema's comments. */
static const struct {
    const char *message, *field, *national;
} nationals[] = {
#define NATIONAL(message, field, national) {message, field, national},
#include "national.inc"
#undef NATIONAL
};

void json_camel_name(const char *name, char out[JSON_NAME_SIZE])
{
    size_t size = 0;
    bool raise = false;
    for (; *name != 0 && size + 1 < JSON_NAME_SIZE; name++) {
        if (*name == '_') {
            raise = true;
            continue;
        }
        out[size++] = (char)(raise && *name >= 'a' && *name <= 'z' ? *name - 32 : *name);
        raise = false;
    }
    out[size] = 0;
}

bool json_is_camel(const char *name, const char *snake)
{
    for (; *snake != 0; snake++, name++) {
        bool raise = false;
        for (; *snake == '_'; snake++)
            raise = true;
        if (*name != (raise && *snake >= 'a' && *snake <= 'z' ? *snake - 32 : *snake))
            return false;
        if (*snake == 0)
            return true;
    }
    return *name == 0;
}

/* ---- values ---- */

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), end_size = strlen(end);
    return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

static bool names_day(const char *name)
{
    static const char *const ends[] = {"_date", "_by", "_on", "_until", "valid_from", "valid_to", "benefits_from"};
    bool day = strcmp(name, "date") == 0 || strcmp(name, "day") == 0 || strcmp(name, "counts_as_filed_from") == 0;
    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++)
        day = day || ends_with(name, ends[i]);
    return day;
}

enum shape json_shape_of_field(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        return SHAPE_TRUTH;
    case PROTOBUF_C_TYPE_ENUM:
        return SHAPE_ENUM;
    case PROTOBUF_C_TYPE_STRING:
        return SHAPE_TEXT;
    case PROTOBUF_C_TYPE_BYTES:
        return SHAPE_BASE64;
    case PROTOBUF_C_TYPE_MESSAGE:
        return SHAPE_OBJECT;
    default:
        break;
    }
    return ends_with(field->name, "_fen")     ? SHAPE_FEN
           : ends_with(field->name, "_micro") ? SHAPE_MICRO
           : ends_with(field->name, "_e4")    ? SHAPE_E4
           : ends_with(field->name, "_bp")    ? SHAPE_BASIS_POINTS
           : names_day(field->name)           ? SHAPE_DAY
           : ends_with(field->name, "month")  ? SHAPE_MONTH
                                              : SHAPE_WHOLE;
}

/* "2025-3-1", "2025/03/01 00:00:00" as 20250301; "2025-03" as 202503. */
static void note_date(const char *text, unsigned parts_wanted, struct buffer *note)
{
    unsigned parts[3] = {0}, count = 0;
    const char *at = text;
    for (; count < parts_wanted; count++, at++) {
        size_t digits = text_digits(at);
        if (digits == 0 || digits > 4 || (count == 0 && digits != 4) || (count > 0 && digits > 2))
            return;
        parts[count] = (unsigned)strtoul(at, NULL, 10);
        at += digits;
        if (count + 1 < parts_wanted && (*at == 0 || strchr("-/.", *at) == NULL))
            return;
    }
    if (parts_wanted == 3)
        buffer_printf(note, "写作 %04u%02u%02u; write %04u%02u%02u", parts[0], parts[1], parts[2], parts[0], parts[1],
                      parts[2]);
    else
        buffer_printf(note, "写作 %04u%02u; write %04u%02u", parts[0], parts[1], parts[0], parts[1]);
}

/* "20000.00" in yuan is 2000000 fen: `places` more digits, of which some are given behind the point. */
static void note_scaled(const char *text, unsigned places, struct buffer *note)
{
    char digits[DIGITS_MAX + 8];
    size_t size = 0;
    unsigned behind = 0;
    bool point = false, sign = text[0] == '-';
    for (const char *at = text + sign; *at != 0; at++) {
        if (*at == ',' && !point)
            continue;
        if (*at == '.' && !point) {
            point = true;
            continue;
        }
        if (*at < '0' || *at > '9' || size >= DIGITS_MAX)
            return;
        if (point && behind == places) {
            if (*at != '0')
                return;
            continue;
        }
        digits[size++] = *at;
        behind += point;
    }
    for (; behind < places && size < DIGITS_MAX; behind++)
        digits[size++] = '0';
    digits[size] = 0;
    const char *first = digits + strspn(digits, "0");
    if (point && *first != 0)
        buffer_printf(note, "若指 %s,写作 %s%s; if %s is meant, write %s%s", text, sign ? "-" : "", first, text,
                      sign ? "-" : "", first);
}

void json_note_value(const ProtobufCFieldDescriptor *field, const json_t *value, struct buffer *note)
{
    char number[32];
    const char *text = json_string_value(value);
    if (json_is_real(value)) {
        (void)snprintf(number, sizeof number, "%.6f", json_real_value(value));
        text = number;
    }
    if (json_is_integer(value) && json_shape_of_field(field) == SHAPE_TEXT)
        buffer_printf(note, "写作 \"%lld\"; write \"%lld\"", (long long)json_integer_value(value),
                      (long long)json_integer_value(value));
    if (text == NULL)
        return;
    switch (json_shape_of_field(field)) {
    case SHAPE_DAY:
        note_date(text, 3, note);
        break;
    case SHAPE_MONTH:
        note_date(text, 2, note);
        break;
    case SHAPE_FEN:
        note_scaled(text, 2, note);
        break;
    case SHAPE_MICRO:
        note_scaled(text, 6, note);
        break;
    case SHAPE_E4:
        note_scaled(text, 4, note);
        break;
    case SHAPE_TRUTH:
        if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
            buffer_printf(note, "写作 %s; write %s", text, text);
        break;
    default:
        break;
    }
}

/* ---- names ---- */

static const ProtobufCFieldDescriptor *field_near(const ProtobufCMessageDescriptor *message, const char *name)
{
    const char *names[NAMES_MAX];
    unsigned count = 0;
    for (unsigned i = 0; i < sizeof nationals / sizeof nationals[0]; i++)
        if (strcmp(nationals[i].message, message->short_name) == 0 && strcmp(nationals[i].national, name) == 0)
            return protobuf_c_message_descriptor_get_field_by_name(message, nationals[i].field);
    for (unsigned i = 0; i < message->n_fields && count < NAMES_MAX; i++)
        names[count++] = message->fields[i].name;
    const char *nearest = shape_nearest(name, names, count);
    return nearest == NULL ? NULL : protobuf_c_message_descriptor_get_field_by_name(message, nearest);
}

void json_note_name(const ProtobufCMessageDescriptor *message, const ProtobufCMessageDescriptor *top, const char *name,
                    struct buffer *note)
{
    char camel[JSON_NAME_SIZE];
    const ProtobufCFieldDescriptor *above = message == top ? NULL : field_near(top, name), *here;
    bool is_above = false;
    if (above != NULL) {
        json_camel_name(above->name, camel);
        is_above = strcmp(camel, name) == 0 || strcmp(above->name, name) == 0;
    }
    here = is_above ? NULL : field_near(message, name);
    if (is_above)
        buffer_printf(note, "%s 应写在报文最外层; %s stands at the top of the envelope", camel, camel);
    if (here == NULL)
        return;
    json_camel_name(here->name, camel);
    buffer_printf(note, "是否 %s? did you mean %s?", camel, camel);
}

void json_note_enum(const ProtobufCEnumDescriptor *names, const json_t *value, struct buffer *note)
{
    const char *list[NAMES_MAX], *text = json_string_value(value), *nearest = NULL;
    unsigned count = 0;
    for (; count < names->n_values && count < NAMES_MAX; count++)
        list[count] = names->values[count].name;
    for (unsigned i = 0; text != NULL && nearest == NULL && i < count; i++) /* "ACTIVE" of INSTITUTION_STATUS_ACTIVE */
        if (ends_with(list[i], text) && strlen(text) > 2)
            nearest = list[i];
    if (nearest == NULL && text != NULL)
        nearest = shape_nearest(text, list, count);
    if (nearest != NULL)
        buffer_printf(note, "是否 %s? did you mean %s?", nearest, nearest);
    for (unsigned i = 0; nearest == NULL && i < count; i++)
        buffer_printf(note, "%s%s", i > 0 ? ", " : "", list[i]);
}
