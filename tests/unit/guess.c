/* SPDX-License-Identifier: Apache-2.0
 * What was meant by a slip. */
#include "common/base/guess.h"

#include "tests/support/test.h"

static const char *meant(const char *given)
{
    static const char *const names[] = {"status", "snapshot", "submit", "keys", "track", "trace", "--json"};
    struct guess guess;
    guess_start(&guess, given);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        guess_consider(&guess, names[i]);
    return guess.name;
}

TEST(counts_insertions_deletions_changes_and_swaps)
{
    static const struct {
        const char *from, *to;
        unsigned distance;
    } rows[] = {
        {"", "", 0},
        {"status", "status", 0},
        {"statu", "status", 1},
        {"statuss", "status", 1},
        {"stetus", "status", 1},
        {"statsu", "status", 1},
        {"tsatsu", "status", 2},
        {"", "keys", 4},
        {"abc", "xyz", 3},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (guess_distance(rows[i].from, rows[i].to) != rows[i].distance)
            fail_msg("%s, %s: %u", rows[i].from, rows[i].to, guess_distance(rows[i].from, rows[i].to));
}

TEST(means_the_nearest_and_nothing_that_is_far)
{
    assert_string_equal(meant("statsu"), "status");
    assert_string_equal(meant("snap"), "snapshot"); /* its beginning */
    assert_string_equal(meant("kesy"), "keys");
    assert_string_equal(meant("--josn"), "--json");
    assert_string_equal(meant("trakc"), "track");
    assert_null(meant("frobnicate"));
    assert_null(meant("xy"));
    assert_null(meant("a word of more letters than any name of a command has, and more"));
}
