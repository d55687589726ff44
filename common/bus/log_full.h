/* SPDX-License-Identifier: Apache-2.0
 * Why a log takes nothing in, for readiness, diaries and `hutong status`: in both languages, with what to do. */
#ifndef HUTONG_COMMON_BUS_LOG_FULL_H
#define HUTONG_COMMON_BUS_LOG_FULL_H
#include "hutong/v1/messages.h"

/* NULL: it takes all. */
const char *log_full_text(enum log_full full);
#endif
