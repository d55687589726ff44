/* SPDX-License-Identifier: Apache-2.0
 * One verdict being decided: what the settlement core lends to the files that decide its kinds of business. */
#ifndef HUTONG_SERVICES_SETTLEMENT_DECIDING_INTERNAL_H
#define HUTONG_SERVICES_SETTLEMENT_DECIDING_INTERNAL_H
#include "common/codes/identity.h"
#include "common/engines/benefit/benefit.h"
#include "common/engines/ledger/ledger.h"
#include "common/runtime/core.h"
#include "services/settlement/policy_book.h"

struct settlement {
    struct core_partition partition;
    struct policy_book *policies;
    struct ledger *ledger;
    struct digest *digest;
    struct buffer scratch;
    uint32_t logic_version;
    struct arena questions; /* for answering queries */
    struct benefit_result result;
    struct policy_reference policy; /* that gave `result` */
    struct findings findings;
    struct posting postings[POSTINGS_COUNT_MAX];
};

/* One verdict being decided. */
struct deciding {
    struct settlement *self;
    struct store_txn *txn;
    const struct core_input *input;
    const struct verdict *verdict;
    const struct event *event;
    struct span envelope; /* the event's own bytes */
    struct outcome outcome;
    struct identity person; /* views borrow its number until the outcome is encoded */
    char regions[2][7];
};

/* Refused; `path` is the field's. `detail` may be NULL. */
void refuse(struct deciding *deciding, enum rule rule, const char *path, const char *detail);
/* The outcome goes to this party's mailbox too; borrowed until the outcome is encoded. */
void deliver_to(struct outcome *outcome, const char *party);
/* PRE: the text fits. */
void copy_text(char *to, size_t size, const char *text);

/* bills.c; each fills the outcome. PRE: validation admitted the event. */
void bill_settle(struct deciding *deciding, const struct identity *person);
void bill_trial(struct deciding *deciding, const struct identity *person);
void bill_reverse(struct deciding *deciding, const struct identity *person);
/* The enrolment itself is validation's; the account that it states is ours to draw on. */
void account_state(struct deciding *deciding, const struct identity *person);

void local_care_take(struct deciding *deciding, const struct identity *person);

/* transfers.c, certifications.c; as above. FATAL_CORRUPT: what is stored cannot be read. */
MUST_USE enum status transfer_decide(struct deciding *deciding, const struct identity *person);
MUST_USE enum status certification_decide(struct deciding *deciding, const struct identity *person);
/* Validation refused the letter, but it has been taken before: reference data have moved on since. True: answered as
 * then. */
bool transfer_was_answered(struct deciding *deciding, const struct identity *person);
/* A tick: limits that are due soon or have passed, of one region; the outcome stays as it is when there are none. */
void transfers_tell(struct deciding *deciding);
#endif
