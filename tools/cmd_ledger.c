/* SPDX-License-Identifier: Apache-2.0
 * hutong ledger: every account's balance; the books' journal; both computed again from the log. */
#include "tools/ledger_books.h"
#include "tools/ledger_verify.h"

static int run(struct cli *cli)
{
    bool hledger = cli_flag(cli, "--hledger");
    bool english = language_is_english();
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
    .usage = "ledger balances | entries [--hledger] | verify [--snapshot DIR]",
    .summary = "the balance of every account; the books' journal; both computed again from the log",
    .summary_zh = "各账户余额；账簿分录；二者均可依日志重新计算",
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
    .help_zh = "借方为正，贷方为负；科目表见 "
               "common/engines/ledger/account.def。账户的第一个代码为其所属地区；pending：一方所述，尚未终局。地区用 "
               "--as 查看涉及自己的账户。entries 输出单据之后的分录：清算、付款、预付金、认定。\nverify "
               "在平台所在机器上执行，不依赖任何已存状态：依日志重新运行校验、结算和账簿，与各流逐字节比较，与各服务状"
               "态比较，再将分录合计与余额核对。退出码 1：有差异。日志开头已删除时，--snapshot DIR："
               "各服务自该处日志仍可达的最早快照起；快照与其摘要不符的，不予采用。\n"
               "\n"
               "  hutong --as 110000 ledger balances\n"
               "  hutong ledger entries --hledger | hledger -f - check\n"
               "  hutong ledger verify\n"
               "  hutong ledger verify --snapshot /var/backups/snapshots",
    .options =
        (const struct command_option[]){
            {"--hledger", NULL, "以 hledger 可读的格式输出分录", "entries as a journal that hledger reads"},
            {"--snapshot", "DIR", "日志开头已删除时自快照起核对", "of a trimmed log: from the snapshots here on"},
            {0}},
    .run = run,
};
