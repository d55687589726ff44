/* SPDX-License-Identifier: Apache-2.0
 * Envelopes. */
#include "common/pb/event.h"

#include <xxhash.h>

#include "common/codes/logic.h"
#include "common/pb/coding_internal.h"

enum { ITEMS_MAX_FIRST = 4096 };
/* A core decodes two events at most, and sorts the lines of one. */
_Static_assert(2 * (BILL_ITEMS_MAX * (sizeof(struct bill_item) + 16) + ENVELOPE_SIZE_MAX) <= APPLY_ARENA_SIZE,
               "a largest bill can be judged");

/* What a damaged envelope says up to where it breaks: the fields before its body, and which body that is. */
static enum status broken_decode(struct span envelope, struct arena *arena, struct event *event)
{
    struct wire_reader reader = wire_read(envelope);
    struct wire_field field;
    uint32_t kind = EVENT_NONE;
    size_t head = 0;
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK) {
        if (strcmp(event_kind_name(field.number), "unknown") != 0)
            kind = field.number;
        if (kind == EVENT_NONE)
            head = (size_t)(reader.at - envelope.data);
    }
    TRY(envelope_decode(span_of(envelope.data, head), arena, event));
    event->kind = (enum event_kind)kind;
    return REJECT_MALFORMED;
}

/* A body counts only in an envelope that is whole; of a damaged one the head is kept, for who asks what became of it
 * (none passes the edge, but a core takes what the log holds). */
enum status event_decode(struct span envelope, struct arena *arena, struct event *event)
{
    struct envelope_head head;
    if (envelope_head_read(envelope, &head) != OK)
        return broken_decode(envelope, arena, event);
    TRY(envelope_decode(envelope, arena, event));
    return event->kind == EVENT_NONE ? REJECT_UNDECODABLE : OK;
}

enum status event_decode_without_items(struct span envelope, struct arena *arena, struct event *event)
{
    enum { ITEMS = 16 };
    struct envelope_head head;
    struct span before, bill, behind;
    if (envelope_head_read(envelope, &head) != OK || head.body_number != EVENT_BILL_SETTLE)
        return event_decode(envelope, arena, event);
    TRY(field_run_around(envelope, EVENT_BILL_SETTLE, &before, &bill, &behind));
    struct wire_reader reader = wire_read(bill);
    struct wire_field body = {.number = 0};
    while (!wire_at_end(&reader))
        TRY(wire_next(&reader, &body));
    TRY(envelope_decode(before, arena, event));
    TRY(field_run_around(body.bytes, ITEMS, &before, &bill, &behind));
    event->kind = EVENT_BILL_SETTLE;
    bill_blank(&event->body.bill);
    TRY(bill_merge(before, arena, &event->body.bill));
    return bill_merge(behind, arena, &event->body.bill);
}

bool event_is_too_long(const struct event *event, uint32_t logic)
{
    return (event->kind == EVENT_BILL_SETTLE || event->kind == EVENT_BILL_TRIAL) &&
           event->body.bill.item_count > ITEMS_MAX_FIRST && !logic_has(logic, LOGIC_LINES_OF_A_STAY);
}

bool event_is_of_logic(const struct event *event, uint32_t logic)
{
    switch (event->kind) {
    case EVENT_DEAD_LETTER_DROP:
        return logic_has(logic, LOGIC_LETTERS_LEAVE);
    case EVENT_SIGNING_KEY:
    case EVENT_SIGNING_KEY_REVOCATION:
    case EVENT_SIGNING_POLICY:
        return logic_has(logic, LOGIC_KEYS_ON_LOG);
    case EVENT_PERSON_ERASURE:
        return logic_has(logic, LOGIC_PERSON_ERASED);
    case EVENT_PERSON_ACCESS:
        return logic_has(logic, LOGIC_ACCESS_RECORDED);
    case EVENT_OPERATOR_ACTION:
        return logic_has(logic, LOGIC_ACTIONS_RECORDED);
    default:
        return true;
    }
}

uint32_t person_hash(struct span person_id)
{
    uint8_t upper[32];
    if (person_id.size == 0)
        return 0;
    size_t size = person_id.size < sizeof upper ? person_id.size : sizeof upper;
    for (size_t i = 0; i < size; i++)
        upper[i] = person_id.data[i] == 'x' ? 'X' : person_id.data[i];
    uint32_t hash = (uint32_t)XXH64(upper, size, 0);
    return hash == 0 ? 1 : hash;
}

enum { UUID_SIZE = 16 };

static int hex_of(uint8_t character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

enum status message_id_parse(struct span text, uint8_t id[UUID_SIZE])
{
    uint8_t parsed[UUID_SIZE];
    unsigned digits = 0;
    if (text.size != MESSAGE_ID_TEXT_SIZE)
        return REJECT_MALFORMED;
    for (unsigned i = 0; i < MESSAGE_ID_TEXT_SIZE; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        int value = hex_of(text.data[i]);
        if (dash ? text.data[i] != '-' : value < 0)
            return REJECT_MALFORMED;
        if (dash)
            continue;
        parsed[digits / 2] = (uint8_t)(digits % 2 ? parsed[digits / 2] << 4 | value : value);
        digits++;
    }
    memcpy(id, parsed, sizeof parsed);
    return OK;
}

void message_id_describe(const uint8_t id[UUID_SIZE], char text[37])
{
    static const char digits[] = "0123456789abcdef";
    unsigned at = 0;
    for (unsigned i = 0; i < UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        text[at++] = digits[id[i] >> 4];
        text[at++] = digits[id[i] & 15];
    }
    text[at] = 0;
}
