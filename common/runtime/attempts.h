/* SPDX-License-Identifier: Apache-2.0
 * A record that kills its service every time must not stop everybody (FAILURES D7). DIRECTORY/attempts remembers,
 * durably, across crashes:
 *
 *   starts ... starts since a commit made progress; from the third on the service goes carefully:
 *              each record is written down (and synced) before it is tried, and again when it has passed
 *   tries .... how often the record at `position` was being tried when the process died; three: dead-lettered unseen
 *
 * A process that is killed while it waits loses no try: nothing was being tried. */
#ifndef HUTONG_COMMON_RUNTIME_ATTEMPTS_H
#define HUTONG_COMMON_RUNTIME_ATTEMPTS_H
#include "common/bus/bus.h"

enum { ATTEMPTS_STARTS_CAREFUL = 3, ATTEMPTS_TRIES_MAX = 3 };

struct attempts {
    int fd;
    position_t position;
    uint32_t tries;
    uint32_t starts;
    position_t started_at; /* committed cursor at this start */
    bool careful;
};

MUST_USE enum status attempts_open(struct attempts *attempts, const char *directory, position_t cursor);
/* Before apply. True in `quarantine`: the record at `position` has killed us often enough. */
MUST_USE enum status attempts_before(struct attempts *attempts, position_t position, bool *quarantine);
MUST_USE enum status attempts_after(struct attempts *attempts, position_t position);
/* After a commit. */
MUST_USE enum status attempts_committed(struct attempts *attempts, position_t cursor);
/* `clean`: a stop that was asked for. */
void attempts_close(struct attempts *attempts, bool clean);
#endif
