/* SPDX-License-Identifier: Apache-2.0
 * What operators and regions look at while they reconcile: the three-way state of each institution's day, and what is
 * open by age. Kept as bills change, so that looking costs the days asked for and not the bills. */
#include "common/base/check.h"
#include "services/books/ask/question.h"

enum {
    S_BILLS,
    S_CARE_MATCHED,
    S_CARE_DIFFERS,
    S_INSURED_MATCHED,
    S_INSURED_DIFFERS,
    S_OPEN,
    S_OPEN_FEN,
    STANDING_VALUES
};
enum { A_COUNT, A_AMOUNT, AGING_VALUES };
enum { STANDING_KEY_SIZE = 4 + 12 + 1, AGING_KEY_SIZE = 1 + 1 + 4 };

void views_open(struct books *books)
{
    books->standing = tally_new(STANDING, STANDING_VALUES);
    books->aging = tally_new(AGING, AGING_VALUES);
}

void views_flush(struct books *books)
{
    tally_flush(books->standing, books->txn);
    tally_flush(books->aging, books->txn);
}

void views_close(struct books *books)
{
    tally_destroy(&books->standing);
    tally_destroy(&books->aging);
}

static int64_t *standing_of(struct books *books, civil_date_t day, const char *institution, unsigned insured)
{
    uint8_t key[STANDING_KEY_SIZE];
    bytes_put_be(key, day, 4);
    memcpy(key + 4, institution, 12);
    key[16] = (uint8_t)insured;
    return tally_at(books->standing, books->txn, span_of(key, sizeof key));
}

void views_claimed(struct books *books, civil_date_t day, const char *institution, unsigned insured)
{
    (void)standing_of(books, day, institution, insured); /* a line, if only of zeros */
}

static void count_open(struct books *books, const struct book_bill *bill, int64_t *standing, int sign)
{
    uint8_t key[AGING_KEY_SIZE] = {(uint8_t)book_bill_pair(bill), (uint8_t)bill->reason};
    if (bill->month != 0)
        return;
    standing[S_OPEN] += sign;
    standing[S_OPEN_FEN] += sign * book_bill_amount(bill);
    bytes_put_be(key + 2, bill->row.day, 4);
    int64_t *aging = tally_at(books->aging, books->txn, span_of(key, sizeof key));
    aging[A_COUNT] += sign;
    aging[A_AMOUNT] += sign * book_bill_amount(bill);
}

static void count(struct books *books, const struct book_bill *bill, int sign)
{
    int64_t *standing = standing_of(books, bill->row.day, bill->row.institution, book_bill_pair(bill) / REGIONS);
    if (bill->kind != BILL_ADJUSTMENT) { /* findings are nobody's to state */
        standing[S_BILLS] += sign;
        standing[S_CARE_MATCHED] += sign * (bill->side[0] == SIDE_MATCHED);
        standing[S_CARE_DIFFERS] += sign * (bill->side[0] == SIDE_DIFFERS);
        standing[S_INSURED_MATCHED] += sign * (bill->side[1] == SIDE_MATCHED);
        standing[S_INSURED_DIFFERS] += sign * (bill->side[1] == SIDE_DIFFERS);
    }
    count_open(books, bill, standing, sign);
}

void views_changed(struct books *books, const struct book_bill *before, const struct book_bill *after)
{
    if (before != NULL)
        count(books, before, -1);
    count(books, after, 1);
}

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
    wire_put_uint(answer, 4, (uint64_t)values[S_BILLS]);
    wire_put_uint(answer, 5, (uint64_t)values[S_CARE_MATCHED]);
    wire_put_uint(answer, 6, (uint64_t)values[S_CARE_DIFFERS]);
    wire_put_uint(answer, 7, (uint64_t)values[S_INSURED_MATCHED]);
    wire_put_uint(answer, 8, (uint64_t)values[S_INSURED_DIFFERS]);
    wire_put_uint(answer, 9, (uint64_t)values[S_OPEN]);
    wire_put_int(answer, 10, values[S_OPEN_FEN]);
    wire_put_uint(answer, 11, theirs[0]);
    wire_put_uint(answer, 12, theirs[1]);
    wire_end(answer, mark);
}

static bool line_is_seen(const struct question *question, const uint8_t key[STANDING_KEY_SIZE])
{
    char care[7] = "";
    memcpy(care, key + 5, 6);
    unsigned region = clearing_region_index(care);
    return question->viewer == REGIONS || question->viewer == region || question->viewer == key[16];
}

static void lines_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct question_page page;
    uint8_t from[4];
    int64_t values[TALLY_VALUES_MAX];
    bytes_put_be(from, question->from_day, sizeof from);
    bool more = page_start(&page, books, STANDING, question, span_of(from, sizeof from), answer);
    for (; more; more = page_next(&page)) {
        if (bytes_get_be(page.walk.key.data, 4) > question->to_day) {
            page_over(&page);
            break;
        }
        tally_read(books->standing, page.walk.value, values);
        if (!line_is_seen(question, page.walk.key.data) || (question->open && values[S_OPEN] == 0))
            continue;
        put_line(books, page.walk.key, values, answer);
        page.found++;
    }
    page_end(&page);
}

void reconciliation_answer(struct books *books, const struct question *question, struct buffer *answer)
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
        if (aged->values[i][A_COUNT] == 0)
            continue;
        size_t mark = wire_begin(answer, 13);
        wire_put_text(answer, 1, clearing_region(pair / REGIONS));
        wire_put_text(answer, 2, clearing_region(pair % REGIONS));
        wire_put_uint(answer, 3, reason);
        wire_put_text(answer, 4, open_reason_name(reason));
        wire_put_uint(answer, 5, i == 0 ? 0 : age_ends[i - 1] + 1);
        wire_put_uint(answer, 6, i + 1 == AGES ? 0 : age_ends[i]);
        wire_put_uint(answer, 7, (uint64_t)aged->values[i][A_COUNT]);
        wire_put_int(answer, 8, aged->values[i][A_AMOUNT]);
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
    if (values[A_COUNT] == 0)
        return;
    if (aged->oldest[at] == 0)
        aged->oldest[at] = day; /* days ascend */
    aged->values[at][A_COUNT] += values[A_COUNT];
    aged->values[at][A_AMOUNT] += values[A_AMOUNT];
}

void aging_answer(struct books *books, const struct question *question, struct buffer *answer)
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
