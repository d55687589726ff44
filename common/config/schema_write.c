/* SPDX-License-Identifier: Apache-2.0
 * A struct as the YAML that its table reads. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/money.h"
#include "common/config/schema.h"

enum { KEY_SIZE = 128, INDENT = 2 };

/* Where the next key is written. */
struct place {
    const struct schema_writing *writing;
    char key[KEY_SIZE]; /* "inpatient[0]"; "" at the top */
    unsigned indent;
    bool dashed; /* a list's dash stands before it already */
};

static void key_below(const struct place *place, const char *name, char key[KEY_SIZE])
{
    (void)snprintf(key, KEY_SIZE, "%.60s%s%.60s", place->key, place->key[0] ? "." : "", name);
}

static void put_indent(struct place *place)
{
    if (!place->dashed)
        buffer_printf(place->writing->out, "%*s", (int)place->indent, "");
    place->dashed = false;
}

static uint32_t small_of(const void *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* In hundredths: "1300", "0.50" */
static void put_hundredths(struct buffer *out, int64_t value)
{
    buffer_printf(out, value % 100 == 0 ? "%" PRId64 : "%" PRId64 ".%02d", value / 100, (int)(value % 100));
}

static bool is_blank(const struct schema_field *field, const uint8_t *from)
{
    fen_t large;
    switch (field->kind) {
    case SCHEMA_TEXT:
        return from[0] == 0;
    case SCHEMA_TRUTH:
        return !*(const bool *)from;
    case SCHEMA_YUAN:
        memcpy(&large, from, sizeof large);
        return large == 0;
    case SCHEMA_WORD:
        return small_of(from) == field->first;
    default:
        return small_of(from) == 0;
    }
}

static void put_value(const struct schema_writing *writing, const struct schema_field *field, const uint8_t *from,
                      const char *key)
{
    struct buffer *out = writing->out;
    char grade;
    const char *source;
    fen_t large;
    buffer_append_text(out, "\"");
    switch (field->kind) {
    case SCHEMA_TEXT:
        buffer_append_text(out, (const char *)from);
        break;
    case SCHEMA_TRUTH:
        buffer_append_text(out, *(const bool *)from ? "true" : "false");
        break;
    case SCHEMA_YUAN:
        memcpy(&large, from, sizeof large);
        put_hundredths(out, large);
        break;
    case SCHEMA_PERCENT:
        put_hundredths(out, (int64_t)small_of(from));
        break;
    case SCHEMA_DATE:
        buffer_printf(out, "%04u-%02u-%02u", small_of(from) / 10000, small_of(from) / 100 % 100, small_of(from) % 100);
        break;
    case SCHEMA_WORD:
        buffer_append_text(out, field->words[small_of(from) - field->first]);
        break;
    default:
        buffer_printf(out, "%u", small_of(from));
    }
    if (writing->source(writing->source_self, key, &grade, &source))
        buffer_printf(out, " [%c%s%s]", grade, source[0] != 0 ? " " : "", source);
    buffer_append_text(out, "\"\n");
}

static void write_mapping(struct place *place, const struct schema_field *fields, const uint8_t *from);

/* A dash before each row; rows of one key are written as its value. */
static void write_rows(struct place *place, const struct schema_field *field, const uint8_t *from)
{
    uint32_t count = small_of(from + field->count_offset);
    bool single = field->below[1].key == NULL;
    if (count == 0)
        return;
    put_indent(place);
    buffer_printf(place->writing->out, "%s:\n", field->key);
    for (uint32_t i = 0; i < count; i++) {
        char name[KEY_SIZE];
        struct place row = {.writing = place->writing, .indent = place->indent + 2 * INDENT, .dashed = true};
        (void)snprintf(name, sizeof name, "%s[%u]", field->key, i);
        key_below(place, name, row.key);
        buffer_printf(place->writing->out, "%*s- ", (int)(place->indent + INDENT), "");
        const uint8_t *item = from + field->offset + i * field->size;
        if (single)
            put_value(place->writing, field->below, item + field->below->offset, row.key);
        else
            write_mapping(&row, field->below, item);
    }
}

/* Left out where it holds nothing. */
static void write_group(struct place *place, const struct schema_field *field, const uint8_t *from)
{
    struct buffer within = {0};
    struct schema_writing writing = *place->writing;
    struct place below = {.writing = &writing, .indent = place->indent + INDENT};
    writing.out = &within;
    key_below(place, field->key, below.key);
    write_mapping(&below, field->below, from);
    if (within.size > 0) {
        put_indent(place);
        buffer_printf(place->writing->out, "%s:\n", field->key);
        buffer_append(place->writing->out, within.data, within.size);
    }
    buffer_fini(&within);
}

static bool is_noted(const struct schema_writing *writing, const char *key)
{
    char grade;
    const char *source;
    return writing->source(writing->source_self, key, &grade, &source);
}

/* As deep as the table. What is needed is written in a mapping that holds something besides: a group that is not there
 * has none of its keys. */
static void write_mapping(struct place *place, const struct schema_field *fields, const uint8_t *from)
{
    char key[KEY_SIZE];
    bool group = !place->dashed && place->indent > 0;
    for (const struct schema_field *field = fields; field->key != NULL; field++) {
        key_below(place, field->key, key);
        if (field->kind == SCHEMA_GROUP) {
            write_group(place, field, from);
        } else if (field->kind == SCHEMA_ROWS) {
            write_rows(place, field, from);
        } else if (!is_blank(field, from + field->offset) || (field->needed && !group) ||
                   is_noted(place->writing, key)) {
            put_indent(place);
            buffer_printf(place->writing->out, "%s: ", field->key);
            put_value(place->writing, field, from + field->offset, key);
        }
    }
}

void schema_write(const struct schema_writing *writing, const struct schema_field *fields, const void *from)
{
    struct place top = {.writing = writing};
    write_mapping(&top, fields, from);
}
