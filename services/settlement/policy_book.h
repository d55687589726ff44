/* SPDX-License-Identifier: Apache-2.0
 * The policies in force, decoded and in memory: a copy of the table `policies`. */
#ifndef HUTONG_SERVICES_SETTLEMENT_POLICY_BOOK_H
#define HUTONG_SERVICES_SETTLEMENT_POLICY_BOOK_H
#include "common/pb/event.h"
#include "common/runtime/core.h"

enum { POLICIES_COUNT_MAX = 1024 }; /* 14 areas, 2 types, a new version each year: 36 years */

struct policy_book;
/* NULL: what is stored cannot be read. */
struct policy_book *policy_book_new(struct store_txn *txn, unsigned table);
void policy_book_destroy(struct policy_book **book);
struct policy_wanted {
    const char *area, *type;
    civil_date_t day; /* of discharge */
    bool goes_on;     /* what has ended goes on until the next begins; else it covers the day or is none */
    bool applies;     /* or one that another area, or the province, states to apply to it */
};
/* The area's own with the latest start by that day; where it does not cover the day, and that is wanted, of those that
 * apply to the area; else, where policies go on, what has ended. NULL: none. */
const struct policy *policy_book_find(const struct policy_book *book, const struct policy_wanted *wanted);
/* The policies that end, each area and type once, with the last day of its latest version; none of those that go on. */
unsigned policy_book_ends(const struct policy_book *book, struct core_end ends[CORE_ENDS_COUNT_MAX]);
/* Of its event. PRE: policy_book_find gave it. */
position_t policy_book_position(const struct policy *policy);
/* Is the grade of this parameter M: does nobody's document state it? False also where grades are not known. PRE:
 * policy_book_find gave it. */
bool policy_book_is_unstated(const struct policy *policy, const char *path);
/* Was a share of civil servants stated, be it 0? */
bool policy_book_states_civil_servant(const struct policy *policy);
/* What policy_book_keep remembers of the grades of a Policy as it was stated: those of the other kind than its own. */
MUST_USE enum status policy_exceptions(struct span stated, const struct policy *policy, struct buffer *out);
/* A policy with the same area, type and start replaces. `exceptions` empty: the grades are not remembered. RETRY_FULL:
 * POLICIES_COUNT_MAX. */
MUST_USE enum status policy_book_keep(struct policy_book *book, struct store_txn *txn, const struct policy *policy,
                                      struct span exceptions, position_t position, struct buffer *scratch);
/* Takes the policy with this area, type and start out. False: there is none. */
bool policy_book_withdraw(struct policy_book *book, struct store_txn *txn, const struct policy *policy);
#endif
