/* SPDX-License-Identifier: Apache-2.0
 * Where a witness keeps what it has cosigned: DIRECTORY/HASH.checkpoint for each log, DIRECTORY/evidence. One
 * process at a time. */
#ifndef HUTONG_COMMON_WITNESS_WITNESS_STATE_H
#define HUTONG_COMMON_WITNESS_WITNESS_STATE_H
#include "common/base/buffer.h"
#include "common/base/status.h"

struct witness_state {
    char directory[4096];
    int lock;
    uint64_t contradictions; /* told since it was opened */
};
MUST_USE enum status witness_state_open(const char *directory, struct witness_state *state, struct buffer *why);
void witness_state_close(struct witness_state *state);
/* As struct witness wants them; `self` is the state. */
enum status witness_state_load(void *self, const char *origin_hash, struct buffer *note);
enum status witness_state_keep(void *self, const char *origin_hash, struct span note);
void witness_state_contradiction(void *self, const char *why, struct span kept, struct span sent);
#endif
