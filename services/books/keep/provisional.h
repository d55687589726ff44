/* SPDX-License-Identifier: Apache-2.0
 * Limits beyond the published calendar, by what they are of, until they are stated anew. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_PROVISIONAL_H
#define HUTONG_SERVICES_BOOKS_KEEP_PROVISIONAL_H
#include "services/books/keep/books.h"

enum provisional_kind { PROVISIONAL_PAYMENT = 1, PROVISIONAL_TOP_UP, PROVISIONAL_INVESTIGATION };
struct provisional_limit {
    enum provisional_kind kind;
    uint64_t subject;
    bool provisional; /* false: the calendar has come, which is to be told */
    civil_date_t from;
    uint32_t days[3];
    struct clearing_limits limits;
};

/* Limits counted from today; kept if they are provisional. */
void provisional_keep(struct books *books, enum provisional_kind kind, uint64_t subject, const uint32_t days[3],
                      const struct clearing_limits *limits);
bool provisional_is(struct books *books, enum provisional_kind kind, uint64_t subject);
/* False: none is kept. */
bool provisional_find(struct books *books, enum provisional_kind kind, uint64_t subject,
                      struct provisional_limit *limit);
void provisional_store(struct books *books, const struct provisional_limit *limit);
void provisional_delete(struct books *books, const struct provisional_limit *limit);
/* The first one behind `limit` (kind 0: the first); false: none. */
bool provisional_next(struct books *books, struct provisional_limit *limit);
#endif
