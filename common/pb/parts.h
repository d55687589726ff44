/* SPDX-License-Identifier: Apache-2.0
 * Members of generated structs that are written by hand: "parts" and "codec" in the schema's options. */
#ifndef HUTONG_COMMON_PB_PARTS_H
#define HUTONG_COMMON_PB_PARTS_H
#include <stdint.h>

#include "common/base/instant.h"
#include "common/base/money.h"

/* Accumulators are a person's, of one policy year, insured area and insurance type. */
struct year_key {
    char person[19];
    uint32_t year;
    char area[7];
    char type[4];
};

/* One settlement or reversal, as either side has it. Amounts of a reversal are negative. */
struct reconcile_row {
    uint64_t number;   /* the exchange's: its position */
    uint64_t original; /* of a reversal: what it takes back; 0: a settlement */
    civil_date_t day;
    char institution[13];
    char bill_id[31]; /* the sender's number */
    char insured_area[7];
    char insurance_type[4];
    char clearing_type[3];
    fen_t total, fund, account;
};

/* Sums of rows (common/engines/tree). */
struct tree_sum {
    uint64_t count;
    fen_t total, fund, account;
    uint64_t digest; /* of rows, added: equal sums of unequal rows show */
};

struct findings; /* common/pb/outcome.h */

struct paid_row;
struct paid_rows {
    const struct paid_row *rows;
    uint32_t count;
};
#endif
