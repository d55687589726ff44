/* SPDX-License-Identifier: Apache-2.0
 * Events of the books. A message here is a table of its fields: number, kind of value, place in the struct. */
#include "common/pb/books.h"

#include <stddef.h>

#include "common/base/check.h"
#include "common/pb/field_internal.h"

enum value_kind { VALUE_TEXT, VALUE_U32, VALUE_U64, VALUE_FEN, VALUE_BOOL, VALUE_COPY };

struct field_row {
    uint32_t number;
    enum value_kind kind;
    size_t offset;
    size_t size; /* VALUE_COPY: of the array */
};

#define FIELD(type, number, kind, member)                                                                              \
    {                                                                                                                  \
        number, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member)                                \
    }

static const struct field_row total_fields[] = {
    FIELD(statement_total, 1, VALUE_TEXT, insurance_type), FIELD(statement_total, 2, VALUE_TEXT, clearing_type),
    FIELD(statement_total, 3, VALUE_U32, count_positive),  FIELD(statement_total, 4, VALUE_U32, count_negative),
    FIELD(statement_total, 5, VALUE_FEN, total),           FIELD(statement_total, 6, VALUE_FEN, fund),
    FIELD(statement_total, 7, VALUE_FEN, account),         {0}};
static const struct field_row row_fields[] = {
    FIELD(statement_row, 1, VALUE_U64, number),          FIELD(statement_row, 2, VALUE_TEXT, bill_id),
    FIELD(statement_row, 3, VALUE_U64, original),        FIELD(statement_row, 4, VALUE_TEXT, insured_area),
    FIELD(statement_row, 5, VALUE_TEXT, insurance_type), FIELD(statement_row, 6, VALUE_TEXT, clearing_type),
    FIELD(statement_row, 7, VALUE_FEN, total),           FIELD(statement_row, 8, VALUE_FEN, fund),
    FIELD(statement_row, 9, VALUE_FEN, account),         {0}};
static const struct field_row statement_fields[] = {FIELD(statement, 1, VALUE_U32, day),
                                                    FIELD(statement, 2, VALUE_TEXT, institution),
                                                    FIELD(statement, 3, VALUE_U32, side),
                                                    FIELD(statement, 5, VALUE_BOOL, detailed),
                                                    FIELD(statement, 6, VALUE_U64, number_from),
                                                    FIELD(statement, 7, VALUE_U64, number_to),
                                                    {0}};
static const struct field_row reply_fields[] = {FIELD(clearing_reply, 1, VALUE_U32, month),
                                                FIELD(clearing_reply, 2, VALUE_TEXT, insured_region),
                                                FIELD(clearing_reply, 3, VALUE_TEXT, care_region),
                                                FIELD(clearing_reply, 4, VALUE_U32, action),
                                                FIELD(clearing_reply, 6, VALUE_U64, reply),
                                                FIELD(clearing_reply, 7, VALUE_TEXT, reason),
                                                {0}};
static const struct field_row payment_fields[] = {
    FIELD(payment, 1, VALUE_U32, month),  FIELD(payment, 2, VALUE_TEXT, payer),  FIELD(payment, 3, VALUE_TEXT, payee),
    FIELD(payment, 4, VALUE_FEN, amount), FIELD(payment, 5, VALUE_U32, paid_on), {0}};
static const struct field_row deposit_fields[] = {FIELD(advance_deposit, 1, VALUE_TEXT, insured_region),
                                                  FIELD(advance_deposit, 2, VALUE_TEXT, care_region),
                                                  FIELD(advance_deposit, 3, VALUE_FEN, amount),
                                                  FIELD(advance_deposit, 4, VALUE_U32, paid_on),
                                                  FIELD(advance_deposit, 5, VALUE_BOOL, emergency),
                                                  FIELD(advance_deposit, 6, VALUE_U64, deposit),
                                                  {0}};
/* Request and answer: a number and a text. */
static const struct field_row asking_fields[] = {
    FIELD(investigation, 1, VALUE_U64, about), FIELD(investigation, 2, VALUE_TEXT, text), {0}};
static const struct field_row finding_fields[] = {FIELD(investigation, 1, VALUE_U64, about),
                                                  FIELD(investigation, 2, VALUE_U32, verdict),
                                                  FIELD(investigation, 3, VALUE_FEN, amount),
                                                  FIELD(investigation, 4, VALUE_TEXT, text),
                                                  {0}};
