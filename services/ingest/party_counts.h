/* SPDX-License-Identifier: Apache-2.0
 * Who is slow, who is refused, and for what: what each party sent and was answered, as metrics with its name. The gate
 * and the mailbox count into the same ones, each from its own thread. The parties are the three regions and the
 * operator, so the series are few; whoever else speaks is not counted. Counts begin with the process. */
#ifndef HUTONG_SERVICES_INGEST_PARTY_COUNTS_H
#define HUTONG_SERVICES_INGEST_PARTY_COUNTS_H
#include "common/bus/bus.h"
#include "common/codes/rule.h"
#include "common/net/fair.h"
#include "common/net/server.h"
#include "common/observe/metrics.h"
#include "services/ingest/request.h"

enum { COUNTED_PARTIES = 4 };
enum counted_receipt {
    COUNTED_ACCEPTED,
    COUNTED_DUPLICATE,
    COUNTED_REFUSED,
    COUNTED_CONFLICT,
    COUNTED_BUSY,
    COUNTED_RECEIPTS
};

enum { COUNTED_RULES = 1000 }; /* rules have three digits */

struct party_counts {
    struct metrics *metrics;
    struct counted_party {
        const char *name;
        struct metric *receipts[COUNTED_RECEIPTS], *outcomes_refused, *limited, *waiting[2], *backlog[BOXES],
            *oldest_seconds[BOXES], *last_seen, *last_receipt;
        struct metric *refusals[COUNTED_RULES]; /* by rule; NULL: made when it is broken first */
        struct oldest_unconfirmed {             /* of each box; the thread's that watches them */
            position_t position;
            instant_ms_t at;    /* 0: all is confirmed */
            uint64_t confirmed; /* the place before it */
        } oldest[BOXES];
    } parties[COUNTED_PARTIES];
};

void party_counts_open(struct party_counts *counts, struct metrics *metrics);
/* Of the peer that speaks; NULL: it is none of them. */
struct counted_party *party_counts_of(struct party_counts *counts, const struct peer *peer);
struct counted_party *party_counts_named(struct party_counts *counts, struct span name);
/* Of these `party` may be NULL. Times are of this machine's clock. */
void party_seen(struct counted_party *party, instant_ms_t now);
void party_receipt(struct counted_party *party, enum counted_receipt receipt, instant_ms_t now);
/* A message or a request that was not let in; of whoever it was. */
void party_refused_at_edge(struct party_counts *counts, const struct counted_party *party, enum rule rule);
/* The party's alone. */
void party_refused(struct party_counts *counts, const struct counted_party *party, enum rule rule);
/* What waits of each party in an endpoint's lanes; `endpoint` 0: the gate's, 1: the mailbox's. */
void party_waiting(struct party_counts *counts, unsigned endpoint, const struct fair *fair);
/* For a status. */
struct party_status party_status_of(const struct counted_party *party);
#endif
