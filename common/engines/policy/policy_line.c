/* SPDX-License-Identifier: Apache-2.0
 * libcyaml keeps no lines, so the path is walked once more over libyaml's document. */
#include "common/engines/policy/policy_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* "upper_fen" on the wire is "upper" in the file, "deductible_first_fen" is "deductible_first", ... */
static size_t without_unit(const char *name, size_t size)
{
    static const char *const units[] = {"_fen", "_bp", "_max"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t unit = strlen(units[i]);
        if (size > unit && memcmp(name + size - unit, units[i], unit) == 0)
            return size - unit;
    }
    return size;
}

static yaml_node_t *child(yaml_document_t *document, yaml_node_t *node, const char *name, size_t size)
{
    if (node->type != YAML_MAPPING_NODE)
        return NULL;
    size_t stem = without_unit(name, size);
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *key = yaml_document_get_node(document, pair->key);
        size_t length = key->data.scalar.length;
        if ((length == size || length == stem) && memcmp(key->data.scalar.value, name, length) == 0)
            return yaml_document_get_node(document, pair->value);
    }
    return NULL;
}

size_t policy_line_of(const char *path, const char *where)
{
    yaml_parser_t parser;
    yaml_document_t document;
    size_t line = 1;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return line;
    if (yaml_parser_initialize(&parser)) {
        yaml_parser_set_input_file(&parser, file);
        if (yaml_parser_load(&parser, &document)) {
            yaml_node_t *node = yaml_document_get_root_node(&document);
            const char *at = strchr(where, '.');
            while (node != NULL && at != NULL && *at != 0) {
                line = node->start_mark.line + 1;
                if (*at == '.') {
                    size_t size = strcspn(at + 1, ".[");
                    node = child(&document, node, at + 1, size);
                    at += 1 + size;
                } else {
                    long index = strtol(at + 1, NULL, 10);
                    bool inside = node->type == YAML_SEQUENCE_NODE &&
                                  index < node->data.sequence.items.top - node->data.sequence.items.start;
                    node = inside ? yaml_document_get_node(&document, node->data.sequence.items.start[index]) : NULL;
                    at = strchr(at, ']') == NULL ? NULL : strchr(at, ']') + 1;
                }
            }
            if (node != NULL)
                line = node->start_mark.line + 1;
            yaml_document_delete(&document);
        }
        yaml_parser_delete(&parser);
    }
    (void)fclose(file);
    return line;
}
