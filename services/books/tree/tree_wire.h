/* SPDX-License-Identifier: Apache-2.0
 * TreeExchange on the wire (proto/hutong/v1/books.proto). */
#ifndef HUTONG_SERVICES_BOOKS_TREE_TREE_WIRE_H
#define HUTONG_SERVICES_BOOKS_TREE_TREE_WIRE_H
#include "hutong/v1/messages.h"
#include "services/books/tree/sum_tree.h"

void tree_wire_encode(const struct tree_exchange *exchange, struct buffer *out);
/* REJECT_MALFORMED, REJECT_TOO_LARGE. */
MUST_USE enum status tree_wire_decode(struct span bytes, struct tree_exchange *exchange);
#endif
