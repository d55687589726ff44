/* SPDX-License-Identifier: Apache-2.0
 * What is looked at while regions reconcile. */
#include "services/books/ask/views.h"

#include "common/base/check.h"
#include "services/books/ask/page.h"
#include "services/books/keep/bills.h"
#include "services/books/keep/claims.h"
#include "services/books/keep/inquiry.h"
#include "services/books/keep/months.h"
#include "services/books/keep/reconciliation.h"

/* ---- the three-way state ---- */

static void put_line(struct books *books, const struct standing_key *line, const int64_t values[TALLY_VALUES_MAX],
                     struct buffer *answer)
{
    uint32_t theirs[SIDES];
    claims_count(books, line, theirs);
    books_answer_put_reconciliation(
        answer,
        &(struct reconciliation_day){.day = line->day,
                                     .institution = line->institution,
                                     .insured_region = line->insured < REGIONS ? clearing_region(line->insured) : "",
                                     .bills = (uint32_t)values[LINE_BILLS],
                                     .care_matched = (uint32_t)values[LINE_CARE_MATCHED],
                                     .care_differs = (uint32_t)values[LINE_CARE_DIFFERS],
                                     .insured_matched = (uint32_t)values[LINE_INSURED_MATCHED],
                                     .insured_differs = (uint32_t)values[LINE_INSURED_DIFFERS],
                                     .open = (uint32_t)values[LINE_OPEN],
                                     .open_amount = values[LINE_OPEN_FEN],
                                     .care_only = theirs[0],
                                     .insured_only = theirs[1]});
}

static void lines_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    struct row_bytes from = standing_key(question->from_day, "", 0);
    struct standing_key line;
    int64_t values[TALLY_VALUES_MAX];
    bool more = page_start(&page, books, RECONCILIATION, question, row_span(&from), answer);
    for (; more; more = page_next(&page)) {
        INVARIANT(standing_key_read(page.walk.key, &line));
        if (line.day > question->to_day) {
            page_over(&page);
            break;
        }
        tally_read(books->reconciliation, page.walk.value, values);
        if (!question_sees_line(question, line.institution, line.insured) || (question->open && values[LINE_OPEN] == 0))
            continue;
        put_line(books, &line, values, answer);
        page.found++;
    }
    page_end(&page);
}

static void claims_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    struct only_theirs claim;
    struct row_bytes from = claims_key(question->from_day, "", 0, 0, 0, 0);
    bool more = page_start(&page, books, CLAIMS, question, row_span(&from), answer);
    for (; more; more = page_next(&page)) {
        claims_read(page.walk.key, page.walk.value, &claim);
        if (claim.day > question->to_day) {
            page_over(&page);
            break;
        }
        if (!question_sees_line(question, claim.institution, claim.insured))
            continue;
        books_answer_put_only_theirs(answer, &claim);
        page.found++;
    }
    page_end(&page);
}

void views_reconciliation(struct books *books, const struct question *question, struct buffer *answer)
{
    if (question->theirs)
        claims_answer(books, question, answer);
    else
        lines_answer(books, question, answer);
}

/* ---- aging ---- */

static const uint32_t age_ends[] = {7, 30, 60, 90, UINT32_MAX};
enum { AGES = sizeof age_ends / sizeof age_ends[0] };

struct aged {
    int64_t values[AGES][AGING_VALUES];
    civil_date_t oldest[AGES];
};

static void put_aged(unsigned pair, unsigned reason, const struct aged *aged, struct buffer *answer)
{
    for (unsigned i = 0; i < AGES; i++) {
        if (aged->values[i][AGING_COUNT] == 0)
            continue;
        books_answer_put_aging(answer, &(struct aging_line){.insured_region = clearing_region(pair / REGIONS),
                                                            .care_region = clearing_region(pair % REGIONS),
                                                            .open_reason = reason,
                                                            .open_reason_name = open_reason_name(reason),
                                                            .age_from = i == 0 ? 0 : age_ends[i - 1] + 1,
                                                            .age_to = i + 1 == AGES ? 0 : age_ends[i],
                                                            .count = (uint32_t)aged->values[i][AGING_COUNT],
                                                            .amount = aged->values[i][AGING_AMOUNT],
                                                            .oldest = aged->oldest[i]});
    }
}

