/* SPDX-License-Identifier: Apache-2.0
 * The catalogues of the places of care: drugs, consumables, services of each region, by date. All of them also in
 * memory, since every line of every bill is looked up. */
#ifndef HUTONG_SERVICES_VALIDATION_CATALOGUE_H
#define HUTONG_SERVICES_VALIDATION_CATALOGUE_H
#include "common/engines/gazette/item_shapes.h"
#include "common/pb/event.h"
#include "common/runtime/core.h"

/* Thirty-two bytes: an item and its code fill one line of a processor's cache. */
struct catalogue_state {
    int64_t price_limit_micro[HOSPITAL_LEVELS];
    civil_date_t end_date; /* 0: open */
    uint16_t first_own_share_bp;
    uint8_t level; /* 1 甲, 2 乙, 3 丙 */
};

struct catalogue;

/* `published`: what is in force, for as long as the catalogue stands; it may change, see catalogue_sort. */
struct catalogue *catalogue_new(struct store_txn *txn, unsigned table, const struct published *published);
void catalogue_destroy(struct catalogue **catalogue);
/* The same region, code and first day again replaces. PRE: the item is valid. */
void catalogue_keep(struct catalogue *catalogue, struct store_txn *txn, const struct catalogue_item *item);
/* Sorts all items by kind anew: the shapes of their codes have changed. */
void catalogue_sort(struct catalogue *catalogue);
/* Takes the version of this region, code and first day out. False: there is none. */
bool catalogue_withdraw(struct catalogue *catalogue, struct store_txn *txn, const struct catalogue_item *item);
/* Has the region stated anything of this kind that holds on this day (before catalogue_ended_yields: that takes effect
 * by it)? Where it has not, a bill's own figures count: a region that has not brought its catalogue is not cut off. */
bool catalogue_speaks(struct catalogue *catalogue, const char *region, enum item_kind kind, civil_date_t day);
/* NULL: not in the catalogue on that day, or its last day has passed. Valid until the next catalogue_keep. */
const struct catalogue_state *catalogue_find(const struct catalogue *catalogue, const char *region, const char *code,
                                             civil_date_t day);
/* From now on a version that has ended does not hide an older one that goes on, and on days on which none of a
 * region's items of a kind holds it does not speak of it (LOGIC_ENDED_ROW_YIELDS). */
void catalogue_ended_yields(struct catalogue *catalogue, bool yields);
/* The same of several codes in one region, which is cheaper than one after the other. */
enum { CATALOGUE_FIND_MAX = 16 };
void catalogue_find_each(const struct catalogue *catalogue, const char *region, const char *const *codes,
                         unsigned count, civil_date_t day, const struct catalogue_state **states);
#endif
