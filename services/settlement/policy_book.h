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
/* The policy for a day of discharge: of those that cover it, the one with the latest start. NULL: none. */
const struct policy *policy_book_find(const struct policy_book *book, const char *area, const char *type,
                                      civil_date_t day);
/* Of its event. PRE: policy_book_find gave it. */
position_t policy_book_position(const struct policy *policy);
/* A policy with the same area, type and start replaces. RETRY_FULL: POLICIES_COUNT_MAX. */
MUST_USE enum status policy_book_keep(struct policy_book *book, struct store_txn *txn, const struct policy *policy,
                                      position_t position, struct buffer *scratch);
/* Takes the policy with this area, type and start out. False: there is none. */
bool policy_book_withdraw(struct policy_book *book, struct store_txn *txn, const struct policy *policy);
#endif
