/* SPDX-License-Identifier: Apache-2.0
 * Entries and balances of the books. */
#include "tools/ledger_books.h"

#include <stdio.h>

#include "tools/books_ask.h"

typedef void (*each_fn)(void *self, json_t *row);

/* Every row of a paged answer. */
static bool every(struct cli *cli, enum books_question question, const char *list, each_fn each, void *self)
{
    struct buffer body, answer, after;
    bool answered = true;
    buffer_init(&body);
    buffer_init(&answer);
    buffer_init(&after);
    do {
        size_t index;
        json_t *row;
        buffer_reset(&body);
        wire_put_bytes(&body, 1, buffer_span(&after));
        answered = books_ask(cli, question, buffer_span(&body), &answer);
        json_t *value = answered ? cli_message(WIRE_BOOKS_ANSWER, buffer_span(&answer)) : NULL;
        json_array_foreach(json_object_get(value, list), index, row) each(self, row);
        json_decref(value);
        struct span next = answered ? books_next(&answer) : span_of(NULL, 0);
        buffer_reset(&after);
        buffer_append(&after, next.data, next.size);
    } while (after.size > 0);
    buffer_fini(&body);
    buffer_fini(&answer);
    buffer_fini(&after);
    return answered;
}

static void add(json_t *sums, const char *account, json_int_t amount)
{
    json_int_t before = json_integer_value(json_object_get(sums, account));
    json_object_set_new(sums, account, json_integer(before + amount));
}

static void take_balance(void *self, json_t *row)
{
    add(self, cli_text(row, "account"), cli_integer(row, "amountFen"));
}

struct printing {
    struct cli *cli;
    bool hledger, silent;
    json_t *sums; /* of the journal, by account */
    uint64_t entries, unbalanced;
};

static void take_entry(void *self, json_t *row)
{
    struct printing *printing = self;
    size_t index;
    json_t *posting;
    json_int_t sum = 0, day = cli_integer(row, "day");
    bool lines = !printing->silent && (printing->hledger || !printing->cli->json);
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
    else if (!printing->silent)
        cli_print_json(json_incref(row));
    printing->entries++;
    printing->unbalanced += sum != 0;
}

/* What the journal does not explain is what bills posted; hledger sees the whole, and that it balances. */
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
        (void)printf("%s    %-36s  %20s\n", any ? "" : "2000-01-01 settlements and reversals, summed\n", account,
                     books_yuan(rest));
        any = true;
    }
    (void)printf("%s", any ? "\n" : "");
}

int ledger_entries(struct cli *cli, bool hledger)
{
    struct printing printing = {cli, hledger, false, json_object(), 0, 0};
    json_t *balances = json_object();
    bool answered = every(cli, ASK_ENTRIES, "entries", take_entry, &printing);
    if (answered && hledger) {
        answered = every(cli, ASK_BALANCES, "balances", take_balance, balances);
        print_bills(balances, printing.sums);
    }
    json_decref(printing.sums);
    json_decref(balances);
    return !answered ? CLI_UNREACHABLE : printing.unbalanced > 0 ? CLI_DIFFERENT : CLI_OK;
}

int ledger_verify(struct cli *cli, const json_t *settled)
{
    struct printing printing = {cli, false, true, json_object(), 0, 0};
    json_t *balances = json_object(), *value;
    const char *account;
    json_int_t sum = 0;
    uint64_t different = 0;
    bool answered = every(cli, ASK_BALANCES, "balances", take_balance, balances) &&
                    every(cli, ASK_ENTRIES, "entries", take_entry, &printing);
    json_object_foreach((json_t *)(uintptr_t)settled, account, value)
        add(printing.sums, account, json_integer_value(value));
    json_object_foreach(balances, account, value)
    {
        json_int_t expected = json_integer_value(json_object_get(printing.sums, account));
        sum += json_integer_value(value);
        if (answered && expected != json_integer_value(value)) {
            different++;
            complain("%s: %s in the books, %s by bills and entries", account, books_yuan(json_integer_value(value)),
                     books_yuan(expected));
        }
    }
    json_object_foreach(printing.sums, account, value) different +=
        json_integer_value(value) != 0 && json_object_get(balances, account) == NULL;
    bool holds = answered && sum == 0 && different == 0 && printing.unbalanced == 0;
    if (answered && cli->json)
        cli_print_json(json_pack("{s:b,s:I,s:I,s:I,s:I}", "holds", holds, "accounts",
                                 (json_int_t)json_object_size(balances), "entries", (json_int_t)printing.entries,
                                 "different", (json_int_t)different, "sumFen", sum));
    else if (answered)
        (void)printf("%zu accounts, %llu entries; sum %s; %llu accounts differ from bills and entries\n",
                     json_object_size(balances), (unsigned long long)printing.entries, books_yuan(sum),
                     (unsigned long long)different);
    json_decref(printing.sums);
    json_decref(balances);
    return !answered ? CLI_UNREACHABLE : holds ? CLI_OK : CLI_DIFFERENT;
}
