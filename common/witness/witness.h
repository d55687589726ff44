/* SPDX-License-Identifier: Apache-2.0
 * A witness (C2SP tlog-witness v1.0.0): keeps the last checkpoint of each log that it knows, and cosigns one that goes
 * on from it. What it has cosigned it has kept before: a cosignature of two histories cannot come to be, whenever it
 * is killed. One request at a time.
 *
 *   add-checkpoint   "old N\n", at most 63 hashes in base64, an empty line, the checkpoint
 *   200 cosignature lines · 400 no such request, or old > size · 403 not signed by the log's key · 404 unknown
 *   origin · 409 old is not the size kept (which is the body), or another root of the same size · 422 the proof does
 *   not hold */
#ifndef HUTONG_COMMON_WITNESS_WITNESS_H
#define HUTONG_COMMON_WITNESS_WITNESS_H
#include "common/base/merkle.h"
#include "common/engines/tlog/checkpoint.h"

enum { WITNESS_LOGS_MAX = 16 };

struct witness {
    struct sign_pair *pair; /* borrowed, as the keys */
    struct note_key key;
    struct note_key logs[WITNESS_LOGS_MAX];
    unsigned log_count;
    struct digest *digest;
    /* The world. load: what was kept of a log, by the hex of its origin's hash; REJECT_NOT_FOUND: nothing. keep:
     * durable when it returns OK. contradiction: two checkpoints that one key signed. */
    void *self;
    enum status (*load)(void *self, const char *origin_hash, struct buffer *note);
    enum status (*keep)(void *self, const char *origin_hash, struct span note);
    void (*contradiction)(void *self, const char *why, struct span kept, struct span sent);
};

struct witness_answer {
    unsigned code;
    const char *type; /* of the body */
};
/* `now`: seconds since 1970. Code 500: it cannot be kept, so it was not cosigned. */
struct witness_answer witness_add(struct witness *witness, struct span request, uint64_t now, struct buffer *body);
/* "/HEX/checkpoint": what was cosigned last. */
struct witness_answer witness_show(struct witness *witness, const char *path, struct buffer *body);
#endif
