/* SPDX-License-Identifier: Apache-2.0
 * Files by tables. */
#include "common/config/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/base/check.h"
#include "common/base/instant.h"
#include "common/base/money.h"

enum { KEY_SIZE = 128, TEXT_SIZE_MAX = 400 };

struct schema_file {
    yaml_document_t document;
};

/* Where a value stands. */
struct spot {
    const struct schema_reading *reading;
    yaml_document_t *document;
    bool *sound;
    yaml_node_t *node;
    char key[KEY_SIZE]; /* "inpatient[0].level"; "" at the top */
};

static void complain(const struct spot *spot, const char *wanted)
{
    buffer_printf(spot->reading->why, "%s:%zu: %s%s%s: %s\n", spot->reading->path, spot->node->start_mark.line + 1,
                  spot->reading->root, spot->key[0] ? "." : "", spot->key, wanted);
    *spot->sound = false;
}

static const char *text_of(const yaml_node_t *node)
{
    bool whole = node->type == YAML_SCALAR_NODE && node->data.scalar.length <= TEXT_SIZE_MAX;
    const char *text = (const char *)node->data.scalar.value;
    return whole && strlen(text) == node->data.scalar.length ? text : NULL;
}

/* ---- values ---- */

/* Behind a number: nothing, " [S]", or " [S document and article]". */
static bool take_source(const struct spot *spot, const char *text)
{
    size_t size = strlen(text), source_size = size > 5 ? size - 5 : 0;
    bool graded = size >= 4 && text[0] == ' ' && text[1] == '[' && strchr("ORPSM", text[2]) != NULL &&
                  text[size - 1] == ']' && (size == 4 || text[3] == ' ');
    if (size > 0 && !graded)
        return false;
    const struct schema_reading *reading = spot->reading;
    return reading->note == NULL || reading->note(reading->note_self, spot->key, size > 0 ? text[2] : 0,
                                                  source_size > 0 ? text + 4 : "", source_size);
}

/* "1300", "0.50", "85 [S]" -> value x 100 */
static int64_t hundredths(const struct spot *spot, const char *text)
{
    int64_t value = 0;
    int decimals = -1;
    const char *at = text;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && decimals < 0); at++) {
        if (*at == '.') {
            decimals = 0;
            continue;
        }
        if (decimals == 2 || value > INT64_C(100000000000)) {
            complain(spot, "a number with at most two decimals");
            return 0;
        }
        value = value * 10 + (*at - '0');
        decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 2; i++)
        value *= 10;
    if (at == text || !take_source(spot, at))
        complain(spot, "a number, its grade and perhaps its own source: 1300 [O art. 36]");
    return value;
}

static uint32_t number(const struct spot *spot, const char *text, int64_t unit)
{
    int64_t value = hundredths(spot, text);
    if (value % unit != 0)
        complain(spot, "a whole number");
    if (value / unit > INT32_MAX)
        complain(spot, "a smaller number");
    return (uint32_t)(value / unit);
}

static civil_date_t date(const struct spot *spot, const char *text)
{
    unsigned year, month, day;
    int end = 0;
    if (sscanf(text, "%4u-%2u-%2u%n", &year, &month, &day, &end) == 3 && end == 10 && take_source(spot, text + end))
        return year * 10000 + month * 100 + day;
    complain(spot, "a date: 2025-01-01");
    return 0;
}

static uint32_t word(const struct spot *spot, const char *text, const struct schema_field *field)
{
    char wanted[KEY_SIZE] = "";
    for (uint32_t i = 0; field->words[i] != NULL; i++) {
        if (strcmp(field->words[i], text) == 0)
            return field->first + i;
        const char *join = i == 0 ? "" : field->words[i + 1] == NULL ? " or " : ", ";
        size_t size = strlen(wanted);
        (void)snprintf(wanted + size, sizeof wanted - size, "%s%s", join, field->words[i]);
    }
    complain(spot, wanted);
    return 0;
}

