/* SPDX-License-Identifier: Apache-2.0
 * Figures of designated institutions, by month, for joint supervision (五(一)2): refusals, reversals, mean cost of a
 * stay against its level's, findings, overlapping stays of one person, same-day duplicates. */
#include "common/base/check.h"
#include "services/books/books_internal.h"

enum { SETTLED, REVERSED, REFUSED, FIGURE_STAYS, STAYS_TOTAL, FOUND, OVERLAPS, DUPLICATES, FIGURES_COUNT };
enum { FIGURE_KEY_SIZE = 2 + 12, STAY_KEY_SIZE = 8 + 4 + 8, STAY_SIZE = 4 + 8 + 12 + 1, LEVELS = 4, PAGE_MAX = 500 };
_Static_assert((int)FIGURES_COUNT == (int)TALLY_VALUES_MAX, "one tally holds them");

static int64_t *figures_of(struct books *books, civil_date_t day, const char *institution)
{
    uint8_t key[FIGURE_KEY_SIZE];
    bytes_put_be(key, month_of(day), 2);
    memcpy(key + 2, institution, 12);
    return tally_at(books->figures, books->txn, span_of(key, sizeof key));
}

static void stay_key(const struct book_bill *bill, uint8_t key[STAY_KEY_SIZE])
{
    bytes_put_be(key, bill->person, 8);
    bytes_put_be(key + 8, bill->admission, 4);
    bytes_put_be(key + 12, bill->row.number, 8);
}

static bool is_stay(const struct book_bill *bill)
{
    return strcmp(bill->row.clearing_type, "21") == 0;
}

/* What the person's other bills say against this one. The day of discharge may be the next day of admission. */
static void compare_stays(struct books *books, const struct book_bill *bill, int64_t *overlaps, int64_t *duplicates)
{
    struct store_walk walk;
    uint8_t person[8];
    bytes_put_be(person, bill->person, sizeof person);
    bool more = store_walk_start(&walk, books->txn, STAYS, span_of(person, sizeof person));
    for (; more && memcmp(walk.key.data, person, sizeof person) == 0; more = store_walk_next(&walk)) {
        civil_date_t admission = (civil_date_t)bytes_get_be(walk.key.data + 8, 4),
                     discharge = (civil_date_t)bytes_get_le(walk.value.data, 4);
        bool here = memcmp(walk.value.data + 12, bill->row.institution, 12) == 0;
        fen_t total = (fen_t)bytes_get_le(walk.value.data + 4, 8);
        *duplicates += here && admission == bill->admission && total == bill->row.total;
        *overlaps +=
            is_stay(bill) && walk.value.data[24] != 0 && bill->admission < discharge && admission < bill->discharge;
    }
    store_walk_end(&walk);
}

void figures_settled(struct books *books, const struct book_bill *bill)
{
    uint8_t key[STAY_KEY_SIZE], value[STAY_SIZE];
    int64_t overlaps = 0, duplicates = 0;
    if (bill->person != 0)
        compare_stays(books, bill, &overlaps, &duplicates);
    int64_t *figures = figures_of(books, bill->row.day, bill->row.institution);
    figures[SETTLED]++;
    figures[OVERLAPS] += overlaps;
    figures[DUPLICATES] += duplicates;
    if (is_stay(bill)) {
        figures[FIGURE_STAYS]++;
        figures[STAYS_TOTAL] += bill->row.total;
    }
    if (bill->person == 0)
        return;
    stay_key(bill, key);
    bytes_put_le(value, bill->discharge, 4);
    bytes_put_le(value + 4, (uint64_t)bill->row.total, 8);
    memcpy(value + 12, bill->row.institution, 12);
    value[24] = is_stay(bill);
    store_put(books->txn, STAYS, span_of(key, sizeof key), span_of(value, sizeof value));
}

/* The reversal counts in its own month; the stay leaves the mean cost of the month that it was in. */
void figures_reversed(struct books *books, const struct book_bill *original)
{
    uint8_t key[STAY_KEY_SIZE];
    figures_of(books, books->today, original->row.institution)[REVERSED]++;
    if (is_stay(original)) {
        int64_t *figures = figures_of(books, original->row.day, original->row.institution);
        figures[FIGURE_STAYS]--;
        figures[STAYS_TOTAL] -= original->row.total;
    }
    stay_key(original, key);
    store_delete(books->txn, STAYS, span_of(key, sizeof key));
}

void figures_refused(struct books *books, const char *institution)
{
    if (strlen(institution) == 12)
        figures_of(books, books->today, institution)[REFUSED]++;
}

void figures_found(struct books *books, const struct book_bill *bill)
{
    figures_of(books, books->today, bill->row.institution)[FOUND]++;
}

void institution_take(struct books *books, const struct institution *institution)
{
    uint8_t level = (uint8_t)institution->level;
    store_put(books->txn, INSTITUTIONS, span_text(institution->code), span_of(&level, 1));
}

