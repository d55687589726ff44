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
int64_t doctor_days_left(uint64_t room, uint64_t grown, int64_t span_ms);
#endif
