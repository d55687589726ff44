/* SPDX-License-Identifier: Apache-2.0
 * The canary: it must fail. scripts/test runs it by itself and stops if nobody sees that it failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_canary_dies(void **state)
{
    (void)state;
    assert_int_equal(1, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_canary_dies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
