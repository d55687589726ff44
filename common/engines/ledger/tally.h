/* SPDX-License-Identifier: Apache-2.0
 * Running sums by key, in memory between commits: a hot key costs one write a commit, however many bills touch it. */
#ifndef HUTONG_COMMON_ENGINES_LEDGER_TALLY_H
#define HUTONG_COMMON_ENGINES_LEDGER_TALLY_H
#include "common/store/store.h"

enum { TALLY_KEY_SIZE_MAX = 47, TALLY_VALUES_MAX = 8 };

struct tally; /* one table: key -> `values` numbers (8, LE each) */
struct tally *tally_new(unsigned table, unsigned values);
void tally_destroy(struct tally **tally);
/* The sums under this key, to be added to; valid until the next call. PRE: 0 < key.size <= TALLY_KEY_SIZE_MAX. */
int64_t *tally_at(struct tally *tally, struct store_txn *txn, struct span key);
void tally_flush(struct tally *tally, struct store_txn *txn);
/* A stored value, after a flush. */
void tally_read(const struct tally *tally, struct span value, int64_t values[TALLY_VALUES_MAX]);
#endif
