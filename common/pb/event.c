/* SPDX-License-Identifier: Apache-2.0
 * Envelopes: head, whole, and back. Field numbers are those of proto/hutong/v1/envelope.proto, bill.proto,
 * reference.proto. */
#include "common/pb/event.h"

#include <xxhash.h>

#include "common/base/check.h"
#include "common/pb/field_internal.h"
#include "common/pb/reference_internal.h"

const char *event_kind_name(enum event_kind kind)
{
    switch (kind) {
#define EVENT_KIND(value, name)                                                                                        \
    case value:                                                                                                        \
        return name;
#include "common/pb/event_kinds.def"
#undef EVENT_KIND
    case EVENT_NONE:
        break;
    }
    return "unknown";
}

static bool kind_is_known(uint32_t number)
{
    return strcmp(event_kind_name((enum event_kind)number), "unknown") != 0;
}

enum status envelope_head_read(struct span envelope, struct envelope_head *head)
{
    struct wire_reader reader = wire_read(envelope);
    struct wire_field field;
    struct envelope_head read = {0};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            read.version = (uint32_t)field.value;
        else if (field.number == 2)
            read.sender = field.bytes;
        else if (field.number == 3)
            read.message_id = field.bytes;
        else if (field.number == 5)
            read.person_id = field.bytes;
        else if (field.number >= 16 && field.type == WIRE_BYTES && read.body_number == 0)
            read.body_number = field.number;
    }
    *head = read;
    return OK;
}

static enum status item_decode(struct span bytes, struct arena *arena, struct bill_item *item)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *item = (struct bill_item){.code = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 1:
            TEXT(item->code);
            break;
        case 2:
            item->level = field_level(field.bytes);
            break;
        case 3:
            item->unit_price_micro = (int64_t)field.value;
            break;
        case 4:
            item->quantity_e4 = (int64_t)field.value;
            break;
        case 5:
            item->amount = (fen_t)field.value;
            break;
        case 6:
            item->first_own_share_bp = (uint32_t)field.value;
            break;
        case 7:
            item->price_limit_micro = (int64_t)field.value;
            break;
        default:
            break;
        }
    }
    return OK;
}

static enum status expectation_decode(struct span bytes, struct bill *bill)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    bill->has_expected = true;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            bill->expected_fund_pay_total = (fen_t)field.value;
        else if (field.number == 2)
            bill->expected_person_pay_total = (fen_t)field.value;
    }
    return OK;
}

static enum status items_decode(struct span bytes, struct arena *arena, struct bill *bill)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    struct bill_item *items = arena_take(arena, bill->item_count * sizeof *items + 1);
    if (items == NULL)
        return REJECT_TOO_LARGE;
    uint32_t count = 0;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 16)
            TRY(item_decode(field.bytes, arena, &items[count++]));
    }
    bill->items = items;
    return OK;
}

static enum status bill_decode(struct span bytes, struct arena *arena, struct bill *bill)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    const char **const texts[] = {
        NULL, &bill->bill_id, &bill->institution, &bill->insured_area, &bill->insurance_type, &bill->care_kind,
        NULL, NULL,           &bill->diagnosis,   &bill->credential};
    *bill = (struct bill){.bill_id = "",
                          .institution = "",
                          .insured_area = "",
                          .insurance_type = "",
                          .care_kind = "",
                          .diagnosis = "",
                          .credential = "",
                          .special_disease = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 6:
            bill->admission_date = (civil_date_t)field.value;
            break;
        case 7:
            bill->discharge_date = (civil_date_t)field.value;
            break;
        case 10:
            bill->use_personal_account = field.value != 0;
            break;
        case 11:
            bill->total = (fen_t)field.value;
            break;
        case 12:
            TRY(expectation_decode(field.bytes, bill));
            break;
        case 16:
            if (++bill->item_count > BILL_ITEMS_COUNT_MAX)
                return REJECT_TOO_LARGE;
            break;
        case 17:
            TEXT(bill->special_disease);
            break;
        case 18:
            bill->replaces_settlement = field.value;
            break;
        default:
            if (field.number < 10)
                TEXT(*texts[field.number]);
            break;
        }
    }
    return items_decode(bytes, arena, bill);
}

