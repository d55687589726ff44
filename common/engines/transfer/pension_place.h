/* SPDX-License-Identifier: Apache-2.0
 * Where the pension is drawn (国办发〔2009〕66号, 六):
 *
 *   relation in the home province ............................ there
 *   else 10 years, together, at the relation's place ......... there
 *   else the last earlier place with 10 years ................ back there
 *   else ..................................................... the home province
 *
 * Places are provinces. A temporary account is never a place of the pension, and its months count nowhere here. */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_PENSION_PLACE_H
#define HUTONG_COMMON_ENGINES_TRANSFER_PENSION_PLACE_H
#include "common/codes/rule.h"
#include "common/engines/gazette/published.h"
#include "common/engines/transfer/months.h"
#include "common/engines/transfer/steps.h"

enum { PENSION_STAYS_MAX = 128, PROVINCE_SIZE = 7 };

struct pension_stay {
    char province[PROVINCE_SIZE]; /* any division of it: the first two digits count */
    month_t from, to;             /* contributed without a gap, or one row of several */
    bool temporary;
};

enum pension_place_reason {
    PLACE_RELATION_AT_HOME,
    PLACE_RELATION_TEN_YEARS,
    PLACE_LAST_EARLIER_TEN_YEARS,
    PLACE_HOME_NOWHERE_TEN_YEARS
};
const char *pension_place_reason_name(enum pension_place_reason reason); /* "relation_at_home" */

struct pension_place {
    char province[PROVINCE_SIZE]; /* "110000" */
    enum pension_place_reason reason;
    uint32_t months; /* contributed there, distinct */
};

/* `home`, `relation`: divisions, at least two digits. `day`: whose threshold holds. Stays in any order; of two earlier
 * places with ten years the one with the later last month is the last. RULE_CONTRIBUTION_MONTH_INVALID: a stay's months
 * do not exist or end before they begin; RULE_TRANSFER_PROVINCE_UNKNOWN: no province; outputs then untouched. */
enum rule pension_place_find(const struct published *published, const struct pension_stay *stays, uint32_t count,
                             const char *home, const char *relation, civil_date_t day, struct pension_place *place,
                             struct transfer_steps *steps);
#endif
