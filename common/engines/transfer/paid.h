/* SPDX-License-Identifier: Apache-2.0
 * Between the letters as they came and the sums: rows, and the names of fields. */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_PAID_H
#define HUTONG_COMMON_ENGINES_TRANSFER_PAID_H
#include "common/engines/transfer/contribution.h"
#include "common/pb/transfer.h"

/* PRE: at most TRANSFER_APPLICATION_ROWS_MAX rows. A kind or rate beyond its domain is kept beyond it:
 * contribution_check sees it. */
void paid_rows_take(const struct paid_rows *paid, struct contribution_rows *rows);
/* The sums speak of their own structs; a sender knows the message. Paths of the findings from `first` on that end in
 * one of our words end in the message's field instead. */
void paths_name_fields(struct findings *findings, uint32_t first);
#endif
