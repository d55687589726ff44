/* SPDX-License-Identifier: Apache-2.0
 * Statutory working days: Monday to Friday and not a holiday, or a make-up day (State Council notices,
 * data/workdays.csv). Past the last loaded year there is no answer, never a guess. */
#ifndef HUTONG_COMMON_CODES_WORKDAY_H
#define HUTONG_COMMON_CODES_WORKDAY_H
#include "common/base/instant.h"
#include "common/base/status.h"

/* REJECT_RANGE outside the loaded years. */
MUST_USE enum status workday_is(civil_date_t date, bool *workday);
/* The count-th working day after `date`; the day itself is not counted. REJECT_RANGE as above. */
MUST_USE enum status workday_add(civil_date_t date, uint32_t count, civil_date_t *deadline);
#endif
