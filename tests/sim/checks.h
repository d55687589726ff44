/* SPDX-License-Identifier: Apache-2.0
 * What must never be, whatever fails: kept from all that any client ever heard, and from the log. It knows no process
 * and no disk; whoever hears something says so here, and what contradicts anything heard before ends the run
 * (world_fail) with positions and ids.
 *
 * A receipt's position holds its bytes for ever; an id has one position and a position one id; receipts of an id are
 * byte-equal; queries and receipts never contradict, and states only move on; nothing is told before it is durable; a
 * place of a mailbox holds one outcome for ever, in the order of the log, without gaps; all who got an outcome got the
 * same; ends and confirmations never go back; stamps of the log never go back; each submission is decided once, and its
 * sender has it; postings add up to zero; a settlement stands in one clearing table at most. */
#ifndef HUTONG_TESTS_SIM_CHECKS_H
#define HUTONG_TESTS_SIM_CHECKS_H
#include "common/pb/wire.h"
#include "tests/sim/world.h"

enum { CHECKS_OUTCOMES = 0, CHECKS_BOOKS = 1, CHECKS_BOXES = 2 }; /* as enum mailbox_box */
enum checks_endpoint { CHECKS_GATE, CHECKS_MAILBOX, CHECKS_ENDPOINTS };

struct checks;
struct checks *checks_new(struct world *world);
void checks_free(struct checks **checks);

/* ---- what a client heard. `durable_end`: of submissions, on the broker's disk, at that moment ---- */

/* To what this party sent just now. */
void checks_receipt(struct checks *checks, const char *party, struct span envelope, struct span receipt,
                    uint64_t durable_end);
/* Of the gate, by id. */
void checks_query(struct checks *checks, const char *party, struct span message_id, const struct query_answer *answer,
                  uint64_t durable_end);
/* Of the mailbox, by position. */
void checks_query_position(struct checks *checks, const char *party, uint64_t position,
                           const struct query_answer *answer, uint64_t durable_end);
/* To a fetch from `from`. */
void checks_page(struct checks *checks, const char *party, unsigned box, uint64_t from, const struct mailbox_page *page,
                 uint64_t durable_end);
void checks_confirmed(struct checks *checks, const char *party, unsigned box, uint64_t through);
void checks_pong(struct checks *checks, const char *party, enum checks_endpoint endpoint, const struct pong *pong,
                 uint64_t durable_end);

/* ---- what the log holds ---- */

/* A record of `submissions`; as often as anybody likes, each for the first time in the order of positions. */
void checks_submission(struct checks *checks, uint64_t position, struct span record);
/* What the partitions and the books said of a position; once each, from 0 on, when all is at rest. */
void checks_decided(struct checks *checks, uint64_t position, const struct span *outcomes, unsigned partitions,
                    struct span books);
/* A settlement's row of a clearing table. */
void checks_cleared(struct checks *checks, uint32_t month, uint64_t settlement);
/* At rest, behind all of the above: nothing lacks. */
void checks_end(struct checks *checks);

/* Of what is checked. */
uint64_t checks_accepted(const struct checks *checks);
uint64_t checks_delivered(const struct checks *checks);
#endif
