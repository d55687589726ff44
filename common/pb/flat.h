/* SPDX-License-Identifier: Apache-2.0
 * Messages whose scalar fields lie flat in a struct, coded by a table: number, kind, offset. */
#ifndef HUTONG_COMMON_PB_FLAT_H
#define HUTONG_COMMON_PB_FLAT_H
#include "common/base/arena.h"
#include "common/pb/wire.h"

enum flat_kind { FLAT_TEXT, FLAT_UINT32, FLAT_INT64, FLAT_UINT64, FLAT_BOOL, FLAT_SPAN };

struct flat_field {
    uint32_t number;
    enum flat_kind kind;
    size_t offset;
};

struct flat_message {
    const struct flat_field *fields; /* ascending */
    size_t count;
};

/* The fields below `limit` and not below `from`, defaults left out. */
void flat_encode(struct flat_message message, const void *object, uint32_t from, uint32_t limit, struct buffer *out);
/* Sets every text to "" and reads the fields that the table knows; the rest of the struct is the caller's.
 * REJECT_MALFORMED, REJECT_TOO_LARGE. */
MUST_USE enum status flat_decode(struct flat_message message, struct span bytes, struct arena *arena, void *object);
#endif
