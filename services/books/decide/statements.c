/* SPDX-License-Identifier: Apache-2.0
 * Statements. */
#include "services/books/decide/statements.h"

#include "common/base/check.h"
#include "services/books/decide/intake.h"
#include "services/books/decide/replies.h"
#include "services/books/keep/bills.h"
#include "services/books/keep/claims.h"
#include "services/books/keep/record.h"

enum {
    ROWS_A_STATEMENT_MAX = 8192, /* of ours that one detailed statement may face; more: by ranges of numbers */
    DIFFERENCES_A_RECORD_MAX = 1000
};

struct stating {
    const struct statement *statement;
    unsigned side;   /* of SIDES */
    unsigned region; /* of the sender */
    struct statement_result *result;
    struct statement_difference *differences; /* DIFFERENCES_A_RECORD_MAX of them */
    bool regions[REGIONS];                    /* whose bills it speaks of */
};

static bool concerns(const struct stating *stating, const struct book_bill *bill)
{
    return bill->kind != BILL_ADJUSTMENT && (stating->side == 0 || book_bill_pair(bill) / REGIONS == stating->region);
}

static void put_difference(struct stating *stating, enum difference difference, const struct reconcile_row *ours,
                           const struct reconcile_row *theirs)
{
    static const struct reconcile_row nothing;
    const struct reconcile_row *left = ours == NULL ? &nothing : ours, *right = theirs == NULL ? &nothing : theirs;
    const struct reconcile_row *named = ours == NULL ? right : left;
    struct statement_result *result = stating->result;
    bool totals = difference == DIFFERENCE_TOTALS;
    if (result->difference_count == DIFFERENCES_A_RECORD_MAX) {
        result->differences_left_out++;
        return;
    }
    stating->differences[result->difference_count++] =
        (struct statement_difference){.difference = difference,
                                      .name = difference_find(difference)->name,
                                      .number = named->number,
                                      .bill_id = named->bill_id,
                                      .ours_total = left->total,
                                      .theirs_total = right->total,
                                      .ours_fund = left->fund,
                                      .theirs_fund = right->fund,
                                      .ours_account = left->account,
                                      .theirs_account = right->account,
                                      .insurance_type = totals ? named->insurance_type : "",
                                      .clearing_type = totals ? named->clearing_type : ""};
}

/* This side's word on one bill. A dispute ends when the side that
 * disputed states the bill as we have it after all. */
static void word_on(struct books *books, struct stating *stating, struct book_bill *bill, enum difference difference)
{
    unsigned side = stating->side;
    stating->result->bills++;
    stating->result->matched += difference == DIFFERENCE_NONE;
    stating->regions[book_bill_pair(bill) / REGIONS] = true;
    enum side_state state = difference == DIFFERENCE_NONE ? SIDE_MATCHED : SIDE_DIFFERS;
    bool settles =
        difference == DIFFERENCE_NONE && bill->disputed_by != 0 && replies_side(books, bill->disputed_by) == side;
    if (bill->side[side] == state && bill->difference[side] == difference && !settles && bill->reason == OPEN_NONE)
        return;
    bill->side[side] = state;
    bill->difference[side] = difference;
    if (settles)
        intake_settle_dispute(books, bill);
    intake_decide(books, bill);
}

/* ---- totals: 3201 ---- */

struct cell {
    char type[4], clearing[3];
    struct statement_total ours, theirs;
};

static struct cell *cell_of(struct cell *cells, unsigned *count, const char *type, const char *clearing)
{
    for (unsigned i = 0; i < *count; i++)
        if (strcmp(cells[i].type, type) == 0 && strcmp(cells[i].clearing, clearing) == 0)
            return &cells[i];
    if (*count == STATEMENT_TOTALS_MAX)
        return NULL;
    struct cell *cell = &cells[(*count)++];
    memset(cell, 0, sizeof *cell);
    memcpy(cell->type, type, strnlen(type, 3));
    memcpy(cell->clearing, clearing, strnlen(clearing, 2));
    cell->ours.insurance_type = cell->type;
    cell->ours.clearing_type = cell->clearing;
    return cell;
}

