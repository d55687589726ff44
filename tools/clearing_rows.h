/* SPDX-License-Identifier: Apache-2.0
 * hutong clearing rows: a table's bills, or what is open, as CSV or JSON. */
#ifndef HUTONG_TOOLS_CLEARING_ROWS_H
#define HUTONG_TOOLS_CLEARING_ROWS_H
#include "tools/cli.h"

/* `insured`, `care`: regions; NULL: every one that the asking party may see. */
int clearing_rows(struct cli *cli, uint32_t month, const char *insured, const char *care, bool open);
#endif
