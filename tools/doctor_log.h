/* SPDX-License-Identifier: Apache-2.0
 * The log: every segment, and that they follow each other. */
#ifndef HUTONG_TOOLS_DOCTOR_LOG_H
#define HUTONG_TOOLS_DOCTOR_LOG_H
#include "tools/doctor.h"

void doctor_log(struct doctor *doctor, const char *directory);
#endif
