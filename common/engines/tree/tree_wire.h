/* SPDX-License-Identifier: Apache-2.0
 * The sum tree's exchange on the wire: proto/hutong/v1/books.proto, TreeExchange. */
#ifndef HUTONG_COMMON_ENGINES_TREE_TREE_WIRE_H
#define HUTONG_COMMON_ENGINES_TREE_TREE_WIRE_H
#include "common/engines/tree/sum_tree.h"
#include "common/pb/wire.h"

void tree_exchange_encode(const struct tree_exchange *exchange, struct buffer *out);
/* REJECT_MALFORMED; REJECT_TOO_LARGE: more ranges or tiles than the tree's limits. */
MUST_USE enum status tree_exchange_decode(struct span bytes, struct tree_exchange *exchange);
#endif
