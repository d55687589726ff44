/* SPDX-License-Identifier: Apache-2.0
 * When the exchange's clock goes onto the log next: never later than the interval, faster after midnight in Shanghai,
 * and at midnight at the latest. */
#include "services/ingest/gate_core.h"
#include "tests/support/test.h"

enum { MINUTE = 60 * 1000 };

static const instant_ms_t midnight = 1764000000000; /* 2025-11-25T00:00:00+08:00 */

TEST(waits_for_the_next_tick_and_no_longer)
{
    static const struct gate_ticks rush = {60000, 9, 10}, none = {60000, 0, 10}, small = {5, 9, 0};
    static const struct {
        const struct gate_ticks *ticks;
        instant_ms_t last, now; /* from midnight */
        uint32_t wait;
    } table[] = {
        {&rush, 60 * MINUTE, 60 * MINUTE, 60000},
        {&rush, 60 * MINUTE, 60 * MINUTE + 59999, 1},
        {&rush, 60 * MINUTE, 61 * MINUTE, 0},
        {&rush, 60 * MINUTE, 600 * MINUTE, 0},
        {&rush, 60 * MINUTE, 60 * MINUTE - 1, 0},
        {&rush, 0, 0, 9},
        {&rush, 100, 108, 1},
        {&rush, 100, 109, 0},
        {&rush, 10 * MINUTE - 1, 10 * MINUTE - 1, 9},
        {&rush, 10 * MINUTE - 1, 10 * MINUTE, 59999},
        {&rush, 1440 * MINUTE - 500, 1440 * MINUTE - 400, 400},
        {&none, 1440 * MINUTE - 500, 1440 * MINUTE - 400, 59900},
        {&none, 0, 0, 60000},
        {&small, 0, 4, 1},
    };
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(gate_tick_wait(table[i].ticks, midnight + table[i].last, midnight + table[i].now),
                         table[i].wait);
}
