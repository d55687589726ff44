/* SPDX-License-Identifier: Apache-2.0
 * What has been published, kept by a service in one table of its store (`gazettes`; no region: the exchange's) and
 * whole in memory. A table published again takes the place of the one before. Under a version of logic that does not
 * yet go by what is published, it is kept, and version 1's own tables are in force. */
#ifndef HUTONG_COMMON_ENGINES_GAZETTE_GAZETTE_BOOK_H
#define HUTONG_COMMON_ENGINES_GAZETTE_GAZETTE_BOOK_H
#include "common/engines/gazette/published.h"
#include "common/store/store.h"

struct gazette_book;

/* NULL: what is stored cannot be read. `logic`: the version in force. `txn` NULL, here and below: in memory alone. */
struct gazette_book *gazette_book_new(struct store_txn *txn, unsigned table, uint32_t logic);
void gazette_book_destroy(struct gazette_book **book);
/* PRE: gazette_check found nothing. REJECT_TOO_LARGE: GAZETTES_COUNT_MAX are kept already. */
enum { GAZETTES_COUNT_MAX = 160 };
MUST_USE enum status gazette_book_keep(struct gazette_book *book, struct store_txn *txn, const struct gazette *gazette);
/* From now on this version of logic is in force. */
void gazette_book_switch(struct gazette_book *book, uint32_t logic);
/* The tables in force; valid until the next keep or switch. */
const struct published *gazette_book_published(const struct gazette_book *book);
bool gazette_book_has(const struct gazette_book *book, enum gazette_kind kind);
#endif
