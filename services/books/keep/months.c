/* SPDX-License-Identifier: Apache-2.0
 * Months of clearing. */
#include "services/books/keep/months.h"

#include "common/base/check.h"

enum { DATES_SIZE = 1 + 3 * 4 + 8 + 8 * PAIRS, PAIR_SIZE = 2 * 4 + 2 * 8 + 4 + 8 + 2 * 8, WHOLE_MONTH = 255 };

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

static void pair_encode(const struct pair_month *sums, uint8_t value[PAIR_SIZE])
{
    bytes_put_le(value, sums->count_positive, 4);
    bytes_put_le(value + 4, sums->count_negative, 4);
    bytes_put_le(value + 8, (uint64_t)sums->total, 8);
    bytes_put_le(value + 16, (uint64_t)sums->amount, 8);
    bytes_put_le(value + 24, sums->disputed_count, 4);
    bytes_put_le(value + 28, (uint64_t)sums->disputed, 8);
    bytes_put_le(value + 36, sums->confirmed[0], 8);
    bytes_put_le(value + 44, sums->confirmed[1], 8);
}

static void pair_decode(const uint8_t *value, struct pair_month *sums)
{
    sums->count_positive = (uint32_t)bytes_get_le(value, 4);
    sums->count_negative = (uint32_t)bytes_get_le(value + 4, 4);
    sums->total = (fen_t)bytes_get_le(value + 8, 8);
    sums->amount = (fen_t)bytes_get_le(value + 16, 8);
    sums->disputed_count = (uint32_t)bytes_get_le(value + 24, 4);
    sums->disputed = (fen_t)bytes_get_le(value + 28, 8);
    sums->confirmed[0] = bytes_get_le(value + 36, 8);
    sums->confirmed[1] = bytes_get_le(value + 44, 8);
}

static void month_encode(const struct month_record *record, uint8_t value[DATES_SIZE])
{
    value[0] = (uint8_t)record->state;
    bytes_put_le(value + 1, record->dates.cut_on, 4);
    bytes_put_le(value + 5, record->dates.generate_on, 4);
    bytes_put_le(value + 9, record->dates.confirm_by, 4);
    bytes_put_le(value + 13, record->cut, 8);
    for (size_t i = 0; i < PAIRS; i++)
        bytes_put_le(value + 21 + 8 * i, (uint64_t)record->posted[i], 8);
}

static void month_decode(const uint8_t *value, struct month_record *record)
{
    record->state = (enum clearing_state)value[0];
    record->dates.cut_on = (civil_date_t)bytes_get_le(value + 1, 4);
    record->dates.generate_on = (civil_date_t)bytes_get_le(value + 5, 4);
    record->dates.confirm_by = (civil_date_t)bytes_get_le(value + 9, 4);
    record->cut = bytes_get_le(value + 13, 8);
    for (size_t i = 0; i < PAIRS; i++)
        record->posted[i] = (fen_t)bytes_get_le(value + 21 + 8 * i, 8);
}

void months_open(struct books *books)
{
    struct store_walk walk;
    bool more = store_walk_start(&walk, books->txn, MONTHS, span_of(NULL, 0));
    for (; more; more = store_walk_next(&walk)) {
        uint64_t month = bytes_get_be(walk.key.data, 2);
        INVARIANT(walk.key.size == 3 && month <= MONTHS_COUNT_MAX);
        if (walk.key.data[2] == WHOLE_MONTH && walk.value.size == DATES_SIZE)
            month_decode(walk.value.data, &books->months[month]);
        else if (walk.key.data[2] < PAIRS && walk.value.size == PAIR_SIZE)
            pair_decode(walk.value.data, &books->pairs[month][walk.key.data[2]]);
    }
    store_walk_end(&walk);
}

void months_flush(struct books *books)
{
    uint8_t key[3], dates[DATES_SIZE], pair[PAIR_SIZE];
    for (month_t month = 1; month <= MONTHS_COUNT_MAX; month++) {
        bytes_put_be(key, month, 2);
        for (unsigned i = 0; i < PAIRS; i++) {
            if (!books->pairs[month][i].dirty)
                continue;
            key[2] = (uint8_t)i;
            pair_encode(&books->pairs[month][i], pair);
            store_put(books->txn, MONTHS, span_of(key, sizeof key), span_of(pair, sizeof pair));
            books->pairs[month][i].dirty = false;
        }
        if (!books->months[month].dirty)
            continue;
        key[2] = WHOLE_MONTH;
        month_encode(&books->months[month], dates);
        store_put(books->txn, MONTHS, span_of(key, sizeof key), span_of(dates, sizeof dates));
        books->months[month].dirty = false;
    }
}
