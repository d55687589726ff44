/* SPDX-License-Identifier: Apache-2.0
 * Balances and entries of the books, printed. */
#ifndef HUTONG_TOOLS_LEDGER_BOOKS_H
#define HUTONG_TOOLS_LEDGER_BOOKS_H
#include "tools/cli.h"

/* CLI_DIFFERENT: they do not sum to zero, or an account is none of the chart's. */
int ledger_balances(struct cli *cli, bool english);
/* The journal; `hledger`: as a journal for hledger, the bills' postings summed at its end. */
int ledger_entries(struct cli *cli, bool hledger);
#endif
