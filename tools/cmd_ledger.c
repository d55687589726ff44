/* SPDX-License-Identifier: Apache-2.0
 * hutong ledger: balances of all accounts, over all partitions; the books' journal. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/money.h"
#include "tools/ledger_books.h"

/* One page of one partition added to `balances` by account; the last account in `after`. -1: no answer. */
static int add_page(struct cli *cli, uint32_t partition, char after[64], json_t *balances)
{
    struct buffer question, answer;
    struct wire_field field;
    int count = -1;
    buffer_init(&question);
    buffer_init(&answer);
    wire_put_uint(&question, 1, 1);
    size_t query = wire_begin(&question, 6);
    wire_put_text(&question, 1, after);
    wire_end(&question, query);
    if (cli_control(cli, "settlement", partition, buffer_span(&question), 5000, &answer))
        for (struct wire_reader reader = wire_read(buffer_span(&answer));
             !wire_at_end(&reader) && wire_next(&reader, &field) == OK;) {
            size_t index;
            json_t *balance, *page = field.number == 6 ? cli_message(WIRE_LEDGER_ANSWER, field.bytes) : NULL;
            if (page == NULL)
                continue;
            count = 0;
            json_array_foreach(json_object_get(page, "balances"), index, balance)
            {
                const char *account = cli_text(balance, "account");
                json_int_t before = json_integer_value(json_object_get(balances, account));
                json_object_set_new(balances, account, json_integer(before + cli_integer(balance, "amountFen")));
                (void)snprintf(after, 64, "%s", account);
                count++;
            }
            json_decref(page);
        }
    buffer_fini(&question);
    buffer_fini(&answer);
    return count;
}

/* Balances of all settlement partitions by account; NULL: said why. */
static json_t *settled_balances(struct cli *cli)
{
    json_t *balances = json_object();
    for (uint32_t p = 0; p < cli->config.partitions; p++) {
        char after[64] = "";
        int count;
        while ((count = add_page(cli, p, after, balances)) > 0)
            continue;
        if (count < 0) {
            complain("settlement-%u does not answer", p);
            json_decref(balances);
            return NULL;
        }
    }
    return balances;
}

static int show_balances(struct cli *cli, json_t *balances)
{
    json_int_t sum = 0;
    const char *account;
    json_t *value;
    json_object_foreach(balances, account, value)
    {
        char text[32];
        sum += json_integer_value(value);
        money_describe(json_integer_value(value), text);
        if (!cli->json)
            (void)printf("%20s  %s\n", text, account);
    }
    size_t count = json_object_size(balances);
    if (cli->json)
        cli_print_json(json_pack("{s:O,s:I,s:I}", "balances", balances, "accounts", (json_int_t)count, "sumFen", sum));
    else
        (void)printf("%20s  sum of %zu accounts, in fen: %lld\n", "", count, (long long)sum);
    return sum == 0 ? CLI_OK : CLI_DIFFERENT;
}

static int run(struct cli *cli)
{
    bool hledger = cli_flag(cli, "--hledger");
    bool understood = cli_arguments(cli, &command_ledger, 1, 1);
    const char *verb = understood ? cli->argv[0] : "";
    if (strcmp(verb, "balances") != 0 && strcmp(verb, "entries") != 0 && strcmp(verb, "verify") != 0) {
        complain("usage: hutong %s", command_ledger.usage);
        return CLI_USAGE;
    }
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (strcmp(verb, "entries") == 0)
        return ledger_entries(cli, hledger);
    json_t *balances = settled_balances(cli);
    if (balances == NULL)
        return CLI_UNREACHABLE;
    int code = strcmp(verb, "verify") == 0 ? ledger_verify(cli, balances) : show_balances(cli, balances);
    json_decref(balances);
    return code;
}

const struct command command_ledger = {
    .name = "ledger",
    .usage = "ledger balances | entries [--hledger] | verify",
    .summary = "the balance of every account; the books' journal; whether they agree",
    .help =
        "Debit positive, credit negative. Accounts: fund:AREA:TYPE:FUND, account:AREA, payable:INSURED:CARE,\n"
        "receivable:CARE:INSURED, institution:CODE. entries prints the journal of what came after the bills: "
        "clearing,\n"
        "payment, advance funds, findings; --hledger as a journal that hledger reads. verify holds the books against\n"
        "the settlements and the journal, account by account; exit code 1 where they differ (ask again when bills\n"
        "are still coming in).\n\n"
        "  hutong ledger balances\n"
        "  hutong ledger entries --hledger | hledger -f - check",
    .run = run,
};
