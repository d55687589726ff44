/* SPDX-License-Identifier: Apache-2.0
 * One verdict being decided: the words that the core and the deciders of its kinds of business share. */
#ifndef HUTONG_SERVICES_SETTLEMENT_DECIDING_H
#define HUTONG_SERVICES_SETTLEMENT_DECIDING_H
#include "common/codes/identity.h"
#include "common/engines/benefit/benefit.h"
#include "common/engines/gazette/published.h"
#include "common/engines/ledger/ledger.h"
#include "common/runtime/core.h"
#include "services/settlement/policy_book.h"

/* Which parameters of a step nobody stated: of one version of a policy (its position; 0: nothing is noted here). A bill
 * asks a dozen times, mostly to hear of none: the names lie elsewhere, so that this stays in the cache. */
enum { UNSTATED_MEMO_BITS = 11 };
struct unstated_memo {
    position_t policy;
    uint32_t step, index, row; /* row: twice its number, and one more of outpatient care */
    bool any;
};
struct unstated_names {
    char names[2][PARAMETER_SOURCE_PATH_MAX + 1]; /* "": none */
};

struct settlement {
    struct core_partition partition;
    struct policy_book *policies;
    struct tally *ledger;
    struct digest *digest;
    struct buffer scratch;
    struct gazette_book *gazettes;
    struct arena questions; /* for answering queries */
    struct benefit_result result;
    struct policy_reference policy; /* that gave `result` */
    struct findings findings;
    struct posting postings[POSTINGS_COUNT_MAX];
    struct unstated_memo unstated[1 << UNSTATED_MEMO_BITS];
    struct unstated_names unstated_names[1 << UNSTATED_MEMO_BITS];
};

/* One verdict being decided. */
struct deciding {
    struct settlement *self;
    struct store_txn *txn;
    const struct core_input *input;
    const struct verdict *verdict;
    const struct event *event;
    const struct published *published; /* the tables in force */
    const struct policy *policy;       /* that governs the bill */
    struct span envelope;              /* the event's own bytes */
    struct outcome outcome;
    struct identity person; /* views borrow its number until the outcome is encoded */
    char regions[2][7];
    uint8_t row[DIGEST_SIZE / 2];                        /* rows.h */
    char original_bill_id[31], original_institution[13]; /* of what is taken back */
};

/* Refused; `path` is the field's. `detail` may be NULL. */
void refuse(struct deciding *deciding, enum rule rule, const char *path, const char *detail);
/* The outcome goes to this party's mailbox too; borrowed until the outcome is encoded. */
void deliver_to(struct outcome *outcome, const char *party);
/* PRE: the text fits. */
void copy_text(char *to, size_t size, const char *text);

/* The bytes of the envelope's body `number`: equal bytes are the same letter, whatever message it came in. */
struct span body_bytes(struct span envelope);
#endif
