/* SPDX-License-Identifier: Apache-2.0
 * The whole ledger computed again from the log. */
#ifndef HUTONG_TOOLS_LEDGER_VERIFY_H
#define HUTONG_TOOLS_LEDGER_VERIFY_H
#include "tools/cli.h"

/* Every service's part of the log run through its core, streams and states compared, then the journal added up and held
 * against the balances. `snapshots`: NULL, from position 0; else a directory: each service from its oldest snapshot
 * there on that the log still reaches. Prints a line each; CLI_DIFFERENT where anything differs. PRE: configured, on
 * the exchange's own machine. */
int ledger_verify(struct cli *cli, const char *snapshots);
#endif
