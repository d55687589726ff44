/* SPDX-License-Identifier: Apache-2.0
 * Signing keys and who must sign, as events: admitted here, kept by the gate too (common/engines/signing). */
#include "common/engines/signing/signing_keys.h"
#include "services/validation/judging.h"

void judge_signing(struct judging *judging)
{
    struct signing_keys keys = {judging->txn, SIGNING_TABLE, judging->self->digest};
    struct signing_faults faults;
    signing_take(&keys, judging->event, judging->input->position, judging->submission->accepted_at, &faults);
    for (unsigned i = 0; i < faults.count; i++)
        judge_add(judging, faults.items[i].rule, faults.items[i].field);
}
