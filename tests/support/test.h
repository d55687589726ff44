/* SPDX-License-Identifier: Apache-2.0
 * A case of a test program is listed by being written: TEST puts it among those that the program's main runs, in the
 * order of the file. What cmocka wants included comes with it. */
#ifndef HUTONG_TESTS_SUPPORT_TEST_H
#define HUTONG_TESTS_SUPPORT_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* TEST(settles_once) { ... }; `state` is what AROUND_EACH's first put there. */
#define TEST(name)                                                                                                     \
    static void name(void **state);                                                                                    \
    __attribute__((constructor)) static void list_##name(void)                                                         \
    {                                                                                                                  \
        tests_add(#name, name);                                                                                        \
    }                                                                                                                  \
    static void name(void **state)

/* Before and after each case of the program, or all of them; NULL: nothing. */
#define AROUND_EACH(set_up, tear_down) AROUND(each, set_up, tear_down)
#define AROUND_ALL(set_up, tear_down) AROUND(all, set_up, tear_down)
#define AROUND(which, set_up, tear_down)                                                                               \
    __attribute__((constructor)) static void around_##which(void)                                                      \
    {                                                                                                                  \
        tests_around_##which(set_up, tear_down);                                                                       \
    }

void tests_add(const char *name, CMUnitTestFunction run);
void tests_around_each(CMFixtureFunction set_up, CMFixtureFunction tear_down);
void tests_around_all(CMFixtureFunction set_up, CMFixtureFunction tear_down);
/* What main does, where a program has no main of its own: how many failed; a program without a case fails. */
int tests_run(void);
#endif
