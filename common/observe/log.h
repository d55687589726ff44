/* SPDX-License-Identifier: Apache-2.0
 * Logs: one JSON object a line on standard error, or a readable line when that is a terminal. Shells log; cores never
 * do. Identity numbers are masked by log_mask_text before anything is written: a run of 17 digits and a digit or X
 * becomes 110101********1234. */
#ifndef HUTONG_COMMON_OBSERVE_LOG_H
#define HUTONG_COMMON_OBSERVE_LOG_H
#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL };

void log_start(const char *service, enum log_level least);
/* event: snake_case name; then pairs of key and printf-formatted value in one format string: "stream=%s position=%llu".
 */
__attribute__((format(printf, 3, 4))) void log_event(enum log_level level, const char *event, const char *format, ...);
void log_mask_text(char *text);
#endif
