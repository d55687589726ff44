/* SPDX-License-Identifier: Apache-2.0
 * A co-investigation as it is kept, and as it is told. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_INQUIRY_H
#define HUTONG_SERVICES_BOOKS_KEEP_INQUIRY_H
#include "services/books/keep/books.h"

struct inquiry {
    uint64_t request; /* its number; 0: it is offered */
    uint64_t settlement;
    unsigned asker; /* region */
    enum investigation_stage stage;
    civil_date_t answer_by; /* 0: beyond the calendar */
    enum investigation_verdict verdict;
    fen_t amount;
};

void inquiry_store(struct books *books, const struct inquiry *inquiry);
/* False: there is none. */
bool inquiry_load(struct books *books, uint64_t request, struct inquiry *inquiry);
void inquiry_read(struct span key, struct span value, struct inquiry *inquiry);
/* As it is told. */
struct investigation_state inquiry_state(struct books *books, const struct inquiry *inquiry,
                                         const struct book_bill *bill, const char *text);
#endif
