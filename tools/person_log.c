/* SPDX-License-Identifier: Apache-2.0
 * One person on the log. */
#include "tools/person_log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/identity.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "tools/log_reader.h"

/* The books number the complete negative record of a bill that was replaced 10^18 + its position (Outcome.reversed). */
static const uint64_t NEGATIVE = UINT64_C(1000000000000000000);
enum { MEMORY_SIZE = 16 * 1024 * 1024 };

struct reading {
    struct cli *cli;
    struct person_log *log;
    person_log_take_t *take;
    void *self;
    uint32_t hash;
    uint32_t partitions;
    struct log_reader submissions, books;
    struct log_reader outcomes[PARTITION_COUNT_MAX];
    uint8_t *memory;
};

/* A check digit X is sent small, too. */
static bool is_person(const char *person, struct span text)
{
    size_t size = strlen(person);
    bool same = text.size == size;
    for (size_t i = 0; same && i < size; i++)
        same = toupper((unsigned char)person[i]) == toupper(text.data[i]);
    return same;
}

bool person_is_in(const char *person, struct span bytes)
{
    size_t size = strlen(person), sure = size - (toupper((unsigned char)person[size - 1]) == 'X');
    const uint8_t *at = bytes.data, *end = bytes.data + bytes.size;
    while (bytes.size > 0 && (at = memmem(at, (size_t)(end - at), person, sure)) != NULL) {
        if ((size_t)(end - at) >= size && is_person(person, span_of(at, size)))
            return true;
        at++;
    }
    return false;
}

