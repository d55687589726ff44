/* SPDX-License-Identifier: Apache-2.0
 * A party's system: its gate's half (client.c) and its mailbox's (client_box.c). */
#ifndef HUTONG_TESTS_SIM_CLIENT_INTERNAL_H
#define HUTONG_TESTS_SIM_CLIENT_INTERNAL_H
#include "common/base/arena.h"
#include "tests/sim/checks.h"
#include "tests/sim/client.h"
#include "tests/sim/sim_internal.h"

enum {
    FRAMES_MAX = 4,
    FRAME_MESSAGES_MAX = 40,
    MEAN_FRAME = 16,
    FRAME_PATIENCE_US = 3 * 1000 * 1000,
    BUSY_US = 50 * 1000,
    SECOND_US = 1000 * 1000,
    FETCH_WAIT_MS = 1000,
    BOXES_READ = 2,
    ARENA_SIZE = 1 << 20,
    ODD_SHARE = 12 /* one frame in so many is none of the load */
};

/* What is known of a message. */
struct sent {
    const struct load_message *message;
    size_t index;
    bool accepted, under_way;
    uint64_t position;
};

struct frame {
    uint64_t request; /* 0: free */
    struct sent *sent[FRAME_MESSAGES_MAX];
    unsigned count;
    enum { ORDINARY, AGAIN, OTHER_BYTES, GARBAGE } kind;
    int64_t until_us;
};

/* What stands at each place of a mailbox. */
struct kept_outcome {
    uint64_t position;
    bool decides; /* what came of its message; else a notice */
};

struct box {
    struct client *client;
    struct line *line; /* a session waits for one answer at a time */
    unsigned number;
    struct kept_outcome *outcomes;
    size_t count, capacity;
    uint64_t from;    /* next to fetch */
    uint64_t request; /* under way */
    int64_t until_us;
    uint64_t again_from; /* of a second reading */
};

struct client {
    struct clients *all;
    unsigned party;
    struct line *gate;
    struct sent **own; /* in the order of the load */
    size_t own_count, next, receipts;
    struct frame frames[FRAMES_MAX];
    uint64_t request, query_request, submitted; /* the last Submit of this connection */
    struct sent *asked;
    int64_t busy_until_us, pace_us; /* between its frames, so that its share lasts as long as the faults do */
    struct box boxes[BOXES_READ];
    unsigned conflicts, refused;
};

struct clients {
    struct world *world;
    struct load *load;
    struct sent *sent; /* by the load's index */
    size_t *left_by_phase;
    unsigned phase;
    struct client clients[LOAD_PARTIES];
    struct buffer frame, envelope;
    struct checks *checks;
    uint8_t *memory;
    struct arena arena;
    uint64_t settled, refusals, dead;
    bool options_die;
};

/* The number of the request. */
uint64_t client_ask(struct client *client, struct line *line, enum gate_request_kind kind,
                    union gate_request_body body);
void client_fetch(struct client *client, unsigned box);
/* Whether it has heard what came of the message at this position. */
bool box_decides(const struct box *box, uint64_t position);
/* Of its line; `self` is the box. */
void box_message(void *self, struct span bytes);
void box_lost(void *self);
#endif
