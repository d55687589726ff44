/* SPDX-License-Identifier: Apache-2.0
 * Letters of transfers and certifications: proto/hutong/v1/transfer.proto. */
#include "common/pb/transfer.h"

#include <stddef.h>

#include "common/pb/flat.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FLAT(table) ((struct flat_message){table, COUNT(table)})
#define AT(number, kind, member)                                                                                       \
    {                                                                                                                  \
        number, FLAT_##kind, offsetof(struct OBJECT, member)                                                           \
    }

const char *transfer_scheme_name(uint32_t scheme)
{
    static const char *const names[] = {"none", "pension", "medical", "unemployment", "certification"};
    return scheme < COUNT(names) ? names[scheme] : "unknown";
}

const char *transfer_letter_name(uint32_t letter)
{
    switch (letter) {
#define TRANSFER_LETTER(name, number, word)                                                                            \
    case number:                                                                                                       \
        return word;
#include "common/pb/transfer_letters.def"
#undef TRANSFER_LETTER
    default:
        return "unknown";
    }
}

enum { OPEN, CLOSED };

static const struct {
    const char *word;
    int sides;
} states[] = {
#define TRANSFER_STATE(name, number, word, sides) [number] = {word, sides},
#include "common/pb/transfer_states.def"
#undef TRANSFER_STATE
};

const char *transfer_state_name(uint32_t state)
{
    return state < COUNT(states) ? states[state].word : "unknown";
}

bool transfer_state_is_closed(uint32_t state)
{
    return state < COUNT(states) && states[state].sides == CLOSED;
}

/* ---- rows ---- */

#define OBJECT paid_row
static const struct flat_field row_fields[] = {
    AT(1, UINT32, from_month), AT(2, UINT32, to_month),     AT(3, UINT32, months),          AT(4, INT64, base),
    AT(5, UINT32, kind),       AT(6, UINT32, unit_rate_bp), AT(7, UINT32, account_rate_bp), AT(8, INT64, interest),
    AT(9, BOOL, one_off),      AT(10, TEXT, document),      AT(11, UINT32, division),
};
#undef OBJECT

void paid_rows_encode(const struct paid_rows *paid, uint32_t number, struct buffer *out)
{
    for (uint32_t i = 0; i < paid->count; i++) {
        size_t mark = wire_begin(out, number);
        flat_encode(FLAT(row_fields), &paid->rows[i], 0, UINT32_MAX, out);
        wire_end(out, mark);
    }
}

static enum status count_field(struct span message, uint32_t number, uint32_t *count)
{
    struct wire_reader reader = wire_read(message);
    struct wire_field field;
    *count = 0;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        *count += field.number == number;
    }
    return OK;
}

/* The repeated messages `number` of one kind, together in the arena. */
static enum status repeated_decode(struct span message, uint32_t number, struct flat_message kind, size_t size,
                                   struct arena *arena, const void **items, uint32_t *count)
{
    struct wire_reader reader = wire_read(message);
    struct wire_field field;
    TRY(count_field(message, number, count));
    uint8_t *taken = arena_take(arena, *count * size + 1);
    if (taken == NULL)
        return REJECT_TOO_LARGE;
    memset(taken, 0, *count * size);
    *items = taken;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number != number)
            continue;
        TRY(flat_decode(kind, field.bytes, arena, taken));
        taken += size;
    }
    return OK;
}

enum status paid_rows_decode(struct span message, uint32_t number, struct arena *arena, struct paid_rows *paid)
{
    const void *rows = NULL;
    TRY(repeated_decode(message, number, FLAT(row_fields), sizeof(struct paid_row), arena, &rows, &paid->count));
    paid->rows = rows;
    return paid->count > PAID_ROWS_MAX ? REJECT_TOO_LARGE : OK;
}

/* ---- letters ---- */

#define OBJECT transfer_letter
static const struct flat_field head_fields[] = {AT(1, TEXT, transfer_id), AT(2, UINT32, scheme),
                                                AT(3, TEXT, source_area), AT(4, TEXT, target_area)};
static const struct flat_field application_fields[] = {
    AT(1, TEXT, application.source_type),
    AT(2, TEXT, application.target_type),
    AT(3, TEXT, application.household_division),
    AT(4, BOOL, application.posted),
    AT(5, BOOL, application.retired),
    AT(6, BOOL, application.woman_in_management),
    AT(7, BOOL, application.source_is_temporary),
    AT(8, BOOL, application.target_holds_relation),
    AT(9, UINT32, application.employees_months),
    AT(10, UINT32, application.covered_from_month),
    AT(11, BOOL, application.gap_paid_up),
    AT(12, UINT32, application.target_waiting_months),
    AT(13, BOOL, application.in_enrolment_period),
    AT(14, BOOL, application.waiting_exempt),
    AT(15, UINT32, application.missed_years),
    AT(16, UINT32, application.paid_up_years),
};
static const struct flat_field contact_fields[] = {AT(1, TEXT, contact.office), AT(2, TEXT, contact.bank),
                                                   AT(3, TEXT, contact.bank_account), AT(4, TEXT, contact.telephone)};