bool person_log_has(const struct person_log *log, uint64_t number)
{
    size_t low = 0, high = log->count;
    number = number >= NEGATIVE ? number - NEGATIVE : number;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (log->positions[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < log->count && log->positions[low] == number;
}

static void add_position(struct person_log *log, uint64_t position)
{
    if (log->count == log->capacity) {
        log->capacity = log->capacity == 0 ? 64 : log->capacity * 2;
        log->positions = realloc(log->positions, log->capacity * sizeof *log->positions);
        INVARIANT(log->positions != NULL);
    }
    log->positions[log->count++] = position;
}

void person_log_free(struct person_log *log)
{
    free(log->positions);
    log->positions = NULL;
    log->count = log->capacity = 0;
}

/* Bounded by the depth of our messages. */
void person_alone(const char *person, json_t *value)
{
    const char *key;
    json_t *member;
    json_object_foreach(value, key, member) person_alone(person, member);
    for (size_t i = json_array_size(value); i-- > 0;) {
        json_t *item = json_array_get(value, i);
        const char *whose = cli_text(item, "personId");
        if (whose[0] != 0 && !is_person(person, span_text(whose)))
            (void)json_array_remove(value, i);
        else
            person_alone(person, item);
    }
}

static json_t *found(const char *kind, uint64_t position, instant_ms_t at)
{
    char text[32];
    instant_describe(at, text);
    return json_pack("{s:s,s:o,s:s}", "kind", kind, "position", cli_json_number(position), "acceptedAt", text);
}

static void add_message(json_t *to, const char *key, enum wire_message message, const char *person, struct span bytes)
{
    json_t *value = cli_message(message, bytes);
    person_alone(person, value);
    (void)json_object_set_new(to, key, value == NULL ? json_null() : value);
}

/* ---- what stands at a position ---- */

static void take_message(struct reading *reading, position_t position, const struct submission *submission)
{
    struct span outcome;
    struct log_reader *reader = &reading->outcomes[reading->hash % reading->partitions];
    json_t *object = found("message", position, submission->accepted_at);
    add_position(reading->log, position);
    add_message(object, "envelope", WIRE_ENVELOPE, reading->log->person, submission->envelope);
    if (log_reader_at(reader, position, &outcome) && outcome.size > 0)
        add_message(object, "outcome", WIRE_OUTCOME, reading->log->person, outcome);
    reading->take(reading->self, object);
}

/* "person": asked for by number; "message": a message of the person's; "many": whoever was in what was looked into. */
static void take_access(struct reading *reading, position_t position, const struct submission *submission,
                        const struct event *event)
{
    const struct person_access *access = &event->body.person_access;
    bool message = strcmp(access->scope, "message") == 0;
    if (message && !person_log_has(reading->log, access->position))
        return;
    if (event->person_id[0] != 0 && !is_person(reading->log->person, span_text(event->person_id)))
        return;
    json_t *object = found("access", position, submission->accepted_at);
    const char *concerns = event->person_id[0] != 0 ? "person" : message ? "message" : "many";
    (void)json_object_set_new(object, "concerns", json_string(concerns));
    (void)json_object_set_new(object, "by", json_string(access->accessor));
    (void)json_object_set_new(object, "purpose", json_string(access->purpose));
    (void)json_object_set_new(object, "command", json_string(access->command));
    (void)json_object_set_new(object, "scope", json_string(access->scope));
    if (message)
        (void)json_object_set_new(object, "of", cli_json_number(access->position));
    reading->take(reading->self, object);
}

/* At a tick any partition may write a notice. */
static void take_notices(struct reading *reading, position_t position, const struct submission *submission)
{
    struct span outcome;
    for (uint32_t p = 0; p < reading->partitions; p++)
        if (log_reader_at(&reading->outcomes[p], position, &outcome) && person_is_in(reading->log->person, outcome)) {
            json_t *object = found("notice", position, submission->accepted_at);
            add_message(object, "outcome", WIRE_OUTCOME, reading->log->person, outcome);
            reading->take(reading->self, object);
        }
}

/* Somebody else's message in which the number stands: whose, not what it says. */
static void take_mention(struct reading *reading, position_t position, const struct submission *submission)
{
    struct envelope_head head;
    if (envelope_head_read(submission->envelope, &head) != OK)
        return;
    json_t *object = found("mention", position, submission->accepted_at);
    (void)json_object_set_new(object, "sender", json_stringn((const char *)head.sender.data, head.sender.size));
    (void)json_object_set_new(object, "messageId",
                              json_stringn((const char *)head.message_id.data, head.message_id.size));
    reading->take(reading->self, object);
}

static void take_submission(struct reading *reading, position_t position, const struct submission *submission)
{
    struct envelope_head head;
    struct event event;
    struct arena arena;
    if (envelope_head_read(submission->envelope, &head) != OK)
        return;
    bool own = submission->person_hash == reading->hash && is_person(reading->log->person, head.person_id);
    arena_init(&arena, reading->memory, MEMORY_SIZE);
    if (head.body_number == EVENT_PERSON_ACCESS && event_decode(submission->envelope, &arena, &event) == OK)
        take_access(reading, position, submission, &event);
    else if (own)
        take_message(reading, position, submission);
    else if (head.body_number == EVENT_TICK)
        take_notices(reading, position, submission);
    else if (person_is_in(reading->log->person, submission->envelope))
        take_mention(reading, position, submission);
}

/* What the books said of the person's bills: an investigation, lines of statements that differ. */
static void take_books(struct reading *reading, position_t position, struct span record)
{
    json_t *whole = cli_message(WIRE_BOOKS_RECORD, record), *lines = json_array(), *line;
    json_t *investigation = json_object_get(whole, "investigation");
    size_t index;
    if (investigation != NULL && person_log_has(reading->log, (uint64_t)cli_integer(investigation, "settlement")))
        json_array_append(lines, investigation);
    json_array_foreach(json_object_get(json_object_get(whole, "statement"), "differences"), index,
                       line) if (person_log_has(reading->log, (uint64_t)cli_integer(line, "number")))
        json_array_append(lines, line);
    if (json_array_size(lines) > 0) {
        json_t *object = found("books", position, cli_integer(whole, "acceptedAtMs"));
        (void)json_object_set(object, "said", lines);
        reading->take(reading->self, object);
    }
    json_decref(lines);
    json_decref(whole);
}

/* ---- the log ---- */

static bool open_streams(struct reading *reading)
{
    char stream[STREAM_NAME_SIZE_MAX + 1];
    bool opened = log_reader_open(reading->cli, "submissions", &reading->submissions) &&
                  log_reader_open(reading->cli, "books", &reading->books);
    for (uint32_t p = 0; p < reading->partitions; p++) {
        (void)snprintf(stream, sizeof stream, "outcomes.%u", p);
        opened = log_reader_open(reading->cli, stream, &reading->outcomes[p]) && opened;
    }
    return opened;
}

static void close_streams(struct reading *reading)
{
    log_reader_close(&reading->submissions);
    log_reader_close(&reading->books);
    for (uint32_t p = 0; p < reading->partitions; p++)
        log_reader_close(&reading->outcomes[p]);
}

bool person_log_read(struct cli *cli, struct person_log *log, person_log_take_t *take, void *self)
{
    struct reading *reading = calloc(1, sizeof *reading);
    struct span record;
    struct submission submission;
    INVARIANT(reading != NULL);
    *reading = (struct reading){.cli = cli,
                                .log = log,
                                .take = take,
                                .self = self,
                                .hash = person_hash(span_text(log->person)),
                                .partitions = cli->config.partitions,
                                .memory = malloc(MEMORY_SIZE)};
    INVARIANT(reading->memory != NULL);
    bool whole = open_streams(reading);
    for (position_t i = log->from; whole && i < log->to; i++) {
        whole = log_reader_at(&reading->submissions, i, &record) && submission_decode(record, NULL, &submission) == OK;
        if (whole)
            take_submission(reading, i, &submission);
        if (whole && log->count > 0 && log_reader_at(&reading->books, i, &record) && record.size > 0)
            take_books(reading, i, record); /* which are behind: what they have not said yet is not there */
    }
    close_streams(reading);
    free(reading->memory);
    free(reading);
    if (!whole)
        complain(said("日志无法读到末尾", "the log cannot be read to its end"));
    return whole;
}
