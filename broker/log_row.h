/* SPDX-License-Identifier: Apache-2.0
 * Keys and values of a segment's tables, as LMDB takes and gives them. */
#ifndef HUTONG_BROKER_LOG_ROW_H
#define HUTONG_BROKER_LOG_ROW_H
#include <lmdb.h>
#include <xxhash.h>

#include "common/store/rows/log.h"

static inline MDB_val log_row_val(const struct row_bytes *row)
{
    return (MDB_val){row->size, (void *)(uintptr_t)row->bytes};
}

static inline struct span log_row_span(MDB_val val)
{
    return span_of(val.mv_data, val.mv_size);
}

/* Of a batch's header but for the sum itself, and of the batch. */
static inline uint64_t log_batch_checksum(const uint8_t *header, struct span batch)
{
    return XXH3_64bits_withSeed(batch.data, batch.size, XXH3_64bits(header, BATCHES_VALUE_XXH3_64_AT));
}
#endif
