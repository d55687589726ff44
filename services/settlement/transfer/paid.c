/* SPDX-License-Identifier: Apache-2.0
 * Rows of a form. */
#include "services/settlement/transfer/paid.h"

#include "common/base/check.h"

_Static_assert((unsigned)CONTRIBUTION_ROWS_MAX >= (unsigned)PAID_ROWS_MAX, "every row that is decoded fits");

static basis_points_t rate_of(uint32_t rate)
{
    return rate > INT32_MAX ? INT32_MAX : (basis_points_t)rate;
}

void paid_rows_take(const struct paid_rows *paid, struct contribution_rows *rows)
{
    PRE(paid->count <= CONTRIBUTION_ROWS_MAX);
    memset(rows, 0, sizeof *rows);
    for (uint32_t i = 0; i < paid->count; i++) {
        const struct paid_row *row = &paid->rows[i];
        rows->items[rows->count++] = (struct contribution_row){
            .from = row->from_month,
            .to = row->to_month,
            .months = row->months,
            .base = row->base,
            .kind = row->kind < CONTRIBUTION_KINDS_COUNT ? (enum contribution_kind)row->kind : CONTRIBUTION_KINDS_COUNT,
            .unit_rate = rate_of(row->unit_rate_bp),
            .account_rate = rate_of(row->account_rate_bp),
            .interest = row->interest,
            .one_off = row->one_off,
            .one_off_documented = row->document[0] != 0,
        };
    }
}
