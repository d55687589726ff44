/* SPDX-License-Identifier: Apache-2.0
 * The books' side of hutong ledger. */
#ifndef HUTONG_TOOLS_LEDGER_BOOKS_H
#define HUTONG_TOOLS_LEDGER_BOOKS_H
#include "tools/cli.h"

/* The books' journal, entry by entry; as an hledger journal with `hledger`, the bills' postings summed behind it. */
int ledger_entries(struct cli *cli, bool hledger);
/* `settled`: balances of all settlement partitions by account (fen). Each account's balance in the books is what bills
 * posted there and what the books' own entries posted; everything sums to zero. */
int ledger_verify(struct cli *cli, const json_t *settled);
#endif
