/* SPDX-License-Identifier: Apache-2.0
 * Limits of transfers beyond the published calendar (DOMAIN, "A limit beyond the loaded calendar is provisional"): they
 * count Monday to Friday, and are stated anew at the ticks after their calendar was published.
 *
 * They stand in the table `provisional`; the other region 000000: it knows of nothing yet. A partition does so by
 * itself: the table and the calendar are the log's. */
#ifndef HUTONG_SERVICES_SETTLEMENT_PROVISIONAL_H
#define HUTONG_SERVICES_SETTLEMENT_PROVISIONAL_H
#include "services/settlement/deciding.h"
#include "services/settlement/transfer_records.h"

/* The transfer stands as `after` now; `before`: as it stood. `told`: the other region knows of it. */
void provisional_change(struct deciding *deciding, const struct transfer_key *key, const struct transfer_record *before,
                        const struct transfer_record *after, bool told);
/* At a tick: the limits of one pair of regions whose calendar has come are reckoned anew; those that it moves are the
 * lines of a NOTICE to both, at most DUE_ITEMS_MAX. The rest stands until the next tick. The outcome stays as it is
 * where none moves. FATAL_CORRUPT. */
MUST_USE enum status provisional_tell(struct deciding *deciding, civil_date_t today);
#endif
