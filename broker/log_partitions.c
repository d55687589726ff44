/* SPDX-License-Identifier: Apache-2.0
 * A log's number of partitions. */
#include "broker/log_partitions.h"

#include <string.h>

#include "common/base/bytes.h"

static const char key_text[] = "partitions";
enum { KEY_SIZE = sizeof key_text - 1, VALUE_SIZE = 4 };

void log_partitions_take(MDB_val key, MDB_val value, uint32_t *partitions)
{
    if (key.mv_size == KEY_SIZE && memcmp(key.mv_data, key_text, KEY_SIZE) == 0 && value.mv_size == VALUE_SIZE)
        *partitions = (uint32_t)bytes_get_le(value.mv_data, VALUE_SIZE);
}

int log_partitions_put(MDB_txn *txn, MDB_dbi meta, uint32_t partitions)
{
    uint8_t bytes[VALUE_SIZE];
    MDB_val key = {KEY_SIZE, (void *)(uintptr_t)key_text}, value = {VALUE_SIZE, bytes};
    bytes_put_le(bytes, partitions, VALUE_SIZE);
    return mdb_put(txn, meta, &key, &value, 0);
}
