/* SPDX-License-Identifier: Apache-2.0
 * Figures of designated institutions. */
#include "services/books/decide/figures.h"

#include "common/base/check.h"
#include "common/engines/gazette/care_kinds.h"
#include "services/books/keep/bills.h"

enum {
    STAY_KEY_SIZE = 8 + 4 + 8,
    STAY_SIZE = 4 + 8 + 12 + 1,
    STAY_DAYS_MAX = 366, /* a bill is one settlement period's, which is shorter */
    LOOKED_AT_MAX = 200  /* of one person's bills, for one more: whoever has a year of more is seen by then */
};
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

static bool is_stay(const struct books *books, const struct book_bill *bill)
{
    return clearing_type_is_inpatient(books->published, bill->row.clearing_type);
}

/* A bill of the same person that this one clashes with. */
struct clash {
    uint64_t number;
    bool overlaps, duplicate;
};

/* What a stored stay says against this bill. The day of discharge may be the next day of admission. */
static struct clash clash_of(const struct books *books, const struct book_bill *bill, struct span key,
                             struct span value)
{
    civil_date_t admission = (civil_date_t)bytes_get_be(key.data + 8, 4),
                 discharge = (civil_date_t)bytes_get_le(value.data, 4);
    fen_t total = (fen_t)bytes_get_le(value.data + 4, 8);
    bool here = memcmp(value.data + 12, bill->row.institution, 12) == 0;
    struct clash clash = {.number = bytes_get_be(key.data + 12, 8)};
    clash.duplicate = here && admission == bill->admission && total == bill->row.total;
    clash.overlaps =
        is_stay(books, bill) && value.data[24] != 0 && bill->admission < discharge && admission < bill->discharge;
    return clash;
}

/* The bills of one person that this one may clash with, by the day of admission. */
struct looking {
    uint8_t key[STAY_KEY_SIZE]; /* behind this one */
    unsigned looked_at;
};

/* Stays that began long before may last until now; what is no stay can only be the same again. */
static struct looking look_from(const struct books *books, const struct book_bill *bill)
{
    struct looking looking = {.looked_at = 0};
    civil_date_t first = bill->admission;
    if (is_stay(books, bill))
        first = civil_date_add_days(bill->admission, -STAY_DAYS_MAX);
    bytes_put_be(looking.key, bill->person, 8);
    bytes_put_be(looking.key + 8, first, 4);
    return looking;
}

static bool next_clash(struct books *books, const struct book_bill *bill, struct looking *looking, struct clash *clash)
{
    struct store_walk walk;
    bool found = false;
    bool more = store_walk_start(&walk, books->txn, STAYS, span_of(looking->key, STAY_KEY_SIZE));
    for (; more && !found && memcmp(walk.key.data, looking->key, 8) == 0; more = !found && store_walk_next(&walk)) {
        civil_date_t admission = (civil_date_t)bytes_get_be(walk.key.data + 8, 4);
        if (admission > bill->admission && admission >= bill->discharge)
            break;
        if (memcmp(walk.key.data, looking->key, STAY_KEY_SIZE) == 0)
            continue;
        if (looking->looked_at++ == LOOKED_AT_MAX)
            break;
        *clash = clash_of(books, bill, walk.key, walk.value);
        found = clash->overlaps || clash->duplicate;
        memcpy(looking->key, walk.key.data, STAY_KEY_SIZE);
    }
    store_walk_end(&walk);
    return found;
}

static void add(int64_t *figure, int change)
{
    *figure = *figure + change > 0 ? *figure + change : 0; /* beyond LOOKED_AT_MAX not all were counted */
}

/* Two bills that clash count once, where and when the later one was settled; when either is reversed, no longer. */
static void count_clashes(struct books *books, const struct book_bill *bill, int sign)
{
    struct clash clash;
    struct book_bill later;
    struct looking looking = look_from(books, bill);
    while (next_clash(books, bill, &looking, &clash)) {
        later = *bill;
        if (clash.number > bill->row.number)
            INVARIANT(bills_load(books, clash.number, &later));
        int64_t *figures = figures_of(books, later.row.day, later.row.institution);
        add(&figures[FIGURE_OVERLAPS], clash.overlaps ? sign : 0);
        add(&figures[FIGURE_DUPLICATES], clash.duplicate ? sign : 0);
    }
}

void figures_settled(struct books *books, const struct book_bill *bill)
{
    uint8_t key[STAY_KEY_SIZE], value[STAY_SIZE];
    int64_t *figures = figures_of(books, bill->row.day, bill->row.institution);
    figures[FIGURE_SETTLED]++;
    if (is_stay(books, bill)) {
        figures[FIGURE_STAYS]++;
        figures[FIGURE_STAYS_TOTAL] += bill->row.total;
    }
    if (bill->person == 0)
        return;
    count_clashes(books, bill, 1);
    stay_key(bill, key);
    bytes_put_le(value, bill->discharge, 4);
    bytes_put_le(value + 4, (uint64_t)bill->row.total, 8);
    memcpy(value + 12, bill->row.institution, 12);
    value[24] = is_stay(books, bill);
    store_put(books->txn, STAYS, span_of(key, sizeof key), span_of(value, sizeof value));
}

/* The reversal counts in its own month; the bill leaves the mean cost, and what it clashed with, of the month that it
 * was in. */
void figures_reversed(struct books *books, const struct book_bill *original)
{
    uint8_t key[STAY_KEY_SIZE];
    figures_of(books, books->today, original->row.institution)[FIGURE_REVERSED]++;
    if (is_stay(books, original)) {
        int64_t *figures = figures_of(books, original->row.day, original->row.institution);
        figures[FIGURE_STAYS]--;
        figures[FIGURE_STAYS_TOTAL] -= original->row.total;
    }
    if (original->person == 0)
        return;
    stay_key(original, key);
    store_delete(books->txn, STAYS, span_of(key, sizeof key));
    count_clashes(books, original, -1);
}

void figures_refused(struct books *books, const char *institution)
{
    if (institution_code_is_shaped(institution)) /* whatever else was sent is nobody's figure */
        figures_of(books, books->today, institution)[FIGURE_REFUSED]++;
}

void figures_found(struct books *books, const struct book_bill *bill)
{
    figures_of(books, books->today, bill->row.institution)[FIGURE_FOUND]++;
}
