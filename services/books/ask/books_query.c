/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books. */
#include "services/books/ask/books_query.h"

#include "common/base/check.h"
#include "common/engines/ledger/account.h"
#include "services/books/ask/flagged.h"
#include "services/books/ask/month_views.h"
#include "services/books/ask/page.h"
#include "services/books/ask/rows.h"
#include "services/books/ask/supervision.h"
#include "services/books/ask/tree_rows.h"
#include "services/books/ask/views.h"
#include "services/books/decide/advances.h"
#include "services/books/decide/payments.h"
#include "services/books/keep/clearing_table.h"

static void put_balance(struct span key, struct span value, struct buffer *answer)
{
    const struct account_kind *kind = account_kind_of(key);
    char account[POSTING_ACCOUNT_MAX + 1] = "";
    INVARIANT(key.size < sizeof account);
    memcpy(account, key.data, key.size);
    books_answer_put_balances(
        answer, &(struct books_balance){account, (fen_t)bytes_get_le(value.data, 8), kind != NULL && kind->pending});
}

/* Of an entry, the lines that the viewer may see: those of a pair sum to zero among themselves. False: none. */
static bool put_entry(struct books *books, const struct question *question, struct span value, struct buffer *answer)
{
    struct books_entry entry;
    struct posting seen[POSTINGS_COUNT_MAX];
    uint32_t count = 0;
    arena_reset(&books->memory);
    INVARIANT(books_entry_decode(value, &books->memory, &entry) == OK && entry.posting_count <= POSTINGS_COUNT_MAX);
    for (uint32_t i = 0; i < entry.posting_count; i++)
        if (question_sees_account(question, span_text(entry.postings[i].account)))
            seen[count++] = entry.postings[i];
    entry.postings = seen;
    entry.posting_count = count;
    if (count > 0)
        books_answer_put_entries(answer, &entry);
    return count > 0;
}

static void accounts_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    bool journal = question->kind == ASK_ENTRIES;
    bool more = page_start(&page, books, journal ? JOURNAL : BALANCES, question, span_of(NULL, 0), answer);
    for (; more; more = page_next(&page))
        if (journal)
            page.found += put_entry(books, question, page.walk.value, answer);
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
    month_t month = question->month;
    struct row_bytes from = payments_key(month, 0, 0);
    struct payments_key key;
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        const struct pair_month *sums = &books->pairs[month][pair];
        if (question_sees(question, pair) && sums->count_positive + sums->count_negative + sums->disputed_count > 0) {
            struct clearing_table table = clearing_table_of(books, month, pair);
            books_answer_put_tables(answer, &table);
        }
    }
    books_answer_encode(&(struct books_reply){.nets = clearing_table_net_positions(books, month)}, answer);
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (question_sees(question, pair) && pair / REGIONS != pair % REGIONS) {
            struct advance_state state = advances_state(books, month, pair);
            books_answer_put_advances(answer, &state);
        }
    bool more = store_walk_start(&walk, books->txn, PAYMENTS, row_span(&from));
    for (; more && row_shares(walk.key, &from, PAYMENTS_PAYER_AT) && payments_key_read(walk.key, &key);
         more = store_walk_next(&walk))
        if (question_sees(question, (unsigned)key.payer * REGIONS + key.payee)) {
            struct payment_notice notice = payments_notice(books, walk.key, walk.value);
            books_answer_put_payments(answer, &notice);
        }
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
        TRY(tree_rows_answer(books, &question, answer));
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
    case ASK_MONTHS:
        month_views_months(books, &question, answer);
        break;
    case ASK_REPLIES:
        month_views_replies(books, &question, answer);
        break;
    case ASK_FLAGGED:
        flagged_answer(books, &question, answer);
        break;
    default:
        return REJECT_NOT_FOUND;
    }
    return store_status(books->txn);
}
