/* SPDX-License-Identifier: Apache-2.0
 * A segment's format. */
#include "broker/log_format.h"

#include "broker/log_row.h"

int log_format(MDB_txn *txn, MDB_dbi meta, bool read_only, uint64_t *format)
{
    MDB_stat stat;
    struct row_bytes name = meta_format_key(), number = meta_format_value(FORMAT_LOG);
    struct meta_format_value kept;
    MDB_val key = log_row_val(&name), value = log_row_val(&number);
    *format = FORMAT_UNNUMBERED;
    int code = mdb_stat(txn, meta, &stat);
    if (code == 0 && stat.ms_entries == 0 && !read_only)
        code = mdb_put(txn, meta, &key, &value, 0);
    if (code == 0)
        code = mdb_get(txn, meta, &key, &value);
    if (code == 0)
        *format = meta_format_value_read(log_row_span(value), &kept) ? kept.format : UINT64_MAX;
    return code == MDB_NOTFOUND ? 0 : code;
}
