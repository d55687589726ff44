/* SPDX-License-Identifier: Apache-2.0
 * Figures of designated institutions, by month, for joint supervision (五(一)2): refusals, reversals, stays, findings,
 * overlapping stays of one person, same-day duplicates. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_FIGURES_H
#define HUTONG_SERVICES_BOOKS_DECIDE_FIGURES_H
#include "services/books/keep/books.h"

/* What is counted, in this order; STAYS_TOTAL is fen. */
enum {
    FIGURE_SETTLED,
    FIGURE_REVERSED,
    FIGURE_REFUSED,
    FIGURE_STAYS,
    FIGURE_STAYS_TOTAL,
    FIGURE_FOUND,
    FIGURE_OVERLAPS,
    FIGURE_DUPLICATES,
    FIGURES_COUNT
};

void figures_settled(struct books *books, const struct book_bill *bill);
void figures_reversed(struct books *books, const struct book_bill *original);
/* Nothing for what is no institution's code. */
void figures_refused(struct books *books, const char *institution);
void figures_found(struct books *books, const struct book_bill *bill);
/* Care after a death, if this outcome tells of it: a bill's own, settled or refused, or bills that were settled
 * before the death was known. Each stands in the month that tells of it. */
void figures_after_death(struct books *books, const struct outcome *outcome);
/* Whether it counts among the stays. */
bool figures_is_stay(const struct books *books, const struct book_bill *bill);
/* The bills before this one that it overlaps, or repeats, as they were counted; all of them stand. */
enum { FIGURES_CLASHES_MAX = 200 };
unsigned figures_earlier_clashes(const struct books *books, const struct book_bill *bill, bool repeated,
                                 uint64_t numbers[FIGURES_CLASHES_MAX]);
uint32_t figures_after_death_count(struct books *books, month_t month, const char *institution);
#endif
