/* SPDX-License-Identifier: Apache-2.0
 * Envelopes from files. */
#include "tools/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/shape.h"
#include "common/net/loop.h"
#include "tools/text_file.h"

void input_add(struct input *input, struct span envelope)
{
    if (input->count == input->capacity) {
        input->capacity = input->capacity == 0 ? 64 : input->capacity * 2;
        input->envelopes = realloc(input->envelopes, input->capacity * sizeof *input->envelopes);
        INVARIANT(input->envelopes != NULL);
    }
    uint8_t *copy = malloc(envelope.size + 1);
    INVARIANT(copy != NULL);
    memcpy(copy, envelope.data, envelope.size);
    input->envelopes[input->count++] = (struct ht_bytes){copy, envelope.size};
}

void input_free(struct input *input)
{
    for (size_t i = 0; i < input->count; i++)
        free((void *)(uintptr_t)input->envelopes[i].data);
    free(input->envelopes);
    *input = (struct input){0};
}

bool input_slurp(const char *path, struct buffer *bytes)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (file == NULL) {
        complain("%s: %s", path, strerror(errno));
        return false;
    }
    for (size_t size = 1; size > 0; bytes->size += size)
        size = fread(buffer_reserve(bytes, 65536), 1, 65536, file);
    bool read_all = ferror(file) == 0;
    if (file != stdin)
        (void)fclose(file);
    return read_all;
}

void delimited_put(struct buffer *out, struct span record)
{
    for (uint64_t rest = record.size;; rest >>= 7) {
        uint8_t byte = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        buffer_append(out, &byte, 1);
        if (rest <= 0x7f)
            break;
    }
    buffer_append(out, record.data, record.size);
}

bool delimited_next(struct span *rest, struct span *record)
{
    uint64_t size = 0;
    for (size_t i = 0; i < rest->size && i < 5; i++) {
        size |= (uint64_t)(rest->data[i] & 0x7f) << (7 * i);
        if (rest->data[i] & 0x80)
            continue;
        if (size > rest->size - i - 1)
            return false;
        *record = span_of(rest->data + i + 1, size);
        *rest = span_of(record->data + size, rest->size - i - 1 - size);
        return true;
    }
    return false;
}

/* ---- JSON ---- */

static bool is_given(const json_t *object, const char *camel, const char *snake)
{
    const json_t *first = json_object_get(object, camel), *second = json_object_get(object, snake);
    return (first != NULL && !json_is_null(first)) || (second != NULL && !json_is_null(second));
}

static void fill_in(json_t *object, const char *camel, const char *snake, json_t *value)
{
    if (is_given(object, camel, snake)) {
        json_decref(value);
        return;
    }
    (void)json_object_del(object, snake);
    (void)json_object_set_new(object, camel, value);
}

/* A line for each fault. */
static void complain_each(const char *where, struct buffer *why)
{
    char *rest = (char *)(uintptr_t)buffer_text(why);
    for (char *one; (one = strsep(&rest, "\n")) != NULL;)
        complain("%s: %s", where, one);
}

/* The edge would refuse it without saying which of the file's it was. */
static void check_id(const json_t *object, struct buffer *why)
{
    const char *name = json_object_get(object, "messageId") != NULL ? "messageId" : "message_id";
    const char *given = json_string_value(json_object_get(object, name));
    uint8_t id[16];
    if (given == NULL || message_id_parse(span_text(given), id) == OK)
        return;
    buffer_printf(why, "%s%s: ", why->size > 0 ? "\n" : "", name);
    shape_describe(SHAPE_MESSAGE_ID, given, NULL, why);
}

static bool add_object(struct input *input, json_t *object, const char *sender, const char *where)
{
    struct buffer bytes = {0}, why = {0};
    char id[37];
    if (!json_is_object(object)) {
        char *found = json_dumps(object, JSON_ENCODE_ANY);
        shape_describe(SHAPE_OBJECT, found, NULL, &why);
        complain_each(where, &why);
        free(found);
        buffer_fini(&why);
        return false;
    }
    fill_in(object, "version", "version", json_integer(1));
    if (sender != NULL)
        fill_in(object, "sender", "sender", json_string(sender));
    if (!is_given(object, "messageId", "message_id")) { /* under a given id the bytes are the file's alone: sent again,
                                                           they are the same message */
        ht_uuid7(id);
        fill_in(object, "messageId", "message_id", json_string(id));
        fill_in(object, "sentAtMs", "sent_at_ms", json_integer(loop_wall_ms()));
    }
    char *text = json_dumps(object, JSON_COMPACT);
    bool added = text != NULL && json_to_message(WIRE_ENVELOPE, span_text(text), &bytes, &why) == OK;
    check_id(object, &why);
    added = added && why.size == 0;
    if (added)
        input_add(input, buffer_span(&bytes));
    else
        complain_each(where, &why);
    free(text);
    buffer_fini(&bytes);
    buffer_fini(&why);
    return added;
}

