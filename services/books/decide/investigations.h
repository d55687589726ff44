/* SPDX-License-Identifier: Apache-2.0
 * Co-investigation (协查, DOMAIN 3).
 *
 *   REQUESTED --the other side answers--> ANSWERED --the region of care finds--> FOUND
 *       \--the limit passes--> OVERDUE --answer or finding--^
 *
 * The request may come from either side, the finding from the region of care, which administers its institutions. A
 * bill that is in no table yet is held meanwhile, where the policy says so. What a finding takes off goes back as an
 * adjustment: an item of its own that clears like a reversal. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_INVESTIGATIONS_H
#define HUTONG_SERVICES_BOOKS_DECIDE_INVESTIGATIONS_H
#include "services/books/keep/books.h"

/* A stay above the policy's amount is offered, as soon as it is settled. */
void investigations_offer(struct books *books, const struct book_bill *bill);
void investigations_ask(struct books *books, const struct investigation *request);
void investigations_answered(struct books *books, const struct investigation *answer);
void investigations_found(struct books *books, const struct investigation *finding);
/* Its limit has passed; false: it was answered, nothing is to be said. */
bool investigations_overdue(struct books *books, uint64_t request);
/* As it stands, in a record of this kind. */
void investigations_say(struct books *books, uint64_t request, enum books_kind kind);
/* Its limit is another. */
void investigations_move(struct books *books, uint64_t request, civil_date_t answer_by);
#endif
