/* SPDX-License-Identifier: Apache-2.0
 * What falls due on which day. Days come from the log: at the first position of a day on which nothing else is said,
 * the first entry that is due is done; one entry a position, so that each says what it says in a record of its own. */
#include "common/base/check.h"
#include "services/books/keep/books.h"

enum { DUE_KEY_SIZE = 4 + 1 + 8 };

void due_open(struct books *books)
{
    struct store_walk walk;
    bool any = store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0));
    books->first_due = any ? bytes_get_be(walk.key.data, 4) : UINT64_MAX;
    store_walk_end(&walk);
}

void due_add(struct books *books, civil_date_t day, enum due_kind kind, uint64_t subject)
{
    uint8_t key[DUE_KEY_SIZE];
    bytes_put_be(key, day, 4);
    key[4] = (uint8_t)kind;
    bytes_put_be(key + 5, subject, 8);
    store_put(books->txn, DUE, span_of(key, sizeof key), span_of(NULL, 0));
    if (day < books->first_due)
        books->first_due = day;
}

static uint64_t subject_of(month_t month, unsigned pair)
{
    return (uint64_t)month << 8 | pair;
}

static bool is_empty(const struct pair_month *sums)
{
    return sums->count_positive == 0 && sums->count_negative == 0 && sums->disputed_count == 0;
}

/* The cut: from here on the table stands. */
static void generate(struct books *books, month_t month, civil_date_t day)
{
    struct month_record *record = &books->months[month];
    record->state = CLEARING_GENERATED;
    record->cut = books->position;
    record->dirty = true;
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (!is_empty(&books->pairs[month][pair]))
            due_add(books, day, DUE_TABLE, subject_of(month, pair));
    due_add(books, day, DUE_NETS, month);
    civil_date_t issue = civil_date_from_day(civil_date_to_day(record->dates.confirm_by) + 1);
    due_add(books, issue, DUE_ISSUE, month);
}

static void issue(struct books *books, month_t month, civil_date_t day)
{
    struct month_record *record = &books->months[month];
    record->state = CLEARING_ISSUED;
    record->dirty = true;
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        if (is_empty(&books->pairs[month][pair]))
            continue;
        due_add(books, day, DUE_ISSUED_TABLE, subject_of(month, pair));
        if (pair / REGIONS != pair % REGIONS)
            due_add(books, day, DUE_ADVANCE, subject_of(month, pair));
    }
    due_add(books, day, DUE_ISSUED_NETS, month);
}

static void say_table(struct books *books, month_t month, unsigned pair)
{
    books_say(books, BOOKS_TABLE, clearing_region(pair / REGIONS));
    books_say(books, BOOKS_TABLE, clearing_region(pair % REGIONS));
    table_encode(books, month, pair, 17, &books->answer.body);
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
    advance_use(books, pair, advance_bound(amount));
    journal_post(books, "a clearing table is issued");
}

static void say_nets(struct books *books, month_t month)
{
    for (unsigned i = 0; i < REGIONS; i++)
        books_say(books, BOOKS_NETS, clearing_region(i));
    nets_encode(books, month, 18, &books->answer.body);
}

static void run_one(struct books *books, civil_date_t day, enum due_kind kind, uint64_t subject)
{
    month_t month = (month_t)subject, pair_month = (month_t)(subject >> 8);
    unsigned low = (unsigned)(subject & 0xff);
    switch (kind) {
    case DUE_GENERATE:
        generate(books, month, day);
        break;
    case DUE_ISSUE:
        issue(books, month, day);
        break;
    case DUE_TABLE:
        say_table(books, pair_month, low);
        break;
    case DUE_ISSUED_TABLE:
        say_table(books, pair_month, low);
        post_issued(books, pair_month, low);
        break;
    case DUE_NETS:
        say_nets(books, month);
        break;
    case DUE_ISSUED_NETS:
        say_nets(books, month);
        notices_make(books, month, day);
        break;
    case DUE_NOTICE:
        notice_say(books, pair_month, low, BOOKS_NOTICE);
        break;
    case DUE_PAYMENT:
        notice_say(books, pair_month, low, BOOKS_OVERDUE);
        break;
    case DUE_ADVANCE:
        advance_say(books, pair_month, low);
        break;
    case DUE_TOP_UP_ASKED:
    case DUE_TOP_UP_PAID:
        top_up_overdue(books, pair_month, low, kind == DUE_TOP_UP_PAID);
        break;
    case DUE_INVESTIGATION:
        investigation_overdue(books, subject);
        break;
    }
}

void due_run(struct books *books)
{
    while (books->answer.kind == BOOKS_NOTHING && books->first_due <= books->today) {
        struct store_walk walk;
        uint8_t key[DUE_KEY_SIZE];
        INVARIANT(store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0)) && walk.key.size == sizeof key);
        memcpy(key, walk.key.data, sizeof key);
        store_walk_end(&walk);
        store_delete(books->txn, DUE, span_of(key, sizeof key));
        run_one(books, (civil_date_t)bytes_get_be(key, 4), (enum due_kind)key[4], bytes_get_be(key + 5, 8));
        due_open(books);
    }
}
