/* SPDX-License-Identifier: Apache-2.0
 * What settlement remembers: its tables, all of SETTLEMENT of common/store/store.def (docs/STORES.md draws them).
 *
 * All that is random about a bill, its person, stands in one place of one tree: a bill makes one page there dirty, not
 * three. */
#ifndef HUTONG_SERVICES_SETTLEMENT_SETTLED_H
#define HUTONG_SERVICES_SETTLEMENT_SETTLED_H
#include "common/engines/benefit/benefit.h"
#include "common/runtime/core.h"

enum {
#define SETTLEMENT(place, ...) place,
#include "common/store/store.def"
    SETTLEMENT_TABLES_COUNT
};
extern const struct store_table settlement_tables[SETTLEMENT_TABLES_COUNT];

void year_get(struct store_txn *txn, const struct year_key *key, struct accumulators *year);
void year_put(struct store_txn *txn, const struct year_key *key, const struct accumulators *year,
              struct buffer *scratch);
/* year + sign x added */
void year_add(struct accumulators *year, const struct accumulators *added, int sign);

bool settled_get(struct store_txn *txn, position_t position, struct settled *settled);
/* `fresh`: above every position that has been put. */
void settled_put(struct store_txn *txn, position_t position, const struct settled *settled, bool fresh,
                 struct buffer *scratch);

/* A bill's number: one an institution and person. PRE: the institution's code is shaped. */
struct bill_number {
    const char *person;
    const char *institution;
    const char *bill_id;
};
bool bill_number_find(struct store_txn *txn, const struct bill_number *number, position_t *position);
void bill_number_put(struct store_txn *txn, const struct bill_number *number, position_t position);
void bill_number_delete(struct store_txn *txn, const struct bill_number *number);

/* One person's settlements that stand, by institution and number. */
struct bill_walk {
    struct store_walk walk;
    const char *person;
    position_t position; /* of the settlement that it stands on */
};
bool bill_walk_start(struct bill_walk *walk, struct store_txn *txn, const char *person); /* false: none */
bool bill_walk_next(struct bill_walk *walk);
void bill_walk_end(struct bill_walk *walk);

/* Days of a settlement, from logic version 2 on: gone when it is reversed. What is looked for by its days is found
 * without reading all of the person's. */
enum care_form { CARE_STAY = 'S', CARE_VISIT = 'V' };
struct care_days {
    civil_date_t admission, discharge;
    position_t position;
};
void care_days_put(struct store_txn *txn, const char *person, enum care_form form, const struct care_days *days);
/* In either form. */
void care_days_delete(struct store_txn *txn, const char *person, civil_date_t admission, position_t position);
struct care_walk {
    struct store_walk walk;
    const char *person;
    enum care_form form;
    struct care_days days; /* that it stands on */
};
/* The first that began on this day or later; false: none. */
bool care_walk_start(struct care_walk *walk, struct store_txn *txn, const char *person, enum care_form form,
                     civil_date_t from);
bool care_walk_next(struct care_walk *walk);
void care_walk_end(struct care_walk *walk);

/* Care in the insured area, as reported under a number of the insuring region's. */
bool local_care_get(struct store_txn *txn, const char *person, const char *local_id, struct year_key *key,
                    struct accumulators *added);
void local_care_put(struct store_txn *txn, const char *local_id, const struct year_key *key,
                    const struct accumulators *added, struct buffer *scratch);
void local_care_delete(struct store_txn *txn, const char *person, const char *local_id);

/* The personal account. One a person, area and type, whatever enrolment stated it: a bill of last spring draws on the
 * same money as one of today. 0: never stated. */
fen_t account_get(struct store_txn *txn, const struct year_key *key);
bool account_is_stated(struct store_txn *txn, const struct year_key *key);
void account_put(struct store_txn *txn, const struct year_key *key, fen_t balance);
#endif
