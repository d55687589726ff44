/* SPDX-License-Identifier: Apache-2.0
 * Between the files of the simulated world. */
#ifndef HUTONG_TESTS_SIM_SIM_INTERNAL_H
#define HUTONG_TESTS_SIM_SIM_INTERNAL_H
#include "broker/log.h"
#include "common/base/buffer.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/config/config.h"
#include "common/net/loop.h"
#include "tests/sim/world.h"

enum { SIM_NODES_MAX = 5 + 2 * 3, SIM_LOOPS_MAX = 4, SIM_NOTES_KEPT = 200, SIM_NOTE_SIZE = 200 };

struct node;

/* ---- the queue ---- */

/* `mark`: given back, for whoever asks whether it still holds. */
typedef void event_fn(void *self, uint64_t mark);
void world_push(struct world *world, int64_t at_us, event_fn *run, void *self, uint64_t mark);
/* Freed with the world: events may still point there. */
void *world_keep(struct world *world, size_t size); /* zeroed */

/* ---- nodes ---- */

struct node_kind {
    const char *name;
    size_t self_size;
    /* On the node; its loops turn once it is open. */
    enum status (*open)(struct node *node, void *self, struct buffer *why);
    void (*close)(struct node *node, void *self);
    enum status (*status)(void *self); /* of what stopped a loop */
    /* Whether it is ready, and has no more to do up to `end` of submissions. */
    const char *(*busy)(void *self, uint64_t end);
};

struct node {
    struct world *world;
    const struct node_kind *kind;
    const void *what; /* the core of a part */
    uint32_t partition;
    char name[32];
    bool full;        /* its disk or map */
    uint64_t fail_in; /* commits until one fails; 0: none does */
    struct loop *loops[SIM_LOOPS_MAX];
    unsigned loop_count;
    void *self;
    bool up, dying, stopped;
    bool closing;             /* its loops turn where it waits for something, and not of themselves */
    uint64_t life;            /* counts its openings */
    uint64_t die_in;          /* seam calls until it dies; 0: not so */
    int64_t busy_us, step_us; /* spent in this turn; a look at the clock costs so much */
    int64_t free_at_us;       /* no turn before */
    int64_t skew_us;          /* of its wall's clock */
    int64_t booted_us;        /* the monotonic clock begins anywhere */
    uint64_t failures;        /* starts and runs that ended, since it served */
};

struct world *world_of(void); /* the one that runs */
struct node *world_current(void);
struct config *world_config(struct world *world);
struct node *world_node(struct world *world, unsigned index); /* NULL: past the last */
/* Within a callback of this node; ends with node_left, which closes a node that has died or stopped. `node_within`:
 * whose callback it is, for whoever lets the world run meanwhile. */
void node_enter(struct node *node);
void node_left(struct node *node);
void node_within(struct node *node);
/* Nothing of what it does from now on has an effect. */
void node_die(struct node *node, const char *of);
void node_stop(struct node *node);                                 /* as told by a signal: in order */
bool node_reaches(const struct node *from, const struct node *to); /* NULL: a region */
extern const struct node_kind node_broker, node_ingest, node_part;
struct runtime;
struct runtime *node_runtime(const struct node *node); /* of a part that is up; else NULL */
void world_remove(const char *directory);
void nodes_make(struct world *world);
void nodes_free(struct world *world);
struct log *world_log(struct world *world);                   /* of the broker; NULL: it is down */
void world_log_durable(struct world *world, struct log *log); /* just committed */
/* Its states and what lies beside them go, but the log and what parties confirmed: all comes out of the log again. PRE:
 * nothing runs. */
void exchange_forget_states(struct world *world);
void exchange_hold(struct world *world); /* no tick is placed any more */
/* Of every core's state, at the log's end. */
struct digests {
    uint8_t of[SIM_NODES_MAX][DIGEST_SIZE];
};
void exchange_digests(struct world *world, struct digests *digests);
void exchange_compare(struct world *world, const struct digests *one, const struct digests *other);
void exchange_check_money(struct world *world); /* ledger and books sum to zero */
uint64_t world_events(const struct world *world);

/* ---- seams ---- */

/* Something to read for (ready, self) of this loop, which is called in its next turn. */
void loop_sim_add(struct loop *loop, loop_ready_fn *ready, void *self);
void loop_sim_readable(struct loop *loop, void *self);
/* Turns soon; a closed loop does not. */
void loop_sim_wake(struct loop *loop);
/* Descriptors of the node's loops that have become readable. */
void loop_sim_look(struct node *node);

/* Every call of a seam; a node may die here. */
void world_point(const char *where);
bool world_dead(void); /* the node that runs has died: nothing has an effect */

/* How long a sync takes now, us. */
int64_t world_sync_us(struct world *world);

/* ---- the net ---- */

struct net;
struct net *net_new(struct world *world);
void net_free(struct net **net);
struct net *world_net(struct world *world);
/* A connection of the world's choosing ends. `silent`: one side is not told for a while. */
void net_cut_one(struct net *net, bool silent);
void net_cut_between(struct net *net, const struct node *one, const struct node *other);

/* ---- faults ---- */

void faults_begin(struct world *world);
bool world_blocked(const struct world *world, const struct node *one, const struct node *other, int64_t *until_us);
#endif
