/* SPDX-License-Identifier: Apache-2.0
 * Marks of what is under way. */
#include "services/ingest/flight.h"

#include <string.h>

void flight_add(struct flight *flight, position_t end, uint32_t count)
{
    unsigned last = (flight->first + flight->mark_count + FLIGHT_MARKS_COUNT - 1) % FLIGHT_MARKS_COUNT;
    bool merge = flight->mark_count == FLIGHT_MARKS_COUNT ||
                 (flight->mark_count > 0 && flight->marks[last].count + count <= FLIGHT_GRAIN);
    if (!merge) {
        last = (flight->first + flight->mark_count++) % FLIGHT_MARKS_COUNT;
        flight->marks[last].count = 0;
    }
    flight->marks[last].end = end;
    flight->marks[last].count += count;
    flight->count += count;
}

void flight_pass(struct flight *flight, position_t position)
{
    while (flight->mark_count > 0 && flight->marks[flight->first].end <= position) {
        flight->count -= flight->marks[flight->first].count;
        flight->first = (flight->first + 1) % FLIGHT_MARKS_COUNT;
        flight->mark_count--;
    }
}

void flight_forget(struct flight *flight)
{
    memset(flight, 0, sizeof *flight);
}
