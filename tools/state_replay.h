/* SPDX-License-Identifier: Apache-2.0
 * A state's directory, brought to a position by its core over the log as it lies: for a state that is made again, and
 * for a copy that was taken while the service went on. What the core says is held against what its output stream has,
 * so that a state that comes out of this is the one that decided. */
#ifndef HUTONG_TOOLS_STATE_REPLAY_H
#define HUTONG_TOOLS_STATE_REPLAY_H
#include "common/base/digest.h"
#include "common/config/config.h"
#include "tools/kept_state.h"
#include "tools/log_source.h"

struct state_replay {
    const struct kept_state *row;
    const char *directory; /* nobody has it open; made where it is not there */
    struct log_source *source;
    size_t map_size;
    uint64_t to;   /* REJECT_RANGE: the state is beyond it */
    bool progress; /* records a second, to go, seconds left: on a terminal, or a line each 10 s */
};

struct state_reached {
    uint64_t from, position;
    char digest[2 * DIGEST_SIZE + 1];
};

/* FATAL_DIVERGED: the stream holds something else at reached->position. REJECT_NOT_FOUND: the log does not hold it. */
MUST_USE enum status state_replay(const struct state_replay *replay, struct state_reached *reached, struct buffer *why);
/* Where a state stands, and, where `digest` is not NULL, its digest there. Also beside its owner. */
MUST_USE enum status state_look(const char *directory, uint64_t *position, char digest[2 * DIGEST_SIZE + 1],
                                struct buffer *why);
/* A log and its archive, once all that the states are made of is durable up to `position` at least; `*reached`: how far
 * it is, less than that where a service stands still for half a minute. */
MUST_USE enum status states_source(const char *log, const struct config *config, uint64_t position,
                                   struct log_source **source, uint64_t *reached, struct buffer *why);
/* Up to where all the streams that it reads go. */
uint64_t state_inputs_end(const struct kept_state *row, const struct log_source *source);
/* What an opening leaves beside the data: locks, sums and the like, which a copy does without. */
void state_tidy(const char *directory);
#endif
