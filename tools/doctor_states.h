/* SPDX-License-Identifier: Apache-2.0
 * Every state, and the halves of keys. */
#ifndef HUTONG_TOOLS_DOCTOR_STATES_H
#define HUTONG_TOOLS_DOCTOR_STATES_H
#include "tools/doctor.h"

void doctor_states(struct doctor *doctor, const char *data_directory);
void doctor_keys(struct doctor *doctor, const char *key_directory);
#endif
