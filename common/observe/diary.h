/* SPDX-License-Identifier: Apache-2.0
 * Diaries: one JSON object a line on standard error, or a readable line when that is a terminal. Shells write; cores
 * never do. Identity numbers are masked by diary_mask_text before anything is written: 17 digits and a digit or X
 * become 110101********1234, within a longer row of digits where eight of them are a day (a position of 19 is none). */
#ifndef HUTONG_COMMON_OBSERVE_DIARY_H
#define HUTONG_COMMON_OBSERVE_DIARY_H
#include <stdbool.h>

enum diary_level { DIARY_DEBUG, DIARY_INFO, DIARY_WARN, DIARY_ERROR, DIARY_FATAL };

void diary_start(const char *service, enum diary_level least);
/* event: snake_case name; then pairs of key and printf-formatted value in one format string: "stream=%s position=%llu".
 */
__attribute__((format(printf, 3, 4))) void diary_event(enum diary_level level, const char *event, const char *format,
                                                       ...);
void diary_mask_text(char *text);
#endif
