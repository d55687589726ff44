/* SPDX-License-Identifier: Apache-2.0
 * Envelopes from files. */
#include "tools/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/loop.h"

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

static bool add_object(struct input *input, json_t *object, const char *sender, const char *where)
{
    struct buffer bytes = {0}, why = {0};
    char id[37];
    bool added = json_is_object(object);
    if (!added) {
        complain("%s: an object is wanted", where);
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
    added = text != NULL && json_to_message(WIRE_ENVELOPE, span_text(text), &bytes, &why) == OK;
    if (added)
        input_add(input, buffer_span(&bytes));
    else
        complain("%s: %s", where, buffer_text(&why));
    free(text);
    buffer_fini(&bytes);
    buffer_fini(&why);
    return added;
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

/* Values one after the other: covers one object, JSON lines and concatenations; an array is opened. */
static bool read_json(struct input *input, const char *path, struct span text, const char *sender)
{
    size_t at = 0;
    unsigned line = 1;
    char where[4096 + 64];
    while (true) {
        at += blank_size(text, at, &line);
        if (at == text.size)
            return true;
        json_error_t error;
        json_t *value = json_loadb((const char *)text.data + at, text.size - at,
                                   JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
        (void)snprintf(where, sizeof where, "%s:%u", path, line);
        if (value == NULL) {
            complain("%s:%u: %s", path, line + (unsigned)(error.line > 0 ? error.line - 1 : 0), error.text);
            return false;
        }
        for (size_t i = at; i < at + (size_t)error.position; i++)
            line += text.data[i] == '\n';
        at += (size_t)error.position;
        bool added = true;
        if (json_is_array(value))
            for (size_t i = 0; added && i < json_array_size(value); i++) {
                (void)snprintf(where, sizeof where, "%s[%zu]", path, i);
                added = add_object(input, json_array_get(value, i), sender, where);
            }
        else
            added = add_object(input, value, sender, where);
        json_decref(value);
        if (!added)
            return false;
    }
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
            complain("%s: breaks off inside record %zu", path, input->count);
    } else if (read_all) {
        read_all = read_json(input, path, buffer_span(&bytes), sender);
    }
    buffer_fini(&bytes);
    return read_all;
}