static unsigned level_of(struct books *books, const uint8_t institution[12])
{
    struct span value;
    bool known = store_get(books->txn, INSTITUTIONS, span_of(institution, 12), &value) && value.size == 1;
    return known && value.data[0] < LEVELS ? value.data[0] : 0;
}

struct level {
    int64_t stays, total;
};

static void sum_levels(struct books *books, month_t month, struct level levels[LEVELS])
{
    struct store_walk walk;
    uint8_t key[2];
    int64_t figures[FIGURES_COUNT];
    bytes_put_be(key, month, 2);
    bool more = store_walk_start(&walk, books->txn, FIGURES, span_of(key, sizeof key));
    for (; more && memcmp(walk.key.data, key, 2) == 0; more = store_walk_next(&walk)) {
        tally_read(books->figures, walk.value, figures);
        struct level *level = &levels[level_of(books, walk.key.data + 2)];
        level->stays += figures[FIGURE_STAYS];
        level->total += figures[STAYS_TOTAL];
    }
    store_walk_end(&walk);
}

static fen_t mean_of(int64_t total, int64_t count)
{
    return count <= 0 ? 0 : (fen_t)money_round_half_up(total, count);
}

/* part / whole above so many basis points */
static bool beyond(int64_t part, int64_t whole, basis_points_t most)
{
    return (wide_t)part * BASIS_POINTS_ONE > (wide_t)whole * most;
}

static void put_unusual(const struct clearing_policy *policy, const int64_t figures[FIGURES_COUNT],
                        const struct level *level, struct buffer *out)
{
    int64_t sent = figures[SETTLED] + figures[REFUSED];
    bool enough = policy != NULL && sent >= policy->supervised_count_min;
    if (enough && beyond(figures[REVERSED], figures[SETTLED], policy->reversal_rate))
        wire_put_text(out, 14, "reversals");
    if (enough && beyond(figures[REFUSED], sent, policy->refusal_rate))
        wire_put_text(out, 14, "refusals");
    if (enough && figures[FIGURE_STAYS] > 0 &&
        beyond(mean_of(figures[STAYS_TOTAL], figures[FIGURE_STAYS]), mean_of(level->total, level->stays),
               policy->mean_cost))
        wire_put_text(out, 14, "mean cost");
    if (figures[FOUND] > 0)
        wire_put_text(out, 14, "findings");
    if (figures[OVERLAPS] > 0)
        wire_put_text(out, 14, "overlapping stays");
    if (figures[DUPLICATES] > 0)
        wire_put_text(out, 14, "same-day duplicates");
}

static void put_figures(struct books *books, month_t month, const uint8_t institution[12],
                        const int64_t figures[FIGURES_COUNT], const struct level levels[LEVELS], struct buffer *out)
{
    unsigned level = level_of(books, institution);
    size_t mark = wire_begin(out, 7);
    wire_put_bytes(out, 1, span_of(institution, 12));
    wire_put_uint(out, 2, month_number(month));
    wire_put_uint(out, 3, (uint64_t)figures[SETTLED]);
    wire_put_uint(out, 4, (uint64_t)figures[REVERSED]);
    wire_put_uint(out, 5, (uint64_t)figures[REFUSED]);
    wire_put_uint(out, 6, (uint64_t)figures[FIGURE_STAYS]);
    wire_put_int(out, 7, figures[STAYS_TOTAL]);
    wire_put_int(out, 8, mean_of(figures[STAYS_TOTAL], figures[FIGURE_STAYS]));
    wire_put_uint(out, 9, level);
    wire_put_int(out, 10, mean_of(levels[level].total, levels[level].stays));
    wire_put_uint(out, 11, (uint64_t)figures[FOUND]);
    wire_put_uint(out, 12, (uint64_t)figures[OVERLAPS]);
    wire_put_uint(out, 13, (uint64_t)figures[DUPLICATES]);
    put_unusual(policy_on(books, month_day(month, 31)), figures, &levels[level], out);
    wire_end(out, mark);
}

void supervision_query(struct books *books, month_t month, struct span after, struct buffer *answer)
{
    struct store_walk walk;
    struct level levels[LEVELS] = {{0, 0}};
    uint8_t key[FIGURE_KEY_SIZE] = {0};
    int64_t figures[FIGURES_COUNT];
    unsigned count = 0;
    bytes_put_be(key, month, 2);
    if (after.size == 12)
        memcpy(key + 2, after.data, 12);
    sum_levels(books, month, levels);
    bool more = store_walk_start(&walk, books->txn, FIGURES, span_of(key, after.size == 12 ? sizeof key : 2));
    for (; more && memcmp(walk.key.data, key, 2) == 0 && count < PAGE_MAX; more = store_walk_next(&walk)) {
        if (after.size == 12 && memcmp(walk.key.data, key, sizeof key) == 0)
            continue;
        tally_read(books->figures, walk.value, figures);
        put_figures(books, month, walk.key.data + 2, figures, levels, answer);
        memcpy(key + 2, walk.key.data + 2, 12);
        count++;
    }
    store_walk_end(&walk);
    if (count == PAGE_MAX)
        wire_put_bytes(answer, 15, span_of(key + 2, 12));
}