static const struct flat_field form_fields[] = {
    AT(1, UINT32, form.contribution_months), AT(2, INT64, form.account_before_1998),
    AT(3, INT64, form.account_to_last_year), AT(4, INT64, form.account_running_year),
    AT(5, INT64, form.account_total),        AT(6, INT64, form.pooled_total),
    AT(7, INT64, form.transfer_total),       AT(8, BOOL, form.temporary_account),
    AT(9, UINT32, form.covered_to_month),    AT(10, UINT32, form.benefit_months),
    AT(11, UINT32, form.months_drawn),       AT(12, UINT32, form.standard_class),
};
static const struct flat_field reason_fields[] = {AT(1, TEXT, reason)};
static const struct flat_field carve_out_fields[] = {AT(1, UINT32, date), AT(2, TEXT, reason)};
static const struct flat_field funds_fields[] = {AT(1, INT64, amount), AT(2, TEXT, reference), AT(3, UINT32, date)};
static const struct flat_field return_fields[] = {AT(1, INT64, amount), AT(2, TEXT, reference), AT(3, TEXT, reason)};
static const struct flat_field date_fields[] = {AT(1, UINT32, date)};
#undef OBJECT

enum {
    APPLICATION_ROWS_NUMBER = 17,
    ROWS_NUMBER = 16,
    FIRST_LETTER_NUMBER = 16,
    CORRECTION_CONTACT = 2,
    CORRECTION_FORM = 3
};

static struct flat_message letter_fields(uint32_t kind)
{
    switch (kind) {
    case LETTER_APPLICATION:
        return FLAT(application_fields);
    case LETTER_CONTACT:
        return FLAT(contact_fields);
    case LETTER_INFORMATION:
        return FLAT(form_fields);
    case LETTER_CARVE_OUT:
        return FLAT(carve_out_fields);
    case LETTER_FUNDS_NOTICE:
    case LETTER_FUNDS_RECEIPT:
        return FLAT(funds_fields);
    case LETTER_FUNDS_RETURN:
        return FLAT(return_fields);
    case LETTER_JOINING:
        return FLAT(date_fields);
    default: /* refusal, correction, confirmation, closing, withdrawal */
        return FLAT(reason_fields);
    }
}

static enum status correction_decode(struct span bytes, struct arena *arena, struct transfer_letter *letter)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == CORRECTION_CONTACT) {
            letter->has_contact = true;
            TRY(flat_decode(FLAT(contact_fields), field.bytes, arena, letter));
        } else if (field.number == CORRECTION_FORM) {
            letter->has_form = true;
            TRY(flat_decode(FLAT(form_fields), field.bytes, arena, letter));
            TRY(paid_rows_decode(field.bytes, ROWS_NUMBER, arena, &letter->form.paid));
        }
    }
    return OK;
}

static enum status step_decode(uint32_t kind, struct span bytes, struct arena *arena, struct transfer_letter *letter)
{
    letter->kind = kind;
    letter->has_contact = kind == LETTER_CONTACT;
    letter->has_form = kind == LETTER_INFORMATION;
    TRY(flat_decode(letter_fields(kind), bytes, arena, letter));
    if (kind == LETTER_APPLICATION)
        return paid_rows_decode(bytes, APPLICATION_ROWS_NUMBER, arena, &letter->application.paid);
    if (kind == LETTER_INFORMATION)
        return paid_rows_decode(bytes, ROWS_NUMBER, arena, &letter->form.paid);
    return kind == LETTER_CORRECTION ? correction_decode(bytes, arena, letter) : OK;
}

static void blank_texts(struct transfer_letter *letter)
{
    struct transfer_application *application = &letter->application;
    struct contact_letter *contact = &letter->contact;
    application->source_type = application->target_type = application->household_division = "";
    contact->office = contact->bank = contact->bank_account = contact->telephone = "";
    letter->reference = letter->reason = "";
}

enum status transfer_letter_decode(struct span bytes, struct arena *arena, struct transfer_letter *letter)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(letter, 0, sizeof *letter);
    blank_texts(letter);
    TRY(flat_decode(FLAT(head_fields), bytes, arena, letter));
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number >= FIRST_LETTER_NUMBER && field.type == WIRE_BYTES &&
            strcmp(transfer_letter_name(field.number), "unknown") != 0)
            TRY(step_decode(field.number, field.bytes, arena, letter));
    }
    return OK;
}

static void form_encode(const struct transfer_letter *letter, struct buffer *out)
{
    flat_encode(FLAT(form_fields), letter, 0, UINT32_MAX, out);
    paid_rows_encode(&letter->form.paid, ROWS_NUMBER, out);
}

