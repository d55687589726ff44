/* SPDX-License-Identifier: Apache-2.0
 * Reading questions, and what a viewer may see. */
#include "services/books/ask/question.h"

#include "common/engines/ledger/account.h"

bool question_sees(const struct question *question, unsigned pair)
{
    return question->viewer == REGIONS || question->viewer == pair / REGIONS || question->viewer == pair % REGIONS;
}

bool question_sees_line(const struct question *question, const char *institution, unsigned insured)
{
    return question->viewer == REGIONS || question->viewer == insured ||
           question->viewer == clearing_region_index(institution + 1);
}

/* "110000" and "131000" are regions' and areas' codes, "H11010199001" an institution's. */
static unsigned region_of_code(struct span text)
{
    char code[7] = "";
    bool institution = text.size == 12 && text.data[0] == 'H';
    if (text.size != 6 && !institution)
        return REGIONS;
    memcpy(code, text.data + institution, 6);
    return clearing_region_index(code);
}

bool question_sees_account(const struct question *question, struct span account)
{
    struct span code;
    bool sees = question->viewer == REGIONS;
    for (unsigned i = 0; !sees && (code = account_code(account, i)).size > 0; i++)
        sees = region_of_code(code) == question->viewer;
    return sees;
}

bool question_read_region(const struct wire_field *field, unsigned *region)
{
    char code[7] = "";
    if (field->type != WIRE_BYTES || field->bytes.size != 6)
        return false;
    memcpy(code, field->bytes.data, 6);
    *region = clearing_region_index(code);
    return *region < REGIONS && strcmp(clearing_region(*region), code) == 0;
}

void question_refuse(enum rule rule, struct buffer *answer)
{
    buffer_reset(answer);
    books_answer_encode(&(struct books_reply){.refused = rule}, answer);
}

/* BooksPage, InvestigationsQuery */
static bool read_page(const struct wire_field *field, struct question *question)
{
    if (field->number == 1)
        question->after = field->bytes;
    else if (field->number == 2)
        question->count_max = field->value;
    else if (field->number == 3)
        question->open = field->value != 0;
    return true;
}

static bool read_institutions(const struct wire_field *field, struct question *question)
{
    if (field->number == 1)
        question->after = field->bytes;
    else if (field->number == 2)
        question->open = field->value != 0; /* whoever is not active */
    return true;
}

static bool read_month(const struct wire_field *field, struct question *question)
{
    bool rows = question->kind == ASK_ROWS;
    if (field->number == 1)
        question->month = month_of_number((uint32_t)field->value);
    else if (field->number == 2 && !rows)
        question->after = field->bytes;
    else if (field->number == 2)
        return question_read_region(field, &question->insured);
    else if (field->number == 3)
        return question_read_region(field, &question->care);
    else if (field->number == 4)
        question->after = field->bytes;
    else if (field->number == 5)
        question->count_max = field->value;
    else if (field->number == 6)
        question->open = field->value != 0;
    return true;
}

static bool read_days(const struct wire_field *field, struct question *question)
{
    if (field->number == 1 && question->kind == ASK_AGING)
        question->on_day = (civil_date_t)field->value;
    else if (field->number == 1)
        question->from_day = (civil_date_t)field->value;
    else if (field->number == 2)
        question->to_day = (civil_date_t)field->value;
    else if (field->number == 3)
        question->after = field->bytes;
    else if (field->number == 4)
        question->count_max = field->value;
    else if (field->number == 5)
        question->open = field->value != 0;
    else if (field->number == 6)
        question->theirs = field->value != 0;
    return true;
}

static bool read_field(const struct wire_field *field, struct question *question)
{
    switch (question->kind) {
    case ASK_BALANCES:
    case ASK_ENTRIES:
    case ASK_INVESTIGATIONS:
        return read_page(field, question);
    case ASK_INSTITUTIONS:
        return read_institutions(field, question);
    case ASK_CLEARING:
    case ASK_ROWS:
    case ASK_SUPERVISION:
        return read_month(field, question);
    case ASK_RECONCILIATION:
    case ASK_AGING:
        return read_days(field, question);
    default:
        return true; /* the tree reads its own */
    }
}

static bool is_whole(const struct question *question)
{
    switch (question->kind) {
    case ASK_CLEARING:
    case ASK_ROWS:
    case ASK_SUPERVISION:
        return question->month != 0;
    case ASK_RECONCILIATION:
        return civil_date_exists(question->from_day) && civil_date_exists(question->to_day);
    case ASK_AGING:
        return question->on_day == 0 || civil_date_exists(question->on_day);
    default:
        return question->kind != ASK_NONE;
    }
}

enum status question_read(struct span request, struct question *question)
{
    struct wire_field field;
    *question = (struct question){.viewer = REGIONS, .insured = REGIONS, .care = REGIONS};
    if (wire_check(WIRE_BOOKS_QUERY, request, NULL) != OK)
        return REJECT_MALFORMED;
    for (struct wire_reader reader = wire_read(request); !wire_at_end(&reader);) {
        TRY(wire_next(&reader, &field));
        if (field.number <= ASK_AGING && field.type == WIRE_BYTES) {
            question->kind = (enum books_question)field.number;
            question->body = field.bytes;
        } else if (field.number == 15 && !question_read_region(&field, &question->viewer))
            return REJECT_MALFORMED;
    }
    for (struct wire_reader reader = wire_read(question->body); !wire_at_end(&reader);) {
        TRY(wire_next(&reader, &field));
        if (!read_field(&field, question))
            return REJECT_MALFORMED;
    }
    if (question->count_max == 0 || question->count_max > BOOKS_PAGE_ROWS_MAX)
        question->count_max = BOOKS_PAGE_ROWS_MAX;
    return is_whole(question) ? OK : REJECT_MALFORMED;
}
