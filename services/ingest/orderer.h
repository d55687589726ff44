/* SPDX-License-Identifier: Apache-2.0
 * Puts envelopes into the one total order and remembers which id stands where. The only writer of `submissions`.
 *
 *   OPENING --writer opened--> CATCHING UP --index of ids has reached the end of the log--> SERVING
 *
 * The index (ids.h) is a core over the log under the ordinary runtime: after a crash the log is read from the index's
 * cursor on, so a crash between append and answer is healed by reading. While serving, each batch is fed to it once it
 * is on disk. A receipt is a function of the log's record, so it can be made again at any time, byte for byte.
 *
 * Ids that the index does not have yet live in a ring by position; a second sending of one of them waits for the same
 * disk write as the first. */
#ifndef HUTONG_SERVICES_INGEST_ORDERER_H
#define HUTONG_SERVICES_INGEST_ORDERER_H
#include "common/bus/bus.h"
#include "common/net/loop.h"
#include "common/observe/metrics.h"
#include "services/ingest/gate_core.h"

struct orderer;

struct orderer_options {
    struct loop *loop;
    struct bus *bus;       /* borrowed; the orderer sets bus->handlers */
    struct bus *index_bus; /* borrowed; the index's runtime sets its handlers */
    const char *state_directory;
    size_t state_map_size;
    struct metrics *metrics;
    /* Everything below `position` is on disk: receipts that waited for it may go. */
    void (*durable)(void *self, position_t position);
    /* Nothing from `position` on was written, and nothing of it will be: the storage is full. */
    void (*rolled_back)(void *self, position_t position);
    /* Answer to orderer_read: the record at that position; empty when it cannot be read now. */
    void (*read)(void *self, position_t position, struct span record);
    void *self;
};

MUST_USE enum status orderer_open(const struct orderer_options *options, struct orderer **orderer, struct buffer *why);
void orderer_close(struct orderer **orderer);
bool orderer_is_ready(const struct orderer *orderer, const char **why_not);
/* False: it serves, and takes nothing new in. */
bool orderer_has_room(const struct orderer *orderer, const char **why_not);
enum status orderer_status(const struct orderer *orderer, const char **why);
position_t orderer_end(const struct orderer *orderer);          /* next position to give out */
position_t orderer_durable(const struct orderer *orderer);      /* everything below is on disk */
position_t orderer_began(const struct orderer *orderer);        /* where the log ended when the bus began */
instant_ms_t orderer_last_stamp(const struct orderer *orderer); /* no later acceptance has an earlier time */

/* Signing keys and demands of parties, as they hold at orderer_end: nothing is placed behind an event of theirs before
 * the index has it. */
struct signing_keys orderer_signing(const struct orderer *orderer);
/* Asks gate_place for a place and, when it gives one, writes the envelope down. `room` false: no new place. `stamp`:
 * the time of acceptance to give. The answer is a fact once orderer_durable has reached its `needs`. */
struct gate_placing orderer_place(struct orderer *orderer, const struct gate_view *view, struct span envelope,
                                  instant_ms_t stamp, bool room);
/* Of one party, or of any (`party` empty). False: this id has never been placed. */
bool orderer_find(struct orderer *orderer, struct span party, const uint8_t id[16], struct id_entry *entry);
/* Reads the record at a durable position; answers through options.read. */
void orderer_read(struct orderer *orderer, position_t position);
#endif