static void take_value(const struct spot *spot, const struct schema_field *field, void *out)
{
    const char *text = text_of(spot->node);
    uint32_t small;
    fen_t large;
    bool truth;
    if (text == NULL) {
        complain(spot, "a short text or number");
        return;
    }
    switch (field->kind) {
    case SCHEMA_TEXT:
        if (strlen(text) < field->size)
            memcpy(out, text, strlen(text) + 1);
        else
            complain(spot, "a shorter text");
        return;
    case SCHEMA_YUAN:
        large = hundredths(spot, text);
        memcpy(out, &large, sizeof large);
        return;
    case SCHEMA_TRUTH:
        truth = strcmp(text, "true") == 0;
        if (!truth && strcmp(text, "false") != 0)
            complain(spot, "true or false");
        memcpy(out, &truth, sizeof truth);
        return;
    case SCHEMA_DATE:
        small = date(spot, text);
        break;
    case SCHEMA_WORD:
        small = word(spot, text, field);
        break;
    default:
        small = number(spot, text, field->kind == SCHEMA_WHOLE ? 100 : 1);
    }
    memcpy(out, &small, sizeof small);
}

/* ---- mappings ---- */

static yaml_node_t *child(yaml_document_t *document, const yaml_node_t *node, const char *key)
{
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const char *text = text_of(yaml_document_get_node(document, pair->key));
        if (text != NULL && strcmp(text, key) == 0)
            return yaml_document_get_node(document, pair->value);
    }
    return NULL;
}

static struct spot below(const struct spot *spot, yaml_node_t *node, const char *key)
{
    struct spot under = *spot;
    size_t size = strlen(spot->key);
    under.node = node;
    (void)snprintf(under.key + size, sizeof under.key - size, "%s%s", size > 0 ? "." : "", key);
    return under;
}

/* Each key is of the table, and there once. */
static bool keys_are_known(const struct spot *spot, const struct schema_field *fields)
{
    if (spot->node->type != YAML_MAPPING_NODE) {
        complain(spot, "keys and values");
        return false;
    }
    for (yaml_node_pair_t *pair = spot->node->data.mapping.pairs.start; pair < spot->node->data.mapping.pairs.top;
         pair++) {
        yaml_node_t *node = yaml_document_get_node(spot->document, pair->key);
        const char *key = text_of(node);
        const struct schema_field *field = fields;
        while (field->key != NULL && (key == NULL || strcmp(field->key, key) != 0))
            field++;
        struct spot at = below(spot, node, key == NULL ? "" : key);
        if (field->key == NULL)
            complain(&at, "no such key");
        else if (child(spot->document, spot->node, key) != yaml_document_get_node(spot->document, pair->value))
            complain(&at, "this key is there already");
    }
    return true;
}

static void take_mapping(const struct spot *spot, const struct schema_field *fields, uint8_t *out);

/* `spot`: the list's mapping. */
static void take_rows(const struct spot *spot, const struct schema_field *field, yaml_node_t *list, uint8_t *out)
{
    struct spot at = below(spot, list, field->key);
    char key[KEY_SIZE];
    uint32_t count = 0;
    if (list->type != YAML_SEQUENCE_NODE) {
        complain(&at, "a list");
        return;
    }
    for (yaml_node_item_t *item = list->data.sequence.items.start; item < list->data.sequence.items.top; item++) {
        if (count == field->rows_max) {
            complain(&at, "fewer rows");
            return;
        }
        (void)snprintf(key, sizeof key, "%s[%u]", field->key, count);
        struct spot row = below(spot, yaml_document_get_node(spot->document, *item), key);
        uint8_t *to = out + field->offset + count * field->size;
        if (row.node->type == YAML_SCALAR_NODE && field->below[1].key == NULL)
            take_value(&row, field->below, to + field->below->offset);
        else
            take_mapping(&row, field->below, to);
        count++;
    }
    memcpy(out + field->count_offset, &count, sizeof count);
}

