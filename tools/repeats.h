/* SPDX-License-Identifier: Apache-2.0
 * Where what was sent stands, and which of it was sent before: the exchange answers such with what it said the first
 * time, which may no longer be so. */
#ifndef HUTONG_TOOLS_REPEATS_H
#define HUTONG_TOOLS_REPEATS_H
#include "tools/cli.h"

/* Positions one after the other, which a sender that is alone gets: what is kept grows with interruptions. */
struct position_run {
    uint64_t first, end;
};

struct repeats {
    uint64_t end; /* of the log, before anything was sent */
    bool end_known;
    struct position_run *runs; /* of all that was accepted, as it was sent; no run lies across `end` */
    size_t count, capacity;
    struct position_run *sorted; /* the same, joined; NULL: to be made */
    size_t sorted_count;
};

/* Before sending. Where the exchange does not say in time how far it is, nothing counts as sent before. What is left of
 * the time, but at least a second: whoever comes up at the end of it may still answer. */
uint32_t repeats_begin(struct repeats *repeats, struct ht_client *client, uint32_t deadline_ms);
/* More receipts. */
void repeats_sent(struct repeats *repeats, const struct ht_receipt *receipts, size_t count);
bool repeats_has(const struct repeats *repeats, uint64_t position);
/* After ht_outcome of this position: where something else took its place since; 0: it was not sent before, is the last
 * word, or what took its place was sent along with it. */
uint64_t repeats_superseded_by(struct repeats *repeats, const struct ht_client *client, uint64_t position);
void repeats_end(struct repeats *repeats);
#endif
