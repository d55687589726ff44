/* SPDX-License-Identifier: Apache-2.0
 * A log's number of partitions. */
#include "broker/log_partitions.h"

#include "broker/log_row.h"

void log_partitions_take(MDB_val key, MDB_val value, uint32_t *partitions)
{
    struct row_bytes name = meta_partitions_key();
    struct meta_partitions_value kept;
    if (span_equal(log_row_span(key), row_span(&name)) && meta_partitions_value_read(log_row_span(value), &kept))
        *partitions = kept.number;
}

int log_partitions_put(MDB_txn *txn, MDB_dbi meta, uint32_t partitions)
{
    struct row_bytes name = meta_partitions_key(), number = meta_partitions_value(partitions);
    MDB_val key = log_row_val(&name), value = log_row_val(&number);
    return mdb_put(txn, meta, &key, &value, 0);
}
