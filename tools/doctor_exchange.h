/* SPDX-License-Identifier: Apache-2.0
 * What is to be said of an exchange by what its daemons say of themselves: a function of their answers. */
#ifndef HUTONG_TOOLS_DOCTOR_EXCHANGE_H
#define HUTONG_TOOLS_DOCTOR_EXCHANGE_H
#include "common/base/instant.h"
#include "tools/doctor.h"

/* Of the broker; NULL: it does not answer, and should. */
void doctor_broker(struct doctor *doctor, const json_t *status);
/* Of one daemon, likewise; `build`: this tool's, which all should be of. */
void doctor_service(struct doctor *doctor, const char *name, const json_t *status, const char *build, instant_ms_t now);
/* Signing keys, a SigningList as JSON. */
void doctor_signing_keys(struct doctor *doctor, const json_t *list, instant_ms_t now);
#endif
