/* SPDX-License-Identifier: Apache-2.0
 * How many partitions a log was begun with, in its `meta`: a person's partition is a hash modulo it, so another number
 * would part what was decided from who must know it. */
#ifndef HUTONG_BROKER_LOG_PARTITIONS_H
#define HUTONG_BROKER_LOG_PARTITIONS_H
#include "broker/log_internal.h"

/* Takes the number in where this row of `meta` is it. */
void log_load_partitions(struct log *log, MDB_val key, MDB_val value);
/* An empty log takes the configuration's number, one of before it was kept the number that it shows. FATAL_CONFIG with
 * both numbers where they differ. */
MUST_USE enum status log_check_partitions(struct log *log, struct buffer *why);
/* Into the open transaction, where it is not there yet. */
MUST_USE enum status log_write_partitions(struct log *log);
#endif