static const struct field_row policy_fields[] = {FIELD(clearing_policy, 1, VALUE_U32, valid_from),
                                                 FIELD(clearing_policy, 2, VALUE_COPY, source),
                                                 FIELD(clearing_policy, 3, VALUE_COPY, grade),
                                                 FIELD(clearing_policy, 4, VALUE_U32, cut_day),
                                                 FIELD(clearing_policy, 5, VALUE_U32, generate_day),
                                                 FIELD(clearing_policy, 6, VALUE_U32, confirm_day),
                                                 FIELD(clearing_policy, 7, VALUE_U32, roll_over_max),
                                                 FIELD(clearing_policy, 8, VALUE_U32, year_close_month),
                                                 FIELD(clearing_policy, 9, VALUE_BOOL, insured_statement_needed),
                                                 FIELD(clearing_policy, 10, VALUE_U32, payment_days[0]),
                                                 FIELD(clearing_policy, 11, VALUE_U32, payment_days[1]),
                                                 FIELD(clearing_policy, 12, VALUE_U32, payment_days[2]),
                                                 FIELD(clearing_policy, 13, VALUE_U32, advance_quota),
                                                 FIELD(clearing_policy, 14, VALUE_U32, advance_yellow),
                                                 FIELD(clearing_policy, 15, VALUE_U32, advance_red),
                                                 FIELD(clearing_policy, 16, VALUE_U32, top_up_days[0]),
                                                 FIELD(clearing_policy, 17, VALUE_U32, top_up_days[1]),
                                                 FIELD(clearing_policy, 18, VALUE_U32, top_up_days[2]),
                                                 FIELD(clearing_policy, 19, VALUE_FEN, investigation_offer),
                                                 FIELD(clearing_policy, 20, VALUE_U32, investigation_days),
                                                 FIELD(clearing_policy, 21, VALUE_BOOL, investigation_holds),
                                                 FIELD(clearing_policy, 22, VALUE_U32, reversal_rate),
                                                 FIELD(clearing_policy, 23, VALUE_U32, refusal_rate),
                                                 FIELD(clearing_policy, 24, VALUE_U32, mean_cost),
                                                 FIELD(clearing_policy, 25, VALUE_U32, supervised_count_min),
                                                 {0}};

static enum status value_decode(const struct field_row *row, const struct wire_field *field, struct arena *arena,
                                uint8_t *place)
{
    const char *text;
    uint32_t small = (uint32_t)field->value;
    switch (row->kind) {
    case VALUE_TEXT:
        text = field_text(arena, field->bytes);
        if (text == NULL)
            return REJECT_TOO_LARGE;
        memcpy(place, &text, sizeof text);
        break;
    case VALUE_U32:
        memcpy(place, &small, sizeof small);
        break;
    case VALUE_U64:
    case VALUE_FEN:
        memcpy(place, &field->value, sizeof field->value);
        break;
    case VALUE_BOOL:
        *(bool *)place = field->value != 0;
        break;
    case VALUE_COPY:
        if (!field_copy((char *)place, row->size, field->bytes))
            return REJECT_TOO_LARGE;
        break;
    }
    return OK;
}

/* Fields that the table does not name are left to the caller. */
static enum status message_decode(const struct field_row *rows, struct span bytes, struct arena *arena, void *message)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    static const char *const empty = "";
    for (const struct field_row *row = rows; row->number != 0; row++)
        if (row->kind == VALUE_TEXT)
            memcpy((uint8_t *)message + row->offset, &empty, sizeof empty);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        for (const struct field_row *row = rows; row->number != 0; row++)
            if (row->number == field.number)
                TRY(value_decode(row, &field, arena, (uint8_t *)message + row->offset));
    }
    return OK;
}

/* Fields of the table from number `from` to `to`. */
static void message_encode(const struct field_row *rows, uint32_t from, uint32_t to, const void *message,
                           struct buffer *out)
{
    for (const struct field_row *row = rows; row->number != 0; row++) {
        const uint8_t *place = (const uint8_t *)message + row->offset;
        const char *text;
        uint32_t small;
        int64_t large;
        if (row->number < from || row->number > to)
            continue;
        switch (row->kind) {
        case VALUE_TEXT:
            memcpy(&text, place, sizeof text);
            wire_put_text(out, row->number, text == NULL ? "" : text);
            break;
        case VALUE_U32:
            memcpy(&small, place, sizeof small);
            wire_put_uint(out, row->number, small);
            break;
        case VALUE_U64:
        case VALUE_FEN:
            memcpy(&large, place, sizeof large);
            wire_put_int(out, row->number, large);
            break;
        case VALUE_BOOL:
            wire_put_uint(out, row->number, *(const bool *)place);
            break;
        case VALUE_COPY:
            wire_put_text(out, row->number, (const char *)place);
            break;
        }
    }
}

enum { FIELD_NUMBER_LAST = 63 };

static void whole_encode(const struct field_row *rows, const void *message, struct buffer *out)
{
    message_encode(rows, 1, FIELD_NUMBER_LAST, message, out);
}

static enum status statement_decode(struct span bytes, struct arena *arena, struct statement *statement)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *statement = (struct statement){0};
    TRY(message_decode(statement_fields, bytes, arena, statement));
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        statement->total_count += field.number == 4;
        statement->row_count += field.number == 16;
    }
    if (statement->total_count > STATEMENT_TOTALS_MAX || statement->row_count > STATEMENT_ROWS_MAX)
        return REJECT_TOO_LARGE;
    struct statement_total *totals = arena_take(arena, statement->total_count * sizeof *totals + 1);
    struct statement_row *rows = arena_take(arena, statement->row_count * sizeof *rows + 1);
    if (totals == NULL || rows == NULL)
        return REJECT_TOO_LARGE;
    statement->totals = totals;
    statement->rows = rows;
    for (reader = wire_read(bytes); !wire_at_end(&reader);) {
        TRY(wire_next(&reader, &field));
        if (field.number == 4) {
            *totals = (struct statement_total){0};
            TRY(message_decode(total_fields, field.bytes, arena, totals++));
        } else if (field.number == 16) {
            *rows = (struct statement_row){0};
            TRY(message_decode(row_fields, field.bytes, arena, rows++));
        }
    }
    return OK;
}

