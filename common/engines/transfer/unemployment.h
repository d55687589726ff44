/* SPDX-License-Identifier: Apache-2.0
 * What moves with an unemployment relation (人社厅发〔2021〕85号): months of benefit due x the source's monthly
 * benefit, x 1.5 (half as much again for medical insurance and training). Under one year of contributions: the relation
 * alone. Months due by full years paid (失业保险条例, 17, in the three regions' form):
 * data/transfers/unemployment_months.csv; monthly benefits: data/transfers/unemployment_benefit.csv, the table in force
 * on the day of the contact letter. */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_UNEMPLOYMENT_H
#define HUTONG_COMMON_ENGINES_TRANSFER_UNEMPLOYMENT_H
#include "common/codes/rule.h"
#include "common/engines/gazette/published.h"
#include "common/engines/transfer/months.h"
#include "common/engines/transfer/steps.h"

struct unemployment_input {
    uint32_t contribution_months; /* distinct months that have not yet led to a benefit */
    uint32_t months_drawn;        /* of the benefit that they give; 0 for those who draw none */
    const char *source_region;    /* "110000" */
    uint32_t area_class;          /* 1..4 in Hebei (by county, as the source states it), else 0 */
    civil_date_t contact_letter_day;
};

struct unemployment_funds {
    uint32_t months_due;   /* by the years paid */
    uint32_t months_moved; /* less those drawn */
    fen_t benefit;         /* of the months moved */
    fen_t total;           /* with the half for medical insurance and training */
    bool relation_only;
};

/* Months of benefit for so many contribution months: 0 under 12, never more than 24. */
uint32_t unemployment_months_due(const struct published *published, uint32_t contribution_months);
/* RULE_NONE; RULE_UNEMPLOYMENT_STANDARD_UNKNOWN: no table of that region, class and day; RULE_UNEMPLOYMENT_DRAWN_MORE:
 * more months drawn than due. Outputs then untouched. PRE: the day exists. */
enum rule unemployment_compute(const struct published *published, const struct unemployment_input *input,
                               struct unemployment_funds *funds, struct transfer_steps *steps);
#endif
