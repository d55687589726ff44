/* SPDX-License-Identifier: Apache-2.0
 * Joint supervision. */
#include "services/books/ask/supervision.h"

#include "common/base/check.h"
#include "common/codes/insurance.h"
#include "services/books/decide/figures.h"
#include "services/books/decide/institutions.h"
#include "services/books/keep/policies.h"

enum {
    LEVELS = HOSPITAL_LEVELS + 1,
    FIGURES_PAGE_MAX = 500,
    INSTITUTIONS_PAGE_MAX = 500,
    INSTITUTIONS_SCAN_MAX = 20000
};

enum flag {
#define FLAG(name, text, zh, en) FLAG_##name,
#include "services/books/flag.def"
#undef FLAG
    FLAGS_COUNT
};
static const char *const flag_texts[] = {
#define FLAG(name, text, zh, en) text,
#include "services/books/flag.def"
#undef FLAG
};

static struct stated last_of(struct books *books, const char *code)
{
    return institutions_at(books, code, INSTITUTION_LAST);
}

struct level {
    int64_t stays, total;
};

static void sum_levels(struct books *books, month_t month, struct level levels[LEVELS])
{
    struct store_walk walk;
    struct row_bytes from = figures_key(month, "");
    struct figures_key key;
    int64_t figures[FIGURES_COUNT];
    bool more = store_walk_start(&walk, books->txn, FIGURES, row_span(&from));
    for (; more && row_shares(walk.key, &from, FIGURES_INSTITUTION_AT) && figures_key_read(walk.key, &key);
         more = store_walk_next(&walk)) {
        tally_read(books->figures, walk.value, figures);
        struct level *level = &levels[last_of(books, key.institution).level];
        level->stays += figures[FIGURE_STAYS];
        level->total += figures[FIGURE_STAYS_TOTAL];
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

/* The texts of what is unusual; how many. */
static uint32_t find_unusual(const struct clearing_policy *policy, const int64_t figures[FIGURES_COUNT],
                             const struct level *level, uint32_t after_death, const char *unusual[FLAGS_COUNT])
{
    static const enum flag told[FLAGS_COUNT] = {FLAG_REVERSALS, FLAG_REFUSALS, FLAG_MEAN_COST,  FLAG_LOW_MEAN_COST,
                                                FLAG_FINDINGS,  FLAG_OVERLAPS, FLAG_DUPLICATES, FLAG_AFTER_DEATH};
    int64_t sent = figures[FIGURE_SETTLED] + figures[FIGURE_REFUSED];
    bool enough = policy != NULL && sent >= policy->supervised_count_min, stays = enough && figures[FIGURE_STAYS] > 0;
    fen_t own = mean_of(figures[FIGURE_STAYS_TOTAL], figures[FIGURE_STAYS]),
          usual = mean_of(level->total, level->stays);
    bool found[FLAGS_COUNT] = {
        [FLAG_REVERSALS] = enough && beyond(figures[FIGURE_REVERSED], figures[FIGURE_SETTLED], policy->reversal_rate),
        [FLAG_REFUSALS] = enough && beyond(figures[FIGURE_REFUSED], sent, policy->refusal_rate),
        [FLAG_MEAN_COST] = stays && beyond(own, usual, policy->mean_cost),
        [FLAG_LOW_MEAN_COST] = stays && beyond(usual, own, policy->mean_cost),
        [FLAG_FINDINGS] = figures[FIGURE_FOUND] > 0,
        [FLAG_OVERLAPS] = figures[FIGURE_OVERLAPS] > 0,
        [FLAG_DUPLICATES] = figures[FIGURE_DUPLICATES] > 0,
        [FLAG_AFTER_DEATH] = after_death > 0,
    };
    uint32_t count = 0;
    for (unsigned i = 0; i < FLAGS_COUNT; i++)
        if (found[told[i]])
            unusual[count++] = flag_texts[told[i]];
    return count;
}

static void put_figures(struct books *books, month_t month, const char *institution,
                        const int64_t figures[FIGURES_COUNT], const struct level levels[LEVELS], struct buffer *out)
{
    struct stated now = last_of(books, institution);
    const struct level *level = &levels[now.level];
    struct institution_change state;
    const char *unusual[FLAGS_COUNT];
    state = institutions_state(books, &now);
    uint32_t after_death = figures_after_death_count(books, month, institution);
    books_answer_put_figures(
        out, &(struct institution_figures){.institution = institution,
                                           .month = month_number(month),
                                           .settled = (uint32_t)figures[FIGURE_SETTLED],
                                           .reversed = (uint32_t)figures[FIGURE_REVERSED],
                                           .refused = (uint32_t)figures[FIGURE_REFUSED],
                                           .stays = (uint32_t)figures[FIGURE_STAYS],
                                           .stays_total = figures[FIGURE_STAYS_TOTAL],
                                           .mean_cost = mean_of(figures[FIGURE_STAYS_TOTAL], figures[FIGURE_STAYS]),
                                           .level = now.level,
                                           .level_mean_cost = mean_of(level->total, level->stays),
                                           .findings = (uint32_t)figures[FIGURE_FOUND],
                                           .overlapping_stays = (uint32_t)figures[FIGURE_OVERLAPS],
                                           .same_day_duplicates = (uint32_t)figures[FIGURE_DUPLICATES],
                                           .care_after_death = after_death,
                                           .unusual = unusual,
                                           .unusual_count = find_unusual(policies_on(books, month_day(month, 31)),
                                                                         figures, level, after_death, unusual),
                                           .name = state.name,
                                           .status = state.status,
                                           .reason = state.reason,
                                           .status_since = state.effective_date});
}

void supervision_figures(struct books *books, const struct question *question, struct buffer *answer)
{
    struct span after = question->after;
    month_t month = question->month;
    struct store_walk walk;
    struct level levels[LEVELS] = {{0, 0}};
    struct figures_key key = {.month = month};
    int64_t figures[FIGURES_COUNT];
    uint64_t count = 0, most = question->count_max < FIGURES_PAGE_MAX ? question->count_max : FIGURES_PAGE_MAX;
    if (after.size == sizeof key.institution - 1)
        memcpy(key.institution, after.data, after.size);
    struct row_bytes from = figures_key(month, key.institution);
    sum_levels(books, month, levels);
    bool more = store_walk_start(&walk, books->txn, FIGURES, row_span(&from));
    for (; more && row_shares(walk.key, &from, FIGURES_INSTITUTION_AT) && count < most; more = store_walk_next(&walk)) {
        if (span_equal(walk.key, row_span(&from)))
            continue;
        INVARIANT(figures_key_read(walk.key, &key));
        tally_read(books->figures, walk.value, figures);
        put_figures(books, month, key.institution, figures, levels, answer);
        count++;
    }
    store_walk_end(&walk);
    if (count == most)
        books_answer_encode(&(struct books_reply){.next = span_text(key.institution)}, answer);
}

static void put_institution(struct books *books, const struct institutions_key *key, const struct stated *stated,
                            struct buffer *answer)
{
    struct institution_change state = institutions_state(books, stated);
    state.previous_status = institutions_at(books, key->institution, key->effective_date - 1).status;
    books_answer_put_institutions(answer, &state);
}

/* Code by code: the first row of each. A page ends after so many institutions, or so many looked at. */
void supervision_institutions(struct books *books, const struct question *question, struct buffer *answer)
{
    struct store_walk walk;
    struct institutions_key key, last = {.institution = ""};
    uint64_t count = 0,
             most = question->count_max < INSTITUTIONS_PAGE_MAX ? question->count_max : INSTITUTIONS_PAGE_MAX;
    unsigned scanned = 0;
    if (question->after.size == sizeof last.institution - 1)
        memcpy(last.institution, question->after.data, question->after.size);
    struct row_bytes from = institutions_key(last.institution, 0); /* behind any date of it */
    bool more = store_walk_start(&walk, books->txn, INSTITUTIONS, row_span(&from));
    for (; more && count < most && scanned < INSTITUTIONS_SCAN_MAX; more = store_walk_next(&walk)) {
        scanned++;
        if (!institutions_key_read(walk.key, &key) || strcmp(key.institution, last.institution) == 0)
            continue;
        struct stated stated = institutions_read(walk.value);
        last = key;
        if (question->open && stated.status == INSTITUTION_ACTIVE)
            continue;
        put_institution(books, &key, &stated, answer);
        count++;
    }
    store_walk_end(&walk);
    if (more)
        books_answer_encode(&(struct books_reply){.next = span_text(last.institution)}, answer);
}
