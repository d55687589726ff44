/* SPDX-License-Identifier: Apache-2.0
 * What falls due on which day. Days come from the log: at a position at which nothing else is said, the first entry
  * that
 * is due is done. From LOGIC_DUE_BEFORE_EVENT on, what changes the books is done before that, at the first position of
 * its day and before its event: a reply on the 21st finds the table standing, and a confirmation after its limit is
  * late
 * whatever came before it. */
#include "services/books/decide/calendar.h"

#include "services/books/decide/advances.h"
#include "services/books/decide/investigations.h"
#include "services/books/decide/payments.h"
#include "services/books/decide/restating.h"
#include "services/books/keep/clearing_table.h"
#include "services/books/keep/due.h"
#include "services/books/keep/journal.h"
#include "services/books/keep/record.h"

/* The cut: from here on the table stands. */
static void generate(struct books *books, month_t month, civil_date_t day)
{
    struct month_record *record = &books->months[month];
    record->state = CLEARING_GENERATED;
    record->cut = books->position;
    record->dirty = true;
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (!clearing_table_is_empty(books, month, pair))
            due_add(books, day, DUE_TABLE, due_pair(month, pair));
    due_add(books, day, DUE_NETS, month);
    civil_date_t issue = civil_date_add_days(record->dates.confirm_by, 1);
    due_add(books, issue, DUE_ISSUE, month);
}

static void issue(struct books *books, month_t month, civil_date_t day)
{
    struct month_record *record = &books->months[month];
    record->state = CLEARING_ISSUED;
    record->dirty = true;
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        if (clearing_table_is_empty(books, month, pair))
            continue;
        due_add(books, day, DUE_ISSUED_TABLE, due_pair(month, pair));
        if (pair / REGIONS != pair % REGIONS)
            due_add(books, day, DUE_ADVANCE, due_pair(month, pair));
    }
    due_add(books, day, DUE_ISSUED_NETS, month);
}

static void say_table(struct books *books, month_t month, unsigned pair)
{
    record_say_pair(books, BOOKS_CLEARING_TABLE, pair);
    struct clearing_table *table = record_part(books, sizeof *table);
    *table = clearing_table_of(books, month, pair);
    books->answer.clearing_table = table;
}

/* What the table says is owed goes from payable and receivable to the regions' clearing accounts, and binds the advance
 * fund until it is paid. */
static void post_issued(struct books *books, month_t month, unsigned pair)
{
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    fen_t amount = books->pairs[month][pair].amount;
    journal_add(books, amount, "payable", insured, care);
    journal_add(books, -amount, "clearing", insured, NULL);
    journal_add(books, -amount, "receivable", care, insured);
    journal_add(books, amount, "clearing", care, NULL);
    advances_bind(books, month, pair);
    journal_post(books, "a clearing table is issued");
}

static void say_nets(struct books *books, month_t month)
{
    for (unsigned i = 0; i < REGIONS; i++)
        record_say(books, BOOKS_NET_POSITIONS, clearing_region(i));
    books->answer.net_positions = clearing_table_net_positions(books, month);
}

static void do_one(struct books *books, const struct due *due)
{
    month_t month = (month_t)due->subject, pair_month = (month_t)(due->subject >> 8);
    unsigned pair = (unsigned)(due->subject & 0xff);
    switch (due->kind) {
    case DUE_GENERATE:
        generate(books, month, due->day);
        break;
    case DUE_ISSUE:
        issue(books, month, due->day);
        break;
    case DUE_TABLE:
        say_table(books, pair_month, pair);
        break;
    case DUE_ISSUED_TABLE:
        say_table(books, pair_month, pair);
        post_issued(books, pair_month, pair);
        break;
    case DUE_NETS:
        say_nets(books, month);
        break;
    case DUE_ISSUED_NETS:
        say_nets(books, month);
        payments_notices(books, month, due->day);
        break;
    case DUE_NOTICE:
        payments_say(books, pair_month, pair, BOOKS_PAYMENT_NOTICE);
        break;
    case DUE_PAYMENT:
        if (payments_wait(books, pair_month, pair))
            payments_say(books, pair_month, pair, BOOKS_OVERDUE);
        break;
    case DUE_ADVANCE:
        advances_say(books, pair_month, pair);
        break;
    case DUE_TOP_UP_ASKED:
    case DUE_TOP_UP_PAID:
        if (!payments_are_done(books, pair_month) &&
            advances_lack(books, pair_month, pair, due->kind == DUE_TOP_UP_PAID))
            advances_say_overdue(books, pair_month, pair);
        break;
    case DUE_INVESTIGATION:
        if (investigations_overdue(books, due->subject))
            investigations_say(books, due->subject, BOOKS_OVERDUE);
        break;
    case DUE_SAY_INVESTIGATION_OVERDUE:
        investigations_say(books, due->subject, BOOKS_OVERDUE);
        break;
    case DUE_SAY_PAYMENT_OVERDUE:
        payments_say(books, pair_month, pair, BOOKS_OVERDUE);
        break;
    case DUE_SAY_TOP_UP_OVERDUE:
        advances_say_overdue(books, pair_month, pair);
        break;
    case DUE_SAY_INVESTIGATION:
    case DUE_SAY_PAYMENT:
    case DUE_SAY_TOP_UP:
        restating_say(books, due);
        break;
    }
}

/* What changes the books; what is to be said of it is due from then on. */
static void act(struct books *books, const struct due *due)
{
    month_t pair_month = (month_t)(due->subject >> 8);
    unsigned pair = (unsigned)(due->subject & 0xff);
    switch (due->kind) {
    case DUE_PAYMENT:
        if (payments_wait(books, pair_month, pair))
            due_add(books, due->day, DUE_SAY_PAYMENT_OVERDUE, due->subject);
        break;
    case DUE_TOP_UP_ASKED:
    case DUE_TOP_UP_PAID:
        if (!payments_are_done(books, pair_month) &&
            advances_lack(books, pair_month, pair, due->kind == DUE_TOP_UP_PAID))
            due_add(books, due->day, DUE_SAY_TOP_UP_OVERDUE, due->subject);
        break;
    case DUE_INVESTIGATION:
        if (investigations_overdue(books, due->subject))
            due_add(books, due->day, DUE_SAY_INVESTIGATION_OVERDUE, due->subject);
        break;
    default:
        do_one(books, due); /* a month is generated or issued: nothing is said by that alone */
        break;
    }
}

void calendar_act(struct books *books)
{
    struct due due;
    if (books->today < books->first_due || books->acted_on == books->today ||
        !logic_has(books->published->logic, LOGIC_DUE_BEFORE_EVENT))
        return;
    while (due_take_act(books, &due))
        act(books, &due);
    books->acted_on = books->today;
}

void calendar_do_due(struct books *books)
{
    struct due due;
    while (books->answer.kind == BOOKS_NONE && due_take(books, &due))
        do_one(books, &due);
}
