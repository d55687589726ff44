/* SPDX-License-Identifier: Apache-2.0
 * The overlays of a store, filled again from its files as they were: of the newest file the active one, of those before
 * it the frozen one, side by side. */
#ifndef HUTONG_COMMON_STORE_FILLED_H
#define HUTONG_COMMON_STORE_FILLED_H
#include "common/store/apply.h"
#include "common/store/recent.h"

struct filled {
    struct overlay *active; /* whoever asked owns both, also where it failed */
    struct overlay *frozen; /* NULL: the files before the newest hold nothing that is wanted */
    struct recent_files files;
    struct recent_found older, newest; /* newest.live: of all files */
    uint64_t number, cursor;           /* of the last commit */
};

/* Commits above the wanted one, whose cursor is `cursor`, but for what `reached` says is in the trees. FATAL_CORRUPT,
 * RETRY_BUSY: as recent_read. */
MUST_USE enum status filled_read(const struct recent_wanted *wanted, uint64_t cursor,
                                 const struct apply_reached *reached, struct filled *filled, struct buffer *why);
#endif
