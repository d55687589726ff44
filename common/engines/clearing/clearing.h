/* SPDX-License-Identifier: Apache-2.0
 * Monthly clearing (清算): which month a bill clears in, the net positions of the three regions, who pays whom, by
 * when (DOMAIN 3). Pure; every date and number comes from a clearing policy. */
#ifndef HUTONG_COMMON_ENGINES_CLEARING_CLEARING_H
#define HUTONG_COMMON_ENGINES_CLEARING_CLEARING_H
#include "common/codes/workday.h"
#include "common/pb/books.h"

enum { REGIONS = 3 };

/* 0 Beijing, 1 Tianjin, 2 Hebei. */
const char *clearing_region(unsigned index);      /* "110000"; PRE: below REGIONS */
unsigned clearing_region_index(const char *code); /* of any code that starts like a region's; REGIONS: none of them */

/* Months since 2000-01, from 1 (so that 0 is no month). */
typedef uint16_t month_t;
enum { MONTHS_COUNT_MAX = 50 * 12 };
month_t month_of(civil_date_t date);                 /* PRE: 2000..2049 */
uint32_t month_number(month_t month);                /* 202503 */
month_t month_of_number(uint32_t number);            /* 0: no such month */
civil_date_t month_day(month_t month, uint32_t day); /* the month's last day where it is shorter */

/* The clearing of a month: what is fixed when, by the policy in force when its first bill was taken in. */
struct clearing_dates {
    civil_date_t cut_on;      /* bills reconciled up to this day are in */
    civil_date_t generate_on; /* from this day on the table stands, but for disputes */
    civil_date_t confirm_by;  /* the last day for replies; the day after it is issued */
};
struct clearing_dates clearing_dates_of(month_t month, const struct clearing_policy *policy);

/* The month in which a bill of `bill_month` clears that is reconciled on `day`: its own month or the running one; 0:
 * it has rolled over too often, and its year is closed too. A bill rolls over at most `roll_over_max` months; one that
 * could not, still clears in its year's last table, which is issued by the end of the next first quarter. */
month_t clearing_month_of(month_t bill_month, civil_date_t day, const struct clearing_policy *policy);

/* owed[i][c]: what the insuring region i owes the region of care c. net[r] > 0: r is to receive. They sum to zero. */
void clearing_nets(const fen_t owed[REGIONS][REGIONS], fen_t net[REGIONS]);

struct clearing_payment {
    unsigned payer, payee;
    fen_t amount; /* > 0 */
};
/* The fewest transfers that make every net zero, payers and payees in the order of their codes. */
unsigned clearing_payments(const fen_t net[REGIONS], struct clearing_payment payments[REGIONS]);

/* 5 + 10 + 5 working days: funds asked for, paid, confirmed. */
struct clearing_limits {
    civil_date_t ask_by, pay_by, confirm_by;
};
/* Counted from `day`. REJECT_RANGE: beyond the calendar of working days, which is never guessed. */
MUST_USE enum status clearing_limits_of(const struct calendar *calendar, civil_date_t day, const uint32_t days[3],
                                        struct clearing_limits *limits);
#endif
