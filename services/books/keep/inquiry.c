/* SPDX-License-Identifier: Apache-2.0
 * Co-investigations, stored. */
#include "services/books/keep/inquiry.h"

#include "common/base/check.h"
#include "services/books/keep/provisional.h"

void inquiry_store(struct books *books, const struct inquiry *inquiry)
{
    struct row_bytes key = investigations_key(inquiry->request),
                     value = investigations_value(inquiry->settlement, inquiry->asker, inquiry->stage,
                                                  inquiry->answer_by, inquiry->verdict, inquiry->amount);
    store_put(books->txn, INVESTIGATIONS, row_span(&key), row_span(&value));
}

void inquiry_read(struct span key, struct span value, struct inquiry *inquiry)
{
    struct investigations_key asked;
    struct investigations_value kept;
    INVARIANT(investigations_key_read(key, &asked) && investigations_value_read(value, &kept));
    *inquiry = (struct inquiry){.request = asked.request,
                                .settlement = kept.settlement,
                                .asker = kept.asking_region,
                                .stage = (enum investigation_stage)kept.stage,
                                .answer_by = kept.answer_by,
                                .verdict = (enum investigation_verdict)kept.verdict,
                                .amount = kept.amount};
}

bool inquiry_load(struct books *books, uint64_t request, struct inquiry *inquiry)
{
    struct row_bytes key = investigations_key(request);
    struct span value;
    if (!store_get(books->txn, INVESTIGATIONS, row_span(&key), &value))
        return false;
    inquiry_read(row_span(&key), value, inquiry);
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
