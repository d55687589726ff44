/* SPDX-License-Identifier: Apache-2.0
 * A segment's format. */
#include "broker/log_format.h"

#include "common/base/bytes.h"
#include "common/store/store.h"

int log_format(MDB_txn *txn, MDB_dbi meta, bool read_only, uint64_t *format)
{
    MDB_stat stat;
    uint8_t bytes[4];
    MDB_val key = {6, (void *)(uintptr_t) "format"}, value = {sizeof bytes, bytes};
    *format = FORMAT_UNNUMBERED;
    int code = mdb_stat(txn, meta, &stat);
    if (code == 0 && stat.ms_entries == 0 && !read_only) {
        bytes_put_le(bytes, FORMAT_LOG, sizeof bytes);
        code = mdb_put(txn, meta, &key, &value, 0);
    }
    if (code == 0)
        code = mdb_get(txn, meta, &key, &value);
    if (code == 0)
        *format = value.mv_size == sizeof bytes ? bytes_get_le(value.mv_data, sizeof bytes) : UINT64_MAX;
    return code == MDB_NOTFOUND ? 0 : code;
}
