/* SPDX-License-Identifier: Apache-2.0
 * A person's other settlements that an event concerns: what a row that is taken back had settled, care after a death,
 * payments for the same stay. They are listed in the outcome (Outcome.others), and their regions get it too. Of those
 * settled before logic version 2 no days are known: they are in no list. */
#ifndef HUTONG_SERVICES_SETTLEMENT_OTHERS_H
#define HUTONG_SERVICES_SETTLEMENT_OTHERS_H
#include "services/settlement/deciding.h"

/* Settlements of days within a period. */
struct period_wanted {
    const char *area, *type; /* NULL: any */
    civil_date_t from, to;   /* `to` 0: open */
    bool any_day;            /* a day of the stay lies within; else the day of discharge does */
};
/* Returns how many were listed; 0: none. */
uint32_t others_within(struct deciding *deciding, const char *person, const struct period_wanted *wanted);
/* Stays that overlap with the bill's, whoever insures, and the same visit again (institution, day, total); not the one
 * that it replaces. The first three, found by their days: it costs the same whoever has many bills. */
uint32_t others_of_stay(struct deciding *deciding, const char *person);
/* Of reference data: what the row that it takes back or replaces had settled. A warning says so. */
void others_of_row(struct deciding *deciding, const struct identity *person);
#endif
