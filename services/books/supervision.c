/* SPDX-License-Identifier: Apache-2.0
 * Figures of designated institutions, by month, for joint supervision (五(一)2): refusals, reversals, mean cost of a
 * stay against its level's, findings, overlapping stays of one person, same-day duplicates. */
#include "common/base/check.h"
#include "common/codes/insurance.h"
#include "services/books/question.h"

enum { SETTLED, REVERSED, REFUSED, FIGURE_STAYS, STAYS_TOTAL, FOUND, OVERLAPS, DUPLICATES, FIGURES_COUNT };
enum {
    FIGURE_KEY_SIZE = 2 + 12,
    STAY_KEY_SIZE = 8 + 4 + 8,
    STAY_SIZE = 4 + 8 + 12 + 1,
    LEVELS = HOSPITAL_LEVELS + 1,
    PAGE_MAX = 500,
    STAY_DAYS_MAX = 366, /* a bill is one settlement period's, which is shorter */
    LOOKED_AT_MAX = 200  /* of one person's bills, for one more: whoever has a year of more is seen by then */
};
_Static_assert((int)FIGURES_COUNT == (int)TALLY_VALUES_MAX, "one tally holds them");

enum flag {
#define FLAG(name, text, zh, en) FLAG_##name,
#include "services/books/flag.def"
#undef FLAG
};
static const char *const flag_texts[] = {
#define FLAG(name, text, zh, en) text,
#include "services/books/flag.def"
#undef FLAG
};

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
    return clearing_type_is_inpatient(bill->row.clearing_type);
}

/* A bill of the same person that this one clashes with. */
struct clash {
    uint64_t number;
    bool overlaps, duplicate;
};

/* What a stored stay says against this bill. The day of discharge may be the next day of admission. */
static struct clash clash_of(const struct book_bill *bill, struct span key, struct span value)
{
    civil_date_t admission = (civil_date_t)bytes_get_be(key.data + 8, 4),
                 discharge = (civil_date_t)bytes_get_le(value.data, 4);
    fen_t total = (fen_t)bytes_get_le(value.data + 4, 8);
    bool here = memcmp(value.data + 12, bill->row.institution, 12) == 0;
    struct clash clash = {.number = bytes_get_be(key.data + 12, 8)};
    clash.duplicate = here && admission == bill->admission && total == bill->row.total;
    clash.overlaps = is_stay(bill) && value.data[24] != 0 && bill->admission < discharge && admission < bill->discharge;
    return clash;
}

/* The bills of one person that this one may clash with, by the day of admission. */
struct looking {
    uint8_t key[STAY_KEY_SIZE]; /* behind this one */
    unsigned looked_at;
};

/* Stays that began long before may last until now; what is no stay can only be the same again. */
static struct looking look_from(const struct book_bill *bill)
{
    struct looking looking = {.looked_at = 0};
    civil_date_t first = bill->admission;
    if (is_stay(bill))
        first = civil_date_from_day(civil_date_to_day(bill->admission) - STAY_DAYS_MAX);
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
        *clash = clash_of(bill, walk.key, walk.value);
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
    struct looking looking = look_from(bill);
    while (next_clash(books, bill, &looking, &clash)) {
        later = *bill;
        if (clash.number > bill->row.number)
            INVARIANT(bill_load(books, clash.number, &later));
        int64_t *figures = figures_of(books, later.row.day, later.row.institution);
        add(&figures[OVERLAPS], clash.overlaps ? sign : 0);
        add(&figures[DUPLICATES], clash.duplicate ? sign : 0);
    }
}

void figures_settled(struct books *books, const struct book_bill *bill)
{
    uint8_t key[STAY_KEY_SIZE], value[STAY_SIZE];
    int64_t *figures = figures_of(books, bill->row.day, bill->row.institution);
    figures[SETTLED]++;
    if (is_stay(bill)) {
        figures[FIGURE_STAYS]++;
        figures[STAYS_TOTAL] += bill->row.total;
    }
    if (bill->person == 0)
        return;
    count_clashes(books, bill, 1);
    stay_key(bill, key);
    bytes_put_le(value, bill->discharge, 4);
    bytes_put_le(value + 4, (uint64_t)bill->row.total, 8);
    memcpy(value + 12, bill->row.institution, 12);
    value[24] = is_stay(bill);
    store_put(books->txn, STAYS, span_of(key, sizeof key), span_of(value, sizeof value));
}