/* As deep as the table. In the table's order, whatever the file's. */
static void take_mapping(const struct spot *spot, const struct schema_field *fields, uint8_t *out)
{
    if (!keys_are_known(spot, fields))
        return;
    for (const struct schema_field *field = fields; field->key != NULL; field++) {
        yaml_node_t *node = child(spot->document, spot->node, field->key);
        struct spot at = below(spot, node == NULL ? spot->node : node, field->key);
        if (node == NULL && field->needed)
            complain(&at, "this key is missing");
        if (node == NULL)
            continue;
        if (field->kind == SCHEMA_GROUP)
            take_mapping(&at, field->below, out);
        else if (field->kind == SCHEMA_ROWS)
            take_rows(spot, field, node, out);
        else
            take_value(&at, field, out + field->offset);
    }
}

/* ---- the file ---- */

static bool load(const struct schema_reading *reading, yaml_document_t *document)
{
    yaml_parser_t parser;
    FILE *file = fopen(reading->path, "rb");
    if (file == NULL) {
        buffer_printf(reading->why, "%s: cannot be opened\n", reading->path);
        return false;
    }
    INVARIANT(yaml_parser_initialize(&parser));
    yaml_parser_set_input_file(&parser, file);
    bool loaded = yaml_parser_load(&parser, document);
    if (!loaded)
        buffer_printf(reading->why, "%s:%zu: %s\n", reading->path, parser.problem_mark.line + 1,
                      parser.problem != NULL ? parser.problem : "no YAML");
    yaml_parser_delete(&parser);
    (void)fclose(file);
    return loaded;
}

enum status schema_read(const struct schema_reading *reading, const struct schema_field *fields, void *out,
                        struct schema_file **file)
{
    struct schema_file *opened = calloc(1, sizeof *opened);
    bool sound = true;
    INVARIANT(opened != NULL);
    *file = NULL;
    if (!load(reading, &opened->document)) {
        free(opened);
        return REJECT_MALFORMED;
    }
    *file = opened;
    struct spot top = {reading, &opened->document, &sound, yaml_document_get_root_node(&opened->document), ""};
    if (top.node == NULL) {
        buffer_printf(reading->why, "%s: is empty\n", reading->path);
        return REJECT_MALFORMED;
    }
    take_mapping(&top, fields, out);
    return sound ? OK : REJECT_MALFORMED;
}

/* "upper_fen" on the wire is "upper" in the file, "deductible_first_fen" is "deductible_first", ... */
static yaml_node_t *child_with_unit(yaml_document_t *document, const yaml_node_t *node, const char *key)
{
    static const char *const units[] = {"_fen", "_bp", "_max"};
    char stem[KEY_SIZE];
    yaml_node_t *found = child(document, node, key);
    for (size_t i = 0; found == NULL && i < sizeof units / sizeof units[0]; i++) {
        size_t size = strlen(key), unit = strlen(units[i]);
        if (size > unit && strcmp(key + size - unit, units[i]) == 0) {
            (void)snprintf(stem, sizeof stem, "%.*s", (int)(size - unit), key);
            found = child(document, node, stem);
        }
    }
    return found;
}

size_t schema_line(const struct schema_file *file, const char *where)
{
    yaml_document_t *document = (yaml_document_t *)(uintptr_t)&file->document;
    yaml_node_t *node = yaml_document_get_root_node(document);
    const char *at = strchr(where, '.');
    size_t line = 1;
    while (node != NULL) {
        char key[KEY_SIZE];
        line = node->start_mark.line + 1;
        if (at == NULL || *at == 0)
            break;
        if (*at == '.') {
            (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(at + 1, ".["), at + 1);
            node = node->type == YAML_MAPPING_NODE ? child_with_unit(document, node, key) : NULL;
            at += 1 + strlen(key);
        } else {
            long index = strtol(at + 1, NULL, 10);
            bool inside = node->type == YAML_SEQUENCE_NODE &&
                          index < node->data.sequence.items.top - node->data.sequence.items.start;
            node = inside ? yaml_document_get_node(document, node->data.sequence.items.start[index]) : NULL;
            at = strchr(at, ']') == NULL ? NULL : strchr(at, ']') + 1;
        }
    }
    return line;
}

void schema_close(struct schema_file **file)
{
    if (*file == NULL)
        return;
    yaml_document_delete(&(*file)->document);
    free(*file);
    *file = NULL;
}
