/* SPDX-License-Identifier: Apache-2.0
 * Months of clearing. */
#include "services/books/keep/months.h"

#include "common/base/check.h"

enum { WHOLE_MONTH = 255 }; /* behind every pair */

bool months_stands(const struct books *books, month_t month)
{
    const struct month_record *record = &books->months[month];
    return record->state != CLEARING_NONE && books->today >= record->dates.generate_on;
}

void months_quarter_of_last_year(const struct books *books, unsigned pair, civil_date_t day, fen_t quarter[3])
{
    for (uint32_t i = 0; i < 3; i++) {
        month_t month = month_of_number((day / 10000 - 1) * 100 + 10 + i);
        quarter[i] = month == 0 ? 0 : books->pairs[month][pair].amount;
    }
}

static bool pair_read(struct span value, struct pair_month *sums)
{
    struct months_pair_value kept;
    if (!months_pair_value_read(value, &kept))
        return false;
    *sums = (struct pair_month){.count_positive = kept.positive,
                                .count_negative = kept.negative,
                                .total = kept.total,
                                .amount = kept.amount,
                                .disputed_count = kept.disputed_rows,
                                .disputed = kept.disputed,
                                .confirmed = {kept.care_confirmed, kept.insured_confirmed}};
    return true;
}

static bool month_read(struct span value, struct month_record *record)
{
    struct months_whole_value kept;
    if (!months_whole_value_read(value, &kept) || kept.posted.size != sizeof record->posted)
        return false;
    *record = (struct month_record){
        .state = (enum clearing_state)kept.state,
        .dates = {.cut_on = kept.cut_on, .generate_on = kept.generate_on, .confirm_by = kept.confirm_by},
        .cut = kept.cut};
    for (size_t i = 0; i < PAIRS; i++)
        record->posted[i] = (fen_t)bytes_get_le(kept.posted.data + 8 * i, 8);
    return true;
}

void months_open(struct books *books)
{
    struct store_walk walk;
    struct months_pair_key key;
    bool more = store_walk_start(&walk, books->txn, MONTHS, span_of(NULL, 0));
    for (; more; more = store_walk_next(&walk)) {
        INVARIANT(months_pair_key_read(walk.key, &key) && key.month <= MONTHS_COUNT_MAX);
        if (key.pair == WHOLE_MONTH)
            (void)month_read(walk.value, &books->months[key.month]);
        else if (key.pair < PAIRS)
            (void)pair_read(walk.value, &books->pairs[key.month][key.pair]);
    }
    store_walk_end(&walk);
}

static void pair_put(struct books *books, month_t month, unsigned pair)
{
    struct pair_month *sums = &books->pairs[month][pair];
    struct row_bytes key = months_pair_key(month, pair),
                     value = months_pair_value(sums->count_positive, sums->count_negative, sums->total, sums->amount,
                                               sums->disputed_count, sums->disputed, sums->confirmed[0],
                                               sums->confirmed[1]);
    store_put(books->txn, MONTHS, row_span(&key), row_span(&value));
    sums->dirty = false;
}

static void month_put(struct books *books, month_t month)
{
    struct month_record *record = &books->months[month];
    uint8_t posted[sizeof record->posted];
    for (size_t i = 0; i < PAIRS; i++)
        bytes_put_le(posted + 8 * i, (uint64_t)record->posted[i], 8);
    struct row_bytes key = months_whole_key(month, WHOLE_MONTH),
                     value = months_whole_value(record->state, record->dates.cut_on, record->dates.generate_on,
                                                record->dates.confirm_by, record->cut, span_of(posted, sizeof posted));
    store_put(books->txn, MONTHS, row_span(&key), row_span(&value));
    record->dirty = false;
}

void months_flush(struct books *books)
{
    for (month_t month = 1; month <= MONTHS_COUNT_MAX; month++) {
        for (unsigned i = 0; i < PAIRS; i++)
            if (books->pairs[month][i].dirty)
                pair_put(books, month, i);
        if (books->months[month].dirty)
            month_put(books, month);
    }
}