/* The reversal counts in its own month; the bill leaves the mean cost, and what it clashed with, of the month that it
 * was in. */
void figures_reversed(struct books *books, const struct book_bill *original)
{
    uint8_t key[STAY_KEY_SIZE];
    figures_of(books, books->today, original->row.institution)[REVERSED]++;
    if (is_stay(original)) {
        int64_t *figures = figures_of(books, original->row.day, original->row.institution);
        figures[FIGURE_STAYS]--;
        figures[STAYS_TOTAL] -= original->row.total;
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
        figures_of(books, books->today, institution)[REFUSED]++;
}

void figures_found(struct books *books, const struct book_bill *bill)
{
    figures_of(books, books->today, bill->row.institution)[FOUND]++;
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
        struct level *level = &levels[institution_now(books, walk.key.data + 2).level];
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
        wire_put_text(out, 14, flag_texts[FLAG_REVERSALS]);
    if (enough && beyond(figures[REFUSED], sent, policy->refusal_rate))
        wire_put_text(out, 14, flag_texts[FLAG_REFUSALS]);
    bool stays = enough && figures[FIGURE_STAYS] > 0;
    fen_t own = mean_of(figures[STAYS_TOTAL], figures[FIGURE_STAYS]), usual = mean_of(level->total, level->stays);
    if (stays && beyond(own, usual, policy->mean_cost))
        wire_put_text(out, 14, flag_texts[FLAG_MEAN_COST]);
    if (stays && beyond(usual, own, policy->mean_cost))
        wire_put_text(out, 14, flag_texts[FLAG_LOW_MEAN_COST]);
    if (figures[FOUND] > 0)
        wire_put_text(out, 14, flag_texts[FLAG_FINDINGS]);
    if (figures[OVERLAPS] > 0)
        wire_put_text(out, 14, flag_texts[FLAG_OVERLAPS]);
    if (figures[DUPLICATES] > 0)
        wire_put_text(out, 14, flag_texts[FLAG_DUPLICATES]);
}

/* Name, status, reason and first day of an InstitutionState. */
static void put_standing(struct span state, struct buffer *out)
{
    static const uint32_t fields[][2] = {{2, 15}, {4, 16}, {6, 17}, {5, 18}}; /* there, here */
    struct wire_field field;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (struct wire_reader reader = wire_read(state); !wire_at_end(&reader);) {
            INVARIANT(wire_next(&reader, &field) == OK);
            if (field.number != fields[i][0])
                continue;
            if (field.type == WIRE_BYTES)
                wire_put_bytes(out, fields[i][1], field.bytes);
            else
                wire_put_uint(out, fields[i][1], field.value);
        }
}

static void put_figures(struct books *books, month_t month, const uint8_t institution[12],
                        const int64_t figures[FIGURES_COUNT], const struct level levels[LEVELS], struct buffer *out)
{
    struct institution_now now = institution_now(books, institution);
    size_t mark = wire_begin(out, 7);
    wire_put_bytes(out, 1, span_of(institution, 12));
    wire_put_uint(out, 2, month_number(month));
    wire_put_uint(out, 3, (uint64_t)figures[SETTLED]);
    wire_put_uint(out, 4, (uint64_t)figures[REVERSED]);
    wire_put_uint(out, 5, (uint64_t)figures[REFUSED]);
    wire_put_uint(out, 6, (uint64_t)figures[FIGURE_STAYS]);
    wire_put_int(out, 7, figures[STAYS_TOTAL]);
    wire_put_int(out, 8, mean_of(figures[STAYS_TOTAL], figures[FIGURE_STAYS]));
    wire_put_uint(out, 9, now.level);
    wire_put_int(out, 10, mean_of(levels[now.level].total, levels[now.level].stays));
    wire_put_uint(out, 11, (uint64_t)figures[FOUND]);
    wire_put_uint(out, 12, (uint64_t)figures[OVERLAPS]);
    wire_put_uint(out, 13, (uint64_t)figures[DUPLICATES]);
    put_unusual(policy_on(books, month_day(month, 31)), figures, &levels[now.level], out);
    put_standing(now.state, out);
    wire_end(out, mark);
}

void supervision_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct span after = question->after;
    month_t month = question->month;
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
