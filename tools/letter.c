/* SPDX-License-Identifier: Apache-2.0
 * A dead letter's content. */
#include "tools/letter.h"

#include <stdlib.h>

#include "common/runtime/core.h"
#include "tools/masked.h"

enum { ENVELOPE_HEAD_FIELDS = 6, OUTER_FIELDS_MAX = 2 };

struct span letter_at_first(struct span envelope)
{
    struct wire_reader reader = wire_read(envelope), body;
    struct wire_field field, held;
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK) {
        if (field.number != EVENT_REQUEUE || field.type != WIRE_BYTES)
            continue;
        body = wire_read(field.bytes);
        for (unsigned i = 0; i < OUTER_FIELDS_MAX && !wire_at_end(&body) && wire_next(&body, &held) == OK; i++)
            if (held.number == OUTER_FIELDS_MAX && held.type == WIRE_BYTES)
                return held.bytes;
    }
    return envelope;
}

static bool is_unknown(const struct wire_field *field)
{
    return field->number > ENVELOPE_HEAD_FIELDS && strcmp(event_kind_name(field->number), "unknown") == 0;
}

static void add(struct buffer *cause, uint32_t number)
{
    buffer_printf(cause, "%sfield %u of Envelope: unknown", cause->size > 0 ? "; " : "", number);
}

static void decode_cause(struct span envelope, struct buffer *cause)
{
    struct arena arena;
    struct event event;
    arena_init(&arena, malloc(APPLY_ARENA_SIZE), APPLY_ARENA_SIZE);
    enum status status = arena.memory == NULL ? REJECT_TOO_LARGE : event_decode(envelope, &arena, &event);
    buffer_printf(cause, "%s",
                  status == OK                   ? "this build can decode it"
                  : status == REJECT_UNDECODABLE ? "Envelope: no body"
                                                 : status_text(status));
    free(arena.memory);
}

void letter_cause(struct span envelope, struct buffer *cause)
{
    struct buffer path = {0};
    struct wire_reader reader = wire_read(envelope);
    struct wire_field field;
    bool known = false;
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK) {
        known = known || (field.number > ENVELOPE_HEAD_FIELDS && !is_unknown(&field));
        if (is_unknown(&field))
            add(cause, field.number);
    }
    if (known) /* beside a body, a field that is not known harms nothing */
        buffer_reset(cause);
    if (wire_check(WIRE_ENVELOPE, envelope, &path) != OK) {
        buffer_reset(cause);
        buffer_printf(cause, "Envelope: not in canonical form at %s", buffer_text(&path));
    } else if (cause->size == 0) {
        decode_cause(envelope, cause);
    }
    buffer_fini(&path);
}

json_t *letter_masked(struct span envelope)
{
    return message_masked(WIRE_ENVELOPE, envelope);
}

json_t *letter_unknown_fields(struct span envelope)
{
    json_t *fields = json_array();
    struct wire_reader reader = wire_read(envelope);
    struct wire_field field;
    while (!wire_at_end(&reader)) {
        const uint8_t *from = reader.at;
        if (wire_next(&reader, &field) != OK)
            break;
        if (is_unknown(&field))
            json_array_append_new(
                fields, json_pack("{s:i,s:I}", "field", (int)field.number, "bytes", (json_int_t)(reader.at - from)));
    }
    return fields;
}
