/* SPDX-License-Identifier: Apache-2.0
 * A month's clearing: rows with a separator, or a statement to be printed and signed, of fixed width. `answer`: a
 * BooksAnswer with tables, nets, payments and advances of the month (202503). */
#ifndef HUTONG_TOOLS_CLEARING_PRINT_H
#define HUTONG_TOOLS_CLEARING_PRINT_H
#include "tools/view.h"

void clearing_show(const json_t *answer, struct view *view);
void clearing_print(const json_t *answer, uint32_t month, bool english);
/* The printed statement as one object: rows, their sums, payments in words, the cut, how far the final checkpoint
 * reaches (`final_size` 0: none is asked for). */
json_t *clearing_sheet(const json_t *answer, uint32_t month, uint64_t final_size);
#endif
