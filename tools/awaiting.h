/* SPDX-License-Identifier: Apache-2.0
 * Outcomes of what was sent, in the order in which it was sent. What was accepted now comes out of the own mailbox, a
 * page of thousands at a time. What was accepted before, and what another party is the sender of (on a trace's clock),
 * is asked for by its position, one by one. */
#ifndef HUTONG_TOOLS_AWAITING_H
#define HUTONG_TOOLS_AWAITING_H
#include "tools/repeats.h"

typedef void awaited_fn(void *self, uint64_t position, struct span outcome);

struct awaiting {
    struct ht_client *client;
    const struct repeats *repeats; /* their runs grow as receipts come */
    awaited_fn *each;
    void *self;
    size_t run;                /* the first that is not through */
    uint64_t offset;           /* in it */
    uint64_t place;            /* of the mailbox, to read next */
    bool by_mailbox, ask_next; /* ask_next: the first is not found there */
    bool held;                 /* what the page holds further is for later */
};

/* After repeats_begin, before anything is sent. */
void awaiting_begin(struct awaiting *awaiting, struct ht_client *client, const struct repeats *repeats,
                    awaited_fn *each, void *self);
/* Where a message of another sender is among them. */
void awaiting_ask_always(struct awaiting *awaiting);
/* `each` of what the mailbox has by now, up to the first that must be asked for. */
void awaiting_take(struct awaiting *awaiting);
/* `each` of all. HT_TIMEOUT: nothing came for a minute. */
enum ht_result awaiting_finish(struct awaiting *awaiting);
/* The first that has not come; false: all have. */
bool awaiting_position(struct awaiting *awaiting, uint64_t *position);
#endif
