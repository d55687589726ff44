/* SPDX-License-Identifier: Apache-2.0
 * What the parties send: reference data, then bills of every kind of care and letters of transfers, trials, reversals
 * and partial refunds of bills sent before, statements of a day, and bodies that nobody knows; a function of the seed.
 * Sent in phases: a phase begins when all before it have receipts. */
#ifndef HUTONG_TESTS_SIM_LOAD_H
#define HUTONG_TESTS_SIM_LOAD_H
#include "common/base/buffer.h"
#include "common/base/instant.h"

enum { LOAD_PARTIES = 4, LOAD_TODAY = 20251124 };
extern const char *const load_parties[LOAD_PARTIES]; /* the operator, then the regions */

struct load_message {
    unsigned party, phase;
    bool wanted;       /* a bill, or reference data: the exchange must take it in, and settle or apply most */
    bool unknown_body; /* taken in, and dead */
    enum { LOAD_MADE, LOAD_REVERSAL, LOAD_REFUND } names; /* a bill, by its position: made once that is known */
    size_t bill;                                          /* that one's index */
    struct span envelope;                                 /* empty: not made yet */
    char id[37];
};

struct load {
    struct load_message *messages;
    size_t count, capacity;
    unsigned phases;
    struct buffer bytes;
    struct buffer *late; /* of those that are made later, by index; most are empty */
};

/* Reads data/ below the working directory. */
void load_make(struct load *load, uint64_t seed, uint32_t events);
/* Message `index` stands at this position: what names it is made. */
void load_stands(struct load *load, size_t index, uint64_t position);
void load_fini(struct load *load);
#endif
