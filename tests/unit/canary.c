/* SPDX-License-Identifier: Apache-2.0
 * The canary: it must fail. scripts/test runs it by itself and stops if nobody sees that it failed. */
#include "tests/support/test.h"

TEST(the_canary_dies)
{
    assert_int_equal(1, 2);
}
