/* SPDX-License-Identifier: Apache-2.0
 * Coding of a bill in the books: protobuf's wire format, internal to this service. */
#include "services/books/keep/book_bill.h"

#include "common/base/check.h"
#include "common/pb/wire.h"

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

void book_bill_key(const struct book_bill *bill, uint8_t key[BILL_KEY_SIZE])
{
    bytes_put_be(key, bill->row.day, 4);
    PRE(strlen(bill->row.institution) == 12);
    memcpy(key + 4, bill->row.institution, 12);
    bytes_put_be(key + 16, bill->row.number, 8);
}

/* Area, insurance and clearing type: 6 + 3 + 2 */
enum { CLASS_SIZE = 11 };

void book_bill_encode(const struct book_bill *bill, struct buffer *out)
{
    char class[CLASS_SIZE] = {0};
    memcpy(class, bill->row.insured_area, 6);
    memcpy(class + 6, bill->row.insurance_type, 3);
    memcpy(class + 9, bill->row.clearing_type, 2);
    wire_put_uint(out, 1, bill->row.original);
    wire_put_text(out, 2, bill->row.bill_id);
    wire_put_bytes(out, 3, span_of(class, sizeof class));
    wire_put_int(out, 4, bill->row.total);
    wire_put_int(out, 5, bill->row.fund);
    wire_put_int(out, 6, bill->row.account);
    wire_put_uint(out, 7, (uint64_t)bill->kind);
    wire_put_int(out, 8, bill->adjust);
    wire_put_int(out, 9, bill->adjusted);
    wire_put_fixed64(out, 10, bill->person);
    wire_put_uint(out, 11, bill->admission);
    wire_put_uint(out, 12, bill->discharge);
    for (uint32_t side = 0; side < SIDES; side++) {
        wire_put_uint(out, 13 + 2 * side, (uint64_t)bill->side[side]);
        wire_put_uint(out, 14 + 2 * side, (uint64_t)bill->difference[side]);
    }
    wire_put_uint(out, 17, bill->disputed_by);
    wire_put_uint(out, 18, bill->investigation);
    wire_put_uint(out, 19, bill->has_dependents);
    wire_put_uint(out, 20, bill->month);
    wire_put_uint(out, 21, (uint64_t)bill->reason);
    wire_put_uint(out, 22, bill->reversed_by);
    wire_put_uint(out, 23, bill->held);
    wire_put_uint(out, 24, bill->adjustments);
}

static void take_class(struct span bytes, struct reconcile_row *row)
{
    INVARIANT(bytes.size == CLASS_SIZE);
    memcpy(row->insured_area, bytes.data, 6);
    memcpy(row->insurance_type, bytes.data + 6, 3);
    memcpy(row->clearing_type, bytes.data + 9, 2);
}

static void take_clearing(const struct wire_field *field, struct book_bill *bill)
{
    switch (field->number) {
    case 13:
    case 15:
        bill->side[field->number == 15] = (enum side_state)field->value;
        break;
    case 14:
    case 16:
        bill->difference[field->number == 16] = (enum difference)field->value;
        break;
    case 17:
        bill->disputed_by = field->value;
        break;
    case 18:
        bill->investigation = field->value;
        break;
    case 19:
        bill->has_dependents = field->value != 0;
        break;
    case 20:
        bill->month = (month_t)field->value;
        break;
    case 21:
        bill->reason = (enum open_reason)field->value;
        break;
    case 22:
        bill->reversed_by = field->value;
        break;
    case 23:
        bill->held = field->value != 0;
        break;
    case 24:
        bill->adjustments = (uint32_t)field->value;
        break;
    default:
        break;
    }
}

static void take_facts(const struct wire_field *field, struct book_bill *bill)
{
    switch (field->number) {
    case 1:
        bill->row.original = field->value;
        break;
    case 2:
        INVARIANT(field->bytes.size < sizeof bill->row.bill_id);
        memcpy(bill->row.bill_id, field->bytes.data, field->bytes.size);
        break;
    case 3:
        take_class(field->bytes, &bill->row);
        break;
    case 4:
        bill->row.total = (fen_t)field->value;
        break;
    case 5:
        bill->row.fund = (fen_t)field->value;
        break;
    case 6:
        bill->row.account = (fen_t)field->value;
        break;
    case 7:
        bill->kind = (enum bill_kind)field->value;
        break;
    case 8:
        bill->adjust = (fen_t)field->value;
        break;
    case 9:
        bill->adjusted = (fen_t)field->value;
        break;
    case 10:
        bill->person = field->value;
        break;
    case 11:
        bill->admission = (civil_date_t)field->value;
        break;
    default:
        bill->discharge = (civil_date_t)field->value;
        break;
    }
}

void book_bill_decode(struct span key, struct span value, struct book_bill *bill)
{
    struct wire_field field;
    INVARIANT(key.size == BILL_KEY_SIZE);
    memset(bill, 0, sizeof *bill);
    bill->row.day = (civil_date_t)bytes_get_be(key.data, 4);
    memcpy(bill->row.institution, key.data + 4, 12);
    bill->row.number = bytes_get_be(key.data + 16, 8);
    for (struct wire_reader reader = wire_read(value); !wire_at_end(&reader);) {
        INVARIANT(wire_next(&reader, &field) == OK);
        if (field.number <= 12)
            take_facts(&field, bill);
        else
            take_clearing(&field, bill);
    }
}
