/* SPDX-License-Identifier: Apache-2.0
 * What validation keeps of reference data: institutions (all of them also in memory) and enrolments. */
#ifndef HUTONG_SERVICES_VALIDATION_REFERENCES_H
#define HUTONG_SERVICES_VALIDATION_REFERENCES_H
#include "common/pb/event.h"
#include "common/runtime/core.h"

enum {
#define VALIDATION(place, ...) place,
#include "common/store/store.def"
    VALIDATION_TABLES_COUNT
};

struct institution_state {
    char area[7];
    uint8_t level;
    bool municipal;
    bool community;
    uint8_t status; /* enum institution_status */
};

struct enrolment_state {
    char category[5];
    uint8_t poverty;
    bool civil_servant;
    civil_date_t end_date;
    fen_t account_balance;
    position_t position;
};

struct institution_book; /* the cache */

struct institution_book *institution_book_new(struct store_txn *txn);
void institution_book_destroy(struct institution_book **book);
void institution_keep(struct institution_book *book, struct store_txn *txn, const struct institution *institution);
bool institution_on(const struct institution_book *book, const char *code, civil_date_t day,
                    struct institution_state *state);
/* Takes the row of this code and first day out. False: there is none. */
bool institution_withdraw(struct institution_book *book, struct store_txn *txn, const struct institution *institution);
/* Any row at all. */
bool institution_is_known(const struct institution_book *book, const char *code);

void enrolment_keep(struct store_txn *txn, const char *person, const struct enrolment *enrolment, position_t position);
/* The row with this area, type and first day itself. */
bool enrolment_get(struct store_txn *txn, const char *person, const struct enrolment *enrolment,
                   struct enrolment_state *state);
/* Takes it out. False: there is none. */
bool enrolment_withdraw(struct store_txn *txn, const char *person, const struct enrolment *enrolment);
/* The row that began last, of those that go on on the day; before LOGIC_ENDED_ROW_YIELDS, of all. */
bool enrolment_on(struct store_txn *txn, const char *person, const char *area, const char *type, civil_date_t day,
                  uint32_t logic, struct enrolment_state *state);
#endif
