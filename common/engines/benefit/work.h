/* SPDX-License-Identifier: Apache-2.0
 * One bill being worked out: what the engine's files share. */
#ifndef HUTONG_COMMON_ENGINES_BENEFIT_WORK_H
#define HUTONG_COMMON_ENGINES_BENEFIT_WORK_H
#include "common/engines/benefit/result.h"
#include "common/engines/benefit/step.h"
#include "common/engines/gazette/published.h"

/* Units of the exact chain. */
#define ITEM_UNIT ((wide_t)100000000)                            /* 10^-8 fen: 10^-6 yuan x 10^-4 */
#define SCOPE_UNIT (ITEM_UNIT * BASIS_POINTS_ONE)                /* 10^-12 fen */
#define RATIO_UNIT ((wide_t)BASIS_POINTS_ONE * BASIS_POINTS_ONE) /* a ratio times the retired's factor: 10^-8 */
#define POOL_UNIT (SCOPE_UNIT * RATIO_UNIT)                      /* 10^-20 fen */

struct work {
    const struct published *published;
    const struct benefit_input *in;
    struct benefit_result *out;
    wide_t in_scope;    /* exact, SCOPE_UNIT */
    basis_points_t cut; /* taken off every ratio of the pool, away from home */
    enum care_class care;
    bool urgent; /* referral or emergency: which points those are */
    bool retired;
    bool minor;
};

static inline void benefit_explain(struct work *work, enum benefit_step rule, fen_t before, int64_t parameter,
                                   fen_t after, uint32_t index)
{
    struct benefit_result *out = work->out;
    if (out->step_count < BENEFIT_STEPS_MAX)
        out->steps[out->step_count++] = (struct step){
            .rule = (uint32_t)rule, .before = before, .parameter = parameter, .after = after, .index = index};
}

static inline fen_t least(fen_t a, fen_t b)
{
    return a < b ? a : b;
}

static inline fen_t to_fen(wide_t exact, wide_t unit)
{
    return (fen_t)money_round_half_up(exact, unit);
}

/* In scope and not paid by a fund so far. */
static inline fen_t own_in_scope(const struct amounts *amounts)
{
    return amounts->in_scope - amounts->pool_pay - amounts->civil_servant_pay - amounts->large_amount_pay -
           amounts->catastrophic_pay - amounts->assistance_pay;
}
#endif
