/* SPDX-License-Identifier: Apache-2.0
 * Reading the configuration file by the table of keys, by libyaml: it keeps the line of each value. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/base/check.h"
#include "common/base/guess.h"
#include "common/base/text.h"
#include "common/config/config.h"
#include "common/config/service.h"

enum { VALUE_SIZE_MAX = 4096 };

void config_fault_add(struct config_file *file, unsigned line, const char *zh, const char *en, ...)
{
    va_list arguments;
    if (file->fault_count == CONFIG_FAULTS_MAX)
        return;
    struct config_fault *fault = &file->faults[file->fault_count++];
    fault->line = line;
    va_start(arguments, en);
    (void)vsnprintf(fault->en, sizeof fault->en, en, arguments);
    va_end(arguments);
    va_start(arguments, en);
    (void)vsnprintf(fault->zh, sizeof fault->zh, zh, arguments);
    va_end(arguments);
}

static char *copied(const char *text)
{
    char *copy = strdup(text);
    INVARIANT(copy != NULL);
    return copy;
}

/* ---- values ---- */

/* Where a value is read. */
struct spot {
    const char *directory; /* of the file: relative paths are relative to it */
    struct config *config;
    struct config_file *file;
    const struct config_key *key;
    unsigned line;
};

static void keep_text(const struct spot *spot, const char *text)
{
    bool path = spot->key->kind == CONFIG_DIRECTORY || spot->key->kind == CONFIG_FILE;
    struct buffer whole = {0};
    if (path && text[0] != 0 && text[0] != '/')
        buffer_printf(&whole, "%s/", spot->directory);
    buffer_append_text(&whole, text);
    char *copy = copied(buffer_text(&whole));
    buffer_fini(&whole);
    memcpy((char *)spot->config + spot->key->offset, &copy, sizeof copy);
}

static bool is_one_of(const char *words, const char *text)
{
    size_t size = strlen(text);
    for (const char *at = words; *at != 0; at += strcspn(at, " "), at += *at == ' ')
        if (strncmp(at, text, size) == 0 && strcspn(at, " ") == size)
            return true;
    return false;
}

