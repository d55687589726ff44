/* SPDX-License-Identifier: Apache-2.0
 * TreeExchange on the wire (proto/hutong/v1/books.proto). */
#ifndef HUTONG_COMMON_ENGINES_TREE_TREE_WIRE_H
#define HUTONG_COMMON_ENGINES_TREE_TREE_WIRE_H
#include "common/engines/tree/sum_tree.h"
#include "hutong/v1/messages.h"

void tree_wire_encode(const struct tree_exchange *exchange, struct buffer *out);
/* REJECT_MALFORMED, REJECT_TOO_LARGE. */
MUST_USE enum status tree_wire_decode(struct span bytes, struct tree_exchange *exchange);
#endif
