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

static struct stated last_of(struct books *books, const uint8_t code[INSTITUTION_CODE_SIZE])
{
    uint8_t key[INSTITUTION_KEY_SIZE];
    institutions_key(code, INSTITUTION_LAST, key);
    return institutions_at(books, key);
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
        struct level *level = &levels[last_of(books, walk.key.data + 2).level];
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
                             const struct level *level, const char *unusual[FLAGS_COUNT])
{
    static const enum flag told[FLAGS_COUNT] = {FLAG_REVERSALS, FLAG_REFUSALS, FLAG_MEAN_COST, FLAG_LOW_MEAN_COST,
                                                FLAG_FINDINGS,  FLAG_OVERLAPS, FLAG_DUPLICATES};
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
    };
    uint32_t count = 0;
    for (unsigned i = 0; i < FLAGS_COUNT; i++)
        if (found[told[i]])
            unusual[count++] = flag_texts[told[i]];
    return count;
}

static void put_figures(struct books *books, month_t month, const uint8_t institution[12],
                        const int64_t figures[FIGURES_COUNT], const struct level levels[LEVELS], struct buffer *out)
{
    struct stated now = last_of(books, institution);
    const struct level *level = &levels[now.level];
    struct institution_change state;
    char code[INSTITUTION_CODE_SIZE + 1] = "";
    const char *unusual[FLAGS_COUNT];
    memcpy(code, institution, INSTITUTION_CODE_SIZE);
    state = institutions_state(books, &now);
    books_answer_put_figures(
        out, &(struct institution_figures){
                 .institution = code,
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
                 .unusual = unusual,
                 .unusual_count = find_unusual(policies_on(books, month_day(month, 31)), figures, level, unusual),
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
    uint8_t key[FIGURE_KEY_SIZE] = {0};
    int64_t figures[FIGURES_COUNT];
    unsigned count = 0;
    bytes_put_be(key, month, 2);
    if (after.size == 12)
        memcpy(key + 2, after.data, 12);
    sum_levels(books, month, levels);
    bool more = store_walk_start(&walk, books->txn, FIGURES, span_of(key, after.size == 12 ? sizeof key : 2));
    for (; more && memcmp(walk.key.data, key, 2) == 0 && count < FIGURES_PAGE_MAX; more = store_walk_next(&walk)) {
        if (after.size == 12 && memcmp(walk.key.data, key, sizeof key) == 0)
            continue;
        tally_read(books->figures, walk.value, figures);
        put_figures(books, month, walk.key.data + 2, figures, levels, answer);
        memcpy(key + 2, walk.key.data + 2, 12);
        count++;
    }
    store_walk_end(&walk);
    if (count == FIGURES_PAGE_MAX)
        books_answer_encode(&(struct books_reply){.next = span_of(key + 2, 12)}, answer);
}

static void put_institution(struct books *books, const uint8_t key[INSTITUTION_KEY_SIZE], const struct stated *stated,
                            struct buffer *answer)
{
    uint8_t earlier[INSTITUTION_KEY_SIZE];
    civil_date_t day = UINT32_MAX - (civil_date_t)bytes_get_be(key + INSTITUTION_CODE_SIZE, 4);
    institutions_key(key, day - 1, earlier);
    struct institution_change state = institutions_state(books, stated);
    state.previous_status = institutions_at(books, earlier).status;
    books_answer_put_institutions(answer, &state);
}

/* Code by code: the first row of each. A page ends after so many institutions, or so many looked at. */
void supervision_institutions(struct books *books, const struct question *question, struct buffer *answer)
{
    struct store_walk walk;
    uint8_t key[INSTITUTION_KEY_SIZE] = {0};
    unsigned count = 0, scanned = 0;
    if (question->after.size == INSTITUTION_CODE_SIZE) {
        memcpy(key, question->after.data, INSTITUTION_CODE_SIZE);
        memset(key + INSTITUTION_CODE_SIZE, UINT8_MAX, 4);
    }
    bool more =
        store_walk_start(&walk, books->txn, INSTITUTIONS,
                         span_of(key, question->after.size == INSTITUTION_CODE_SIZE ? INSTITUTION_KEY_SIZE : 0));
    for (; more && count < INSTITUTIONS_PAGE_MAX && scanned < INSTITUTIONS_SCAN_MAX; more = store_walk_next(&walk)) {
        scanned++;
        if (walk.key.size != INSTITUTION_KEY_SIZE || memcmp(walk.key.data, key, INSTITUTION_CODE_SIZE) == 0)
            continue;
        struct stated stated = institutions_read(walk.value);
        memcpy(key, walk.key.data, INSTITUTION_KEY_SIZE);
        if (question->open && stated.status == INSTITUTION_ACTIVE)
            continue;
        put_institution(books, key, &stated, answer);
        count++;
    }
    store_walk_end(&walk);
    if (more)
        books_answer_encode(&(struct books_reply){.next = span_of(key, INSTITUTION_CODE_SIZE)}, answer);
}
