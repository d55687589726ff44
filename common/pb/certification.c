/* SPDX-License-Identifier: Apache-2.0
 * Pensioners' certifications: proto/hutong/v1/transfer.proto, PensionerCertification and its view. */
#include <stddef.h>

#include "common/pb/flat.h"
#include "common/pb/transfer.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FLAT(table) ((struct flat_message){table, COUNT(table)})
#define AT(number, kind, member)                                                                                       \
    {                                                                                                                  \
        number, FLAT_##kind, offsetof(struct OBJECT, member)                                                           \
    }

#define OBJECT certification_letter
static const struct flat_field head_fields[] = {AT(1, TEXT, certification_id), AT(2, TEXT, paying_area),
                                                AT(3, TEXT, residence_area)};
static const struct flat_field request_fields[] = {AT(1, UINT32, due_date), AT(2, INT64, monthly_pension)};
static const struct flat_field result_fields[] = {AT(1, UINT32, status), AT(2, TEXT, method), AT(3, UINT32, date)};
#undef OBJECT
#define OBJECT certification_view
static const struct flat_field view_fields[] = {
    AT(1, TEXT, certification_id),
    AT(2, TEXT, paying_area),
    AT(3, TEXT, residence_area),
    AT(4, TEXT, person_id),
    AT(5, UINT32, status),
    AT(6, UINT32, due_date),
    AT(7, UINT32, certified_until),
    AT(8, UINT32, suspended_from_month),
    AT(9, UINT32, resumed_from_month),
    AT(10, UINT32, back_pay_months),
    AT(11, INT64, back_pay),
    AT(12, UINT32, stopped_from_month),
    AT(13, UINT32, claim_months),
    AT(14, INT64, claim),
    AT(15, SPAN, letter),
};
#undef OBJECT

enum status certification_letter_decode(struct span bytes, struct arena *arena, struct certification_letter *letter)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(letter, 0, sizeof *letter);
    letter->method = "";
    TRY(flat_decode(FLAT(head_fields), bytes, arena, letter));
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number != CERTIFICATION_REQUEST && field.number != CERTIFICATION_RESULT)
            continue;
        letter->kind = field.number;
        TRY(flat_decode(field.number == CERTIFICATION_REQUEST ? FLAT(request_fields) : FLAT(result_fields), field.bytes,
                        arena, letter));
    }
    return OK;
}

void certification_letter_encode(const struct certification_letter *letter, struct buffer *out)
{
    flat_encode(FLAT(head_fields), letter, 0, UINT32_MAX, out);
    if (letter->kind == CERTIFICATION_NONE)
        return;
    size_t mark = wire_begin(out, letter->kind);
    flat_encode(letter->kind == CERTIFICATION_REQUEST ? FLAT(request_fields) : FLAT(result_fields), letter, 0,
                UINT32_MAX, out);
    wire_end(out, mark);
}

void certification_view_encode(const struct certification_view *view, struct buffer *out)
{
    flat_encode(FLAT(view_fields), view, 0, UINT32_MAX, out);
}

enum status certification_view_decode(struct span bytes, struct arena *arena, struct certification_view *view)
{
    memset(view, 0, sizeof *view);
    return flat_decode(FLAT(view_fields), bytes, arena, view);
}
