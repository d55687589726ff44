/* SPDX-License-Identifier: Apache-2.0
 * hutong.v1.Batch: field 1, repeated bytes, nothing else. */
#include "common/pb/batch.h"

#include "hutong/v1/messages_internal.h"

struct batch_reader batch_read(struct span batch)
{
    return (struct batch_reader){wire_read(batch)};
}

enum status batch_next(struct batch_reader *reader, struct span *record)
{
    if (wire_at_end(&reader->wire))
        return REJECT_NOT_FOUND;
    struct wire_field field;
    TRY(wire_next(&reader->wire, &field));
    if (field.number != BATCH_RECORDS_NUMBER || field.type != WIRE_BYTES)
        return REJECT_MALFORMED;
    *record = field.bytes;
    return OK;
}

enum status batch_count(struct span batch, uint32_t *count)
{
    struct batch_reader reader = batch_read(batch);
    struct span record;
    uint32_t counted = 0;
    enum status status;
    while ((status = batch_next(&reader, &record)) == OK)
        counted++;
    if (status != REJECT_NOT_FOUND)
        return status;
    *count = counted;
    return OK;
}
