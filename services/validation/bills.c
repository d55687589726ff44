/* SPDX-License-Identifier: Apache-2.0
 * Bills and reversals: their own rules, and what the reference data say on their days (DOMAIN 1, 2). */
#include "services/validation/judging.h"

#include <stdio.h>

#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/gazette/care_kinds.h"
#include "common/engines/gazette/item_shapes.h"
#include "services/validation/bill_rules.h"
#include "services/validation/filings.h"

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
    if (judging->person[0] == 0 || area_find(judging->published, bill->insured_area) == NULL ||
        strlen(bill->insurance_type) != 3 || !civil_date_exists(bill->discharge_date))
        return; /* complained of */
    if (!enrolment_on(judging->txn, judging->person, bill->insured_area, bill->insurance_type, bill->discharge_date,
                      judging->published->logic, &state)) {
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

/* Filed or not, it settles: how much is cut is the policy's. PRE: area, type and person are valid. */
static void look_up_filing(struct judging *judging, const struct bill *bill)
{
    struct bill_facts *facts = &judging->facts;
    if (facts->care_area[0] == 0 || facts->insured_region[0] == 0)
        return; /* complained of */
    if (logic_has(judging->published->logic, LOGIC_FILING_OF_THE_STAY))
        facts->filing =
            filing_standing_during(judging->txn, FILINGS_TABLE, judging->person, bill->insured_area,
                                   bill->insurance_type, facts->care_area, bill->admission_date, bill->discharge_date);
    else
        facts->filing = filing_standing_on(judging->txn, FILINGS_TABLE, judging->person, bill->insured_area,
                                           bill->insurance_type, facts->care_area, bill->discharge_date);
    if (care_class_of(judging->published, bill->care_kind) == CARE_CHRONIC &&
        special_disease_is_shaped(bill->special_disease) &&
        !qualification_on(judging->txn, QUALIFICATIONS_TABLE, judging->person, bill->insured_area, bill->insurance_type,
                          bill->special_disease, bill->discharge_date))
        judge_add(judging, RULE_QUALIFICATION_MISSING, "special_disease");
}

/* `found` NULL: there is nothing to compare. */
static void add_line(struct judging *judging, enum rule rule, uint32_t index, const char *field, const char *found,
                     const char *wanted)
{
    char path[FINDING_PATH_MAX + 1], detail[FINDING_DETAIL_MAX + 1] = "";
    (void)snprintf(path, sizeof path, "%s.items[%u].%s", judging->root, index, field);
    if (found != NULL)
        (void)snprintf(detail, sizeof detail, "found %s, expected %s", found, wanted);
    findings_add(&judging->self->findings, (uint32_t)rule, path, detail);
}

static void compare_line(struct judging *judging, const struct bill_item *item, uint32_t index,
                         const struct catalogue_state *state)
{
    char found[32], wanted[32];
    uint32_t level = judging->facts.hospital_level;
    int64_t limit = level >= 1 && level <= HOSPITAL_LEVELS ? state->price_limit_micro[level - 1] : 0;
    if (item->level != state->level) {
        (void)snprintf(found, sizeof found, "%02u", item->level);
        (void)snprintf(wanted, sizeof wanted, "%02u", state->level);
        add_line(judging, RULE_CATALOGUE_LEVEL, index, "level", found, wanted);
    }
    if (item->first_own_share_bp != state->first_own_share_bp) {
        (void)snprintf(found, sizeof found, "%u", item->first_own_share_bp);
        (void)snprintf(wanted, sizeof wanted, "%u", state->first_own_share_bp);
        add_line(judging, RULE_CATALOGUE_SHARE, index, "first_own_share_bp", found, wanted);
    }
    if (item->price_limit_micro != limit) {
        (void)snprintf(found, sizeof found, "%lld", (long long)item->price_limit_micro);
        (void)snprintf(wanted, sizeof wanted, "%lld", (long long)limit);
        add_line(judging, RULE_CATALOGUE_LIMIT, index, "price_limit_micro", found, wanted);
    }
}

/* The lines from `first` on that the region's catalogue speaks of, as many as are looked for at once; the line after
 * the last that was looked at. */
static uint32_t look_up_some(struct judging *judging, const struct bill *bill, uint32_t first)
{
    struct catalogue *catalogue = judging->self->catalogue;
    const char *region = judging->facts.care_region, *codes[CATALOGUE_FIND_MAX] = {NULL};
    const struct catalogue_state *states[CATALOGUE_FIND_MAX];
    uint32_t lines[CATALOGUE_FIND_MAX], next = first;
    unsigned count = 0;
    for (; next < bill->item_count && count < CATALOGUE_FIND_MAX; next++) {
        const char *code = bill->items[next].code;
        if (!item_code_is_shaped(judging->published, code) ||
            !catalogue_speaks(catalogue, region, item_kind_of(judging->published, code), bill->discharge_date))
            continue;
        codes[count] = code;
        lines[count++] = next;
    }
    catalogue_find_each(catalogue, region, codes, count, bill->discharge_date, states);
    for (unsigned i = 0; i < count; i++)
        if (states[i] == NULL)
            add_line(judging, RULE_CATALOGUE_ITEM_UNKNOWN, lines[i], "code", NULL, NULL);
        else
            compare_line(judging, &bill->items[lines[i]], lines[i], states[i]);
    return next;
}

/* The catalogue of the place of care, on the day of discharge (医保发〔2022〕22号). */
static void look_up_items(struct judging *judging, const struct bill *bill)
{
    if (judging->facts.hospital_level == 0 || judging->facts.care_region[0] == 0 ||
        !civil_date_exists(bill->discharge_date))
        return; /* complained of */
    for (uint32_t next = 0; next < bill->item_count;)
        next = look_up_some(judging, bill, next);
}

void judge_bill(struct judging *judging)
{
    const struct bill *bill = &judging->event->body.bill;
    civil_date_t today = civil_date_of_instant(judging->submission->accepted_at);
    judge_person(judging);
    bill_rules_check(bill, judging->published, judging->root, today, judging->input->arena, &judging->self->findings);
    if (judging->person[0] != 0 && civil_date_exists(bill->admission_date) &&
        judging->birth_date > bill->admission_date)
        judge_add(judging, RULE_PERSON_BORN_LATER, "person_id");
    look_up_institution(judging, bill);
    look_up_enrolment(judging, bill);
    look_up_filing(judging, bill);
    look_up_items(judging, bill);
    judging->has_facts = !judge_refused(judging);
}

void judge_reversal(struct judging *judging)
{
    judge_person(judging);
    if (!region_is_known(judging->event->sender))
        judge_add(judging, RULE_NOT_REGION_OF_CARE, "sender");
}
