/* SPDX-License-Identifier: Apache-2.0
 * A month's clearing as a statement to be printed and signed: fixed width, in Chinese or English. */
#ifndef HUTONG_TOOLS_CLEARING_PRINT_H
#define HUTONG_TOOLS_CLEARING_PRINT_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* `answer`: a BooksAnswer with tables, nets, payments and advances of `month` (202503). */
void clearing_print(const json_t *answer, uint32_t month, bool english);
const char *clearing_region_name(const char *code, bool english); /* "北京"; the code itself where it is no region */
#endif
