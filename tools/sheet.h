/* SPDX-License-Identifier: Apache-2.0
 * Printed sheets of fixed width: columns that hold Chinese and English, amounts with their thousands grouped. */
#ifndef HUTONG_TOOLS_SHEET_H
#define HUTONG_TOOLS_SHEET_H
#include <stdint.h>

struct sheet_cell {
    const char *text;
    int width; /* in columns of a terminal; below zero: to the left; what is longer stands over */
};
void sheet_line(const struct sheet_cell *cells, unsigned count);
void sheet_rule(char character, int width);
const char *sheet_yuan(int64_t fen);    /* "-1,234,567.89", in one of eight buffers in turn */
const char *sheet_count(int64_t count); /* in one of eight buffers in turn */
#endif