static void age(struct aged *aged, civil_date_t day, civil_date_t on, const int64_t values[AGING_VALUES])
{
    int32_t days = civil_date_to_day(on) - civil_date_to_day(day);
    unsigned at = 0;
    while (days > 0 && (uint32_t)days > age_ends[at])
        at++;
    if (values[AGING_COUNT] == 0)
        return;
    if (aged->oldest[at] == 0 || day < aged->oldest[at])
        aged->oldest[at] = day;
    aged->values[at][AGING_COUNT] += values[AGING_COUNT];
    aged->values[at][AGING_AMOUNT] += values[AGING_AMOUNT];
}

static void age_open(struct books *books, unsigned pair, civil_date_t on, struct buffer *answer)
{
    struct store_walk walk;
    struct aged aged = {0};
    int64_t values[TALLY_VALUES_MAX];
    unsigned reason = 0;
    struct aging_key key;
    struct row_bytes from = aging_key(pair, 0, 0);
    bool more = store_walk_start(&walk, books->txn, AGING, row_span(&from));
    for (; more && row_shares(walk.key, &from, AGING_OPEN_REASON_AT) && aging_key_read(walk.key, &key);
         more = store_walk_next(&walk)) {
        if (key.open_reason != reason) {
            put_aged(pair, reason, &aged, answer);
            memset(&aged, 0, sizeof aged);
            reason = key.open_reason;
        }
        tally_read(books->aging, walk.value, values);
        age(&aged, key.day, on, values);
    }
    store_walk_end(&walk);
    put_aged(pair, reason, &aged, answer);
}

/* Of the months whose tables do not stand yet: the running one, and what waits for a year's last table. */
static void age_rolled(struct books *books, unsigned pair, civil_date_t on, struct buffer *answer)
{
    struct aged aged = {0};
    for (month_t month = 1; month <= MONTHS_COUNT_MAX; month++) {
        struct store_walk walk;
        int64_t values[TALLY_VALUES_MAX];
        struct rolled_key key;
        struct row_bytes from = rolled_key(month, pair, 0);
        if (books->months[month].state == CLEARING_NONE || months_stands(books, month))
            continue;
        bool more = store_walk_start(&walk, books->txn, ROLLED, row_span(&from));
        for (; more && row_shares(walk.key, &from, ROLLED_DAY_AT) && rolled_key_read(walk.key, &key);
             more = store_walk_next(&walk)) {
            tally_read(books->rolled, walk.value, values);
            age(&aged, key.day, on, values);
        }
        store_walk_end(&walk);
    }
    put_aged(pair, OPEN_ROLLED_OVER, &aged, answer);
}

void views_aging(struct books *books, const struct question *question, struct buffer *answer)
{
    civil_date_t on = question->on_day != 0 ? question->on_day : books->today;
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        if (!question_sees(question, pair))
            continue;
        age_open(books, pair, on, answer);
        if (logic_has(books->published->logic, LOGIC_ROLLED_LISTED))
            age_rolled(books, pair, on, answer);
    }
}

void views_investigations(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    struct inquiry inquiry;
    struct book_bill bill;
    bool more = page_start(&page, books, INVESTIGATIONS, question, span_of(NULL, 0), answer);
    for (; more; more = page_next(&page)) {
        inquiry_read(page.walk.key, page.walk.value, &inquiry);
        INVARIANT(bills_load(books, inquiry.settlement, &bill));
        if (!question_sees(question, book_bill_pair(&bill)) || (question->open && inquiry.stage == INVESTIGATION_FOUND))
            continue;
        struct investigation_state state = inquiry_state(books, &inquiry, &bill, "");
        books_answer_put_investigations(answer, &state);
        page.found++;
    }
    page_end(&page);
}
