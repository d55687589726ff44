/* SPDX-License-Identifier: Apache-2.0
 * Monthly clearing. */
#include "common/engines/clearing/clearing.h"

#include <string.h>

#include "common/base/check.h"
#include "common/codes/workday.h"

enum { MONTHS_A_YEAR = 12, FIRST_YEAR = 2000 };

static const char *const regions[REGIONS] = {"110000", "120000", "130000"};

const char *clearing_region(unsigned index)
{
    PRE(index < REGIONS);
    return regions[index];
}

unsigned clearing_region_index(const char *code)
{
    unsigned index = 0;
    while (index < REGIONS && strncmp(code, regions[index], 2) != 0)
        index++;
    return index;
}

month_t month_of(civil_date_t date)
{
    month_t month = month_of_number(date / 100);
    PRE(month != 0);
    return month;
}

uint32_t month_number(month_t month)
{
    uint32_t index = month - 1u;
    return (FIRST_YEAR + index / MONTHS_A_YEAR) * 100 + index % MONTHS_A_YEAR + 1;
}

month_t month_of_number(uint32_t number)
{
    uint32_t year = number / 100, in_year = number % 100;
    if (year < FIRST_YEAR || in_year < 1 || in_year > MONTHS_A_YEAR)
        return 0;
    uint32_t month = (year - FIRST_YEAR) * MONTHS_A_YEAR + in_year;
    return month <= MONTHS_COUNT_MAX ? (month_t)month : 0;
}

civil_date_t month_day(month_t month, uint32_t day)
{
    civil_date_t date = month_number(month) * 100 + day;
    while (!civil_date_exists(date) && date % 100 > 28)
        date--;
    return date;
}

struct clearing_dates clearing_dates_of(month_t month, const struct clearing_policy *policy)
{
    month_t next = (month_t)(month + 1);
    return (struct clearing_dates){month_day(next, policy->cut_day), month_day(next, policy->generate_day),
                                   month_day(next, policy->confirm_day)};
}

/* The month whose table is still open on `day`. */
static month_t running_month(civil_date_t day, const struct clearing_policy *policy)
{
    month_t month = month_of(day);
    return day <= month_day(month, policy->cut_day) ? (month_t)(month - 1) : month;
}

/* The last table that is issued within the closing month of the next year. */
static month_t year_end_month(month_t bill_month, const struct clearing_policy *policy)
{
    uint32_t next_year = month_number(bill_month) / 100 + 1;
    month_t closing = month_of_number(next_year * 100 + policy->year_close_month);
    return (month_t)(closing - 1); /* the table of February is issued in March */
}

month_t clearing_month_of(month_t bill_month, civil_date_t day, const struct clearing_policy *policy)
{
    month_t running = running_month(day, policy);
    month_t month = running > bill_month ? running : bill_month;
    if ((uint32_t)(month - bill_month) <= policy->roll_over_max)
        return month;
    month_t last = year_end_month(bill_month, policy);
    return month <= last ? last : 0;
}

void clearing_nets(const fen_t owed[REGIONS][REGIONS], fen_t net[REGIONS])
{
    memset(net, 0, REGIONS * sizeof net[0]);
    for (unsigned i = 0; i < REGIONS; i++)
        for (unsigned c = 0; c < REGIONS; c++) {
            INVARIANT(money_add(net[c], owed[i][c], &net[c]) == OK);
            INVARIANT(money_add(net[i], -owed[i][c], &net[i]) == OK);
        }
    POST(net[0] + net[1] + net[2] == 0);
}

unsigned clearing_payments(const fen_t net[REGIONS], struct clearing_payment payments[REGIONS])
{
    fen_t left[REGIONS];
    unsigned count = 0, payee = 0;
    memcpy(left, net, sizeof left);
    for (unsigned payer = 0; payer < REGIONS; payer++)
        while (left[payer] < 0) {
            while (payee < REGIONS && left[payee] <= 0)
                payee++;
            INVARIANT(payee < REGIONS); /* the nets sum to zero */
            fen_t amount = -left[payer] < left[payee] ? -left[payer] : left[payee];
            INVARIANT(count < REGIONS);
            payments[count++] = (struct clearing_payment){payer, payee, amount};
            left[payer] += amount;
            left[payee] -= amount;
        }
    return count;
}

enum status clearing_limits_of(const struct calendar *calendar, civil_date_t day, const uint32_t days[3],
                               struct clearing_limits *limits)
{
    struct clearing_limits found;
    TRY(workday_add(calendar, day, days[0], &found.ask_by));
    TRY(workday_add(calendar, found.ask_by, days[1], &found.pay_by));
    TRY(workday_add(calendar, found.pay_by, days[2], &found.confirm_by));
    *limits = found;
    return OK;
}
