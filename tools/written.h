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
/* An amount in yuan as fen: "20000.5"; "20,000.50", which is nothing else. */
bool written_yuan(const char *text, int64_t *fen);
/* 20250301, 2025-03-01, 2025/3/1, 2025.3.1, 2025年3月1日, each with midnight behind it or without, as YYYYMMDD. Whether
 * the day exists is not said. */
bool written_date(const char *text, int64_t *value);
/* true, 1, 是 and false, 0, 否, in capitals too. */
bool written_truth(const char *text, bool *value);
/* "1.10101E+17": a number that a spreadsheet has cut. */
bool written_rounded(const char *text);
#endif
