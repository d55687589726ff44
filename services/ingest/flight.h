/* SPDX-License-Identifier: Apache-2.0
 * How many of a party's records lie beyond a position: on their way to the disk, or without an outcome. Pure. What was
 * counted near to each other is counted as one, so that the places are few; it is forgotten with its last. */
#ifndef HUTONG_SERVICES_INGEST_FLIGHT_H
#define HUTONG_SERVICES_INGEST_FLIGHT_H
#include "common/bus/bus.h"

enum { FLIGHT_MARKS_COUNT = 512, FLIGHT_GRAIN = 64 /* records in one mark, where there are places */ };

struct flight {
    struct {
        position_t end;
        uint32_t count;
    } marks[FLIGHT_MARKS_COUNT]; /* ends ascending, from `first` on */
    unsigned first, mark_count;
    uint64_t count; /* of all */
};

/* Records below `end`, and none of them counted before. */
void flight_add(struct flight *flight, position_t end, uint32_t count);
/* What lies below `position` is no longer under way. */
void flight_pass(struct flight *flight, position_t position);
void flight_forget(struct flight *flight);
#endif
