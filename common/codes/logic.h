/* SPDX-License-Identifier: Apache-2.0
 * Changes of rules (logic.def): which of them hold under a version of logic. A log without a LogicVersion event is of
 * version 1. */
#ifndef HUTONG_COMMON_CODES_LOGIC_H
#define HUTONG_COMMON_CODES_LOGIC_H
#include <stdbool.h>
#include <stdint.h>

enum logic {
#define LOGIC(change, since, zh, en) LOGIC_##change,
#include "common/codes/logic.def"
#undef LOGIC
    LOGICS_COUNT
};

enum { LOGIC_VERSION_FIRST = 1, LOGIC_VERSION_KNOWN = 6 }; /* the newest that this build knows */

bool logic_has(uint32_t version, enum logic change);
#endif
