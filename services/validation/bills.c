/* SPDX-License-Identifier: Apache-2.0
 * Bills and reversals: their own rules, and what the reference data say on their days (DOMAIN 1, 2). */
#include <stdio.h>

#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "services/validation/bill_rules.h"
#include "services/validation/judging_internal.h"

static void look_up_institution(struct judging *judging, const struct bill *bill)
{
    struct institution_state state;
    const struct institution_book *book = judging->self->institutions;
    if (!institution_code_is_shaped(bill->institution))
        return; /* complained of */
    const char *region = region_of(bill->institution + 1);
    if (region == NULL || strcmp(region, judging->event->sender) != 0)
        judge_add(judging, RULE_NOT_REGION_OF_CARE, "institution");
    if (!institution_is_known(book, bill->institution)) {
        judge_add(judging, RULE_INSTITUTION_UNKNOWN, "institution");
        return;
    }
    if (!civil_date_exists(bill->admission_date))
        return;
    if (!institution_on(book, bill->institution, bill->admission_date, &state) || state.status != INSTITUTION_ACTIVE) {
        judge_add(judging, RULE_INSTITUTION_NOT_ACTIVE, "institution");
        return;
    }
    struct bill_facts *facts = &judging->facts;
    memcpy(facts->care_area, state.area, sizeof facts->care_area);
    if (region != NULL)
        (void)snprintf(facts->care_region, sizeof facts->care_region, "%s", region);
    facts->hospital_level = state.level;
    facts->hospital_municipal = state.municipal;
    facts->hospital_community = state.community;
    if (strcmp(state.area, bill->insured_area) == 0)
        judge_add(judging, RULE_BILL_LOCAL, "insured_area");
}

static void look_up_enrolment(struct judging *judging, const struct bill *bill)
{
    struct enrolment_state state;
    if (judging->person[0] == 0 || area_find(bill->insured_area) == NULL || strlen(bill->insurance_type) != 3 ||
        !civil_date_exists(bill->discharge_date))
        return; /* complained of */
    if (!enrolment_on(judging->txn, judging->person, bill->insured_area, bill->insurance_type, bill->discharge_date,
                      &state)) {
        judge_add(judging, RULE_ENROLMENT_UNKNOWN, "insured_area");
        return;
    }
    struct bill_facts *facts = &judging->facts;
    (void)snprintf(facts->insured_region, sizeof facts->insured_region, "%s", region_of(bill->insured_area));
    memcpy(facts->category, state.category, sizeof facts->category);
    facts->poverty = state.poverty;
    facts->civil_servant = state.civil_servant;
    facts->enrolment_position = state.position;
    facts->account_balance = state.account_balance;
}

void judge_bill(struct judging *judging)
{
    const struct bill *bill = &judging->event->body.bill;
    civil_date_t today = civil_date_of_instant(judging->submission->accepted_at);
    judge_person(judging);
    bill_rules_check(bill, judging->root, today, judging->input->arena, &judging->self->findings);
    if (judging->person[0] != 0 && civil_date_exists(bill->admission_date) &&
        judging->birth_date > bill->admission_date)
        judge_add(judging, RULE_PERSON_BORN_LATER, "person_id");
    look_up_institution(judging, bill);
    look_up_enrolment(judging, bill);
    judging->has_facts = !judge_refused(judging);
}

void judge_reversal(struct judging *judging)
{
    judge_person(judging);
    if (!region_is_known(judging->event->sender))
        judge_add(judging, RULE_NOT_REGION_OF_CARE, "sender");
}
