/* SPDX-License-Identifier: Apache-2.0
 * Limits that run, and who is told of them when (DOMAIN 4: what is overdue goes to the region in delay, once).
 *
 * A limit stands in the table `deadlines` once: as SOON until the day from which its region is reminded (parameter
 * remind_days), then as DUE until it has passed, then as OVERDUE until the step is taken. `day` is the first day on
 * which it moves on; of OVERDUE, its last day. Each of the two moves is told once. */
#ifndef HUTONG_SERVICES_SETTLEMENT_DEADLINES_H
#define HUTONG_SERVICES_SETTLEMENT_DEADLINES_H
#include "common/engines/gazette/published.h"
#include "common/pb/outcome.h"
#include "common/runtime/core.h"

enum deadline_stage { STAGE_OVERDUE = 'A', STAGE_DUE = 'B', STAGE_SOON = 'C' };

struct deadline {
    enum deadline_stage stage;
    civil_date_t on; /* the day in its key */
    civil_date_t due;
    const char *region;
    uint32_t scheme; /* enum transfer_scheme, SCHEME_CERTIFICATION */
    const char *person;
    const char *id;
    uint32_t state; /* of the transfer */
};

/* The limit runs: reminders to come. `stage` is not read here, nor below. */
void deadline_put(const struct published *published, struct store_txn *txn, const struct deadline *deadline);
/* The same limit in another state: what was told is not told again. */
void deadline_keep(const struct published *published, struct store_txn *txn, const struct deadline *deadline);
/* The limit's last day is another: where it has passed, or the region was reminded, what was told is not told again,
 * but that it has passed. Absent: no effect. */
void deadline_move(const struct published *published, struct store_txn *txn, const struct deadline *deadline,
                   civil_date_t due, civil_date_t today);
/* The step is taken, whichever stage its limit is in. Absent: no effect. */
void deadline_delete(const struct published *published, struct store_txn *txn, const struct deadline *deadline);
/* The limits that moved on since: overdue ones first, of one region, at most DUE_ITEMS_MAX, as lines of a notice; they
 * stand in their next stage afterwards. Lines and texts are taken from the arena. Returns how many; 0: none. */
uint32_t deadlines_tell(struct store_txn *txn, civil_date_t today, struct arena *arena, char region[7],
                        const struct due_item **lines);
/* How many have passed and were told of; it stands in `meta`. */
uint64_t deadlines_overdue(struct store_txn *txn);
/* The oldest `most` of them by region, in the order of `regions`; those of others last. */
void deadlines_overdue_by(struct store_txn *txn, uint64_t most, const char *const regions[], unsigned count,
                          uint64_t overdue[]);
/* One after the other, overdue ones first; `key` (NULL: the first) is where to begin. False past the end. */
struct deadline_walk {
    struct store_walk walk;
    struct deadline deadline; /* texts are taken from the arena */
};
bool deadline_walk_start(struct deadline_walk *walk, struct store_txn *txn, struct span key, struct arena *arena);
bool deadline_walk_next(struct deadline_walk *walk, struct arena *arena);
void deadline_walk_end(struct deadline_walk *walk);
#endif
