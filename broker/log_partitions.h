/* SPDX-License-Identifier: Apache-2.0
 * How many partitions a log was begun with, in a segment's `meta`: a person's partition is a hash modulo it, so another
 * number would part what was decided from who must know it. */
#ifndef HUTONG_BROKER_LOG_PARTITIONS_H
#define HUTONG_BROKER_LOG_PARTITIONS_H
#include <lmdb.h>
#include <stdint.h>

/* Takes the number in where this row of `meta` is it. */
void log_partitions_take(MDB_val key, MDB_val value, uint32_t *partitions);
/* LMDB's code. */
int log_partitions_put(MDB_txn *txn, MDB_dbi meta, uint32_t partitions);
#endif
