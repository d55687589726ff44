/* SPDX-License-Identifier: Apache-2.0
 * One core over a store of its own in a temporary directory, driven by hand, without the runtime: records in, one
 * output record at a time out. A rig is a harness with the words of its core. Every helper fails the test that calls
 * it. */
#ifndef HUTONG_TESTS_SUPPORT_CORE_HARNESS_H
#define HUTONG_TESTS_SUPPORT_CORE_HARNESS_H
#include "common/pb/event.h"
#include "common/pb/wire.h"
#include "common/runtime/core.h"

#define BEIJING "110000"
#define TIANJIN "120000"
#define HEBEI "130000"
/* A literal as an initializer of a struct span. */
#define SPAN_OF(literal)                                                                                               \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

struct harness {
    const struct core *core;
    struct core_partition partition;
    position_t position; /* of the next record */
    struct arena arena;  /* reset before each record: what was decoded from the last output lives here */
    struct buffer output;
    struct buffer envelope, record, outcome; /* what was made last to be applied; record: a submission or a verdict */
    struct buffer answer;                    /* to the last question */
    char message_id[37];
    struct store_txn *txn;
    struct store *store;
    void *self;
    char directory[64];
};

/* No core: one table, 0. */
extern const struct core core_of_one_table;
void harness_start(struct harness *harness, const struct core *core, uint32_t index, uint32_t count,
                   position_t position);
/* Closes, frees, removes the directory. */
void harness_stop(struct harness *harness);
void harness_commit(struct harness *harness);
/* Commits, then stops and starts the core, as a service that is run again. */
void harness_restart(struct harness *harness);
/* One record of each input at harness->position, which moves on when the core says OK. */
enum status harness_apply(struct harness *harness, const struct span *records, unsigned count);
/* As the runtime keeps a dead letter and asks the core for its output. Moves on. */
void harness_bury(struct harness *harness, struct span record, const char *reason);
void harness_digest(struct harness *harness, uint8_t out[DIGEST_SIZE]);

/* The event with what every envelope has, where it says nothing of it: version 1, a number by position, texts "". */
struct span harness_envelope(struct harness *harness, struct event *event);
struct span harness_submission(struct harness *harness, instant_ms_t accepted_at, struct span envelope);
/* harness->record and harness->outcome, which partition `from` of two has. */
enum status harness_apply_decided(struct harness *harness, unsigned from);
/* Valid by the schema. */
struct span harness_ask(struct harness *harness, struct span question, enum wire_message answer);
/* Of a table of balances: one account's; all of them sum to zero. */
fen_t harness_balance(struct harness *harness, unsigned table, const char *account);
void harness_assert_balanced(struct harness *harness, unsigned table);
void assert_canonical(enum wire_message message, struct span bytes);
/* The identity number of 18 of 17 digits: a person who does not exist. One of four buffers in turn. */
const char *identity_of(const char *digits17);
#endif
