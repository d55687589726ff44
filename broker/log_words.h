/* SPDX-License-Identifier: Apache-2.0
 * What a segment's `meta` says of the log as a whole, and the sum of all its rows. */
#ifndef HUTONG_BROKER_LOG_WORDS_H
#define HUTONG_BROKER_LOG_WORDS_H
#include <lmdb.h>
#include <stdint.h>

#include "broker/log_check.h"
#include "common/base/span.h"

/* Takes the row in where it is one of these. */
bool log_words_take(struct span key, struct span value, struct log_words *words);
/* LMDB's code. */
int log_words_put(MDB_txn *txn, MDB_dbi meta, const struct log_words *words);

/* The sum of rows so far, in order of their keys, and one more. */
uint64_t log_sum(uint64_t sum, struct span key, struct span value);
/* Of all rows, with the number of this transaction: the last that it writes. LMDB's code. */
int log_sum_put(MDB_txn *txn, MDB_dbi meta);
#endif
