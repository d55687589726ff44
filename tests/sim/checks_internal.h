/* SPDX-License-Identifier: Apache-2.0
 * Between the files of the checks: what was heard so far. */
#ifndef HUTONG_TESTS_SIM_CHECKS_INTERNAL_H
#define HUTONG_TESTS_SIM_CHECKS_INTERNAL_H
#include <uthash.h>

#include "common/base/digest.h"
#include "common/pb/outcome.h"
#include "tests/sim/checks.h"

enum { CHECKS_PARTIES_MAX = 8, CHECKS_KEY_SIZE = 64, CHECKS_PREFIX_SIZE = 12 };

/* Of a sender. `position` is known from a receipt, a conflict or the log; UINT64_MAX: from none of them. */
struct checked_id {
    char key[CHECKS_KEY_SIZE]; /* "110000/0190…" */
    uint64_t position;
    bool accepted; /* a receipt said so */
    bool logged;
    uint8_t sha256[DIGEST_SIZE];        /* where accepted or logged */
    uint8_t prefix[CHECKS_PREFIX_SIZE]; /* as a conflict named it */
    bool conflicted;
    struct span receipt; /* a copy of the first */
    UT_hash_handle hh;
};

/* Of a position. Sums are of bytes; 0: not heard. */
struct checked_position {
    struct checked_id *id;
    uint64_t record;
    uint64_t outcome[CHECKS_BOXES];     /* as delivered; of those, the one that is no notice */
    instant_ms_t accepted_at;           /* of the record */
    uint32_t state[CHECKS_PARTIES_MAX]; /* the latest that each was told */
    uint32_t cleared;                   /* the month of the table in which it stands */
    bool decided;
};

struct checked_place {
    uint64_t position;
    uint64_t sum;
};

struct checked_box {
    struct checked_place *places;
    size_t count, capacity;
    uint64_t end, confirmed;
    size_t expected; /* places that the log accounts for */
    bool fetched;    /* somebody reads it */
};

struct checked_party {
    char name[16];
    struct checked_box boxes[CHECKS_BOXES];
    uint64_t submissions_end[CHECKS_ENDPOINTS], outcomes_end[CHECKS_ENDPOINTS];
};

struct checks {
    struct world *world;
    struct checked_id *ids;
    struct checked_position *positions;
    size_t position_count, position_capacity;
    struct checked_party parties[CHECKS_PARTIES_MAX];
    unsigned party_count;
    uint64_t logged_end;  /* of submissions, as seen in the log */
    uint64_t decided_end; /* of checks_decided */
    uint64_t accepted;
    struct digest *digest;
    struct arena arena;
};

struct checked_party *checks_party(struct checks *checks, struct span name);
struct checked_position *checks_position(struct checks *checks, uint64_t position);
struct checked_id *checks_id(struct checks *checks, struct span party, struct span message_id, bool make);
/* `id` stands at `position` and nowhere else, and nothing else stands there. */
bool checks_stands(struct checks *checks, struct checked_id *id, uint64_t position, const char *said_by);
uint64_t checks_sum(struct span bytes); /* never 0 */
#endif
