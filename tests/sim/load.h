/* SPDX-License-Identifier: Apache-2.0
 * What the parties send: reference data, then bills of every kind of care and letters of transfers, a function of the
 * seed. Sent in phases: a phase begins when all before it have receipts. */
#ifndef HUTONG_TESTS_SIM_LOAD_H
#define HUTONG_TESTS_SIM_LOAD_H
#include "common/base/buffer.h"
#include "common/base/instant.h"

enum { LOAD_PARTIES = 4, LOAD_TODAY = 20251124 };
extern const char *const load_parties[LOAD_PARTIES]; /* the operator, then the regions */

struct load_message {
    unsigned party, phase;
    bool wanted; /* a bill, or reference data: the exchange must take it in, and settle or apply most */
    struct span envelope;
    char id[37];
};

struct load {
    struct load_message *messages;
    size_t count, capacity;
    unsigned phases;
    struct buffer bytes;
};

/* Reads data/ below the working directory. */
void load_make(struct load *load, uint64_t seed, uint32_t events);
void load_fini(struct load *load);
#endif
