/* SPDX-License-Identifier: Apache-2.0
 * The number of a segment's format, in its `meta`. */
#ifndef HUTONG_BROKER_LOG_FORMAT_H
#define HUTONG_BROKER_LOG_FORMAT_H
#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

/* A segment that was just made gets the number of this build; one of before there were numbers lacks it, which is 1.
 * LMDB's code. */
int log_format(MDB_txn *txn, MDB_dbi meta, bool read_only, uint64_t *format);
#endif
