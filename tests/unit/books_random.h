/* SPDX-License-Identifier: Apache-2.0
 * Random events for the books: bills, reversals, statements, disputes, investigations, deposits, payments, ticks. */
#ifndef HUTONG_TESTS_UNIT_BOOKS_RANDOM_H
#define HUTONG_TESTS_UNIT_BOOKS_RANDOM_H
#include "tests/unit/books_model.h"

enum { MONTHS_LIVED = 27 /* that a history may touch */ };

struct advance_model {
    fen_t deposited[PAIRS], on_its_way[PAIRS];
    position_t waiting; /* a deposit on its way; 0: none */
    struct advance_deposit deposit;
};

extern uint64_t random_state; /* the seed sets it */
extern struct advance_model advances;

uint64_t any(uint64_t below);
const struct books_reply *ask_clearing(struct rig *rig, uint32_t month);
void one_event(struct rig *rig, struct model *model);
void one_busy_event(struct rig *rig, struct model *model);
#endif
