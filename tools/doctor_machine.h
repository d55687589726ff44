/* SPDX-License-Identifier: Apache-2.0
 * What is to be said of a machine on which an exchange lies, whether it runs or not: configuration, directories, disk,
 * clock, limits, backups. Quick: no file is read through. */
#ifndef HUTONG_TOOLS_DOCTOR_MACHINE_H
#define HUTONG_TOOLS_DOCTOR_MACHINE_H
#include "common/base/instant.h"
#include "tools/doctor.h"

void doctor_machine(struct doctor *doctor, instant_ms_t now);
/* Of a process that lives: whether it may open and lock enough. */
void doctor_limits(struct doctor *doctor, const char *name, int pid);
/* Days until so many bytes are gone where `grown` came in `span_ms`; -1: it does not grow, or the time is too short to
 * tell. */
static inline int64_t doctor_days_left(uint64_t room, uint64_t grown, int64_t span_ms)
{
    enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS };
    uint64_t a_day = span_ms < HOUR_MS ? 0 : (uint64_t)((__int128)grown * DAY_MS / span_ms);
    return a_day == 0 ? -1 : (int64_t)(room / a_day);
}
#endif
