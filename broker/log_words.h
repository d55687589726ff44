/* SPDX-License-Identifier: Apache-2.0
 * What a segment's `meta` says of the log as a whole, and the sum of all its rows. */
#ifndef HUTONG_BROKER_LOG_WORDS_H
#define HUTONG_BROKER_LOG_WORDS_H
#include <stdbool.h>
#include <stdint.h>

#include "common/base/span.h"

struct MDB_txn;

struct log_words {
    uint32_t partitions; /* with which it was begun: a person's partition is a hash modulo it; 0: not known */
    uint64_t identity;   /* drawn by lot: no two logs have the same; 0: none yet */
    uint64_t oldest;     /* segment that must be there: those below were trimmed away; OLDEST_UNKNOWN */
};
#define OLDEST_UNKNOWN UINT64_MAX

/* Takes the row in where it is one of these. */
bool log_words_take(struct span key, struct span value, struct log_words *words);
/* LMDB's code. */
int log_words_put(struct MDB_txn *txn, unsigned meta, const struct log_words *words);

/* The sum of rows so far, in order of their keys, and one more. */
uint64_t log_sum(uint64_t sum, struct span key, struct span value);
/* Of all rows, with the number of this transaction: the last that it writes. LMDB's code. */
int log_sum_put(struct MDB_txn *txn, unsigned meta);
#endif
