/* SPDX-License-Identifier: Apache-2.0
 * Numbers and dates as people and spreadsheets write them, for files and arguments. Pure. */
#ifndef HUTONG_TOOLS_WRITTEN_H
#define HUTONG_TOOLS_WRITTEN_H
#include <stdbool.h>
#include <stdint.h>

/* "-12.5" with so many decimals at most, as an integer of the last of them. False: it is not written so, or too large.
 */
bool written_number(const char *text, int decimals_max, int64_t *value);
/* Digits alone. False: it is not written so, or beyond 64 bits. */
bool written_whole(const char *text, uint64_t *value);
/* "2025-03-01" or "20250301" as YYYYMMDD. Whether the day exists is not said. */
bool written_date(const char *text, int64_t *value);
#endif
