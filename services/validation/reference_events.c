/* SPDX-License-Identifier: Apache-2.0
 * Reference data as events: who may state it, and whether it can be (DOMAIN 1). What is admitted is kept. */
#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "services/settlement/policy/policy_check.h"
#include "services/validation/judging_internal.h"

void judge_institution(struct judging *judging)
{
    const struct institution *institution = &judging->event->body.institution;
    judge_nobody(judging);
    bool shaped = institution_code_is_shaped(institution->code);
    const struct area *area = area_find(institution->area);
    if (!shaped)
        judge_add(judging, RULE_INSTITUTION_CODE_INVALID, "code");
    if (area == NULL)
        judge_add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!judge_sender_is_region_of(judging, institution->area))
        judge_add(judging, RULE_NOT_REGION_OF_CARE, "area");
    if (shaped && area != NULL)
        judge_field(judging, area_of_division(institution->code + 1) == area, "code");
    judge_field(judging, institution->name[0] != 0, "name");
    judge_field(judging, institution->level >= 1 && institution->level <= 3, "level");
    judge_field(judging, institution->status >= INSTITUTION_ACTIVE && institution->status <= INSTITUTION_TERMINATED,
                "status");
    judge_field(judging, civil_date_exists(institution->effective_date), "effective_date");
    if (!judge_refused(judging))
        institution_keep(judging->self->institutions, judging->txn, institution);
}

void judge_enrolment(struct judging *judging)
{
    const struct enrolment *enrolment = &judging->event->body.enrolment;
    judge_person(judging);
    if (area_find(enrolment->area) == NULL)
        judge_add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!judge_sender_is_region_of(judging, enrolment->area))
        judge_add(judging, RULE_NOT_INSURED_REGION, "area");
    judge_field(judging, code_find(INSURANCE_TYPE, enrolment->insurance_type) != NULL, "insurance_type");
    judge_field(judging, person_class_of(enrolment->category) != PERSON_UNKNOWN, "category");
    bool starts = civil_date_exists(enrolment->effective_date);
    judge_field(judging, starts, "effective_date");
    judge_field(judging,
                enrolment->end_date == 0 ||
                    (civil_date_exists(enrolment->end_date) && enrolment->end_date >= enrolment->effective_date),
                "end_date");
    judge_field(judging, enrolment->account_balance >= 0 && enrolment->account_balance <= BILL_TOTAL_MAX_FEN,
                "account_balance_fen");
    judge_field(judging, enrolment->poverty <= POVERTY_ILLNESS, "poverty");
    if (starts && judging->person[0] != 0)
        judge_field(judging, judging->birth_date <= civil_date_of_instant(judging->submission->accepted_at),
                    "effective_date");
    if (!judge_refused(judging))
        enrolment_keep(judging->txn, judging->person, enrolment, judging->input->position);
}

void judge_policy(struct judging *judging)
{
    const struct policy *policy = judging->event->body.policy;
    judge_nobody(judging);
    if (area_find(policy->area) == NULL)
        judge_add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!judge_sender_is_region_of(judging, policy->area))
        judge_add(judging, RULE_NOT_INSURED_REGION, "area");
    policy_check(policy, judging->root, &judging->self->findings);
}
