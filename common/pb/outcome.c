/* SPDX-License-Identifier: Apache-2.0
 * Records of `outcomes.P`: proto/hutong/v1/outcome.proto, Outcome. */
#include "common/pb/outcome.h"

#include "common/pb/field_internal.h"
#include "common/pb/findings_internal.h"

const char *outcome_kind_name(enum outcome_kind kind)
{
    static const char *const names[] = {"none",    "settled",     "computed", "reversed", "applied",
                                        "refused", "dead_letter", "moved",    "notice"};
    return (unsigned)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

/* struct amounts in the order of the message's fields 1..16. */
static fen_t *amount_at(struct amounts *amounts, uint32_t number)
{
    fen_t *const order[] = {
#define AMOUNT(member, ...) &amounts->member,
#include "common/codes/amount.def"
#undef AMOUNT
    };
    return number >= 1 && number <= sizeof order / sizeof order[0] ? order[number - 1] : NULL;
}

void amounts_encode(const struct amounts *amounts, struct buffer *out)
{
    struct amounts copy = *amounts;
    for (uint32_t number = 1; amount_at(&copy, number) != NULL; number++)
        wire_put_int(out, number, *amount_at(&copy, number));
    wire_put_uint(out, 17, amounts->stay_number);
}

static void put_amounts(uint32_t number, const struct amounts *amounts, struct buffer *out)
{
    size_t mark = wire_begin(out, number);
    amounts_encode(amounts, out);
    wire_end(out, mark);
}

enum status amounts_decode(struct span bytes, struct amounts *amounts)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        fen_t *amount = amount_at(amounts, field.number);
        if (amount != NULL)
            *amount = (fen_t)field.value;
        else if (field.number == 17)
            amounts->stay_number = (uint32_t)field.value;
    }
    return OK;
}

static void rows_encode(const struct outcome *outcome, struct buffer *out)
{
    for (uint32_t i = 0; i < outcome->posting_count; i++) {
        size_t mark = wire_begin(out, 17);
        wire_put_text(out, 1, outcome->postings[i].account);
        wire_put_int(out, 2, outcome->postings[i].amount);
        wire_end(out, mark);
    }
    for (uint32_t i = 0; i < outcome->step_count; i++) {
        const struct step *step = &outcome->steps[i];
        size_t mark = wire_begin(out, 18);
        wire_put_uint(out, 1, step->rule);
        wire_put_int(out, 2, step->before);
        wire_put_int(out, 3, step->parameter);
        wire_put_int(out, 4, step->after);
        wire_put_uint(out, 5, step->index);
        wire_end(out, mark);
    }
}

static void transfers_encode(const struct outcome *outcome, struct buffer *out)
{
    if (outcome->transfer != NULL) {
        size_t mark = wire_begin(out, 24);
        transfer_view_encode(outcome->transfer, out);
        wire_end(out, mark);
    }
    for (uint32_t i = 0; i < outcome->due_count; i++) {
        size_t mark = wire_begin(out, 25);
        due_item_encode(&outcome->due[i], out);
        wire_end(out, mark);
    }
    if (outcome->certification != NULL) {
        size_t mark = wire_begin(out, 26);
        certification_view_encode(outcome->certification, out);
        wire_end(out, mark);
    }
}

static void policy_reference_encode(const struct policy_reference *policy, struct buffer *out)
{
    size_t mark = wire_begin(out, 20);
    wire_put_uint(out, 1, policy->position);
    wire_put_text(out, 2, policy->area);
    wire_put_text(out, 3, policy->insurance_type);
    wire_put_uint(out, 4, policy->valid_from);
    wire_put_uint(out, 5, policy->row);
    wire_put_uint(out, 6, policy->outpatient);
    wire_end(out, mark);
}

