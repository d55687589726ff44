/* SPDX-License-Identifier: Apache-2.0
 * Rows of a form. */
#include "common/engines/transfer/paid.h"

#include <stdio.h>

#include "common/base/check.h"

_Static_assert((unsigned)CONTRIBUTION_ROWS_MAX >= (unsigned)TRANSFER_APPLICATION_ROWS_MAX,
               "every row that is decoded fits");

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

/* proto/hutong/v1/transfer.proto: ContributionRow, InformationForm, TransferApplication. */
static const struct {
    const char *ours;
    const char *field;
} names[] = {
    {"].from", "].from_month"},
    {"].to", "].to_month"},
    {"].base", "].base_fen"},
    {"form.months", "form.contribution_months"},
    {"application.months", "application.rows"},
    {".before_1998", ".account_before_1998_fen"},
    {".account_closed", ".account_to_last_year_fen"},
    {".account_running", ".account_running_year_fen"},
    {".account_total", ".account_total_fen"},
    {".pooled", ".pooled_total_fen"},
    {".total", ".transfer_total_fen"},
    {".draws_pension", ".retired"},
    {".enrolled_at_target", ".target_type"},
    {".birth_date", ".household_division"}, /* the age itself is the identity number's; what may differ is this */
};

void paths_name_fields(struct findings *findings, uint32_t first)
{
    for (uint32_t i = first; i < findings->count; i++) {
        char *path = findings->items[i].path;
        size_t size = strlen(path);
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            size_t tail = strlen(names[k].ours);
            if (size < tail || strcmp(path + size - tail, names[k].ours) != 0)
                continue;
            (void)snprintf(path + size - tail, (FINDING_PATH_MAX + 1) - (size - tail), "%s", names[k].field);
            break;
        }
    }
}