static enum status reversal_decode(struct span bytes, struct arena *arena, struct bill_reversal *reversal)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *reversal = (struct bill_reversal){.reason = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            reversal->settlement_position = field.value;
        else if (field.number == 2)
            TEXT(reversal->reason);
    }
    return OK;
}

/* Tick, LogicVersion and Requeue have one number and one length-delimited field at most. */
static enum status small_decode(struct span bytes, struct arena *arena, struct event *event)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    uint64_t number = 0;
    struct span rest = {NULL, 0};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            number = field.value;
        else if (field.number == 2)
            rest = field.bytes;
    }
    if (event->kind == EVENT_TICK) {
        event->body.tick = number;
    } else if (event->kind == EVENT_REQUEUE) {
        event->body.requeue.position = number;
        event->body.requeue.envelope = rest;
    } else {
        event->body.logic.version = (uint32_t)number;
        event->body.logic.reason = field_text(arena, rest);
    }
    return event->kind == EVENT_LOGIC_VERSION && event->body.logic.reason == NULL ? REJECT_TOO_LARGE : OK;
}

static enum status body_decode(struct span bytes, struct arena *arena, struct event *event)
{
    switch (event->kind) {
    case EVENT_BILL_TRIAL:
    case EVENT_BILL_SETTLE:
        return bill_decode(bytes, arena, &event->body.bill);
    case EVENT_BILL_REVERSAL:
        return reversal_decode(bytes, arena, &event->body.reversal);
    case EVENT_INSTITUTION:
        return institution_decode(bytes, arena, &event->body.institution);
    case EVENT_ENROLMENT:
        return enrolment_decode(bytes, arena, &event->body.enrolment);
    case EVENT_FILING:
        return filing_decode(bytes, arena, &event->body.filing);
    case EVENT_QUALIFICATION:
        return qualification_decode(bytes, arena, &event->body.qualification);
    case EVENT_CATALOGUE_ITEM:
        return catalogue_item_decode(bytes, arena, &event->body.catalogue_item);
    case EVENT_LOCAL_CARE:
        return local_care_decode(bytes, arena, &event->body.local_care);
    case EVENT_POLICY: {
        struct policy *policy = arena_take(arena, sizeof *policy);
        if (policy == NULL)
            return REJECT_TOO_LARGE;
        event->body.policy = policy;
        return policy_decode(bytes, policy);
    }
    case EVENT_TRANSFER: {
        struct transfer_letter *letter = arena_take(arena, sizeof *letter);
        if (letter == NULL)
            return REJECT_TOO_LARGE;
        event->body.transfer = letter;
        return transfer_letter_decode(bytes, arena, letter);
    }
    case EVENT_CERTIFICATION:
        return certification_letter_decode(bytes, arena, &event->body.certification);
    case EVENT_STATEMENT:
    case EVENT_CLEARING_REPLY:
    case EVENT_PAYMENT:
    case EVENT_ADVANCE_DEPOSIT:
    case EVENT_INVESTIGATION_REQUEST:
    case EVENT_INVESTIGATION_ANSWER:
    case EVENT_INVESTIGATION_FINDING:
    case EVENT_CLEARING_POLICY:
        return books_body_decode((uint32_t)event->kind, bytes, arena, &event->body.books);
    case EVENT_TICK:
    case EVENT_LOGIC_VERSION:
    case EVENT_REQUEUE:
        return small_decode(bytes, arena, event);
    case EVENT_NONE:
        break;
    }
    return REJECT_UNDECODABLE;
}

enum status event_decode(struct span envelope, struct arena *arena, struct event *event)
{
    struct wire_reader reader = wire_read(envelope);
    struct wire_field field;
    struct span body = {NULL, 0};
    memset(event, 0, sizeof *event);
    event->sender = event->message_id = event->person_id = event->traceparent = "";
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            event->version = (uint32_t)field.value;
        else if (field.number == 2)
            TEXT(event->sender);
        else if (field.number == 3)
            TEXT(event->message_id);
        else if (field.number == 4)
            event->sent_at = (instant_ms_t)field.value;
        else if (field.number == 5)
            TEXT(event->person_id);
        else if (field.number == 6)
            TEXT(event->traceparent);
        else if (kind_is_known(field.number)) {
            event->kind = (enum event_kind)field.number;
            body = field.bytes;
        }
    }
    return body_decode(body, arena, event);
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
