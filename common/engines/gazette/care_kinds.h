/* SPDX-License-Identifier: Apache-2.0
 * Kinds of care (med_type) as they are published, and what follows from each. */
#ifndef HUTONG_COMMON_ENGINES_GAZETTE_CARE_KINDS_H
#define HUTONG_COMMON_ENGINES_GAZETTE_CARE_KINDS_H
#include "common/codes/insurance.h"
#include "common/engines/gazette/published.h"

enum care_class care_class_of(const struct published *published, const char *care_kind);
bool care_kind_is_known(const struct published *published, const char *care_kind);
/* False for what is not known, as below. */
bool care_kind_is_inpatient(const struct published *published, const char *care_kind);
/* Cut as referral and emergency where it was not filed. */
bool care_kind_is_urgent(const struct published *published, const char *care_kind);
/* clr_type, by which bills are reconciled and cleared. What is not known: as the first. Never NULL. */
const char *clearing_type_of(const struct published *published, const char *care_kind);
bool clearing_type_is_inpatient(const struct published *published, const char *clearing_type);
#endif