static unsigned our_cells(struct books *books, const struct stating *stating, struct cell *cells)
{
    struct store_walk walk;
    struct row_bytes from = cells_key(stating->statement->day, stating->statement->institution, 0, "", "");
    struct cells_key key;
    unsigned count = 0;
    int64_t values[TALLY_VALUES_MAX];
    tally_flush(books->cells, books->txn);
    bool more = store_walk_start(&walk, books->txn, CELLS, row_span(&from));
    for (; more && row_shares(walk.key, &from, CELLS_INSURED_AT) && cells_key_read(walk.key, &key);
         more = store_walk_next(&walk)) {
        if (stating->side == 1 && key.insured != stating->region)
            continue;
        struct cell *cell = cell_of(cells, &count, key.type, key.clearing_type);
        INVARIANT(cell != NULL); /* insurance types x clearing types are fewer */
        tally_read(books->cells, walk.value, values);
        cell->ours.count_positive += (uint32_t)values[CELL_POSITIVE];
        cell->ours.count_negative += (uint32_t)values[CELL_NEGATIVE];
        cell->ours.total += values[CELL_TOTAL];
        cell->ours.fund += values[CELL_FUND];
        cell->ours.account += values[CELL_ACCOUNT];
    }
    store_walk_end(&walk);
    return count;
}

static void tell_cells(struct books *books, const struct cell *cells, unsigned count, struct statement_result *result)
{
    struct statement_total *ours = record_part(books, count * sizeof *ours + 1);
    for (unsigned i = 0; i < count; i++)
        ours[i] = cells[i].ours;
    result->ours = ours;
    result->our_count = count;
}

/* Cells that agree reconcile all their bills; the others wait for the rows. */
static void compare_totals(struct books *books, struct stating *stating, struct cell *cells, unsigned count)
{
    const struct statement *statement = stating->statement;
    bool all = true;
    for (unsigned i = 0; i < count; i++) {
        const struct cell *cell = &cells[i];
        if (reconcile_totals_equal(&cell->ours, &cell->theirs))
            continue;
        struct reconcile_row *ours = record_part(books, sizeof *ours);
        struct reconcile_row theirs = {
            .total = cell->theirs.total, .fund = cell->theirs.fund, .account = cell->theirs.account};
        ours->total = cell->ours.total;
        ours->fund = cell->ours.fund;
        ours->account = cell->ours.account;
        memcpy(ours->insurance_type, cell->type, sizeof ours->insurance_type);
        memcpy(ours->clearing_type, cell->clearing, sizeof ours->clearing_type);
        put_difference(stating, DIFFERENCE_TOTALS, ours, &theirs);
        all = false;
    }
    if (all)
        claims_drop(books, statement, stating->side, stating->region);
    else
        record_find(books, RULE_STATEMENT_ROWS_WANTED, "statement.totals", NULL);
    uint64_t after = 0;
    for (unsigned found; (found = bills_chunk(books, statement->day, statement->institution, after)) > 0;) {
        after = books->chunk[found - 1].row.number;
        for (unsigned i = 0; i < found; i++) {
            struct book_bill bill;
            if (!concerns(stating, &books->chunk[i]))
                continue;
            INVARIANT(bills_load(books, books->chunk[i].row.number, &bill)); /* what it takes back may have moved it */
            struct cell *cell = cell_of(cells, &count, bill.row.insurance_type, bill.row.clearing_type);
            INVARIANT(cell != NULL);
            word_on(books, stating, &bill,
                    reconcile_totals_equal(&cell->ours, &cell->theirs) ? DIFFERENCE_NONE : DIFFERENCE_TOTALS);
        }
    }
}

/* ---- rows: 3202 ---- */

static bool find_row(void *self, uint64_t number, struct reconcile_row *row)
{
    struct book_bill bill;
    if (!bills_load(self, number, &bill))
        return false;
    *row = bill.row;
    return true;
}

static bool in_range(const struct statement *statement, uint64_t number)
{
    return number >= statement->number_from && (statement->number_to == 0 || number <= statement->number_to);
}

/* Ours of the range, in the arena; NULL: too many. */
static struct reconcile_row *our_rows(struct books *books, const struct stating *stating, uint32_t *count)
{
    const struct statement *statement = stating->statement;
    struct reconcile_row *rows = arena_take(&books->memory, ROWS_A_STATEMENT_MAX * sizeof *rows);
    uint64_t after = statement->number_from > 0 ? statement->number_from - 1 : 0;
    INVARIANT(rows != NULL);
    *count = 0;
    for (unsigned found; (found = bills_chunk(books, statement->day, statement->institution, after)) > 0;) {
        after = books->chunk[found - 1].row.number;
        for (unsigned i = 0; i < found; i++) {
            if (!concerns(stating, &books->chunk[i]) || !in_range(statement, books->chunk[i].row.number))
                continue;
            if (*count == ROWS_A_STATEMENT_MAX)
                return NULL;
            rows[(*count)++] = books->chunk[i].row;
        }
    }
    return rows;
}

