/* SPDX-License-Identifier: Apache-2.0
 * Envelopes from files. */
#include "tools/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/limits.h"
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

void input_clear(struct input *input)
{
    for (size_t i = 0; i < input->count; i++)
        free((void *)(uintptr_t)input->envelopes[i].data);
    input->count = 0;
}

void input_free(struct input *input)
{
    input_clear(input);
    free(input->envelopes);
    *input = (struct input){0};
}

static FILE *open_file(const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (file == NULL)
        complain("%s: %s", path, strerror(errno));
    return file;
}

static void close_file(FILE *file)
{
    if (file != NULL && file != stdin)
        (void)fclose(file);
}

bool input_slurp(const char *path, struct buffer *bytes)
{
    FILE *file = open_file(path);
    if (file == NULL)
        return false;
    for (size_t size = 1; size > 0; bytes->size += size)
        size = fread(buffer_reserve(bytes, 65536), 1, 65536, file);
    bool read_all = ferror(file) == 0;
    close_file(file);
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

/* `large`: what it was read from is more than one message may be. */
static bool add_object(struct input *input, json_t *object, const char *sender, const char *where, bool large)
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
    if (large && json_dumpb(object, NULL, 0, JSON_COMPACT) > JSON_SIZE_MAX)
        shape_describe(SHAPE_TOO_LARGE, NULL, NULL, &why);
    bool added = why.size == 0 && json_value_to_message(WIRE_ENVELOPE, object, &bytes, &why) == OK;
    check_id(object, &why);
    added = added && why.size == 0;
    if (added)
        input_add(input, buffer_span(&bytes));
    else
        complain_each(where, &why);
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
    size_t copied = 0, size;
    for (size_t i = 0; i < text->size; i += size) {
        const char *at = (const char *)text->data + i;
        size = 1;
        if (*at == '"')
            quoted = !quoted;
        if (quoted && *at == '\\' && i + 1 < text->size)
            size = 2;
        if (quoted || (*at != '-' && (*at < '0' || *at > '9')))
            continue;
        while (i + size < text->size && ((at[size] >= '0' && at[size] <= '9') || at[size] == '.'))
            size++;
        bool whole = i + size == text->size || (at[size] != 'e' && at[size] != 'E');
        if (!whole || at[size - 1] == '.' || memchr(at, '.', size) == NULL)
            continue;
        buffer_append(&kept, text->data + copied, i - copied);
        buffer_append_text(&kept, "\"");
        buffer_append(&kept, at, size);
        buffer_append_text(&kept, "\"");
        copied = i + size;
    }
    if (copied == 0)
        return;
    buffer_append(&kept, text->data + copied, text->size - copied);
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

static bool add_value(struct input *input, json_t *value, const struct input_file *file, bool large)
{
    char where[4096 + 64];
    bool added = true;
    if (!json_is_array(value)) {
        (void)snprintf(where, sizeof where, "%s:%u", file->path, file->line);
        return add_object(input, value, file->sender, where, large);
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        (void)snprintf(where, sizeof where, "%s[%zu]", file->path, i);
        added = add_object(input, json_array_get(value, i), file->sender, where, large) && added;
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

static void read_some(struct input_file *file, size_t size)
{
    enum { PIECE_SIZE = 65536 };
    size_t got = 1;
    for (size_t left = size; left > 0 && got > 0; left -= got) {
        size_t piece = left < PIECE_SIZE ? left : PIECE_SIZE;
        got = fread(buffer_reserve(&file->raw, piece), 1, piece, file->file);
        file->raw.size += got;
        file->size += got;
    }
    file->ended = got == 0;
}

static void drop_front(struct buffer *buffer, size_t size)
{
    if (size > 0)
        memmove(buffer->data, buffer->data + size, buffer->size - size);
    buffer->size -= size;
}

/* Values one after the other: covers one object, JSON lines and concatenations; an array is opened. Every fault of
 * what was read is told before it is refused. What is left of file->text begins a value that the file goes on with. */
static bool read_json(struct input_file *file, struct input *input)
{
    struct span text = buffer_span(&file->text);
    size_t at = 0;
    bool added = true;
    while (true) {
        at += blank_size(text, at, &file->line);
        if (at == text.size)
            break;
        json_error_t error;
        json_t *value = json_loadb((const char *)text.data + at, text.size - at,
                                   JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
        if (value == NULL && !file->ended && json_error_code(&error) == json_error_premature_end_of_input)
            break;
        if (value == NULL) {
            complain_of_syntax(file->path, file->line + (unsigned)(error.line > 0 ? error.line - 1 : 0), error.text);
            return false;
        }
        added = add_value(input, value, file, error.position > JSON_SIZE_MAX) && added;
        for (size_t i = at; i < at + (size_t)error.position; i++)
            file->line += text.data[i] == '\n';
        at += (size_t)error.position;
        json_decref(value);
    }
    drop_front(&file->text, at);
    return added;
}

/* Whole lines alone: no character, number or text goes across their end. */
static bool take_lines(struct input_file *file, struct input *input)
{
    struct buffer why = {0}, lines = {0};
    size_t whole = file->raw.size;
    while (!file->ended && whole > 0 && file->raw.data[whole - 1] != '\n')
        whole--;
    bool plain = text_file_is_utf8(span_of(file->raw.data, whole)), first = file->line == 0;
    if (!plain && first) { /* what it is can be told of the whole alone */
        read_some(file, SIZE_MAX);
        whole = file->raw.size;
    }
    if (whole == 0 && !file->ended)
        return true;
    buffer_append(&lines, file->raw.data, whole);
    drop_front(&file->raw, whole);
    bool read = plain || first;
    if (first)
        read = text_file_read(&lines, &why);
    else if (!plain)
        shape_describe(SHAPE_ENCODING, NULL, NULL, &why);
    if (why.size > 0)
        complain("%s: %s", file->path, buffer_text(&why));
    file->line += first;
    keep_points(&lines);
    buffer_append(&file->text, lines.data, lines.size);
    buffer_fini(&lines);
    buffer_fini(&why);
    return read && read_json(file, input);
}

static bool take_records(struct input_file *file, struct input *input)
{
    struct span rest = buffer_span(&file->raw), record;
    for (; delimited_next(&rest, &record); file->records++)
        input_add(input, record);
    drop_front(&file->raw, file->raw.size - rest.size);
    if (file->raw.size == 0 || (!file->ended && file->raw.size <= FRAME_SIZE_MAX))
        return true;
    complain("%s[%zu]: %s %s; %s", file->path, file->records, shape_at(SHAPE_DELIMITED)->code,
             shape_at(SHAPE_DELIMITED)->zh, shape_at(SHAPE_DELIMITED)->en);
    return false;
}

bool input_open(struct input_file *file, const char *path, bool binary, const char *sender)
{
    *file = (struct input_file){.path = path, .sender = sender, .binary = binary, .file = open_file(path)};
    return file->file != NULL;
}

bool input_more(struct input_file *file, struct input *input, size_t size)
{
    size_t begun = file->raw.size + file->text.size; /* what goes on is read in ever larger pieces */
    read_some(file, size > begun ? size : begun);
    if (ferror(file->file) != 0) {
        complain("%s: %s", file->path, strerror(errno));
        return false;
    }
    return file->binary ? take_records(file, input) : take_lines(file, input);
}

void input_close(struct input_file *file)
{
    close_file(file->file);
    buffer_fini(&file->raw);
    buffer_fini(&file->text);
}

bool input_read(struct input *input, const char *path, bool binary, const char *sender)
{
    struct input_file file;
    bool read = input_open(&file, path, binary, sender);
    while (read && !file.ended)
        read = input_more(&file, input, SIZE_MAX);
    input_close(&file);
    return read;
}
