/* SPDX-License-Identifier: Apache-2.0
 * Words on the whole log. */
#include "broker/log_words.h"

#include <xxhash.h>

#include "broker/log_row.h"

static bool is(struct span key, struct row_bytes name)
{
    return span_equal(key, row_span(&name));
}

bool log_words_take(struct span key, struct span value, struct log_words *words)
{
    struct meta_partitions_value partitions;
    struct meta_log_value log;
    struct meta_oldest_value oldest;
    if (is(key, meta_partitions_key()) && meta_partitions_value_read(value, &partitions))
        words->partitions = partitions.number;
    else if (is(key, meta_log_key()) && meta_log_value_read(value, &log))
        words->identity = log.number;
    else if (is(key, meta_oldest_key()) && meta_oldest_value_read(value, &oldest))
        words->oldest = oldest.segment;
    else
        return false;
    return true;
}

static int put(struct MDB_txn *txn, unsigned meta, struct row_bytes name, struct row_bytes what)
{
    MDB_val key = log_row_val(&name), value = log_row_val(&what);
    return mdb_put(txn, meta, &key, &value, 0);
}

int log_words_put(struct MDB_txn *txn, unsigned meta, const struct log_words *words)
{
    int code =
        words->partitions == 0 ? 0 : put(txn, meta, meta_partitions_key(), meta_partitions_value(words->partitions));
    if (code == 0 && words->identity != 0)
        code = put(txn, meta, meta_log_key(), meta_log_value(words->identity));
    if (code == 0 && words->oldest != OLDEST_UNKNOWN)
        code = put(txn, meta, meta_oldest_key(), meta_oldest_value(words->oldest));
    return code;
}

uint64_t log_sum(uint64_t sum, struct span key, struct span value)
{
    if (is(key, meta_sum_key()))
        return sum;
    sum = XXH3_64bits_withSeed(key.data, key.size, sum);
    return XXH3_64bits_withSeed(value.data, value.size, sum);
}

int log_sum_put(struct MDB_txn *txn, unsigned meta)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    uint64_t sum = 0;
    int code = mdb_cursor_open(txn, meta, &cursor);
    if (code != 0)
        return code;
    for (code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST); code == 0;
         code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))
        sum = log_sum(sum, log_row_span(key), log_row_span(value));
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? put(txn, meta, meta_sum_key(), meta_sum_value(mdb_txn_id(txn), sum)) : code;
}
