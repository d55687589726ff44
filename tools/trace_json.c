/* SPDX-License-Identifier: Apache-2.0
 * Traces as JSON. */
#include "tools/trace_json.h"

#include <errno.h>
#include <stdio.h>

#include "common/pb/event.h"
#include "tools/input.h"

/* ---- to JSON ---- */

/* `name` as the mapping has it; besides, where that is not all of it, the bytes. */
static void put_message(json_t *to, const char *name, enum wire_message message, struct span bytes, json_t *base64)
{
    char key[24];
    struct buffer again = {0}, why = {0};
    json_t *value = cli_message(message, bytes);
    bool all = value != NULL && json_value_to_message(message, value, &again, &why) == OK &&
               span_equal(buffer_span(&again), bytes);
    if (value != NULL)
        (void)json_object_set_new(to, name, value);
    (void)snprintf(key, sizeof key, "%sBytes", name);
    if (!all)
        (void)json_object_set(to, key, base64 != NULL ? base64 : json_null());
    buffer_fini(&again);
    buffer_fini(&why);
}

json_t *trace_submission_json(const struct trace_entry *entry)
{
    static const char *const kept[] = {"salt", "signature"};
    struct trace_submission submission = {
        .position = entry->position, .envelope = entry->bytes, .salt = entry->salt, .signature = entry->signature};
    struct buffer body = {0};
    json_t *to =
        json_pack("{s:I,s:I}", "position", (json_int_t)entry->position, "acceptedAtMs", (json_int_t)entry->accepted_at);
    trace_submission_encode(&submission, &body);
    json_t *encoded = cli_message(WIRE_TRACE_SUBMISSION, buffer_span(&body)); /* bytes are base64 there */
    for (unsigned i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (json_object_get(encoded, kept[i]) != NULL)
            (void)json_object_set(to, kept[i], json_object_get(encoded, kept[i]));
    put_message(to, "envelope", WIRE_ENVELOPE, entry->bytes, json_object_get(encoded, "envelope"));
    json_decref(encoded);
    buffer_fini(&body);
    return to;
}

void trace_outcome_json(const struct trace_entry *entry, json_t *to)
{
    struct buffer body = {0};
    trace_outcome_encode(&(struct trace_outcome){entry->position, entry->bytes}, &body);
    json_t *encoded = cli_message(WIRE_TRACE_OUTCOME, buffer_span(&body));
    put_message(to, "outcome", WIRE_OUTCOME, entry->bytes, json_object_get(encoded, "outcome"));
    json_decref(encoded);
    buffer_fini(&body);
}

/* ---- from JSON ---- */

struct reading {
    struct trace_writer *writer;
    const char *path, *to;
    struct buffer envelope, outcome, body, why;
    uint64_t number, next; /* of the value; the position that is next */
    int64_t accepted_at;
};

static bool refuse(const struct reading *reading, const char *text)
{
    complain(said("%s：第 %llu 个值：%s", "%s: value %llu: %s"), reading->path, (unsigned long long)reading->number,
             text);
    return false;
}

static bool keys_are_known(const struct reading *reading, json_t *value)
{
    static const char *const known[] = {"position", "acceptedAtMs",  "salt",    "signature",
                                        "envelope", "envelopeBytes", "outcome", "outcomeBytes"};
    char text[128];
    const char *key;
    json_t *member;
    json_object_foreach(value, key, member)
    {
        unsigned i = 0;
        while (i < sizeof known / sizeof known[0] && strcmp(known[i], key) != 0)
            i++;
        if (i < sizeof known / sizeof known[0])
            continue;
        (void)snprintf(text, sizeof text, said("没有 %.60s 这一项", "there is no member %.60s"), key);
        return refuse(reading, text);
    }
    return true;
}

/* Base64 of `key` as the field `field` of `message` would hold it, read strictly; left encoded in `body`. */
static bool read_bytes(struct reading *reading, enum wire_message message, const json_t *fields)
{
    json_t *copy = json_deep_copy(fields);
    buffer_reset(&reading->body);
    buffer_reset(&reading->why);
    bool read = json_value_to_message(message, copy, &reading->body, &reading->why) == OK;
    json_decref(copy);
    return read || refuse(reading, buffer_text(&reading->why));
}

/* `out` gets the message; where its bytes stand beside it, these. */
static bool read_message(struct reading *reading, const json_t *value, const char *name, enum wire_message message,
                         struct buffer *out)
{
    char key[24];
    (void)snprintf(key, sizeof key, "%sBytes", name);
    json_t *bytes = json_object_get(value, key), *mapped = json_object_get(value, name);
    buffer_reset(out);
    buffer_reset(&reading->why);
    if (bytes == NULL) {
        if (json_is_object(mapped) && json_value_to_message(message, mapped, out, &reading->why) == OK)
            return true;
        return refuse(reading, json_is_object(mapped) ? buffer_text(&reading->why) : name);
    }
    json_t *field = json_pack("{s:O}", "outcome", bytes); /* a field of bytes, whosever they are */
    struct trace_outcome read = {0};
    bool taken = json_is_string(bytes) && read_bytes(reading, WIRE_TRACE_OUTCOME, field) &&
                 trace_outcome_decode(buffer_span(&reading->body), NULL, &read) == OK;
    json_decref(field);
    if (taken && read.outcome.size > 0)
        buffer_append(out, read.outcome.data, read.outcome.size);
    return taken || refuse(reading, key);
}

static bool read_whole_number(const json_t *value, const char *key, int64_t fallback, int64_t *number)
{
    const json_t *member = json_object_get(value, key);
    *number = member == NULL ? fallback : json_is_integer(member) ? (int64_t)json_integer_value(member) : -1;
    return *number >= 0;
}

static bool write_submission(struct reading *reading, const json_t *value, uint64_t position)
{
    struct trace_submission read = {0};
    struct envelope_head head;
    json_t *kept = json_object();
    if (json_object_get(value, "salt") != NULL)
        (void)json_object_set(kept, "salt", json_object_get(value, "salt"));
    if (json_object_get(value, "signature") != NULL)
        (void)json_object_set(kept, "signature", json_object_get(value, "signature"));
    bool taken = read_bytes(reading, WIRE_TRACE_SUBMISSION, kept) &&
                 trace_submission_decode(buffer_span(&reading->body), NULL, &read) == OK;
    json_decref(kept);
    if (!taken)
        return false;
    if (envelope_head_read(buffer_span(&reading->envelope), &head) != OK)
        return refuse(reading, said("报文没有可读的开头", "the envelope has no head that can be read"));
    struct submission submission = {.accepted_at = reading->accepted_at,
                                    .envelope = buffer_span(&reading->envelope),
                                    .salt = read.salt,
                                    .signature = read.signature};
    if (reading->writer == NULL && (reading->writer = trace_writer_open(reading->to, position)) == NULL) {
        complain("%s: %s", reading->to, strerror(errno));
        return false;
    }
    trace_write_submission(reading->writer, position, head.sender, &submission);
    return true;
}

/* Positions ascend, times do not go back: else no exchange could have accepted it. */
static bool read_value(struct reading *reading, json_t *value)
{
    int64_t position, accepted_at;
    bool decided = json_object_get(value, "outcome") != NULL || json_object_get(value, "outcomeBytes") != NULL;
    reading->number++;
    if (!json_is_object(value))
        return refuse(reading, said("应为对象", "wants an object"));
    if (!keys_are_known(reading, value))
        return false;
    if (!read_whole_number(value, "position", (int64_t)reading->next, &position) || (uint64_t)position < reading->next)
        return refuse(reading, said("position 须递增", "position must ascend"));
    if (!read_whole_number(value, "acceptedAtMs", reading->accepted_at, &accepted_at) ||
        accepted_at < reading->accepted_at)
        return refuse(reading, said("acceptedAtMs 不得倒退", "acceptedAtMs must not go back"));
    reading->accepted_at = accepted_at;
    reading->next = (uint64_t)position + 1;
    if (!read_message(reading, value, "envelope", WIRE_ENVELOPE, &reading->envelope) ||
        (decided && !read_message(reading, value, "outcome", WIRE_OUTCOME, &reading->outcome)) ||
        !write_submission(reading, value, (uint64_t)position))
        return false;
    if (decided)
        trace_write_outcome(reading->writer, (uint64_t)position, buffer_span(&reading->outcome));
    return true;
}

static bool read_values(struct reading *reading, struct span text)
{
    bool good = true;
    json_error_t error;
    size_t space;
    for (;;) {
        for (space = 0; space < text.size && strchr(" \t\r\n", text.data[space]) != NULL && text.data[space] != 0;)
            space++;
        text = span_of(text.data + space, text.size - space);
        if (text.size == 0 || !good)
            return good;
        json_t *value =
            json_loadb((const char *)text.data, text.size, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
        if (value == NULL) {
            reading->number++;
            return refuse(reading, error.text);
        }
        good = read_value(reading, value);
        json_decref(value);
        text = span_of(text.data + error.position, text.size - (size_t)error.position);
    }
}

int trace_from_json(struct cli *cli, const char *from, const char *to)
{
    struct buffer text = {0};
    struct reading reading = {.path = from, .to = to};
    bool good = input_slurp(from, &text) && read_values(&reading, buffer_span(&text));
    if (good && reading.writer == NULL && (reading.writer = trace_writer_open(to, 0)) == NULL) { /* of nothing */
        complain("%s: %s", to, strerror(errno));
        good = false;
    }
    bool written = reading.writer != NULL && trace_writer_close(&reading.writer) == OK;
    if (good && !written)
        complain(said("%s：无法写入", "%s: cannot be written"), to);
    if (!good && written)
        (void)remove(to);
    if (good && written && cli->json)
        cli_print_json(json_pack("{s:s,s:I}", "trace", to, "submissions", (json_int_t)reading.number));
    else if (good && written)
        (void)printf(said("%llu 份报文已写入 %s\n", "%llu submissions in %s\n"), (unsigned long long)reading.number,
                     to);
    buffer_fini(&text);
    buffer_fini(&reading.envelope);
    buffer_fini(&reading.outcome);
    buffer_fini(&reading.body);
    buffer_fini(&reading.why);
    return good && written ? CLI_OK : CLI_BAD_INPUT;
}
