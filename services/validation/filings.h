/* SPDX-License-Identifier: Apache-2.0
 * Filings for care away from home and qualifications for chronic and special diseases, in the store (DOMAIN 2): the
 * tables of these names. */
#ifndef HUTONG_SERVICES_VALIDATION_FILINGS_H
#define HUTONG_SERVICES_VALIDATION_FILINGS_H
#include "common/pb/event.h"
#include "common/runtime/core.h"

enum { FILING_ID_SIZE_MAX = 30 };

bool filing_kind_is_long_term(uint32_t kind);
void filing_keep(struct store_txn *txn, unsigned table, const char *person, const struct filing *filing);
/* The filings under this number, of this area and type, taken out: the days on which they held. False: there was none.
 * `same`: there was one alone, and it said what this one says. */
bool filing_withdraw(struct store_txn *txn, unsigned table, const char *person, const struct filing *filing,
                     struct row_period *held, bool *same);
/* The long-term filing that began last, on or before `day`, under another number than `but` (NULL: any). False: none.
 * The care area is copied. */
bool filing_long_term_on(struct store_txn *txn, unsigned table, const char *person, const char *area, const char *type,
                         civil_date_t day, const char *but, civil_date_t *valid_from, char care_area[7]);
/* What filings in force on a day say of care in an area: long-term before referral and emergency before others. A
 * long-term filing holds until the next one. */
enum filing_standing filing_standing_on(struct store_txn *txn, unsigned table, const char *person, const char *area,
                                        const char *type, const char *care_area, civil_date_t day);
/* The best of the days of a stay: what holds on admission, or is filed before discharge. A long-term filing yields to
 * the next one only as long as that one holds. */
enum filing_standing filing_standing_during(struct store_txn *txn, unsigned table, const char *person, const char *area,
                                            const char *type, const char *care_area, civil_date_t admission,
                                            civil_date_t discharge);

void qualification_keep(struct store_txn *txn, unsigned table, const char *person,
                        const struct qualification *qualification);
/* The one with this disease and first day: the days on which it held. False: there is none. */
bool qualification_get(struct store_txn *txn, unsigned table, const char *person,
                       const struct qualification *qualification, struct row_period *held);
void qualification_withdraw(struct store_txn *txn, unsigned table, const char *person,
                            const struct qualification *qualification);
bool qualification_on(struct store_txn *txn, unsigned table, const char *person, const char *area, const char *type,
                      const char *special_disease, civil_date_t day);
#endif