void outcome_encode(const struct outcome *outcome, struct buffer *out)
{
    wire_put_uint(out, 1, outcome->position);
    wire_put_text(out, 2, outcome->sender);
    wire_put_text(out, 3, outcome->message_id);
    wire_put_int(out, 4, outcome->accepted_at);
    wire_put_uint(out, 5, (uint64_t)outcome->kind);
    for (uint32_t i = 0; i < outcome->deliver_count; i++)
        wire_put_record(out, 6, span_text(outcome->deliver_to[i]));
    findings_encode(outcome->findings, 7, out);
    wire_put_text(out, 8, outcome->dead_reason == NULL ? "" : outcome->dead_reason);
    wire_put_text(out, 9, outcome->event == NULL ? "" : outcome->event);
    wire_put_text(out, 10, outcome->bill_id == NULL ? "" : outcome->bill_id);
    wire_put_text(out, 11, outcome->institution == NULL ? "" : outcome->institution);
    wire_put_bytes(out, 12, span_of(outcome->envelope_sha256, DIGEST_SIZE));
    if (outcome->has_amounts)
        put_amounts(16, &outcome->amounts, out);
    rows_encode(outcome, out);
    wire_put_uint(out, 19, outcome->original_position);
    if (outcome->has_policy)
        policy_reference_encode(&outcome->policy, out);
    if (outcome->has_reversed)
        put_amounts(21, &outcome->reversed, out);
    transfers_encode(outcome, out);
}

static enum status policy_reference_decode(struct span bytes, struct policy_reference *policy)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    bool fits = true;
    while (!wire_at_end(&reader) && fits) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            policy->position = field.value;
        else if (field.number == 2)
            fits = field_copy(policy->area, sizeof policy->area, field.bytes);
        else if (field.number == 3)
            fits = field_copy(policy->insurance_type, sizeof policy->insurance_type, field.bytes);
        else if (field.number == 4)
            policy->valid_from = (civil_date_t)field.value;
        else if (field.number == 5)
            policy->row = (uint32_t)field.value;
        else if (field.number == 6)
            policy->outpatient = field.value != 0;
    }
    return fits ? OK : REJECT_TOO_LARGE;
}

static enum status posting_decode(struct span bytes, struct posting *posting)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(posting, 0, sizeof *posting);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1 && !field_copy(posting->account, sizeof posting->account, field.bytes))
            return REJECT_TOO_LARGE;
        if (field.number == 2)
            posting->amount = (fen_t)field.value;
    }
    return OK;
}

static enum status step_decode(struct span bytes, struct step *step)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(step, 0, sizeof *step);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            step->rule = (uint32_t)field.value;
        else if (field.number == 2)
            step->before = (fen_t)field.value;
        else if (field.number == 3)
            step->parameter = (int64_t)field.value;
        else if (field.number == 4)
            step->after = (fen_t)field.value;
        else if (field.number == 5)
            step->index = (uint32_t)field.value;
    }
    return OK;
}

static enum status text_take(struct arena *arena, struct span bytes, const char **text)
{
    const char *copy = field_text(arena, bytes);
    if (copy == NULL)
        return REJECT_TOO_LARGE;
    *text = copy;
    return OK;
}

static enum status view_take(struct span bytes, struct arena *arena, struct outcome *outcome)
{
    struct transfer_view *view = arena_take(arena, sizeof *view);
    if (view == NULL)
        return REJECT_TOO_LARGE;
    outcome->transfer = view;
    return transfer_view_decode(bytes, arena, view);
}

static enum status certification_take(struct span bytes, struct arena *arena, struct outcome *outcome)
{
    struct certification_view *view = arena_take(arena, sizeof *view);
    if (view == NULL)
        return REJECT_TOO_LARGE;
    outcome->certification = view;
    return certification_view_decode(bytes, arena, view);
}

