/* SPDX-License-Identifier: Apache-2.0
 * When medical benefits begin at the target.
 *   employees (医保办发〔2021〕43号): a gap of up to 3 months, paid up: no waiting, benefits run through from the end
 * of the old cover; without a gap likewise. Longer, or not paid up [M]: the target's waiting period, at most 6 months.
 *   residents who enrol from 2025 on (国办发〔2024〕38号): outside the enrolment period or after missed years 3 months,
 * 1 more a missed year, 1 less a year paid up; at least 6 where 4 or more were missed in a row. Before: the target's.
 * Numbers: data/transfers/parameters.csv. */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_WAITING_H
#define HUTONG_COMMON_ENGINES_TRANSFER_WAITING_H
#include "common/codes/rule.h"
#include "common/engines/gazette/published.h"
#include "common/engines/transfer/months.h"
#include "common/engines/transfer/steps.h"

struct waiting {
    uint32_t months;
    civil_date_t benefits_from; /* first day of cover */
    bool runs_through;          /* the gap's own months are covered */
    uint32_t gap_months;        /* employees */
};

struct waiting_employees {
    month_t last_covered;    /* at the source */
    month_t first_new;       /* first month paid at the target, for itself */
    bool paid_up;            /* the gap's months have been paid since */
    uint32_t target_waiting; /* months, by the target's rule */
};
/* RULE_NONE; RULE_WAITING_MONTH_INVALID: a month that does not exist; RULE_WAITING_TOO_LONG: the target asks for more
 * than it may. Outputs then untouched. */
enum rule waiting_employees(const struct published *published, const struct waiting_employees *input,
                            struct waiting *waiting, struct transfer_steps *steps);

struct waiting_residents {
    month_t first_new;        /* the month of enrolment */
    bool in_enrolment_period; /* 集中参保期 */
    bool exempt;              /* newborns and the like */
    uint32_t years_missed;    /* in a row, before this enrolment */
    uint32_t years_paid_up;   /* of them */
    uint32_t target_waiting;  /* months, by the target's rule; matters before 2025 alone */
};
/* As above; RULE_WAITING_PAID_UP_MORE: more years paid up than missed. */
enum rule waiting_residents(const struct published *published, const struct waiting_residents *input,
                            struct waiting *waiting, struct transfer_steps *steps);
#endif
