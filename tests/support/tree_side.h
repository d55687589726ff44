/* SPDX-License-Identifier: Apache-2.0
 * One side of a sum tree: rows in memory, ascending. */
#ifndef HUTONG_TESTS_SUPPORT_TREE_SIDE_H
#define HUTONG_TESTS_SUPPORT_TREE_SIDE_H
#include "common/engines/tree/sum_tree.h"

struct tree_side {
    struct tree_row *rows;
    size_t count, at;
};

static inline void tree_side_start(void *self, const struct tree_key *from)
{
    struct tree_side *side = self;
    size_t low = 0, high = side->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree_key_compare(&side->rows[middle].key, from) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    side->at = low;
}

static inline bool tree_side_next(void *self, const struct tree_key *to, enum tree_grain grain, struct tree_step *step)
{
    struct tree_side *side = self;
    memset(step, 0, sizeof *step);
    while (side->at < side->count && tree_step_take(step, &side->rows[side->at], to, grain))
        side->at++;
    return step->sum.count > 0;
}

static inline struct tree_source tree_side_source(struct tree_side *side)
{
    return (struct tree_source){side, tree_side_start, tree_side_next};
}
#endif