/* Rows are counted first, so that they lie together in the arena. */
static enum status rows_decode(struct span record, struct arena *arena, struct outcome *outcome)
{
    struct due_item *due = arena_take(arena, outcome->due_count * sizeof *due + 1);
    struct posting *postings = arena_take(arena, outcome->posting_count * sizeof *postings + 1);
    struct step *steps = arena_take(arena, outcome->step_count * sizeof *steps + 1);
    if (postings == NULL || steps == NULL || due == NULL)
        return REJECT_TOO_LARGE;
    uint32_t posting = 0, step = 0, item = 0;
    struct wire_reader reader = wire_read(record);
    struct wire_field field;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 17)
            TRY(posting_decode(field.bytes, &postings[posting++]));
        else if (field.number == 18)
            TRY(step_decode(field.bytes, &steps[step++]));
        else if (field.number == 25)
            TRY(due_item_decode(field.bytes, arena, &due[item++]));
    }
    outcome->due = due;
    outcome->postings = postings;
    outcome->steps = steps;
    return OK;
}

static enum status other_field_decode(const struct wire_field *field, struct arena *arena, struct outcome *outcome)
{
    switch (field->number) {
    case 1:
        outcome->position = field->value;
        return OK;
    case 2:
        return text_take(arena, field->bytes, &outcome->sender);
    case 3:
        return text_take(arena, field->bytes, &outcome->message_id);
    case 4:
        outcome->accepted_at = (instant_ms_t)field->value;
        return OK;
    case 5:
        outcome->kind = (enum outcome_kind)field->value;
        return OK;
    case 6:
        if (outcome->deliver_count == REGION_COUNT_MAX)
            return REJECT_TOO_LARGE;
        return text_take(arena, field->bytes, &outcome->deliver_to[outcome->deliver_count++]);
    case 7:
        return findings_take(arena, field->bytes, &outcome->findings);
    case 20:
        outcome->has_policy = true;
        return policy_reference_decode(field->bytes, &outcome->policy);
    case 21:
        outcome->has_reversed = true;
        return amounts_decode(field->bytes, &outcome->reversed);
    case 24:
        return view_take(field->bytes, arena, outcome);
    case 25:
        outcome->due_count++;
        return OK;
    case 26:
        return certification_take(field->bytes, arena, outcome);
    default:
        return OK;
    }
}

enum status outcome_decode(struct span record, struct arena *arena, struct outcome *outcome)
{
    struct wire_reader reader = wire_read(record);
    struct wire_field field;
    memset(outcome, 0, sizeof *outcome);
    outcome->sender = outcome->message_id = outcome->dead_reason = outcome->event = outcome->bill_id =
        outcome->institution = "";
    outcome->findings = findings_none();
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 8:
            TRY(text_take(arena, field.bytes, &outcome->dead_reason));
            break;
        case 9:
            TRY(text_take(arena, field.bytes, &outcome->event));
            break;
        case 10:
            TRY(text_take(arena, field.bytes, &outcome->bill_id));
            break;
        case 11:
            TRY(text_take(arena, field.bytes, &outcome->institution));
            break;
        case 12:
            if (field.bytes.size == DIGEST_SIZE)
                memcpy(outcome->envelope_sha256, field.bytes.data, DIGEST_SIZE);
            break;
        case 16:
            outcome->has_amounts = true;
            TRY(amounts_decode(field.bytes, &outcome->amounts));
            break;
        case 17:
            outcome->posting_count++;
            break;
        case 18:
            outcome->step_count++;
            break;
        case 19:
            outcome->original_position = field.value;
            break;
        default:
            TRY(other_field_decode(&field, arena, outcome));
            break;
        }
    }
    return rows_decode(record, arena, outcome);
}

enum status outcome_head_read(struct span record, struct outcome_head *head)
{
    struct wire_reader reader = wire_read(record);
    struct wire_field field;
    memset(head, 0, sizeof *head);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number > 6)
            return OK;
        if (field.number == 1)
            head->position = field.value;
        else if (field.number == 2)
            head->sender = field.bytes;
        else if (field.number == 3)
            head->message_id = field.bytes;
        else if (field.number == 4)
            head->accepted_at = (instant_ms_t)field.value;
        else if (field.number == 5)
            head->kind = (enum outcome_kind)field.value;
        else if (head->deliver_count == REGION_COUNT_MAX)
            return REJECT_TOO_LARGE;
        else
            head->deliver_to[head->deliver_count++] = field.bytes;
    }
    return OK;
}
