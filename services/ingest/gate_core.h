/* SPDX-License-Identifier: Apache-2.0
 * What the gate decides about one envelope: is it canonical and may this party say it (gate_examine); has its id been
 * decided, and if not, where and when does it stand (gate_place). Pure: bytes and facts in, a ruling out. A refusal
 * here consumes no id and stores nothing; the same bytes get the same refusal again. tests/table/gate_placing.c has
 * every row of the placing. */
#ifndef HUTONG_SERVICES_INGEST_GATE_CORE_H
#define HUTONG_SERVICES_INGEST_GATE_CORE_H
#include "common/bus/bus.h"
#include "common/codes/rule.h"
#include "common/net/server.h"
#include "common/pb/event.h"
#include "services/ingest/ids.h"

struct gate_view {
    struct envelope_head head;
    uint8_t id[16];
    uint8_t sha256[DIGEST_SIZE];
    bool recorded; /* its record had this salt before, or none; otherwise it gets one */
    struct span salt;
    struct span signature; /* an encoded EnvelopeSignature; empty: none */
};

/* RULE_NONE: it may be accepted, and `view` is filled. Otherwise the rule; `path` says where. `replaying`: the operator
 * plays a trace back into an exchange that runs on a trace's clock, and so speaks for everybody in it, ticks included.
 */
enum rule gate_examine(const struct peer *peer, bool replaying, struct span envelope, struct digest *digest,
                       struct gate_view *view, struct buffer *path);

/* What is known of an id at the moment when its envelope asks for a place in the log. */
struct gate_facts {
    const struct id_entry *found; /* where the id stands, or will stand: the disk need not have it yet. NULL: nowhere */
    const uint8_t *sha256;        /* of the envelope that asks */
    bool id_room;                 /* the index can take one more id */
    bool log_room;           /* nothing of its frame had to wait, and the pipeline, the group and the flight take it */
    position_t end;          /* next position to give out */
    instant_ms_t stamp;      /* this machine's clock, or the trace's */
    instant_ms_t last_stamp; /* of position end - 1 */
};

enum gate_outcome {
    PLACED,        /* new: it stands at `entry` from now on */
    PLACED_BEFORE, /* the same bytes stand at `entry` */
    PLACED_OTHER,  /* other bytes stand at `entry` under this id */
    PLACING_BUSY,  /* no place now */
    PLACING_FULL   /* no place before there is room again */
};

struct gate_placing {
    enum gate_outcome outcome;
    struct id_entry entry; /* zeros where there is no place */
    position_t needs;      /* what the receipt states is a fact once all positions below are on disk */
};

/* The decision that exactly-once rests on. An id that was ever placed is answered with that place for ever, whatever
 * room there is; a new one takes the next position, and a time that is never less than the one before it. */
struct gate_placing gate_place(const struct gate_facts *facts);

/* The receipt of a placing; it borrows from both. PLACED and PLACED_BEFORE give the same bytes, made of nothing but
 * `view` and the entry. `retry_after_ms` is for those that have no place. */
struct receipt gate_receipt(const struct gate_view *view, const struct gate_placing *placing, uint32_t retry_after_ms);
/* Why there is no receipt that accepts; RULE_NONE where there is one. */
enum rule gate_placing_rule(enum gate_outcome outcome);
struct receipt gate_receipt_accepted(const struct gate_view *view, const struct id_entry *entry);
struct receipt gate_receipt_refused(enum rule rule, const char *path, struct span message_id);
struct edge_refusal gate_refusal(enum rule rule, const char *path);

/* How often the exchange's clock goes onto the log. A day's passed limits are told in portions, one a tick, so right
 * after midnight in Shanghai it ticks faster. */
struct gate_ticks {
    uint32_t interval_ms;
    uint32_t rush_interval_ms; /* 0: no rush */
    uint32_t rush_minutes;
};
/* From `now` until the next tick is due, in ms; 0: it is. PRE: interval_ms > 0. */
uint32_t gate_tick_wait(const struct gate_ticks *ticks, instant_ms_t last, instant_ms_t now);
/* The tick that stands at `position` (appended), as it would be examined. Its id is made from its place, so that it
 * needs no randomness: a UUIDv7 of time and position. */
void gate_tick_make(instant_ms_t now, position_t position, struct digest *digest, struct buffer *envelope,
                    struct gate_view *view);
#endif
