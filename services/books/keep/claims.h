/* SPDX-License-Identifier: Apache-2.0
 * Rows that a side stated and the exchange does not have: kept until that side states the day without them, so that
 * what is open on either side of a difference can be seen, and since when. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_CLAIMS_H
#define HUTONG_SERVICES_BOOKS_KEEP_CLAIMS_H
#include "services/books/keep/books.h"

/* nth: of the rows with this number in the statement. */
void claims_keep(struct books *books, unsigned side, unsigned region, enum difference difference,
                 const struct reconcile_row *row, unsigned nth);
/* Those of the statement's day and range that it does not name. */
void claims_drop(struct books *books, const struct statement *statement, unsigned side, unsigned region);
/* How many rows of a line either side has and the exchange has not. */
void claims_count(struct books *books, const struct standing_key *line, uint32_t counts[SIDES]);
void claims_read(struct span key, struct span value, struct only_theirs *claim);
#endif
