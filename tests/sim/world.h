/* SPDX-License-Identifier: Apache-2.0
 * A simulated world: one queue of events ordered by time and a seeded tie-break, nodes with clocks of their own, lines
 * between them, and faults, all of it drawn from one seed. One thread. The same seed runs the same way on any machine.
 *
 * A node is a process of the exchange: its loop, its sockets and its disk are those of loop_sim.c, net_sim.c,
 * store_mem.c and log_mem.c, which stand behind the headers of the real ones. A node that is killed goes on to the end
 * of what it is doing, and nothing of that has an effect; then it is closed, its disk is what was durable, and it is
 * opened again after a while. */
#ifndef HUTONG_TESTS_SIM_WORLD_H
#define HUTONG_TESTS_SIM_WORLD_H
#include <stdbool.h>
#include <stdint.h>

#include "common/base/instant.h"
#include "common/base/span.h"
#include "common/net/party.h"

/* What may go wrong; each on or off for a seed. name, zh/en are for --fault and the options that are printed. */
#define SIM_FAULTS(FAULT)                                                                                              \
    FAULT(KILLS, "kills", "a process dies at a moment of the world's choosing")                                        \
    FAULT(POINTS, "points", "a process dies within a call of a seam: a send, a commit, an append")                     \
    FAULT(CUTS, "cuts", "a connection ends; what was on it is lost")                                                   \
    FAULT(DELAYS, "delays", "frames take long")                                                                        \
    FAULT(PARTITIONS, "partitions", "two nodes do not reach each other for a while")                                   \
    FAULT(PAUSES, "pauses", "a process stands still for a while")                                                      \
    FAULT(CLOCKS, "clocks", "a wall clock is set, or runs apart")                                                      \
    FAULT(SLOW_DISKS, "slow-disks", "syncs take long")                                                                 \
    FAULT(FULL, "full", "a disk or a map is full for a while")                                                         \
    FAULT(DISK_ERRORS, "disk-errors", "a sync or a commit fails")                                                      \
    FAULT(LATER, "clients-die", "a region's system dies, and knows what it had kept")

enum sim_fault {
#define FAULT(name, text, what) SIM_##name,
    SIM_FAULTS(FAULT)
#undef FAULT
        SIM_FAULTS_COUNT
};

struct sim_options {
    uint64_t seed;
    uint32_t events;     /* submissions of the regions, beyond the reference data */
    uint32_t partitions; /* 1 to 3 */
    bool faults[SIM_FAULTS_COUNT];
    int64_t faults_until_us; /* the phase of safety; after it faults end, and all must come to rest */
    instant_ms_t begins;     /* what the walls' clocks show at the start */
    bool trace;              /* every event, a line each, on stdout */
};

struct world;

struct world *world_new(const struct sim_options *options);
void world_free(struct world **world);
const struct sim_options *world_options(const struct world *world);
/* The true time, of which the nodes' clocks may differ. */
int64_t world_now_us(const struct world *world);
instant_ms_t world_wall_ms(const struct world *world);
/* Submissions below it are on the disk. */
uint64_t world_durable(const struct world *world);
/* 0 to below - 1. */
uint64_t world_dice(struct world *world, uint64_t below);
/* One in `of`. */
bool world_chance(struct world *world, uint64_t of);
/* Calls run(self) once, at its time, outside of every node. `self` lives until then. */
void world_at(struct world *world, int64_t delay_us, void (*run)(void *self), void *self);
/* Into the history: hashed, kept among the last 200, printed where the options say so. Only what a seed determines: no
 * address, no time of the machine. */
__attribute__((format(printf, 2, 3))) void world_note(struct world *world, const char *format, ...);
/* Something that must not be: prints the seed, the options, the last 200 notes and the sentence, and ends the run
 * (world_failed). The first one stands. */
__attribute__((format(printf, 2, 3))) void world_fail(struct world *world, const char *format, ...);
const char *world_failed(const struct world *world); /* NULL: nothing has */
uint64_t world_hash(const struct world *world);      /* of all notes */
/* Events are run until `until_us`, something has failed, or nothing is left. */
void world_run(struct world *world, int64_t until_us);
bool world_is_calm(const struct world *world); /* the phase of safety is over */

/* ---- the exchange ---- */

/* Opens all its processes: broker, ingest, validation.P, settlement.P, books, audit. */
void exchange_open(struct world *world);
/* Every process runs, is ready, and has nothing left to do. `why_not`: who has. */
bool exchange_is_at_rest(struct world *world, const char **why_not);
/* Kills all at once, as a power cut does. They come back. */
void exchange_power_cut(struct world *world);
/* The endpoints that regions connect to. */
#define SIM_GATE "tcp://gate"
#define SIM_MAILBOX "tcp://mailbox"

/* ---- lines of those who are no process of the exchange ---- */

struct line;
struct line_options {
    const char *endpoint;
    const char *party; /* "110000" */
    enum party_role role;
    void (*connected)(void *self);
    void (*lost)(void *self); /* what was sent and not answered may not have come; it connects again by itself */
    void (*message)(void *self, struct span bytes); /* borrowed */
    void *self;
};
struct line *line_open(struct world *world, const struct line_options *options);
/* Copies. While nobody is there it is kept, and goes out when somebody is. */
void line_send(struct line *line, struct span bytes);
/* A client that does not read. */
void line_hear(struct line *line, bool hear);
void line_close(struct line **line);
#endif