uint16_t config_endpoint_port(const char *endpoint)
{
    const char *host = strncmp(endpoint, "tcp://", 6) == 0 ? endpoint + 6 : NULL;
    const char *colon = host == NULL ? NULL : strrchr(host, ':');
    if (colon == NULL || colon == host || strcspn(host, " /") < strlen(host))
        return 0;
    size_t digits = text_digits(colon + 1);
    unsigned long port = digits > 0 && digits < 6 && colon[1 + digits] == 0 ? strtoul(colon + 1, NULL, 10) : 0;
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static void take_number(const struct spot *spot, const char *text)
{
    const struct config_key *key = spot->key;
    size_t digits = text_digits(text);
    bool whole = digits > 0 && digits < 20 && text[digits] == 0;
    uint64_t number = whole ? strtoull(text, NULL, 10) : 0;
    if (!whole || number < key->least || number > key->most)
        config_fault_add(spot->file, spot->line, "%s 为 %s；须在 %llu..%llu 之内",
                         "%s is %s; it must be within %llu..%llu", key->name, text, (unsigned long long)key->least,
                         (unsigned long long)key->most);
    memcpy((char *)spot->config + key->offset, &number, key->size);
}

static void take_truth(const struct spot *spot, const char *text)
{
    bool truth = is_one_of("true yes on", text);
    if (!truth && !is_one_of("false no off", text))
        config_fault_add(spot->file, spot->line, "%s 为 %s；须为 true 或 false", "%s is %s; it must be true or false",
                         spot->key->name, text);
    memcpy((char *)spot->config + spot->key->offset, &truth, sizeof truth);
}

static void take_word(const struct spot *spot, const char *text)
{
    if (!is_one_of(spot->key->words, text))
        config_fault_add(spot->file, spot->line, "%s 为 %s；须为其一：%s", "%s is %s; it must be one of: %s",
                         spot->key->name, text, spot->key->words);
    keep_text(spot, text);
}

static void take_text(const struct spot *spot, const char *text)
{
    if (text[0] == 0 && spot->key->fallback[0] != 0)
        config_fault_add(spot->file, spot->line, "%s 没有值", "%s: a value is wanted", spot->key->name);
    else if (text[0] != 0 && spot->key->kind == CONFIG_ENDPOINT && config_endpoint_port(text) == 0)
        config_fault_add(spot->file, spot->line, "%s 为 %s；须形如 tcp://127.0.0.1:7701",
                         "%s is %s; it must be like tcp://127.0.0.1:7701", spot->key->name, text);
    keep_text(spot, text);
}

static void take(const struct spot *spot, const char *text)
{
    if (spot->key->kind == CONFIG_NUMBER)
        take_number(spot, text);
    else if (spot->key->kind == CONFIG_TRUTH)
        take_truth(spot, text);
    else if (spot->key->kind == CONFIG_WORD)
        take_word(spot, text);
    else
        take_text(spot, text);
}

/* ---- keys ---- */

/* NULL: it is no text, or too long a one. */
static const char *text_of(const yaml_node_t *node)
{
    bool whole = node->type == YAML_SCALAR_NODE && node->data.scalar.length < VALUE_SIZE_MAX;
    const char *text = (const char *)node->data.scalar.value;
    return whole && strlen(text) == node->data.scalar.length ? text : NULL;
}

static void say_unknown(struct config_file *file, unsigned line, const char *name)
{
    struct guess guess;
    guess_start(&guess, name);
    for (unsigned i = 0; i < CONFIG_KEYS_COUNT; i++)
        guess_consider(&guess, config_keys[i].name);
    if (guess.name != NULL)
        config_fault_add(file, line, "没有键 %s；是否指 %s？", "there is no key %s; did you mean %s?", name,
                         guess.name);
    else
        config_fault_add(file, line, "没有键 %s", "there is no key %s", name);
}

static void take_pair(struct spot *spot, const yaml_node_t *name, const yaml_node_t *value)
{
    const char *key = text_of(name), *text = text_of(value);
    unsigned row = 0;
    spot->line = (unsigned)name->start_mark.line + 1;
    while (row < CONFIG_KEYS_COUNT && (key == NULL || strcmp(config_keys[row].name, key) != 0))
        row++;
    if (row == CONFIG_KEYS_COUNT)
        say_unknown(spot->file, spot->line, key != NULL ? key : "?");
    else if (spot->file->lines[row] != 0)
        config_fault_add(spot->file, spot->line, "%s 已在第 %u 行", "%s stands in line %u already", key,
                         spot->file->lines[row]);
    else if (text == NULL)
        config_fault_add(spot->file, spot->line, "%s 须为一个短的值", "%s: one short value is wanted", key);
    else {
        spot->key = &config_keys[row];
        spot->file->lines[row] = spot->line;
        take(spot, text);
    }
}

static void take_pairs(struct spot *spot, yaml_document_t *document)
{
    const yaml_node_t *root = yaml_document_get_root_node(document);
    if (root == NULL)
        config_fault_add(spot->file, 0, "文件为空；至少要有一个键，如 data_directory: data",
                         "it is empty; at least one key is wanted, such as data_directory: data");
    else if (root->type != YAML_MAPPING_NODE)
        config_fault_add(spot->file, (unsigned)root->start_mark.line + 1, "须为“键: 值”，每行一个",
                         "keys and values are wanted, one a line as KEY: VALUE");
    else
        for (yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top; pair++)
            take_pair(spot, yaml_document_get_node(document, pair->key), yaml_document_get_node(document, pair->value));
}

/* ---- what cannot stand together ---- */

static void check_endpoints(const struct config *config, struct config_file *file)
{
    const char *const endpoints[] = {config->gate_endpoint, config->mailbox_endpoint, config->broker_endpoint};
    static const enum config_row rows[] = {CONFIG_ROW_gate_endpoint, CONFIG_ROW_mailbox_endpoint,
                                           CONFIG_ROW_broker_endpoint};
    for (unsigned i = 0; i < 3; i++)
        for (unsigned j = i + 1; j < 3; j++)
            if (endpoints[i][0] != 0 && strcmp(endpoints[i], endpoints[j]) == 0)
                config_fault_add(file, file->lines[rows[j]], "%s 与 %s 同为 %s", "%s and %s are both %s",
                                 config_keys[rows[i]].name, config_keys[rows[j]].name, endpoints[i]);
}

/* ---- the file ---- */

static void read_document(struct spot *spot, FILE *stream)
{
    yaml_parser_t parser;
    yaml_document_t document;
    INVARIANT(yaml_parser_initialize(&parser));
    yaml_parser_set_input_file(&parser, stream);
    if (yaml_parser_load(&parser, &document)) {
        take_pairs(spot, &document);
        yaml_document_delete(&document);
    } else {
        config_fault_add(spot->file, (unsigned)parser.problem_mark.line + 1, "不是 YAML：%s", "it is no YAML: %s",
                         parser.problem != NULL ? parser.problem : "?");
    }
    yaml_parser_delete(&parser);
}

static void take_defaults(struct spot *spot)
{
    for (unsigned i = 0; i < CONFIG_KEYS_COUNT; i++) {
        spot->key = &config_keys[i];
        if (spot->file->lines[i] == 0)
            take(spot, spot->key->fallback);
    }
}

enum status config_read(const char *path, struct config *config, struct config_file *file)
{
    char directory[4096];
    const char *slash = strrchr(path, '/');
    char *beside = slash == NULL ? copied(".") : strndup(path, (size_t)(slash - path) + (slash == path));
    FILE *stream = fopen(path, "rb");
    struct spot spot = {.directory = directory, .config = config, .file = file};
    memset(config, 0, sizeof *config);
    memset(file, 0, sizeof *file);
    if (stream == NULL || beside == NULL || realpath(beside, directory) == NULL)
        config_fault_add(file, 0, "无法打开：%s", "cannot be opened: %s", strerror(errno));
    else
        read_document(&spot, stream);
    if (file->fault_count == 0)
        take_defaults(&spot);
    if (file->fault_count == 0)
        check_endpoints(config, file);
    if (stream != NULL)
        (void)fclose(stream);
    free(beside);
    if (file->fault_count > 0)
        config_fini(config);
    return file->fault_count == 0 ? OK : FATAL_CONFIG;
}

enum status config_load(const char *path, struct config *config, struct buffer *why)
{
    struct config_file *file = calloc(1, sizeof *file);
    INVARIANT(file != NULL);
    enum status status = config_read(path, config, file);
    for (unsigned i = 0; i < file->fault_count; i++) {
        const struct config_fault *fault = &file->faults[i];
        buffer_printf(why, "%s%s", i > 0 ? "\n" : "", path);
        if (fault->line > 0)
            buffer_printf(why, ":%u", fault->line);
        buffer_printf(why, ": %s; %s", fault->zh, fault->en);
    }
    free(file);
    return status;
}
