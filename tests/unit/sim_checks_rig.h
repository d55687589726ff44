/* SPDX-License-Identifier: Apache-2.0
 * A small sound history for the simulator's checks, and a world that is a sentence: the first that a check said. */
#ifndef HUTONG_TESTS_UNIT_SIM_CHECKS_RIG_H
#define HUTONG_TESTS_UNIT_SIM_CHECKS_RIG_H
#include "common/pb/outcome.h"
#include "tests/sim/checks.h"
#include "tests/support/test.h"

enum { MESSAGES = 6, EVENTS_MS = 1000 };

/* Message i is of a party in turn, stands at i, and its outcome goes to its sender and to Hebei. */
struct history {
    struct checks *checks;
    struct buffer envelopes[MESSAGES], records[MESSAGES], receipts[MESSAGES], outcomes[MESSAGES];
    struct buffer scratch;
};

extern struct history history;
extern char failed[512];

const char *party_of(unsigned i);
const char *id_of(unsigned i);
struct span envelope_of(unsigned i, const char *reason, struct buffer *out);
struct span receipt_of(uint32_t kind, unsigned i, uint64_t position, struct span envelope, struct buffer *out);
struct span record_of(instant_ms_t accepted_at, struct span envelope, struct buffer *out);
struct span outcome_of(unsigned i, uint64_t position, enum outcome_kind kind, fen_t amount, struct buffer *out);
int rig_start(void **state);
int rig_stop(void **state);
void receive(unsigned i);
void receive_span(unsigned i, struct span receipt);
void fetch(const char *party, uint64_t from, const struct span *outcomes, uint32_t count);
void fetch_all(void);
void log_record(unsigned i);
void decide(unsigned i);
void all_received_and_logged(void);
void caught(const char *sentence);
#endif
