/* SPDX-License-Identifier: Apache-2.0
 * Reconciliation of one institution's day. */
#include "common/engines/reconcile/reconcile.h"

#include <stdlib.h>
#include <string.h>

static const struct difference_text texts[] = {
#define DIFFERENCE(name, class, number, zh, en) [number] = {#name, class, zh, en},
#include "common/engines/reconcile/difference.def"
#undef DIFFERENCE
};

const struct difference_text *difference_find(uint32_t number)
{
    return number < DIFFERENCE_COUNT ? &texts[number] : NULL;
}

/* Sums of at most 2^32 bills of at most 10^10 fen stay inside 64 bits. */
bool reconcile_totals_equal(const struct statement_total *a, const struct statement_total *b)
{
    return a->count_positive == b->count_positive && a->count_negative == b->count_negative && a->total == b->total &&
           a->fund == b->fund && a->account == b->account;
}

static int by_number(const void *a, const void *b)
{
    const struct reconcile_row *left = *(const struct reconcile_row *const *)a;
    const struct reconcile_row *right = *(const struct reconcile_row *const *)b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return left < right ? -1 : left > right; /* the order of the statement */
}

static int by_bill(const void *a, const void *b)
{
    const struct reconcile_row *left = *(const struct reconcile_row *const *)a;
    const struct reconcile_row *right = *(const struct reconcile_row *const *)b;
    int order = strcmp(left->bill_id, right->bill_id);
    return order != 0 ? order : by_number(a, b);
}

static int by_original(const void *a, const void *b)
{
    const struct reconcile_row *left = *(const struct reconcile_row *const *)a;
    const struct reconcile_row *right = *(const struct reconcile_row *const *)b;
    if (left->original != right->original)
        return left->original < right->original ? -1 : 1;
    return by_number(a, b);
}

typedef int (*row_order_fn)(const void *a, const void *b);

static const struct reconcile_row **sorted(const struct reconcile_row *rows, uint32_t count, row_order_fn order,
                                           struct arena *scratch)
{
    const struct reconcile_row **index = arena_take(scratch, (size_t)count * sizeof *index + 1);
    if (index == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        index[i] = &rows[i];
    qsort(index, count, sizeof index[0], order);
    return index;
}

struct reconciling {
    const struct reconcile_input *input;
    const struct reconcile_row **theirs;             /* by number */
    const struct reconcile_row **theirs_by_original; /* by original, then number */
    const struct reconcile_row **ours_by_bill;
};

static fen_t distance(fen_t a, fen_t b)
{
    return a > b ? a - b : b - a;
}

static enum difference compare(const struct reconcile_row *ours, const struct reconcile_row *theirs)
{
    fen_t total = distance(ours->total, theirs->total), fund = distance(ours->fund, theirs->fund),
          account = distance(ours->account, theirs->account);
    if (strcmp(ours->insured_area, theirs->insured_area) != 0)
        return DIFFERENCE_WRONG_REGION;
    if (strcmp(ours->insurance_type, theirs->insurance_type) != 0 ||
        strcmp(ours->clearing_type, theirs->clearing_type) != 0)
        return DIFFERENCE_WRONG_TYPE;
    if (total == 0 && fund == 0 && account == 0)
        return DIFFERENCE_NONE;
    if (theirs->total == -ours->total && theirs->fund == -ours->fund && theirs->account == -ours->account)
        return DIFFERENCE_SIGN;
    if (total <= 1 && fund <= 1 && account <= 1)
        return DIFFERENCE_ONE_FEN;
    return total == 0 ? DIFFERENCE_SPLIT : DIFFERENCE_AMOUNT;
}

/* Another reversal of the same settlement stands in the statement. */
static bool is_second_reversal(const struct reconciling *self, const struct reconcile_row *row)
{
    uint32_t low = 0, high = self->input->theirs_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (self->theirs_by_original[middle]->original < row->original)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < self->input->theirs_count && self->theirs_by_original[low]->original == row->original; low++)
        if (self->theirs_by_original[low]->number != row->number)
            return true;
    return false;
}

/* A bill of ours with the same number of the sender and the same amounts. */
static bool is_known_bill(const struct reconciling *self, const struct reconcile_row *row)
{
    uint32_t low = 0, high = self->input->ours_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(self->ours_by_bill[middle]->bill_id, row->bill_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < self->input->ours_count && strcmp(self->ours_by_bill[low]->bill_id, row->bill_id) == 0; low++) {
        const struct reconcile_row *ours = self->ours_by_bill[low];
        if (ours->original == 0 && compare(ours, row) == DIFFERENCE_NONE)
            return true;
    }
    return false;
}

static enum difference explain_theirs(const struct reconciling *self, const struct reconcile_row *row)
{
    struct reconcile_row there;
    if (row->original != 0 && is_second_reversal(self, row))
        return DIFFERENCE_REVERSED_TWICE;
    if (self->input->find(self->input->find_self, row->number, &there)) {
        if (strcmp(there.institution, row->institution) != 0)
            return DIFFERENCE_WRONG_INSTITUTION;
        return there.day != row->day ? DIFFERENCE_WRONG_DAY : DIFFERENCE_WRONG_REGION;
    }
    if (row->original != 0)
        return DIFFERENCE_REVERSAL_UNKNOWN;
    return is_known_bill(self, row) ? DIFFERENCE_DUPLICATE_NEW_ID : DIFFERENCE_EXTRA;
}

enum status reconcile_rows(const struct reconcile_input *input, struct arena *scratch, struct reconcile_result *results,
                           uint32_t *count)
{
    struct reconciling self = {input, sorted(input->theirs, input->theirs_count, by_number, scratch),
                               sorted(input->theirs, input->theirs_count, by_original, scratch),
                               sorted(input->ours, input->ours_count, by_bill, scratch)};
    uint32_t extra = input->ours_count, at = 0;
    if (self.theirs == NULL || self.theirs_by_original == NULL || self.ours_by_bill == NULL)
        return REJECT_TOO_LARGE;
    for (uint32_t i = 0; i < input->ours_count; i++)
        results[i] = (struct reconcile_result){
            input->ours[i].original != 0 ? DIFFERENCE_REVERSAL_MISSING : DIFFERENCE_MISSING, &input->ours[i], NULL};
    for (uint32_t i = 0; i < input->theirs_count; i++) {
        const struct reconcile_row *row = self.theirs[i];
        while (at < input->ours_count && input->ours[at].number < row->number)
            at++;
        if (i > 0 && self.theirs[i - 1]->number == row->number)
            results[extra++] = (struct reconcile_result){DIFFERENCE_REPEATED, NULL, row};
        else if (at < input->ours_count && input->ours[at].number == row->number)
            results[at] = (struct reconcile_result){compare(&input->ours[at], row), &input->ours[at], row};
        else
            results[extra++] = (struct reconcile_result){explain_theirs(&self, row), NULL, row};
    }
    *count = extra;
    return OK;
}
