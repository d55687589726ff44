/* SPDX-License-Identifier: Apache-2.0
 * A form's rows as they came, as contribution rows. */
#ifndef HUTONG_SERVICES_SETTLEMENT_TRANSFER_PAID_H
#define HUTONG_SERVICES_SETTLEMENT_TRANSFER_PAID_H
#include "common/pb/transfer.h"
#include "services/settlement/transfer/contribution.h"

/* PRE: at most PAID_ROWS_MAX rows. A kind or rate beyond its domain is kept beyond it: contribution_check sees it. */
void paid_rows_take(const struct paid_rows *paid, struct contribution_rows *rows);
#endif
