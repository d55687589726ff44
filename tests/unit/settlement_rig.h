/* SPDX-License-Identifier: Apache-2.0
 * A partition of settlement over a store of its own, driven by hand: verdicts and submissions in, one outcome at a time
 * out. Every
 * helper fails the test that calls it. */
#ifndef HUTONG_TESTS_UNIT_SETTLEMENT_RIG_H
#define HUTONG_TESTS_UNIT_SETTLEMENT_RIG_H
#include "common/codes/rule.h"
#include "common/pb/outcome.h"
#include "services/settlement/settled.h"
#include "tests/support/core_harness.h"

#define DAY 20250310
#define CARE "120000"    /* region of care */
#define INSURED "110000" /* insured region */
#define HOSPITAL "H12010100001"
#define ID "0190b1c2-0000-7000-8000-000000000001"

/* Where settlement gets the envelope from: before logic version 3, from it on, in a log that has both. */
enum envelope_form { ENVELOPE_IN_VERDICT, ENVELOPE_IN_SUBMISSION, ENVELOPE_IN_EITHER, ENVELOPE_FORMS_COUNT };

struct rig {
    struct harness harness;
    enum envelope_form form;
    struct buffer submission; /* beside the verdict */
    struct outcome outcome;   /* of the last record; borrowed from the arena */
};

void rig_start(struct rig *rig, uint32_t index, uint32_t count);
/* The tables that version 2 goes by, then that version. */
void rig_logic(struct rig *rig, uint32_t version);
void rig_logic_two(struct rig *rig);
void rig_stop(struct rig *rig);
/* One raw record. */
enum status rig_apply(struct rig *rig, struct span record);
void assert_books_balance(struct rig *rig);
fen_t balance_of(struct rig *rig, const char *account);
void assert_refused(struct rig *rig, enum rule rule);

/* Valid numbers of persons who do not exist. */
void person_number(unsigned index, char out[19]);
const char *person(unsigned index); /* one of four buffers in turn */

extern const struct bill_facts facts_of_care;
/* What validation made of an event; returns the position at which settlement decided it. */
position_t decide(struct rig *rig, const struct event *event, struct verdict verdict);
position_t admit(struct rig *rig, const struct event *event); /* with no finding */
/* data/policies/NAME.yaml, as an event. */
void publish(struct rig *rig, const char *name);
/* One line of 甲, a stay of nine days, Beijing's employee in Tianjin. */
struct event bill_event(enum event_kind kind, unsigned who, const char *number, fen_t amount, struct bill_item *item);
position_t settle(struct rig *rig, unsigned who, const char *number, fen_t amount);
void reverse(struct rig *rig, const char *sender, unsigned who, position_t original);
void state_account(struct rig *rig, unsigned who, fen_t balance);
#endif
