/* SPDX-License-Identifier: Apache-2.0
 * Exchanges of the sum tree, there and back. */
#include "common/engines/tree/tree_wire.h"

static struct tree_key_message key_out(const struct tree_key *key)
{
    struct tree_key_message out = {.day = key->day, .number = key->number};
    memcpy(out.institution, key->institution, sizeof out.institution);
    return out;
}

static struct tree_key key_in(const struct tree_key_message *key)
{
    struct tree_key in = {.day = key->day, .number = key->number};
    memcpy(in.institution, key->institution, sizeof in.institution);
    return in;
}

void tree_wire_encode(const struct tree_exchange *exchange, struct buffer *out)
{
    for (uint32_t i = 0; i < exchange->range_count; i++) {
        const struct tree_range *range = &exchange->ranges[i];
        struct tree_range_message message = {.has_from = true,
                                             .from = key_out(&range->from),
                                             .has_to = !range->endless,
                                             .to = key_out(&range->to),
                                             .rows = range->rows,
                                             .node_count = range->tile_count};
        for (uint32_t j = 0; j < range->tile_count; j++) {
            const struct tree_tile *tile = &range->tiles[j];
            message.nodes[j] = (struct tree_node){.has_from = true,
                                                  .from = key_out(&tile->from),
                                                  .count = tile->sum.count,
                                                  .total = tile->sum.total,
                                                  .fund = tile->sum.fund,
                                                  .account = tile->sum.account,
                                                  .digest = tile->sum.digest};
        }
        tree_exchange_put_ranges(out, &message);
    }
}

enum status tree_wire_decode(struct span bytes, struct tree_exchange *exchange)
{
    struct tree_exchange_message message;
    TRY(tree_exchange_decode(bytes, NULL, &message));
    exchange->range_count = message.range_count;
    for (uint32_t i = 0; i < message.range_count; i++) {
        const struct tree_range_message *from = &message.ranges[i];
        struct tree_range *range = &exchange->ranges[i];
        *range = (struct tree_range){.from = key_in(&from->from),
                                     .to = key_in(&from->to),
                                     .endless = !from->has_to,
                                     .rows = from->rows,
                                     .tile_count = from->node_count};
        for (uint32_t j = 0; j < from->node_count; j++) {
            const struct tree_node *node = &from->nodes[j];
            range->tiles[j] = (struct tree_tile){key_in(&node->from),
                                                 {node->count, node->total, node->fund, node->account, node->digest}};
        }
    }
    return OK;
}
