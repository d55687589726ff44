/* SPDX-License-Identifier: Apache-2.0
 * hutong ledger: every account's balance; the books' journal; both computed again from the log. */
#include "tools/ledger_books.h"
#include "tools/ledger_verify.h"

static int run(struct cli *cli)
{
    bool hledger = cli_flag(cli, "--hledger");
    bool english = cli_english(cli);
    const char *snapshots = cli_option(cli, "--snapshot");
    bool understood = cli_arguments(cli, &command_ledger, 1, 1);
    const char *verb = understood ? cli->argv[0] : "";
    if (strcmp(verb, "balances") == 0)
        return ledger_balances(cli, english);
    if (strcmp(verb, "entries") == 0)
        return ledger_entries(cli, hledger);
    if (strcmp(verb, "verify") == 0)
        return cli_configure(cli) ? ledger_verify(cli, snapshots) : CLI_BAD_INPUT;
    return cli_usage(&command_ledger);
}

const struct command command_ledger = {
    .name = "ledger",
    .usage = "ledger balances [--language zh|en] | entries [--hledger] | verify [--snapshot DIR]",
    .summary = "the balance of every account; the books' journal; both computed again from the log",
    .help = "Debit positive, credit negative; common/engines/ledger/account.def is the chart of accounts. The "
            "region of\n"
            "an account's first code owns it; pending: said by one side, not final. A region sees the accounts that "
            "name it,\n"
            "with --as. entries prints the journal of what came after the bills: clearing, payment, advance funds, "
            "findings;\n"
            "--hledger as a journal that hledger reads.\n"
            "verify, on the exchange's own machine, trusts no stored state: it runs validation, settlement and the "
            "books over\n"
            "the log of submissions again, compares what they say with the streams byte for byte and their states with "
            "the\n"
            "services', then adds the journal up and holds it against the balances. Exit code 1: something differs.\n"
            "Of a log whose beginning was trimmed, --snapshot DIR: each service from its oldest snapshot there on that "
            "the log\n"
            "still reaches; a snapshot that is not what its digest says is refused.\n\n"
            "  hutong --as 110000 ledger balances\n"
            "  hutong ledger entries --hledger | hledger -f - check\n"
            "  hutong ledger verify\n"
            "  hutong ledger verify --snapshot /var/backups/snapshots",
    .run = run,
};
