/* SPDX-License-Identifier: Apache-2.0
 * A bill in the books: a settlement, a reversal, or the adjustment after an investigation. Each is an item of its own,
 * with the exchange's number; what it posted never changes, only how it stands towards clearing does. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_BOOK_BILL_H
#define HUTONG_SERVICES_BOOKS_KEEP_BOOK_BILL_H
#include "common/engines/clearing/clearing.h"
#include "common/engines/reconcile/reconcile.h"
#include "common/runtime/core.h"
#include "common/store/row.h"
#include "hutong/v1/messages.h"

enum open_reason {
#define OPEN_REASON(name, number, zh, en) name = number,
#include "services/books/open_reason.def"
#undef OPEN_REASON
    OPEN_REASON_COUNT
};
const char *open_reason_name(uint32_t reason); /* "OPEN_DISPUTED"; "?" */

/* A bill that takes an earlier settlement's place makes two items at one position: its own, under that number, and the
 * negative record of the other, under this much more. */
#define REPLACED_NUMBER_BASE UINT64_C(1000000000000000000)

enum bill_kind { BILL_SETTLEMENT, BILL_REVERSED, BILL_ADJUSTMENT };
enum side_state { SIDE_SILENT, SIDE_MATCHED, SIDE_DIFFERS };
enum { SIDES = 2 };                   /* 0 the region of care, 1 the insuring region */
enum { ADJUSTMENTS_A_BILL_MAX = 32 }; /* findings against one bill that take something off */

/* What goes from the insuring region to the region of care when it clears. */
static inline fen_t book_bill_amount(const struct book_bill *bill)
{
    return bill->row.fund + bill->row.account + bill->adjust;
}

/* An item of its own that takes another back, or a part of it: with no amounts yet, open, and with no word on it. */
struct book_bill book_bill_against(const struct book_bill *original, enum bill_kind kind, uint64_t number,
                                   civil_date_t day);

/* insured x REGIONS + care */
unsigned book_bill_pair(const struct book_bill *bill);

struct row_bytes book_bill_key(const struct book_bill *bill);
void book_bill_store(const struct book_bill *bill, struct buffer *out);
void book_bill_read(struct span key, struct span value, struct book_bill *bill);
#endif