/* 20000.00 becomes "20000.00": what has a point is told apart from 2e6, which JSON's own numbers no longer are once
 * they are read. In fen, a point means that somebody wrote yuan. */
static void keep_points(struct buffer *text)
{
    struct buffer kept = {0};
    bool quoted = false;
    for (size_t i = 0; i < text->size;) {
        const char *at = (const char *)text->data + i;
        size_t size = 1;
        if (quoted && *at == '\\' && i + 1 < text->size)
            size = 2;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && (*at == '-' || (*at >= '0' && *at <= '9'))) {
            while (i + size < text->size && at[size] != 0 && strchr("0123456789.", at[size]) != NULL)
                size++;
            bool whole = i + size == text->size || at[size] == 0 || strchr("eE", at[size]) == NULL;
            bool point = memchr(at, '.', size) != NULL && at[size - 1] != '.' && whole;
            buffer_append_text(&kept, point ? "\"" : "");
            buffer_append(&kept, at, size);
            buffer_append_text(&kept, point ? "\"" : "");
            i += size;
            continue;
        }
        buffer_append(&kept, at, size);
        i += size;
    }
    buffer_fini(text);
    *text = kept;
}

/* White space, and the mark of UTF-8 that editors put in front. */
static size_t blank_size(struct span text, size_t from, unsigned *line)
{
    size_t at = from;
    while (at < text.size) {
        bool marked = text.size - at >= 3 && memcmp(text.data + at, "\xEF\xBB\xBF", 3) == 0;
        if (!marked && (text.data[at] == 0 || strchr(" \t\r\n", text.data[at]) == NULL))
            break;
        *line += text.data[at] == '\n';
        at += marked ? 3 : 1;
    }
    return at - from;
}

static bool add_value(struct input *input, json_t *value, const char *path, unsigned line, const char *sender)
{
    char where[4096 + 64];
    bool added = true;
    if (!json_is_array(value)) {
        (void)snprintf(where, sizeof where, "%s:%u", path, line);
        return add_object(input, value, sender, where);
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        (void)snprintf(where, sizeof where, "%s[%zu]", path, i);
        added = add_object(input, json_array_get(value, i), sender, where) && added;
    }
    return added;
}

static void complain_of_syntax(const char *path, unsigned line, const char *what)
{
    struct buffer why = {0};
    shape_describe(SHAPE_JSON_SYNTAX, what, NULL, &why);
    complain("%s:%u: %s", path, line, buffer_text(&why));
    buffer_fini(&why);
}

/* Values one after the other: covers one object, JSON lines and concatenations; an array is opened. Every fault of a
 * file is told before it is refused. */
static bool read_json(struct input *input, const char *path, struct span text, const char *sender)
{
    size_t at = 0;
    unsigned line = 1;
    bool added = true;
    while (true) {
        at += blank_size(text, at, &line);
        if (at == text.size)
            return added;
        json_error_t error;
        json_t *value = json_loadb((const char *)text.data + at, text.size - at,
                                   JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
        if (value == NULL) {
            complain_of_syntax(path, line + (unsigned)(error.line > 0 ? error.line - 1 : 0), error.text);
            return false;
        }
        added = add_value(input, value, path, line, sender) && added;
        for (size_t i = at; i < at + (size_t)error.position; i++)
            line += text.data[i] == '\n';
        at += (size_t)error.position;
        json_decref(value);
    }
}

static bool read_text(struct input *input, const char *path, struct buffer *bytes, const char *sender)
{
    struct buffer why = {0};
    bool read = text_file_read(bytes, &why);
    if (why.size > 0)
        complain("%s: %s", path, buffer_text(&why));
    buffer_fini(&why);
    if (!read)
        return false;
    keep_points(bytes);
    return read_json(input, path, buffer_span(bytes), sender);
}

bool input_read(struct input *input, const char *path, bool binary, const char *sender)
{
    struct buffer bytes = {0};
    bool read_all = input_slurp(path, &bytes);
    if (read_all && binary) {
        struct span rest = buffer_span(&bytes), record;
        while (delimited_next(&rest, &record))
            input_add(input, record);
        read_all = rest.size == 0;
        if (!read_all)
            complain("%s[%zu]: %s %s; %s", path, input->count, shape_at(SHAPE_DELIMITED)->code,
                     shape_at(SHAPE_DELIMITED)->zh, shape_at(SHAPE_DELIMITED)->en);
    } else if (read_all) {
        read_all = read_text(input, path, &bytes, sender);
    }
    buffer_fini(&bytes);
    return read_all;
}
