/* SPDX-License-Identifier: Apache-2.0
 * Reference data, beside their coding. */
#include "common/pb/reference.h"

fen_t *accumulators_at(struct accumulators *year, uint32_t index)
{
    fen_t *const order[] = {
#define ACCUMULATOR(member, option, json) &year->member,
#include "common/codes/accumulator.def"
#undef ACCUMULATOR
    };
    return index < sizeof order / sizeof order[0] ? order[index] : NULL;
}

enum status policy_sources_decode(struct span policy, struct policy_sources *sources)
{
    struct policy_sources_peek peek;
    TRY(policy_sources_peek_read(policy, &peek));
    for (sources->count = 0; sources->count < peek.source_count; sources->count++)
        TRY(parameter_source_decode(peek.sources[sources->count], NULL, &sources->items[sources->count]));
    return OK;
}
