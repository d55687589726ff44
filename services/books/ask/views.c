/* SPDX-License-Identifier: Apache-2.0
 * What is looked at while regions reconcile. */
#include "services/books/ask/views.h"

#include "common/base/check.h"
#include "services/books/ask/page.h"
#include "services/books/keep/bills.h"
#include "services/books/keep/claims.h"
#include "services/books/keep/inquiry.h"
#include "services/books/keep/reconciliation.h"

/* ---- the three-way state ---- */

static void put_line(struct books *books, struct span key, const int64_t values[TALLY_VALUES_MAX],
                     struct buffer *answer)
{
    civil_date_t day = (civil_date_t)bytes_get_be(key.data, 4);
    unsigned insured = key.data[16];
    uint32_t theirs[SIDES];
    claims_count(books, key, theirs);
    size_t mark = wire_begin(answer, 11);
    wire_put_uint(answer, 1, day);
    wire_put_bytes(answer, 2, span_of(key.data + 4, 12));
    wire_put_text(answer, 3, insured < REGIONS ? clearing_region(insured) : "");
    wire_put_uint(answer, 4, (uint64_t)values[LINE_BILLS]);
    wire_put_uint(answer, 5, (uint64_t)values[LINE_CARE_MATCHED]);
    wire_put_uint(answer, 6, (uint64_t)values[LINE_CARE_DIFFERS]);
    wire_put_uint(answer, 7, (uint64_t)values[LINE_INSURED_MATCHED]);
    wire_put_uint(answer, 8, (uint64_t)values[LINE_INSURED_DIFFERS]);
    wire_put_uint(answer, 9, (uint64_t)values[LINE_OPEN]);
    wire_put_int(answer, 10, values[LINE_OPEN_FEN]);
    wire_put_uint(answer, 11, theirs[0]);
    wire_put_uint(answer, 12, theirs[1]);
    wire_end(answer, mark);
}

static void lines_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    uint8_t from[4];
    int64_t values[TALLY_VALUES_MAX];
    bytes_put_be(from, question->from_day, sizeof from);
    bool more = page_start(&page, books, RECONCILIATION, question, span_of(from, sizeof from), answer);
    for (; more; more = page_next(&page)) {
        if (bytes_get_be(page.walk.key.data, 4) > question->to_day) {
            page_over(&page);
            break;
        }
        tally_read(books->reconciliation, page.walk.value, values);
        if (!question_sees_line(question, (const char *)page.walk.key.data + 4, page.walk.key.data[16]) ||
            (question->open && values[LINE_OPEN] == 0))
            continue;
        put_line(books, page.walk.key, values, answer);
        page.found++;
    }
    page_end(&page);
}

static void put_claim(const struct claim *claim, struct buffer *answer)
{
    size_t mark = wire_begin(answer, 12);
    wire_put_uint(answer, 1, claim->day);
    wire_put_text(answer, 2, claim->institution);
    wire_put_uint(answer, 3, claim->side == 0 ? SIDE_CARE : SIDE_INSURED);
    wire_put_text(answer, 4, clearing_region(claim->region));
    wire_put_uint(answer, 5, claim->number);
    wire_put_text(answer, 6, claim->bill_id);
    wire_put_uint(answer, 7, (uint64_t)claim->difference);
    wire_put_text(answer, 8, difference_find(claim->difference)->name);
    wire_put_int(answer, 9, claim->total);
    wire_put_int(answer, 10, claim->fund);
    wire_put_int(answer, 11, claim->account);
    wire_put_uint(answer, 12, claim->first);
    wire_put_uint(answer, 13, claim->first_on);
    wire_end(answer, mark);
}

static void claims_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    struct claim claim;
    uint8_t from[4];
    bytes_put_be(from, question->from_day, sizeof from);
    bool more = page_start(&page, books, CLAIMS, question, span_of(from, sizeof from), answer);
    for (; more; more = page_next(&page)) {
        claims_read(page.walk.key, page.walk.value, &claim);
        if (claim.day > question->to_day) {
            page_over(&page);
            break;
        }
        if (!question_sees_line(question, claim.institution, claim.insured))
            continue;
        put_claim(&claim, answer);
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
        size_t mark = wire_begin(answer, 13);
        wire_put_text(answer, 1, clearing_region(pair / REGIONS));
        wire_put_text(answer, 2, clearing_region(pair % REGIONS));
        wire_put_uint(answer, 3, reason);
        wire_put_text(answer, 4, open_reason_name(reason));
        wire_put_uint(answer, 5, i == 0 ? 0 : age_ends[i - 1] + 1);
        wire_put_uint(answer, 6, i + 1 == AGES ? 0 : age_ends[i]);
        wire_put_uint(answer, 7, (uint64_t)aged->values[i][AGING_COUNT]);
        wire_put_int(answer, 8, aged->values[i][AGING_AMOUNT]);
        wire_put_uint(answer, 9, aged->oldest[i]);
        wire_end(answer, mark);
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
    if (aged->oldest[at] == 0)
        aged->oldest[at] = day; /* days ascend */
    aged->values[at][AGING_COUNT] += values[AGING_COUNT];
    aged->values[at][AGING_AMOUNT] += values[AGING_AMOUNT];
}

void views_aging(struct books *books, const struct question *question, struct buffer *answer)
{
    struct store_walk walk;
    struct aged aged = {0};
    int64_t values[TALLY_VALUES_MAX];
    civil_date_t on = question->on_day != 0 ? question->on_day : books->today;
    unsigned pair = 0, reason = 0;
    bool more = store_walk_start(&walk, books->txn, AGING, span_of(NULL, 0));
    for (; more; more = store_walk_next(&walk)) {
        if (walk.key.data[0] != pair || walk.key.data[1] != reason) {
            put_aged(pair, reason, &aged, answer);
            memset(&aged, 0, sizeof aged);
            pair = walk.key.data[0];
            reason = walk.key.data[1];
        }
        tally_read(books->aging, walk.value, values);
        if (question_sees(question, pair))
            age(&aged, (civil_date_t)bytes_get_be(walk.key.data + 2, 4), on, values);
    }
    store_walk_end(&walk);
    put_aged(pair, reason, &aged, answer);
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
        if (!question_sees(question, book_bill_pair(&bill)) || (question->open && inquiry.stage == STAGE_FOUND))
            continue;
        inquiry_encode(&inquiry, &bill, "", 14, answer);
        page.found++;
    }
    page_end(&page);
}
