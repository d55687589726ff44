/* SPDX-License-Identifier: Apache-2.0
 * Co-investigations, stored. */
#include "services/books/keep/inquiry.h"

#include "common/base/check.h"
#include "services/books/keep/provisional.h"

enum { VALUE_SIZE = 23 };

void inquiry_store(struct books *books, const struct inquiry *inquiry)
{
    uint8_t key[8], value[VALUE_SIZE];
    bytes_put_be(key, inquiry->request, 8);
    bytes_put_le(value, inquiry->settlement, 8);
    value[8] = (uint8_t)inquiry->asker;
    value[9] = (uint8_t)inquiry->stage;
    bytes_put_le(value + 10, inquiry->answer_by, 4);
    value[14] = (uint8_t)inquiry->verdict;
    bytes_put_le(value + 15, (uint64_t)inquiry->amount, 8);
    store_put(books->txn, INVESTIGATIONS, span_of(key, sizeof key), span_of(value, sizeof value));
}

void inquiry_read(struct span key, struct span value, struct inquiry *inquiry)
{
    INVARIANT(value.size == VALUE_SIZE);
    *inquiry = (struct inquiry){.request = bytes_get_be(key.data, 8),
                                .settlement = bytes_get_le(value.data, 8),
                                .asker = value.data[8],
                                .stage = (enum investigation_stage)value.data[9],
                                .answer_by = (civil_date_t)bytes_get_le(value.data + 10, 4),
                                .verdict = (enum investigation_verdict)value.data[14],
                                .amount = (fen_t)bytes_get_le(value.data + 15, 8)};
}

bool inquiry_load(struct books *books, uint64_t request, struct inquiry *inquiry)
{
    uint8_t key[8];
    struct span value;
    bytes_put_be(key, request, 8);
    if (!store_get(books->txn, INVESTIGATIONS, span_of(key, sizeof key), &value))
        return false;
    inquiry_read(span_of(key, sizeof key), value, inquiry);
    return true;
}

struct investigation_state inquiry_state(struct books *books, const struct inquiry *inquiry,
                                         const struct book_bill *bill, const char *text)
{
    return (struct investigation_state){.request = inquiry->request,
                                        .settlement = bill->row.number,
                                        .stage = inquiry->stage,
                                        .text = text,
                                        .answer_by = inquiry->answer_by,
                                        .verdict = inquiry->verdict,
                                        .amount = inquiry->amount,
                                        .held = bill->held && bill->month == 0,
                                        .provisional =
                                            provisional_is(books, PROVISIONAL_INVESTIGATION, inquiry->request)};
}
