/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books, read, and who asks. What a region may see is decided here and nowhere else: of pairs, its
 * own; of accounts, those that name it; figures of institutions, all (joint supervision). */
#ifndef HUTONG_SERVICES_BOOKS_ASK_QUESTION_H
#define HUTONG_SERVICES_BOOKS_ASK_QUESTION_H
#include "services/books/keep/books.h"

/* Any of the questions' fields. */
struct question {
    enum books_question kind;
    struct span body; /* of ASK_TREE: a TreeExchange */
    unsigned viewer;  /* REGIONS: the operator, who sees all */
    struct span after;
    uint64_t count_max;
    month_t month;
    unsigned insured, care;
    civil_date_t from_day, to_day, on_day;
    bool open, theirs;
    struct span institution, flag; /* of ASK_FLAGGED */
};

/* REJECT_MALFORMED: not a BooksQuery, or it names what is none. */
MUST_USE enum status question_read(struct span request, struct question *question);

/* A text that names one of the regions; "" leaves `region` as it is. */
bool question_read_region(struct span text, unsigned *region);
/* The whole answer: no, by this rule. */
void question_refuse(enum rule rule, struct buffer *answer);

bool question_sees(const struct question *question, unsigned pair);
/* A day of an institution (its code, not ended) with what one insured region has there; REGIONS: none that is known. */
bool question_sees_line(const struct question *question, const char *institution, unsigned insured);
/* An account, by the regions, areas and institutions in its name. */
bool question_sees_account(const struct question *question, struct span account);
#endif
