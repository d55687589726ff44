/* SPDX-License-Identifier: Apache-2.0
 * Entries and balances of the books. */
#include "tools/ledger_books.h"

#include <stdio.h>

#include "common/engines/clearing/clearing.h"
#include "common/engines/ledger/account.h"
#include "tools/books_ask.h"
#include "tools/view.h"

static void add(json_t *sums, const char *account, json_int_t amount)
{
    json_int_t before = json_integer_value(json_object_get(sums, account));
    json_object_set_new(sums, account, json_integer(before + amount));
}

static void take_balance(void *self, json_t *row)
{
    add(self, cli_text(row, "account"), cli_integer(row, "amountFen"));
}

/* ---- balances ---- */

struct owner_sums {
    json_int_t debit, credit, pending;
};

struct balances {
    struct cli *cli;
    bool english;
    struct owner_sums owners[REGIONS + 1]; /* the last: of no region */
    json_int_t sum;
    uint64_t count, unknown;
};

/* The region of the first code owns it. */
static unsigned owner_of(struct span account)
{
    struct span code = account_code(account, 0);
    char text[7] = "";
    bool institution = code.size == 12;
    if (code.size != 6 && !institution)
        return REGIONS;
    memcpy(text, code.data + institution, 6);
    return clearing_region_index(text);
}

static void print_balance(struct balances *balances, json_t *row)
{
    const char *name = cli_text(row, "account");
    json_int_t amount = cli_integer(row, "amountFen");
    const struct account_kind *kind = account_kind_of(span_text(name));
    struct owner_sums *owner = &balances->owners[owner_of(span_text(name))];
    bool pending = json_is_true(json_object_get(row, "pending"));
    *(amount >= 0 ? &owner->debit : &owner->credit) += amount;
    owner->pending += pending ? amount : 0;
    balances->sum += amount;
    balances->count++;
    balances->unknown += kind == NULL;
    if (balances->cli->json)
        cli_print_json(json_incref(row));
    else
        (void)printf("%20s  %-6s %-8s %-34s %s\n", books_yuan(amount),
                     kind == NULL                     ? "?"
                     : kind->normal == ACCOUNT_CREDIT ? "credit"
                                                      : "debit",
                     pending ? "pending" : "final", name,
                     kind == NULL        ? ""
                     : balances->english ? kind->en
                                         : kind->zh);
}

static void take_row(void *self, json_t *row)
{
    print_balance(self, row);
}

static void print_owners(const struct balances *balances)
{
    for (unsigned i = 0; i <= REGIONS; i++) {
        const struct owner_sums *owner = &balances->owners[i];
        if (owner->debit == 0 && owner->credit == 0)
            continue;
        (void)printf(balances->english ? "%s: debit %s, credit %s, sum %s, of it pending %s\n"
                                       : "%s：借方 %s，贷方 %s，合计 %s，其中待结 %s\n",
                     i < REGIONS ? view_region_name(clearing_region(i), balances->english) : "-",
                     books_yuan(owner->debit), books_yuan(owner->credit), books_yuan(owner->debit + owner->credit),
                     books_yuan(owner->pending));
    }
}

int ledger_balances(struct cli *cli, bool english)
{
    struct balances balances = {.cli = cli, .english = english};
    if (!books_pages(cli, &(struct books_query){.kind = ASK_BALANCES}, "balances", take_row, &balances))
        return books_failure(cli);
    bool whole = cli->as == NULL || strcmp(cli->as, "operator") == 0; /* a region sees its own accounts alone */
    if (cli->json)
        cli_print_json(json_pack("{s:I,s:I}", "accounts", (json_int_t)balances.count, "sumFen", balances.sum));
    else {
        print_owners(&balances);
        (void)printf(english ? "%llu accounts, sum %s\n" : "账户 %llu 个，合计 %s\n",
                     (unsigned long long)balances.count, books_yuan(balances.sum));
    }
    return (whole && balances.sum != 0) || balances.unknown > 0 ? CLI_DIFFERENT : CLI_OK;
}

/* ---- entries ---- */

struct printing {
    struct cli *cli;
    bool hledger;
    json_t *sums; /* of the journal, by account */
    uint64_t unbalanced;
};

static void take_entry(void *self, json_t *row)
{
    struct printing *printing = self;
    size_t index;
    json_t *posting;
    json_int_t sum = 0, day = cli_integer(row, "day");
    bool lines = printing->hledger || !printing->cli->json;
    if (lines)
        (void)printf(printing->hledger ? "%04lld-%02lld-%02lld (%lld) %s\n" : "%04lld-%02lld-%02lld  %lld  %s\n",
                     (long long)day / 10000, (long long)day / 100 % 100, (long long)day % 100,
                     (long long)cli_integer(row, "position"), cli_text(row, "text"));
    json_array_foreach(json_object_get(row, "postings"), index, posting)
    {
        json_int_t amount = cli_integer(posting, "amountFen");
        add(printing->sums, cli_text(posting, "account"), amount);
        sum += amount;
        if (lines)
            (void)printf("    %-36s  %20s\n", cli_text(posting, "account"), books_yuan(amount));
    }
    if (lines)
        (void)printf("\n");
    else
        cli_print_json(json_incref(row));
    printing->unbalanced += sum != 0;
}

/* What the journal does not explain is what bills and transfers posted; hledger sees the whole, and that it balances.
 */
static void print_bills(json_t *balances, const json_t *sums)
{
    const char *account;
    json_t *value;
    bool any = false;
    json_object_foreach(balances, account, value)
    {
        json_int_t rest = json_integer_value(value) - json_integer_value(json_object_get(sums, account));
        if (rest == 0)
            continue;
        (void)printf("%s    %-36s  %20s\n", any ? "" : "2000-01-01 settlements, reversals and transfers, summed\n",
                     account, books_yuan(rest));
        any = true;
    }
    (void)printf("%s", any ? "\n" : "");
}

int ledger_entries(struct cli *cli, bool hledger)
{
    struct printing printing = {cli, hledger, json_object(), 0};
    json_t *balances = json_object();
    bool answered = books_pages(cli, &(struct books_query){.kind = ASK_ENTRIES}, "entries", take_entry, &printing);
    if (answered && hledger) {
        answered = books_pages(cli, &(struct books_query){.kind = ASK_BALANCES}, "balances", take_balance, balances);
        print_bills(balances, printing.sums);
    }
    json_decref(printing.sums);
    json_decref(balances);
    return !answered ? books_failure(cli) : printing.unbalanced > 0 ? CLI_DIFFERENT : CLI_OK;
}