static void correction_encode(const struct transfer_letter *letter, struct buffer *out)
{
    flat_encode(FLAT(reason_fields), letter, 0, UINT32_MAX, out);
    if (letter->has_contact) {
        size_t mark = wire_begin(out, CORRECTION_CONTACT);
        flat_encode(FLAT(contact_fields), letter, 0, UINT32_MAX, out);
        wire_end(out, mark);
    }
    if (letter->has_form) {
        size_t mark = wire_begin(out, CORRECTION_FORM);
        form_encode(letter, out);
        wire_end(out, mark);
    }
}

void transfer_letter_encode(const struct transfer_letter *letter, struct buffer *out)
{
    flat_encode(FLAT(head_fields), letter, 0, UINT32_MAX, out);
    if (letter->kind == LETTER_NONE)
        return;
    size_t mark = wire_begin(out, letter->kind);
    if (letter->kind == LETTER_INFORMATION)
        form_encode(letter, out);
    else if (letter->kind == LETTER_CORRECTION)
        correction_encode(letter, out);
    else
        flat_encode(letter_fields(letter->kind), letter, 0, UINT32_MAX, out);
    if (letter->kind == LETTER_APPLICATION)
        paid_rows_encode(&letter->application.paid, APPLICATION_ROWS_NUMBER, out);
    wire_end(out, mark);
}

/* ---- views ---- */

#define OBJECT transfer_view
static const struct flat_field view_fields[] = {
    AT(1, TEXT, transfer_id),    AT(2, UINT32, scheme),         AT(3, UINT32, state),
    AT(4, TEXT, source_area),    AT(5, TEXT, target_area),      AT(6, TEXT, person_id),
    AT(7, TEXT, step_region),    AT(8, UINT32, due_date),       AT(9, INT64, account_total),
    AT(10, INT64, pooled_total), AT(11, INT64, transfer_total), AT(12, INT64, sent),
    AT(13, INT64, received),     AT(14, INT64, joined),         AT(15, UINT32, waiting_months),
    AT(17, TEXT, refund_area),   AT(18, SPAN, letter),          AT(20, UINT32, benefits_from),
    AT(21, INT64, refund),
};
#undef OBJECT
#define OBJECT month_range
static const struct flat_field range_fields[] = {AT(1, UINT32, from_month), AT(2, UINT32, to_month)};
#undef OBJECT
#define OBJECT transfer_entry
static const struct flat_field entry_fields[] = {
    AT(1, UINT64, position), AT(2, INT64, accepted_at), AT(3, TEXT, sender),      AT(4, UINT32, letter),
    AT(5, UINT32, state),    AT(6, UINT32, due_date),   AT(7, TEXT, step_region), AT(8, INT64, amount),
};
#undef OBJECT
#define OBJECT due_item
static const struct flat_field due_fields[] = {AT(1, TEXT, transfer_id), AT(2, UINT32, scheme), AT(3, UINT32, state),
                                               AT(4, UINT32, due_date),  AT(5, BOOL, overdue),  AT(6, TEXT, person_id)};
#undef OBJECT

enum { PAID_TWICE_NUMBER = 16, HISTORY_NUMBER = 19 };

void transfer_view_encode(const struct transfer_view *view, struct buffer *out)
{
    flat_encode(FLAT(view_fields), view, 0, PAID_TWICE_NUMBER, out);
    for (uint32_t i = 0; i < view->paid_twice_count; i++) {
        size_t mark = wire_begin(out, PAID_TWICE_NUMBER);
        flat_encode(FLAT(range_fields), &view->paid_twice[i], 0, UINT32_MAX, out);
        wire_end(out, mark);
    }
    flat_encode(FLAT(view_fields), view, PAID_TWICE_NUMBER, HISTORY_NUMBER, out);
    for (uint32_t i = 0; i < view->history_count; i++) {
        size_t mark = wire_begin(out, HISTORY_NUMBER);
        flat_encode(FLAT(entry_fields), &view->history[i], 0, UINT32_MAX, out);
        wire_end(out, mark);
    }
    flat_encode(FLAT(view_fields), view, HISTORY_NUMBER, UINT32_MAX, out);
}

enum status transfer_view_decode(struct span bytes, struct arena *arena, struct transfer_view *view)
{
    const void *ranges = NULL, *entries = NULL;
    memset(view, 0, sizeof *view);
    TRY(flat_decode(FLAT(view_fields), bytes, arena, view));
    TRY(repeated_decode(bytes, PAID_TWICE_NUMBER, FLAT(range_fields), sizeof *view->paid_twice, arena, &ranges,
                        &view->paid_twice_count));
    TRY(repeated_decode(bytes, HISTORY_NUMBER, FLAT(entry_fields), sizeof *view->history, arena, &entries,
                        &view->history_count));
    view->paid_twice = ranges;
    view->history = entries;
    return OK;
}

void due_item_encode(const struct due_item *item, struct buffer *out)
{
    flat_encode(FLAT(due_fields), item, 0, UINT32_MAX, out);
}

enum status due_item_decode(struct span bytes, struct arena *arena, struct due_item *item)
{
    memset(item, 0, sizeof *item);
    return flat_decode(FLAT(due_fields), bytes, arena, item);
}