static void fit(char *to, size_t size, const char *text)
{
    memset(to, 0, size);
    memcpy(to, text, strnlen(text, size - 1)); /* a longer text matches nothing of ours */
}

static struct reconcile_row *their_rows(struct books *books, const struct statement *statement)
{
    struct reconcile_row *rows = arena_take(&books->memory, statement->row_count * sizeof *rows + 1);
    INVARIANT(rows != NULL);
    for (uint32_t i = 0; i < statement->row_count; i++) {
        const struct statement_row *from = &statement->rows[i];
        rows[i] = (struct reconcile_row){.number = from->number,
                                         .original = from->original,
                                         .day = statement->day,
                                         .total = from->total,
                                         .fund = from->fund,
                                         .account = from->account};
        fit(rows[i].institution, sizeof rows[i].institution, statement->institution);
        fit(rows[i].bill_id, sizeof rows[i].bill_id, from->bill_id);
        fit(rows[i].insured_area, sizeof rows[i].insured_area, from->insured_area);
        fit(rows[i].insurance_type, sizeof rows[i].insurance_type, from->insurance_type);
        fit(rows[i].clearing_type, sizeof rows[i].clearing_type, from->clearing_type);
    }
    return rows;
}

/* Rows that are only theirs, by number, stand last among the results. */
static void keep_claims(struct books *books, const struct stating *stating, const struct reconcile_result *results,
                        uint32_t count)
{
    unsigned nth = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (results[i].ours != NULL)
            continue;
        bool again = i > 0 && results[i - 1].ours == NULL && results[i - 1].theirs->number == results[i].theirs->number;
        nth = again ? nth + 1 : 0;
        claims_keep(books, stating->side, stating->region, results[i].difference, results[i].theirs, nth);
    }
    claims_drop(books, stating->statement, stating->side, stating->region);
}

static void compare_rows(struct books *books, struct stating *stating)
{
    const struct statement *statement = stating->statement;
    struct reconcile_input input = {.find = find_row, .find_self = books, .theirs_count = statement->row_count};
    uint32_t count = 0;
    input.ours = our_rows(books, stating, &input.ours_count);
    if (input.ours == NULL) {
        record_find(books, RULE_STATEMENT_TOO_LARGE, "statement.number_to", NULL);
        return;
    }
    input.theirs = their_rows(books, statement);
    struct reconcile_result *results =
        arena_take(&books->memory, (input.ours_count + input.theirs_count) * sizeof *results + 1);
    INVARIANT(results != NULL && reconcile_rows(&input, &books->memory, results, &count) == OK);
    keep_claims(books, stating, results, count);
    for (uint32_t i = 0; i < count; i++) {
        struct book_bill bill;
        if (results[i].difference != DIFFERENCE_NONE)
            put_difference(stating, results[i].difference, results[i].ours, results[i].theirs);
        if (results[i].ours == NULL)
            continue;
        INVARIANT(bills_load(books, results[i].ours->number, &bill));
        word_on(books, stating, &bill, results[i].difference);
    }
}

void statements_take(struct books *books, const struct statement *statement)
{
    struct stating stating = {.statement = statement,
                              .side = statement->side == SIDE_INSURED,
                              .region = clearing_region_index(books->event->sender)};
    struct statement_result *result = stating.result = record_part(books, sizeof *result);
    struct cell *cells = record_part(books, STATEMENT_TOTALS_MAX * sizeof *cells);
    stating.differences = record_part(books, DIFFERENCES_A_RECORD_MAX * sizeof *stating.differences);
    *result = (struct statement_result){.day = statement->day,
                                        .institution = statement->institution,
                                        .side = statement->side,
                                        .differences = stating.differences};
    books->answer.statement = result;
    record_say(books, BOOKS_STATEMENT, books->event->sender);
    unsigned count = our_cells(books, &stating, cells);
    tell_cells(books, cells, count, result);
    for (uint32_t i = 0; i < statement->total_count; i++) {
        const struct statement_total *total = &statement->totals[i];
        struct cell *cell = cell_of(cells, &count, total->insurance_type, total->clearing_type);
        if (cell != NULL)
            cell->theirs = *total;
    }
    if (statement->detailed)
        compare_rows(books, &stating);
    else
        compare_totals(books, &stating, cells, count);
    if (stating.side == 1)
        record_say(books, BOOKS_STATEMENT, clearing_region(clearing_region_index(statement->institution + 1)));
    for (unsigned i = 0; i < REGIONS; i++)
        if (stating.regions[i])
            record_say(books, BOOKS_STATEMENT, clearing_region(i));
}