/* Base-128 numbers one after the other. */
static enum status packed_decode(struct span bytes, uint64_t *numbers, uint32_t *count)
{
    uint32_t found = 0;
    size_t at = 0;
    while (at < bytes.size) {
        uint64_t value = 0;
        unsigned shift = 0;
        bool more = true;
        while (more) {
            if (at == bytes.size || shift > 63)
                return REJECT_MALFORMED;
            value |= (uint64_t)(bytes.data[at] & 0x7f) << shift;
            more = bytes.data[at++] >= 0x80;
            shift += 7;
        }
        if (found == REPLY_NUMBERS_MAX)
            return REJECT_TOO_LARGE;
        numbers[found++] = value;
    }
    *count = found;
    return OK;
}

static enum status reply_decode(struct span bytes, struct arena *arena, struct clearing_reply *reply)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *reply = (struct clearing_reply){0};
    TRY(message_decode(reply_fields, bytes, arena, reply));
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number != 5)
            continue;
        uint64_t *numbers = arena_take(arena, field.bytes.size * sizeof *numbers + 1);
        if (numbers == NULL)
            return REJECT_TOO_LARGE;
        reply->numbers = numbers;
        TRY(packed_decode(field.bytes, numbers, &reply->number_count));
    }
    return OK;
}

static void statement_encode(const struct statement *statement, struct buffer *out)
{
    message_encode(statement_fields, 1, 3, statement, out);
    for (uint32_t i = 0; i < statement->total_count; i++) {
        size_t mark = wire_begin(out, 4);
        whole_encode(total_fields, &statement->totals[i], out);
        wire_end(out, mark);
    }
    message_encode(statement_fields, 5, 7, statement, out);
    for (uint32_t i = 0; i < statement->row_count; i++) {
        size_t mark = wire_begin(out, 16);
        whole_encode(row_fields, &statement->rows[i], out);
        wire_end(out, mark);
    }
}

static void reply_encode(const struct clearing_reply *reply, struct buffer *out)
{
    message_encode(reply_fields, 1, 4, reply, out);
    if (reply->number_count > 0) {
        size_t mark = wire_begin(out, 5);
        for (uint32_t i = 0; i < reply->number_count; i++) {
            uint64_t value = reply->numbers[i];
            do {
                uint8_t byte = (uint8_t)((value & 0x7f) | (value >= 0x80 ? 0x80 : 0));
                buffer_append(out, &byte, 1);
                value >>= 7;
            } while (value > 0);
        }
        wire_end(out, mark);
    }
    message_encode(reply_fields, 6, 7, reply, out);
}

enum status clearing_policy_decode(struct span bytes, struct clearing_policy *policy)
{
    memset(policy, 0, sizeof *policy);
    return message_decode(policy_fields, bytes, NULL, policy);
}

void clearing_policy_encode(const struct clearing_policy *policy, struct buffer *out)
{
    whole_encode(policy_fields, policy, out);
}

/* The order of Envelope.body from BOOKS_BODY_FIRST on; NULL: decoded by a function of its own. */
static const struct field_row *const bodies[] = {NULL,          NULL,          payment_fields, deposit_fields,
                                                 asking_fields, asking_fields, finding_fields, NULL};

enum status books_body_decode(uint32_t number, struct span bytes, struct arena *arena, union books_body *body)
{
    PRE(number >= BOOKS_BODY_FIRST && number <= BOOKS_BODY_LAST);
    memset(body, 0, sizeof *body);
    if (number == BOOKS_BODY_FIRST)
        return statement_decode(bytes, arena, &body->statement);
    if (number == BOOKS_BODY_FIRST + 1)
        return reply_decode(bytes, arena, &body->clearing_reply);
    if (number < BOOKS_BODY_LAST)
        return message_decode(bodies[number - BOOKS_BODY_FIRST], bytes, arena, body);
    struct clearing_policy *policy = arena_take(arena, sizeof *policy);
    if (policy == NULL)
        return REJECT_TOO_LARGE;
    body->clearing_policy = policy;
    return clearing_policy_decode(bytes, policy);
}

void books_body_encode(uint32_t number, const union books_body *body, struct buffer *out)
{
    PRE(number >= BOOKS_BODY_FIRST && number <= BOOKS_BODY_LAST);
    if (number == BOOKS_BODY_FIRST)
        statement_encode(&body->statement, out);
    else if (number == BOOKS_BODY_FIRST + 1)
        reply_encode(&body->clearing_reply, out);
    else if (number < BOOKS_BODY_LAST)
        whole_encode(bodies[number - BOOKS_BODY_FIRST], body, out);
    else
        clearing_policy_encode(body->clearing_policy, out);
}
