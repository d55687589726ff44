/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books, read, and who asks. What a region may see is decided here and nowhere else: of pairs, its
 * own; of accounts, those that name it; figures of institutions, all (joint supervision). */
#ifndef HUTONG_SERVICES_BOOKS_QUESTION_H
#define HUTONG_SERVICES_BOOKS_QUESTION_H
#include "services/books/books_internal.h"

enum { PAGE_KEY_SIZE = 64 };

/* Any of the questions' fields. */
struct question {
    enum books_question kind;
    struct span body;
    unsigned viewer; /* REGIONS: the operator, who sees all */
    struct span after;
    uint64_t count_max;
    month_t month;
    unsigned insured, care;
    civil_date_t from_day, to_day, on_day;
    bool open, theirs;
};

/* REJECT_MALFORMED: not a BooksQuery, or it names what is none. */
MUST_USE enum status question_read(struct span request, struct question *question);

/* A field that names one of the regions. */
bool question_read_region(const struct wire_field *field, unsigned *region);
/* The whole answer: no, by this rule. */
void question_refuse(enum rule rule, struct buffer *answer);

/* A page of a table's rows: from a key on, or behind where the last page ended.
 *   for (bool more = page_start(...); more; more = page_next(&page)) { page.found += ...; or page_over(&page), break }
 *   page_end(&page) says where the next one begins, if there is more. */
struct question_page {
    const struct question *question;
    struct buffer *answer;
    struct store_walk walk;      /* at the row */
    uint64_t found, scanned;     /* rows put, and looked at */
    uint8_t last[PAGE_KEY_SIZE]; /* looked at last */
    size_t last_size;
    bool more;
};
bool page_start(struct question_page *page, struct books *books, unsigned table, const struct question *question,
                struct span from, struct buffer *answer);
bool page_next(struct question_page *page); /* false also when the page is full */
void page_over(struct question_page *page); /* nothing behind this row is asked for */
void page_end(struct question_page *page);

bool question_sees(const struct question *question, unsigned pair);
/* An account, by the regions, areas and institutions in its name. */
bool question_sees_account(const struct question *question, struct span account);

void rows_answer(struct books *books, const struct question *question, struct buffer *answer);
MUST_USE enum status tree_question_answer(struct books *books, const struct question *question, struct buffer *answer);
void reconciliation_answer(struct books *books, const struct question *question, struct buffer *answer);
/* How many rows of a line (day | institution | insured) either side has and the exchange has not. */
void claims_count(struct books *books, struct span line, uint32_t counts[SIDES]);
void claims_answer(struct books *books, const struct question *question, struct buffer *answer);
/* Both page by institution: `after` is the last one's code. */
void supervision_answer(struct books *books, const struct question *question, struct buffer *answer);
void institutions_answer(struct books *books, const struct question *question, struct buffer *answer);
void aging_answer(struct books *books, const struct question *question, struct buffer *answer);
void investigations_answer(struct books *books, const struct question *question, struct buffer *answer);
#endif
