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

bool question_read_region(struct span text, unsigned *region)
{
    char code[7] = "";
    if (text.size != 6)
        return text.size == 0;
    memcpy(code, text.data, 6);
    *region = clearing_region_index(code);
    return *region < REGIONS && strcmp(clearing_region(*region), code) == 0;
}

void question_refuse(enum rule rule, struct buffer *answer)
{
    buffer_reset(answer);
    books_answer_encode(&(struct books_reply){.refused = rule}, answer);
}

static void take_page(const struct books_page *page, struct question *question)
{
    question->after = page->after;
    question->count_max = page->count_max;
}

/* False: a region that is none. */
static bool take_rows(const struct clearing_rows_query *rows, struct question *question)
{
    question->month = month_of_number(rows->month);
    question->after = rows->after;
    question->count_max = rows->count_max;
    question->open = rows->open;
    return question_read_region(rows->insured_region, &question->insured) &&
           question_read_region(rows->care_region, &question->care);
}

static void take_days(const struct reconciliation_query *days, struct question *question)
{
    question->from_day = days->from_day;
    question->to_day = days->to_day;
    question->after = days->after;
    question->count_max = days->count_max;
    question->open = days->open_only;
    question->theirs = days->only_theirs;
}

static void take_flagged(const struct flagged_query *flagged, struct question *question)
{
    question->month = month_of_number(flagged->month);
    question->institution = flagged->institution;
    question->flag = flagged->flag;
    question->after = flagged->after;
    question->count_max = flagged->count_max;
}

/* False: a month that is none. */
static bool take_months(const struct months_query *months, struct question *question)
{
    question->month = month_of_number(months->month);
    question->on_day = months->on_day;
    return months->month == 0 || question->month != 0;
}

static bool take_body(const struct books_query *query, struct question *question)
{
    const union books_query_body *body = &query->body;
    switch (query->kind) {
    case ASK_BALANCES:
        take_page(&body->balances, question);
        return true;
    case ASK_ENTRIES:
        take_page(&body->entries, question);
        return true;
    case ASK_INVESTIGATIONS:
        question->after = body->investigations.after;
        question->count_max = body->investigations.count_max;
        question->open = body->investigations.open_only;
        return true;
    case ASK_INSTITUTIONS:
        question->after = body->institutions.after;
        question->open = body->institutions.not_active_only;
        question->count_max = body->institutions.count_max;
        return true;
    case ASK_CLEARING:
        question->month = month_of_number(body->clearing.month);
        return true;
    case ASK_ROWS:
        return take_rows(&body->rows, question);
    case ASK_SUPERVISION:
        question->month = month_of_number(body->supervision.month);
        question->after = body->supervision.after;
        question->count_max = body->supervision.count_max;
        return true;
    case ASK_RECONCILIATION:
        take_days(&body->reconciliation, question);
        return true;
    case ASK_AGING:
        question->on_day = body->aging.on_day;
        return true;
    case ASK_MONTHS:
        return take_months(&body->months, question);
    case ASK_REPLIES:
        question->month = month_of_number(body->replies.month);
        question->after = body->replies.after;
        question->count_max = body->replies.count_max;
        return true;
    case ASK_FLAGGED:
        take_flagged(&body->flagged, question);
        return true;
    case ASK_TREE: /* which the tree reads */
        question->body = body->tree;
        return true;
    case ASK_NONE:
        break;
    }
    return true;
}

static bool is_whole(const struct question *question)
{
    switch (question->kind) {
    case ASK_CLEARING:
    case ASK_ROWS:
    case ASK_SUPERVISION:
    case ASK_REPLIES:
        return question->month != 0;
    case ASK_FLAGGED:
        return question->month != 0 && question->institution.size == 12 && question->flag.size > 0;
    case ASK_RECONCILIATION:
        return civil_date_exists(question->from_day) && civil_date_exists(question->to_day);
    case ASK_AGING:
    case ASK_MONTHS:
        return question->on_day == 0 || civil_date_exists(question->on_day);
    default:
        return question->kind != ASK_NONE;
    }
}

enum status question_read(struct span request, struct question *question)
{
    struct books_query query;
    *question = (struct question){.viewer = REGIONS, .insured = REGIONS, .care = REGIONS};
    if (wire_check(WIRE_BOOKS_QUERY, request, NULL) != OK || books_query_decode(request, NULL, &query) != OK)
        return REJECT_MALFORMED;
    question->kind = query.kind;
    if (!question_read_region(query.viewer, &question->viewer) || !take_body(&query, question))
        return REJECT_MALFORMED;
    if (question->count_max == 0 || question->count_max > BOOKS_PAGE_ROWS_MAX)
        question->count_max = BOOKS_PAGE_ROWS_MAX;
    return is_whole(question) ? OK : REJECT_MALFORMED;
}
