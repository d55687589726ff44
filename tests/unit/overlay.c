/* SPDX-License-Identifier: Apache-2.0
 * An overlay's tables hold what was put there, in order, in whatever order it came. */
#include "common/store/overlay.h"

#include "common/base/bytes.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

enum { KEYS = 60000, KEY_SIZE = 40 };

static struct overlay *overlay;

static int set_up(void **state)
{
    overlay = overlay_new(2);
    return 0;
}

static int tear_down(void **state)
{
    overlay_destroy(&overlay);
    return 0;
}

/* `number` as the tail of keys of three kinds: long beginnings that all share, or many; short ones, none. */
static struct span key_of(uint8_t bytes[KEY_SIZE], uint64_t number, unsigned kind)
{
    size_t at = kind == 0 ? 0 : kind == 1 ? 30 : number % 7 * 4;
    memset(bytes, 'k', KEY_SIZE);
    bytes_put_be(bytes + at, number, 8);
    return span_of(bytes, at + 8);
}

static void put(uint64_t number, unsigned kind)
{
    uint8_t key[KEY_SIZE], value[8];
    uint64_t before = overlay_count(overlay, 1);
    bytes_put_le(value, number, 8);
    (void)overlay_put(overlay, 1, key_of(key, number, kind), span_of(value, 8));
    assert_int_equal(overlay_count(overlay, 1), before + 1);
}

static void check_all(unsigned kind)
{
    uint8_t key[KEY_SIZE];
    struct overlay_walk walk;
    struct span before = {NULL, 0};
    uint64_t count = 0;
    for (uint64_t i = 0; i < KEYS; i++) {
        const struct overlay_entry *entry = overlay_find(overlay, 1, key_of(key, 2 * i, kind));
        assert_non_null(entry);
        assert_int_equal(bytes_get_le(entry->value, 8), 2 * i);
        assert_null(overlay_find(overlay, 1, key_of(key, 2 * i + 1, kind)));
    }
    for (const struct overlay_entry *entry = overlay_seek(&walk, overlay, 1, span_of(NULL, 0)); entry != NULL;
         entry = overlay_next(&walk)) {
        if (count++ > 0)
            assert_true(overlay_order(before, overlay_key(entry)) < 0);
        before = overlay_key(entry);
    }
    assert_int_equal(count, KEYS);
    assert_int_equal(overlay_count(overlay, 1), KEYS);
    assert_true(span_equal(before, overlay_key(overlay_last(overlay, 1))));
    for (uint64_t i = 0; i + 1 < KEYS && kind < 2; i++) {
        const struct overlay_entry *next = overlay_seek(&walk, overlay, 1, key_of(key, 2 * i + 1, kind));
        assert_non_null(next);
        assert_int_equal(bytes_get_le(next->value, 8), 2 * i + 2);
    }
    assert_null(overlay_seek(&walk, overlay, 0, span_of(NULL, 0)));
}

/* Odd multiples of a number without a common divisor with KEYS go through all of them. */
static void in_order(uint64_t from, uint64_t step, unsigned kind)
{
    for (uint64_t i = 0; i < KEYS; i++)
        put(2 * ((from + i * step) % KEYS), kind);
    check_all(kind);
}

TEST(keys_that_rise)
{
    in_order(0, 1, 0);
}

TEST(keys_that_fall)
{
    in_order(KEYS - 1, KEYS - 1, 0);
}

TEST(keys_that_fall_behind_a_long_beginning)
{
    in_order(KEYS - 1, KEYS - 1, 1);
}

TEST(keys_at_random)
{
    in_order(17, 36527, 0);
}

TEST(keys_at_random_behind_a_long_beginning)
{
    in_order(17, 36527, 1);
}

TEST(keys_of_all_lengths)
{
    in_order(17, 36527, 2);
}

TEST(keys_that_fall_of_all_lengths)
{
    in_order(KEYS - 1, KEYS - 1, 2);
}

TEST(runs_from_the_middle_out)
{
    for (uint64_t i = 0; i < KEYS / 2; i++) {
        put(2 * (KEYS / 2 + i), 1);
        put(2 * (KEYS / 2 - 1 - i), 1);
    }
    check_all(1);
}

/* As of one person after another: asked for and put close to what was found last, in no order. */
TEST(what_stands_side_by_side)
{
    enum { GROUP = 5, GROUPS = KEYS / GROUP };
    static const unsigned places[GROUP] = {2, 0, 4, 1, 3};
    uint8_t key[KEY_SIZE];
    struct overlay_walk walk;
    for (uint64_t i = 0; i < GROUPS; i++) {
        uint64_t group = (17 + i * 3527) % GROUPS;
        for (unsigned j = 0; j < GROUP; j++) {
            uint64_t number = 2 * (group * GROUP + places[j]);
            assert_null(overlay_find(overlay, 1, key_of(key, number, 1)));
            put(number, 1);
            const struct overlay_entry *entry = overlay_find(overlay, 1, key_of(key, number, 1));
            assert_non_null(entry);
            assert_int_equal(bytes_get_le(entry->value, 8), number);
            assert_ptr_equal(overlay_seek(&walk, overlay, 1, key_of(key, number - (number > 0), 1)), entry);
        }
    }
    check_all(1);
}

TEST(values_that_grow_and_shrink)
{
    static uint8_t bytes[3000];
    uint8_t key[KEY_SIZE];
    uint64_t chance = 1;
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t number = random_next(&chance) % 50;
        size_t size = random_next(&chance) % sizeof bytes;
        memset(bytes, (int)size, size);
        struct overlay_entry *entry = overlay_put(overlay, 1, key_of(key, number, 0), span_of(bytes, size));
        assert_true(span_equal(overlay_value(entry), span_of(bytes, size)));
        entry = overlay_delete(overlay, 1, key_of(key, number ^ 1, 0));
        assert_int_equal(entry->value_size, OVERLAY_DELETED);
        assert_ptr_equal(overlay_find(overlay, 1, key_of(key, number ^ 1, 0)), entry);
    }
    assert_int_equal(overlay_count(overlay, 1), 50);
}

AROUND_EACH(set_up, tear_down)
