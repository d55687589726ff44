/* SPDX-License-Identifier: Apache-2.0
 * hutong.v1.Batch in place: records gathered for one append, and walked without copying. */
#ifndef HUTONG_COMMON_PB_BATCH_H
#define HUTONG_COMMON_PB_BATCH_H
#include "common/pb/wire.h"

struct batch_reader {
    struct wire_reader wire;
};

struct batch_reader batch_read(struct span batch);
/* OK and the next record; REJECT_NOT_FOUND at the end; REJECT_MALFORMED. */
MUST_USE enum status batch_next(struct batch_reader *reader, struct span *record);
MUST_USE enum status batch_count(struct span batch, uint32_t *count);
#endif
