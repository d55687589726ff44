/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books. */
#include "services/books/ask/books_query.h"

#include "common/base/check.h"
#include "common/engines/ledger/account.h"
#include "services/books/ask/page.h"
#include "services/books/ask/rows.h"
#include "services/books/ask/supervision.h"
#include "services/books/ask/views.h"
#include "services/books/decide/advances.h"
#include "services/books/decide/payments.h"
#include "services/books/keep/clearing_table.h"

static void put_balance(struct span key, struct span value, struct buffer *answer)
{
    const struct account_kind *kind = account_kind_of(key);
    size_t mark = wire_begin(answer, 1);
    wire_put_bytes(answer, 1, key);
    wire_put_int(answer, 2, (fen_t)bytes_get_le(value.data, 8));
    wire_put_uint(answer, 3, kind != NULL && kind->pending);
    wire_end(answer, mark);
}

/* Of an entry, the lines that the viewer may see: those of a pair sum to zero among themselves. False: none. */
static bool put_entry(const struct question *question, struct span entry, struct buffer *answer)
{
    struct wire_field field, account;
    bool any = false;
    size_t start = answer->size, mark = wire_begin(answer, 2);
    for (struct wire_reader reader = wire_read(entry); !wire_at_end(&reader);) {
        INVARIANT(wire_next(&reader, &field) == OK);
        if (field.number < 3)
            wire_put_uint(answer, field.number, field.value);
        else if (field.number == 3)
            wire_put_bytes(answer, 3, field.bytes);
        else {
            struct wire_reader posting = wire_read(field.bytes);
            INVARIANT(wire_next(&posting, &account) == OK && account.number == 1);
            if (!question_sees_account(question, account.bytes))
                continue;
            wire_put_record(answer, 4, field.bytes);
            any = true;
        }
    }
    wire_end(answer, mark);
    if (!any)
        answer->size = start;
    return any;
}

static void accounts_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    bool journal = question->kind == ASK_ENTRIES;
    bool more = page_start(&page, books, journal ? JOURNAL : BALANCES, question, span_of(NULL, 0), answer);
    for (; more; more = page_next(&page))
        if (journal)
            page.found += put_entry(question, page.walk.value, answer);
        else if (question_sees_account(question, page.walk.key)) {
            put_balance(page.walk.key, page.walk.value, answer);
            page.found++;
        }
    page_end(&page);
}

/* Nets are everybody's, since all three regions settle them together. */
static void clearing_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct store_walk walk;
    uint8_t key[2];
    month_t month = question->month;
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        const struct pair_month *sums = &books->pairs[month][pair];
        if (question_sees(question, pair) && sums->count_positive + sums->count_negative + sums->disputed_count > 0)
            clearing_table_put(books, month, pair, 3, answer);
    }
    clearing_table_nets_encode(books, month, 4, answer);
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (question_sees(question, pair) && pair / REGIONS != pair % REGIONS)
            advances_encode(books, month, pair, 8, answer);
    bytes_put_be(key, month, 2);
    bool more = store_walk_start(&walk, books->txn, PAYMENTS, span_of(key, sizeof key));
    for (; more && memcmp(walk.key.data, key, 2) == 0; more = store_walk_next(&walk))
        if (question_sees(question, (unsigned)walk.key.data[2] * REGIONS + walk.key.data[3]))
            payments_encode(walk.key, walk.value, 9, answer);
    store_walk_end(&walk);
}

enum status books_query(struct books *books, struct span request, struct buffer *answer)
{
    struct question question;
    TRY(question_read(request, &question));
    switch (question.kind) {
    case ASK_BALANCES:
    case ASK_ENTRIES:
        accounts_answer(books, &question, answer);
        break;
    case ASK_CLEARING:
        clearing_answer(books, &question, answer);
        break;
    case ASK_ROWS:
        rows_answer(books, &question, answer);
        break;
    case ASK_TREE:
        TRY(rows_tree_answer(books, &question, answer));
        break;
    case ASK_SUPERVISION:
        supervision_figures(books, &question, answer);
        break;
    case ASK_RECONCILIATION:
        views_reconciliation(books, &question, answer);
        break;
    case ASK_INVESTIGATIONS:
        views_investigations(books, &question, answer);
        break;
    case ASK_INSTITUTIONS:
        supervision_institutions(books, &question, answer);
        break;
    case ASK_AGING:
        views_aging(books, &question, answer);
        break;
    default:
        return REJECT_NOT_FOUND;
    }
    return store_status(books->txn);
}
