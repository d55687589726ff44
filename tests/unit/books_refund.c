/* SPDX-License-Identifier: Apache-2.0
 * A bill that takes an earlier settlement's place makes two items in the books: the negative record, and its own. */
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

TEST(a_refund_is_a_negative_record_and_a_new_bill)
{
    struct rig rig;
    struct rig_bill smaller = beijinger_in_tianjin;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    position_t first = rig_settle(&rig, &beijinger_in_tianjin);
    smaller.bill_id = "B-SMALLER";
    smaller.total -= 20000;
    smaller.fund -= 10000;
    position_t second = rig_replace(&rig, first, &beijinger_in_tianjin, &smaller);
    uint64_t negative = REPLACED_NUMBER_BASE + second;
    struct book_bill record = rig_load(&rig, negative), fresh = rig_load(&rig, second);
    assert_int_equal(record.kind, BILL_REVERSED);
    assert_int_equal(record.row.original, first);
    assert_int_equal(record.row.fund, -beijinger_in_tianjin.fund);
    assert_int_equal(fresh.kind, BILL_SETTLEMENT);
    assert_int_equal(fresh.row.fund, smaller.fund);
    assert_int_equal(rig_load(&rig, first).reversed_by, negative);
    assert_int_equal(rig_balance(&rig, "institution:" TIANJIN_HOSPITAL), -(smaller.fund + smaller.account));
    assert_books_sum_to_zero(&rig);
    rig_settle(&rig, &beijinger_in_tianjin); /* numbers go on in ascending order */
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, first, &beijinger_in_tianjin, 0);
    rig_both_state(&rig, 20250310, second, &smaller, 0);
    rig_both_state(&rig, 20250310, negative, &beijinger_in_tianjin, first);
    assert_int_equal(rig_clears_in(&rig, first), 202503);
    assert_int_equal(rig_clears_in(&rig, negative), 202503);
    assert_int_equal(rig_clears_in(&rig, second), 202503);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}
