/* SPDX-License-Identifier: Apache-2.0
 * What the law's floors would say of a policy (in-policy inpatient about 75 %, catastrophic at least 50 %:
 * 冀政发〔2018〕12号 附件1). Pure. */
#ifndef HUTONG_COMMON_ENGINES_POLICY_POLICY_FLOORS_H
#define HUTONG_COMMON_ENGINES_POLICY_POLICY_FLOORS_H
#include "common/base/buffer.h"
#include "common/pb/outcome.h"

/* Lines in `warnings`, none if all is well. */
void policy_floors_check(const struct policy *policy, struct buffer *warnings);
#endif
