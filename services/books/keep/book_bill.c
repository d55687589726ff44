/* SPDX-License-Identifier: Apache-2.0
 * A bill in the books, and as it is stored. */
#include "services/books/keep/book_bill.h"

#include "common/base/check.h"
#include "common/store/rows/books.h"

const char *open_reason_name(uint32_t reason)
{
    static const char *const names[] = {
#define OPEN_REASON(name, number, zh, en) [number] = #name,
#include "services/books/open_reason.def"
#undef OPEN_REASON
    };
    return reason < OPEN_REASON_COUNT ? names[reason] : "?";
}

unsigned book_bill_pair(const struct book_bill *bill)
{
    unsigned insured = clearing_region_index(bill->row.insured_area),
             care = clearing_region_index(bill->row.institution + 1);
    INVARIANT(insured < REGIONS && care < REGIONS);
    return insured * REGIONS + care;
}

struct book_bill book_bill_against(const struct book_bill *original, enum bill_kind kind, uint64_t number,
                                   civil_date_t day)
{
    struct book_bill item = {.row = original->row,
                             .kind = kind,
                             .person = original->person,
                             .admission = original->admission,
                             .discharge = original->discharge,
                             .reason = kind == BILL_ADJUSTMENT ? OPEN_ORIGINAL : OPEN_CARE_STATEMENT};
    item.row.number = number;
    item.row.original = original->row.number;
    item.row.day = day;
    item.row.total = item.row.fund = item.row.account = 0;
    return item;
}

struct row_bytes book_bill_key(const struct book_bill *bill)
{
    return bills_key(bill->row.day, bill->row.institution, bill->row.number);
}

void book_bill_store(const struct book_bill *bill, struct buffer *out)
{
    struct book_bill stored = *bill;
    memcpy(stored.class, bill->row.insured_area, 6);
    memcpy(stored.class + 6, bill->row.insurance_type, 3);
    memcpy(stored.class + 9, bill->row.clearing_type, 2);
    book_bill_encode(&stored, out);
}

void book_bill_read(struct span key, struct span value, struct book_bill *bill)
{
    struct bills_key parts;
    INVARIANT(bills_key_read(key, &parts) && book_bill_decode(value, NULL, bill) == OK);
    bill->row.day = parts.day;
    memcpy(bill->row.institution, parts.institution, sizeof parts.institution);
    bill->row.number = parts.number;
    memcpy(bill->row.insured_area, bill->class, 6);
    memcpy(bill->row.insurance_type, bill->class + 6, 3);
    memcpy(bill->row.clearing_type, bill->class + 9, 2);
}
