/* SPDX-License-Identifier: Apache-2.0
 * Bills behind flags. What is counted when a bill comes (decide/figures) is found again here by the same rules. */
#include "services/books/ask/flagged.h"

#include "common/base/check.h"
#include "services/books/ask/rows.h"
#include "services/books/decide/figures.h"
#include "services/books/keep/bills.h"

/* ---- which bills ---- */

/* How often the bill counts (0: not at all), and each time beside which other; 0: none. */
typedef unsigned wanted_t(struct books *books, const struct book_bill *bill, uint64_t others[FIGURES_CLASHES_MAX]);

static unsigned is_reversal(struct books *books, const struct book_bill *bill, uint64_t *others)
{
    (void)books;
    others[0] = bill->row.original;
    return bill->kind == BILL_REVERSED;
}

static unsigned is_in_the_mean(struct books *books, const struct book_bill *bill, uint64_t *others)
{
    others[0] = 0;
    return bill->kind == BILL_SETTLEMENT && bill->reversed_by == 0 && figures_is_stay(books, bill);
}

static unsigned is_adjustment(struct books *books, const struct book_bill *bill, uint64_t *others)
{
    (void)books;
    others[0] = bill->row.original;
    return bill->kind == BILL_ADJUSTMENT;
}

static unsigned overlaps(struct books *books, const struct book_bill *bill, uint64_t *others)
{
    return figures_earlier_clashes(books, bill, false, others);
}

static unsigned repeats(struct books *books, const struct book_bill *bill, uint64_t *others)
{
    return figures_earlier_clashes(books, bill, true, others);
}

static wanted_t *wanted_by(struct span flag)
{
    static const struct {
        const char *flag;
        wanted_t *wanted;
    } table[] = {{"reversals", is_reversal},  {"mean cost", is_in_the_mean},   {"low mean cost", is_in_the_mean},
                 {"findings", is_adjustment}, {"overlapping stays", overlaps}, {"same-day duplicates", repeats}};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        if (span_equal(flag, span_text(table[i].flag)))
            return table[i].wanted;
    return NULL;
}

/* ---- by pages ---- */

struct listing {
    struct books *books;
    const struct question *question;
    struct buffer *answer;
    uint64_t found, scanned;
};

static bool is_full(const struct listing *listing)
{
    return listing->found >= listing->question->count_max || listing->answer->size >= BOOKS_PAGE_SIZE_MAX ||
           listing->scanned >= BOOKS_PAGE_SCAN_MAX;
}

static void say_next(struct span key, struct buffer *answer)
{
    struct row_bytes next = row_copy(key);
    books_answer_encode(&(struct books_reply){.next = row_span(&next)}, answer);
}

/* The rows of one day from `number` on; false: the page is full, and where the next one begins was said. */
static bool list_day(struct listing *listing, wanted_t *wanted, const char *institution, civil_date_t day,
                     uint64_t number)
{
    struct store_walk walk;
    struct book_bill bill;
    bool full = false;
    struct row_bytes from = bills_key(day, institution, number);
    bool more = store_walk_start(&walk, listing->books->txn, BILLS, row_span(&from));
    for (; more && !full && row_shares(walk.key, &from, BILLS_NUMBER_AT); more = !full && store_walk_next(&walk)) {
        uint64_t others[FIGURES_CLASHES_MAX];
        full = is_full(listing);
        if (full) {
            say_next(walk.key, listing->answer);
            break;
        }
        listing->scanned++;
        book_bill_read(walk.key, walk.value, &bill);
        bool seen = question_sees(listing->question, book_bill_pair(&bill));
        unsigned count = seen ? wanted(listing->books, &bill, others) : 0;
        for (unsigned i = 0; i < count; i++)
            rows_put(&bill, others[i], listing->answer);
        listing->found += count;
    }
    store_walk_end(&walk);
    return !full;
}

static void list_days(struct listing *listing, wanted_t *wanted, const char *institution)
{
    struct bills_key at = {.day = month_day(listing->question->month, 1), .number = 0};
    civil_date_t last = month_day(listing->question->month, 31);
    bool more = listing->question->after.size == 0 || bills_key_read(listing->question->after, &at);
    for (civil_date_t day = at.day; more && day <= last; day = civil_date_add_days(day, 1), at.number = 0)
        more = list_day(listing, wanted, institution, day, at.number);
}

/* Of what was refused the number alone is known: it is in no account. */
static void list_after_death(struct listing *listing, const char *institution)
{
    struct store_walk walk;
    struct after_death_key key = {.number = 0};
    (void)(listing->question->after.size > 0 && after_death_key_read(listing->question->after, &key));
    struct row_bytes from = after_death_key(listing->question->month, institution, key.number);
    bool more = store_walk_start(&walk, listing->books->txn, AFTER_DEATH, row_span(&from));
    for (; more && row_shares(walk.key, &from, AFTER_DEATH_NUMBER_AT) && after_death_key_read(walk.key, &key);
         more = store_walk_next(&walk)) {
        struct book_bill bill = {.row = {.number = key.number}};
        if (is_full(listing)) {
            say_next(walk.key, listing->answer);
            break;
        }
        listing->scanned++;
        bool settled = bills_load(listing->books, key.number, &bill);
        if (settled && !question_sees(listing->question, book_bill_pair(&bill)))
            continue;
        rows_put(&bill, 0, listing->answer);
        listing->found++;
    }
    store_walk_end(&walk);
}

void flagged_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct listing listing = {.books = books, .question = question, .answer = answer};
    char institution[13] = "";
    wanted_t *wanted = wanted_by(question->flag);
    memcpy(institution, question->institution.data, question->institution.size);
    if (wanted != NULL)
        list_days(&listing, wanted, institution);
    else if (span_equal(question->flag, span_text("care after death")))
        list_after_death(&listing, institution);
}
