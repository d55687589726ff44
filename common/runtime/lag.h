/* SPDX-License-Identifier: Apache-2.0
 * How long what a runtime has not applied has waited. */
#ifndef HUTONG_COMMON_RUNTIME_LAG_H
#define HUTONG_COMMON_RUNTIME_LAG_H
#include <stdbool.h>

#include "common/base/instant.h"

struct runtime;

/* When the log stored the oldest record of the input that is not applied yet; 0: there is none. False: not known. */
bool lag_oldest(const struct runtime *runtime, instant_ms_t *stored_at);
/* How long that one has waited, by this machine's clock; 0: none does; -1: not known. */
int64_t lag_ms(const struct runtime *runtime, instant_ms_t now);
#endif
