/* SPDX-License-Identifier: Apache-2.0
 * The sum tree over the books: whole days and institutions from the sums that are kept, rows only at the edges. */
#include "services/books/ask/tree_rows.h"

#include "common/base/check.h"
#include "services/books/keep/sums.h"

struct tree_rows {
    struct books *books;
    bool insured_side;
    unsigned region; /* of that side; REGIONS: all */
    struct tree_key at;
    struct tree_row row; /* the one found last */
    char facts[11];
};

static bool is_asked(const struct tree_rows *rows, unsigned pair)
{
    return rows->region >= REGIONS || (rows->insured_side ? pair / REGIONS : pair % REGIONS) == rows->region;
}

static void start(void *self, const struct tree_key *from)
{
    struct tree_rows *rows = self;
    rows->at = *from;
}

/* The next row of this institution's day, from rows->at on; false: none is left of it. */
static bool find_here(struct tree_rows *rows)
{
    struct store_walk walk;
    struct book_bill bill;
    struct row_bytes from = bills_key(rows->at.day, rows->at.institution, rows->at.number);
    bool found = false;
    bool more = store_walk_start(&walk, rows->books->txn, BILLS, row_span(&from));
    for (; more && !found && row_shares(walk.key, &from, BILLS_NUMBER_AT); more = store_walk_next(&walk)) {
        book_bill_read(walk.key, walk.value, &bill);
        found = sums_row(&bill, &rows->row, rows->facts) && is_asked(rows, book_bill_pair(&bill));
    }
    store_walk_end(&walk);
    return found;
}

/* The pair's next institution of the day behind this one; "": none. */
static struct sums_key next_of_pair(struct tree_rows *rows, unsigned pair, const struct tree_key *behind)
{
    struct store_walk walk;
    struct sums_key key = {.institution = ""};
    struct row_bytes from = sums_key(behind->day, pair, behind->institution);
    bool more = store_walk_start(&walk, rows->books->txn, SUMS, row_span(&from));
    if (more && span_equal(walk.key, row_span(&from))) /* itself, or the day's own sum */
        more = store_walk_next(&walk);
    if (!more || !row_shares(walk.key, &from, SUMS_INSTITUTION_AT) || !sums_key_read(walk.key, &key))
        key.institution[0] = 0;
    store_walk_end(&walk);
    return key;
}

/* Moves on to the next institution of the day, any pair's that is asked for. */
static bool next_institution(struct tree_rows *rows)
{
    struct tree_key *at = &rows->at;
    char least[sizeof at->institution] = "";
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        if (!is_asked(rows, pair))
            continue;
        struct sums_key key = next_of_pair(rows, pair, at);
        if (key.institution[0] != 0 && (least[0] == 0 || strcmp(key.institution, least) < 0))
            memcpy(least, key.institution, sizeof key.institution);
    }
    if (least[0] == 0)
        return false;
    memcpy(at->institution, least, sizeof least);
    at->number = 0;
    return true;
}

static bool next_day(struct tree_rows *rows)
{
    struct store_walk walk;
    struct sums_key key = {.day = 0};
    struct row_bytes from =
        sums_key(rows->at.day + (rows->at.day < UINT32_MAX), 0, ""); /* no bill is of the last number */
    bool more = store_walk_start(&walk, rows->books->txn, SUMS, row_span(&from)) && sums_key_read(walk.key, &key);
    store_walk_end(&walk);
    rows->at = (struct tree_key){.day = key.day};
    return more;
}

/* The first row at or behind rows->at, into rows->row; false: there is none. */
static bool find(struct tree_rows *rows)
{
    struct tree_key from = rows->at;
    bool found = find_here(rows), more = true;
    while (!found && more) {
        if (next_institution(rows))
            found = find_here(rows);
        else
            more = next_day(rows);
    }
    rows->at = from;
    return found;
}

static bool is_behind_day(const struct tree_key *to, civil_date_t day)
{
    return to == NULL || to->day > day;
}

static bool is_behind_institution(const struct tree_key *to, const struct tree_key *key)
{
    return is_behind_day(to, key->day) || (to->day == key->day && strcmp(to->institution, key->institution) > 0);
}

static void add_kept(struct tree_rows *rows, const char *institution, struct tree_sum *sum)
{
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (is_asked(rows, pair))
            sums_add(rows->books, rows->row.key.day, pair, institution, sum);
}

/* rows->row and what follows it at this institution on this day, below `to`; rows->at lies behind it then. */
static void take_institution(struct tree_rows *rows, const struct tree_key *to, struct tree_sum *sum)
{
    struct tree_key first = rows->row.key, behind = first;
    behind.number = UINT64_MAX;
    bool whole =
        is_behind_institution(to, &first) &&
        (rows->at.day < first.day || strcmp(rows->at.institution, first.institution) < 0 || rows->at.number == 0);
    if (whole) {
        add_kept(rows, first.institution, sum);
        rows->at = behind;
        return;
    }
    do {
        tree_sum_row(sum, &rows->row);
        rows->at = rows->row.key;
        rows->at.number++;
    } while (find_here(rows) && (to == NULL || tree_key_compare(&rows->row.key, to) < 0));
}

static void take_day(struct tree_rows *rows, const struct tree_key *to, struct tree_sum *sum)
{
    civil_date_t day = rows->row.key.day;
    bool whole =
        is_behind_day(to, day) && (rows->at.day < day || (rows->at.institution[0] == 0 && rows->at.number == 0));
    if (whole) {
        add_kept(rows, "", sum);
        rows->at = (struct tree_key){.day = day + 1};
        return;
    }
    do
        take_institution(rows, to, sum);
    while (find(rows) && rows->row.key.day == day && (to == NULL || tree_key_compare(&rows->row.key, to) < 0));
}

static bool next(void *self, const struct tree_key *to, enum tree_grain grain, struct tree_step *step)
{
    struct tree_rows *rows = self;
    memset(step, 0, sizeof *step);
    if (!find(rows) || (to != NULL && tree_key_compare(&rows->row.key, to) >= 0))
        return false;
    step->key = rows->row.key;
    if (grain == TREE_DAY)
        take_day(rows, to, &step->sum);
    else if (grain == TREE_INSTITUTION)
        take_institution(rows, to, &step->sum);
    else {
        tree_sum_row(&step->sum, &rows->row);
        rows->at = rows->row.key;
        rows->at.number++;
    }
    return true;
}

/* A region asks about its own side of the rows; the operator about any, or all. */
enum status tree_rows_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct tree_rows rows = {.books = books, .region = question->viewer};
    struct tree_source source = {&rows, start, next};
    struct buffer tree = {0};
    arena_reset(&books->memory);
    struct tree_exchange *exchanges = arena_take(&books->memory, 2 * sizeof *exchanges);
    INVARIANT(exchanges != NULL);
    memset(exchanges, 0, 2 * sizeof *exchanges);
    TRY(tree_exchange_decode(question->body, NULL, &exchanges[0]));
    rows.insured_side = exchanges[0].side == SIDE_INSURED;
    if (!question_read_region(span_text(exchanges[0].region), &rows.region))
        return REJECT_MALFORMED;
    if (question->viewer != REGIONS && rows.region != question->viewer) {
        question_refuse(RULE_NOT_YOUR_BOOKS, answer);
        return OK;
    }
    tree_answer(&source, &exchanges[0], &exchanges[1]);
    tree_exchange_encode(&exchanges[1], &tree);
    books_answer_encode(&(struct books_reply){.tree = buffer_span(&tree)}, answer);
    buffer_fini(&tree);
    return OK;
}
