/* SPDX-License-Identifier: Apache-2.0
 * Clearing tables and net positions of a month, as messages. Fen. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_CLEARING_TABLE_H
#define HUTONG_SERVICES_BOOKS_KEEP_CLEARING_TABLE_H
#include "services/books/keep/books.h"

/* owed[i][c]: what the insuring region i owes c; net[r] > 0: r is to receive. */
void clearing_table_nets(const struct books *books, month_t month, fen_t owed[REGIONS][REGIONS], fen_t net[REGIONS]);
bool clearing_table_is_empty(const struct books *books, month_t month, unsigned pair);
struct clearing_table clearing_table_of(const struct books *books, month_t month, unsigned pair);
/* In `books->memory`. */
const struct net_positions *clearing_table_net_positions(struct books *books, month_t month);
#endif
