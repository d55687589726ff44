/* SPDX-License-Identifier: Apache-2.0
 * Reconciliation (对账) of one institution's day: what a region states against what the exchange settled. Pure.
 * Totals first, as the national interface's 3201; rows where totals differ, as its 3202 (DOMAIN 3). */
#ifndef HUTONG_COMMON_ENGINES_RECONCILE_RECONCILE_H
#define HUTONG_COMMON_ENGINES_RECONCILE_RECONCILE_H
#include "common/base/arena.h"
#include "common/base/instant.h"
#include "common/base/limits.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "hutong/v1/messages.h"

enum match { MATCH_MATCHED, MATCH_AMOUNT_DIFFERS, MATCH_ONLY_OURS, MATCH_ONLY_THEIRS };

enum difference {
#define DIFFERENCE(name, class, number, zh, en) name = number,
#include "common/engines/reconcile/difference.def"
#undef DIFFERENCE
    DIFFERENCE_COUNT
};

struct difference_text {
    const char *name; /* "DIFFERENCE_ONE_FEN" */
    enum match match;
    const char *zh, *en;
};
const struct difference_text *difference_find(uint32_t number); /* NULL: no such difference */

/* 3201: with the counts of positive and negative bills. */
bool reconcile_totals_equal(const struct statement_total *a, const struct statement_total *b);

struct reconcile_result {
    enum difference difference;
    const struct reconcile_row *ours;   /* NULL: only theirs */
    const struct reconcile_row *theirs; /* NULL: only ours */
};

/* Where else a settlement stands: fills `row` with what the exchange has under this number, whatever day, institution
 * and region; false: nothing. */
typedef bool (*reconcile_find_fn)(void *self, uint64_t number, struct reconcile_row *row);

struct reconcile_input {
    const struct reconcile_row *ours; /* ascending by number, no number twice */
    uint32_t ours_count;
    const struct reconcile_row *theirs; /* in any order; day and institution are the statement's */
    uint32_t theirs_count;
    reconcile_find_fn find;
    void *find_self;
};
/* One result a row of ours, in their order, then one for each row of theirs that ours lack, by number. `results` holds
 * ours_count + theirs_count. REJECT_TOO_LARGE: `scratch` is full. */
MUST_USE enum status reconcile_rows(const struct reconcile_input *input, struct arena *scratch,
                                    struct reconcile_result *results, uint32_t *count);
#endif
