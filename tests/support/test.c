/* SPDX-License-Identifier: Apache-2.0
 * The tests of one test program, as its constructors listed them. */
#include "tests/support/test.h"

enum { TESTS_COUNT_MAX = 64 };

static struct CMUnitTest tests[TESTS_COUNT_MAX];
static size_t test_count;
static CMFixtureFunction before_each, after_each, before_all, after_all;

void tests_add(const char *name, CMUnitTestFunction run)
{
    if (test_count == TESTS_COUNT_MAX)
        abort();
    tests[test_count++] = (struct CMUnitTest){.name = name, .test_func = run};
}

void tests_around_each(CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
    before_each = set_up;
    after_each = tear_down;
}

void tests_around_all(CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
    before_all = set_up;
    after_all = tear_down;
}

int tests_run(void)
{
    for (size_t i = 0; i < test_count; i++) {
        tests[i].setup_func = before_each;
        tests[i].teardown_func = after_each;
    }
    return test_count == 0 ? 1 : _cmocka_run_group_tests("tests", tests, test_count, before_all, after_all);
}

__attribute__((weak)) int main(void)
{
    return tests_run();
}
