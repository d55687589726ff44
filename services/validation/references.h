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
/* Any row at all. */
bool institution_is_known(const struct institution_book *book, const char *code);

void enrolment_keep(struct store_txn *txn, const char *person, const struct enrolment *enrolment, position_t position);
bool enrolment_on(struct store_txn *txn, const char *person, const char *area, const char *type, civil_date_t day,
                  struct enrolment_state *state);
#endif
