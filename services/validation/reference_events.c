/* SPDX-License-Identifier: Apache-2.0
 * Reference data as events: who may state it, and whether it can be (DOMAIN 1). What is admitted is kept. */
#include "services/validation/judging.h"

#include "common/codes/area.h"
#include "common/codes/credit_code.h"
#include "common/codes/insurance.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/gazette/gazette_book.h"
#include "common/engines/gazette/gazette_check.h"
#include "common/engines/gazette/item_shapes.h"
#include "common/engines/policy/policy_check.h"
#include "services/validation/filings.h"

/* Text in UTF-8, as the envelope's check left it; it is printed in reports. */
static bool text_is_printable(const char *text)
{
    unsigned characters = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
        bool control = *at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);
        if (control)
            return false;
        characters += (*at & 0xc0) != 0x80;
    }
    return characters <= INSTITUTION_TEXT_MAX;
}

/* What suspends or ends an institution's designation is told to the other regions, with its reason. */
static void judge_reason(struct judging *judging, const struct institution *institution)
{
    bool wanted = institution->status == INSTITUTION_SUSPENDED || institution->status == INSTITUTION_TERMINATED;
    bool given = institution->reason[strspn(institution->reason, " ")] != 0;
    judge_want(judging, (given || !wanted) && text_is_printable(institution->reason), RULE_INSTITUTION_REASON,
               "reason");
}

/* Some that were registered early do not hold, so it is a warning (GB 32100-2015). Empty: not stated. */
static void judge_credit_code(struct judging *judging, const char *code, const char *field)
{
    judge_want(judging, code[0] == 0 || (credit_code_is_shaped(code) && credit_code_check_holds(code)),
               RULE_CREDIT_CODE, field);
}

/* Of a person's row: what it had settled is listed. */
static void take_back(struct judging *judging, civil_date_t from, civil_date_t to)
{
    judging->has_row_taken_back = true;
    judging->row_taken_back = (struct row_period){from, to};
}

/* Before version 2 nothing could be taken back; nor is it ever taken for a statement. */
static bool may_withdraw(struct judging *judging)
{
    if (!logic_has(judging->published->logic, LOGIC_REFERENCE_WITHDRAWN))
        judge_withdrawn(judging, false);
    return !judge_refused(judging);
}

static void withdraw_institution(struct judging *judging, const struct institution *institution)
{
    const char *region = institution_code_is_shaped(institution->code) ? region_of(institution->code + 1) : NULL;
    judge_want(judging, region != NULL && strcmp(region, judging->event->sender) == 0, RULE_NOT_REGION_OF_CARE, "code");
    if (may_withdraw(judging))
        judge_withdrawn(judging, institution_withdraw(judging->self->institutions, judging->txn, institution));
}

void judge_institution(struct judging *judging)
{
    const struct institution *institution = &judging->event->body.institution;
    judge_nobody(judging);
    if (institution->withdrawn) {
        withdraw_institution(judging, institution);
        return;
    }
    bool shaped = institution_code_is_shaped(institution->code);
    const struct published_area *area = area_find(judging->published, institution->area);
    if (!shaped)
        judge_add(judging, RULE_INSTITUTION_CODE_INVALID, "code");
    if (area == NULL)
        judge_add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!judge_sender_is_region_of(judging, institution->area))
        judge_add(judging, RULE_NOT_REGION_OF_CARE, "area");
    if (shaped && area != NULL)
        judge_field(judging, area_of_division(judging->published, institution->code + 1) == area, "code");
    judge_field(judging, institution->name[0] != 0 && text_is_printable(institution->name), "name");
    judge_field(judging, institution->level >= 1 && institution->level <= 3, "level");
    judge_field(judging, institution->status >= INSTITUTION_ACTIVE && institution->status <= INSTITUTION_TERMINATED,
                "status");
    judge_field(judging, civil_date_exists(institution->effective_date), "effective_date");
    judge_reason(judging, institution);
    judge_credit_code(judging, institution->credit_code, "credit_code");
    if (!judge_refused(judging))
        institution_keep(judging->self->institutions, judging->txn, institution);
}

/* 310: 11xx, 12xx; 390: 14xx to 16xx; nobody is enrolled in what is paid along with another (DOMAIN, settled after the
 * first trial). */
static void judge_category(struct judging *judging, const struct enrolment *enrolment)
{
    enum person_class class = person_class_of(enrolment->category);
    enum insurance_class type = insurance_class_of(enrolment->insurance_type);
    bool medical = insurance_type_is_settled(enrolment->insurance_type);
    if (!logic_has(judging->published->logic, LOGIC_CATEGORY_TYPES) || class == PERSON_UNKNOWN ||
        !insurance_type_is_known(enrolment->insurance_type))
        return;
    if (!medical && insurance_scheme_of(enrolment->insurance_type) == SCHEME_NONE)
        judge_add(judging, RULE_INSURANCE_TYPE_NOT_OF_ITS_OWN, "insurance_type");
    else if (medical && class == PERSON_VETERAN)
        judge_add(judging, RULE_CATEGORY_VETERAN, "category");
    else if (medical && !person_class_goes_with(class, type))
        judge_add(judging, RULE_CATEGORY_OF_OTHER_TYPE, "category");
}

/* A row of the past, of the future, or behind a later one says nothing of today's account. */
static bool is_in_force(const struct judging *judging, const struct enrolment *enrolment)
{
    struct enrolment_state state;
    uint32_t logic = judging->published->logic;
    return logic_has(logic, LOGIC_ACCOUNT_AS_STATED) &&
           enrolment_on(judging->txn, judging->person, enrolment->area, enrolment->insurance_type,
                        civil_date_of_instant(judging->submission->accepted_at), logic, &state) &&
           state.position == judging->input->position;
}

static void withdraw_enrolment(struct judging *judging, const struct enrolment *enrolment)
{
    struct enrolment_state state;
    if (!may_withdraw(judging))
        return;
    bool found = enrolment_get(judging->txn, judging->person, enrolment, &state) &&
                 enrolment_withdraw(judging->txn, judging->person, enrolment);
    judge_withdrawn(judging, found);
    if (found)
        take_back(judging, enrolment->effective_date, state.end_date);
}

/* The same first day again: what the row before said of its days is no longer so. */
static void replace_enrolment(struct judging *judging, const struct enrolment *enrolment)
{
    struct enrolment_state state;
    if (!logic_has(judging->published->logic, LOGIC_REFERENCE_WITHDRAWN) ||
        !enrolment_get(judging->txn, judging->person, enrolment, &state))
        return;
    bool same = strcmp(state.category, enrolment->category) == 0 && state.poverty == (uint8_t)enrolment->poverty &&
                state.civil_servant == enrolment->civil_servant;
    if (!same)
        take_back(judging, enrolment->effective_date, state.end_date);
    else if (state.end_date != enrolment->end_date && enrolment->end_date != 0) /* shortened, or not: by its days */
        take_back(judging, civil_date_add_days(enrolment->end_date, 1), state.end_date);
}

void judge_enrolment(struct judging *judging)
{
    const struct enrolment *enrolment = &judging->event->body.enrolment;
    judge_person(judging);
    if (area_find(judging->published, enrolment->area) == NULL)
        judge_add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!judge_sender_is_region_of(judging, enrolment->area))
        judge_add(judging, RULE_NOT_INSURED_REGION, "area");
    judge_field(judging, insurance_type_is_known(enrolment->insurance_type), "insurance_type");
    if (enrolment->withdrawn) {
        withdraw_enrolment(judging, enrolment);
        return;
    }
    judge_field(judging, person_class_of(enrolment->category) != PERSON_UNKNOWN, "category");
    judge_category(judging, enrolment);
    judge_credit_code(judging, enrolment->employer_credit_code, "employer_credit_code");
    bool starts = civil_date_exists(enrolment->effective_date);
    judge_field(judging, starts && judge_is_of_life(judging, enrolment->effective_date), "effective_date");
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
    if (judge_refused(judging))
        return;
    replace_enrolment(judging, enrolment);
    enrolment_keep(judging->txn, judging->person, enrolment, judging->input->position);
    judging->account_restated = is_in_force(judging, enrolment);
}

void judge_policy(struct judging *judging)
{
    const struct policy *policy = judging->event->body.policy;
    judge_nobody(judging);
    if (!policy_area_is_known(policy, judging->published))
        judge_add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!judge_sender_is_region_of(judging, policy->area))
        judge_add(judging, RULE_NOT_INSURED_REGION, "area");
    if (policy->withdrawn)
        (void)may_withdraw(judging); /* settlement has it, or has not */
    else
        policy_check(policy, judging->published, judging->root, &judging->self->findings);
}

enum { LAST_DAY = 99981231 };

static bool number_is_printable(const char *number)
{
    size_t size = strlen(number);
    for (size_t i = 0; i < size; i++)
        if (number[i] < 0x21 || number[i] > 0x7e)
            return false;
    return size > 0 && size <= FILING_ID_SIZE_MAX;
}

static void judge_insured(struct judging *judging, const char *area, const char *type, enum rule rule)
{
    if (area_find(judging->published, area) == NULL)
        judge_add(judging, RULE_AREA_UNKNOWN, "insured_area");
    else if (!judge_sender_is_region_of(judging, area))
        judge_add(judging, RULE_NOT_INSURED_REGION, "insured_area");
    judge_want(judging, insurance_type_is_settled(type), rule, "insurance_type");
}

static void judge_period(struct judging *judging, civil_date_t from, civil_date_t to, enum rule rule)
{
    judge_want(judging, civil_date_exists(from) && judge_is_of_life(judging, from), rule, "valid_from");
    judge_want(judging, to == 0 || (civil_date_exists(to) && to >= from), rule, "valid_to");
}

/* Long-term: to another area only some months after the last one began, and never before it. Temporary: for some months
 * at least. */
static void judge_filing_terms(struct judging *judging, struct filing *filing)
{
    civil_date_t last_from;
    char last_area[7];
    const char *but = logic_has(judging->published->logic, LOGIC_REFERENCE_WITHDRAWN) ? filing->filing_id : NULL;
    if (!filing_kind_is_long_term(filing->kind)) {
        civil_date_t least = civil_date_add_months(
            filing->valid_from,
            (uint32_t)parameter_value(judging->published, PARAMETER_FILING_TEMPORARY_MONTHS, filing->valid_from));
        if (filing->valid_to != 0 && filing->valid_to < least)
            judge_add(judging, RULE_FILING_EXTENDED, "valid_to");
        if (filing->valid_to < least)
            filing->valid_to = least;
        return;
    }
    if (!filing_long_term_on(judging->txn, FILINGS_TABLE, judging->person, filing->insured_area, filing->insurance_type,
                             LAST_DAY, but, &last_from, last_area) ||
        strcmp(last_area, filing->care_area) == 0)
        return;
    civil_date_t free_from = civil_date_add_months(
        last_from, (uint32_t)parameter_value(judging->published, PARAMETER_FILING_CHANGE_MONTHS, filing->valid_from));
    judge_want(judging, filing->valid_from >= free_from, RULE_FILING_CHANGE_EARLY, "valid_from");
}

/* What stands under the number is taken out: to be withdrawn, or replaced by what is said now. */
static bool take_filing_back(struct judging *judging, const struct filing *filing)
{
    struct row_period held;
    bool same;
    bool found = filing_withdraw(judging->txn, FILINGS_TABLE, judging->person, filing, &held, &same);
    if (found && (filing->withdrawn || !same))
        take_back(judging, held.valid_from, held.valid_to);
    return found;
}

void judge_filing(struct judging *judging)
{
    struct filing filing = judging->event->body.filing;
    judge_person(judging);
    judge_insured(judging, filing.insured_area, filing.insurance_type, RULE_FILING_INVALID);
    judge_want(judging, number_is_printable(filing.filing_id), RULE_FILING_INVALID, "filing_id");
    if (filing.withdrawn) {
        if (may_withdraw(judging))
            judge_withdrawn(judging, take_filing_back(judging, &filing));
        return;
    }
    judge_want(judging, filing.kind >= FILING_RESETTLED_RETIREE && filing.kind <= FILING_OTHER_TEMPORARY,
               RULE_FILING_INVALID, "kind");
    bool somewhere = area_find(judging->published, filing.care_area) != NULL || region_is_known(filing.care_area);
    if (!somewhere)
        judge_add(judging, RULE_AREA_UNKNOWN, "care_area");
    else
        judge_want(judging, strcmp(filing.care_area, filing.insured_area) != 0, RULE_FILING_INVALID, "care_area");
    judge_period(judging, filing.valid_from, filing.valid_to, RULE_FILING_INVALID);
    if (judge_refused(judging))
        return;
    judge_filing_terms(judging, &filing);
    if (judge_refused(judging))
        return;
    if (logic_has(judging->published->logic, LOGIC_REFERENCE_WITHDRAWN))
        (void)take_filing_back(judging, &filing);
    filing_keep(judging->txn, FILINGS_TABLE, judging->person, &filing);
}

/* Withdrawn, or stated again with another last day. */
static bool take_qualification_back(struct judging *judging, const struct qualification *qualification)
{
    struct row_period held;
    if (!qualification_get(judging->txn, QUALIFICATIONS_TABLE, judging->person, qualification, &held))
        return false;
    if (qualification->withdrawn)
        take_back(judging, held.valid_from, held.valid_to);
    else if (qualification->valid_to != 0 && qualification->valid_to != held.valid_to)
        take_back(judging, civil_date_add_days(qualification->valid_to, 1), held.valid_to);
    return true;
}

static void withdraw_qualification(struct judging *judging, const struct qualification *qualification)
{
    if (!may_withdraw(judging))
        return;
    bool found = take_qualification_back(judging, qualification);
    judge_withdrawn(judging, found);
    if (found)
        qualification_withdraw(judging->txn, QUALIFICATIONS_TABLE, judging->person, qualification);
}

void judge_qualification(struct judging *judging)
{
    const struct qualification *qualification = &judging->event->body.qualification;
    judge_person(judging);
    judge_insured(judging, qualification->insured_area, qualification->insurance_type, RULE_QUALIFICATION_INVALID);
    judge_want(judging, special_disease_is_shaped(qualification->special_disease), RULE_QUALIFICATION_INVALID,
               "special_disease");
    if (qualification->withdrawn) {
        withdraw_qualification(judging, qualification);
        return;
    }
    judge_period(judging, qualification->valid_from, qualification->valid_to, RULE_QUALIFICATION_INVALID);
    if (judge_refused(judging))
        return;
    if (logic_has(judging->published->logic, LOGIC_REFERENCE_WITHDRAWN))
        (void)take_qualification_back(judging, qualification);
    qualification_keep(judging->txn, QUALIFICATIONS_TABLE, judging->person, qualification);
}

void judge_catalogue_item(struct judging *judging)
{
    const struct catalogue_item *item = &judging->event->body.catalogue_item;
    judge_nobody(judging);
    if (!region_is_known(item->region))
        judge_add(judging, RULE_AREA_UNKNOWN, "region");
    else if (strcmp(item->region, judging->event->sender) != 0)
        judge_add(judging, RULE_NOT_REGION_OF_CARE, "region");
    judge_field(judging, item_code_is_shaped(judging->published, item->code), "code");
    if (item->withdrawn) {
        if (may_withdraw(judging))
            judge_withdrawn(judging, catalogue_withdraw(judging->self->catalogue, judging->txn, item));
        return;
    }
    judge_field(judging, item->name[0] != 0, "name");
    judge_field(judging, item->level >= 1 && item->level <= 3, "level");
    judge_field(judging,
                item->first_own_share_bp <= BASIS_POINTS_ONE && (item->level == 2 || item->first_own_share_bp == 0),
                "first_own_share_bp");
    static const char *const limits[] = {"price_limit_one_micro", "price_limit_two_micro", "price_limit_three_micro"};
    for (unsigned i = 0; i < HOSPITAL_LEVELS; i++)
        judge_field(judging, item->price_limit_micro[i] >= 0 && item->price_limit_micro[i] <= ITEM_PRICE_MAX_MICRO,
                    limits[i]);
    bool from = civil_date_exists(item->effective_date);
    judge_field(judging, from, "effective_date");
    judge_field(judging,
                item->end_date == 0 || (civil_date_exists(item->end_date) && item->end_date >= item->effective_date),
                "end_date");
    if (!judge_refused(judging))
        catalogue_keep(judging->self->catalogue, judging->txn, item);
}

/* What it adds is settlement's; what was paid can be no more than what a bill may come to. */
void judge_local_care(struct judging *judging)
{
    struct local_care care = judging->event->body.local_care;
    civil_date_t today = civil_date_of_instant(judging->submission->accepted_at);
    judge_person(judging);
    judge_field(judging, number_is_printable(care.local_id), "local_id");
    if (care.cancels) {
        if (!region_is_known(judging->event->sender))
            judge_add(judging, RULE_NOT_INSURED_REGION, "sender");
        return;
    }
    judge_insured(judging, care.insured_area, care.insurance_type, RULE_REFERENCE_FIELD_INVALID);
    judge_field(judging,
                civil_date_exists(care.discharge_date) && care.discharge_date <= today &&
                    judge_is_of_life(judging, care.discharge_date),
                "discharge_date");
    if (logic_has(judging->published->logic, LOGIC_CATEGORY_TYPES))
        judge_want(judging, care.added.stays <= 1, RULE_LOCAL_CARE_STAYS, "stays");
    else
        judge_field(judging, care.added.stays <= 1, "stays");
    static const char *const names[] = {
#define ACCUMULATOR(member, option, json) #member "_fen",
#include "common/codes/accumulator.def"
#undef ACCUMULATOR
    };
    for (uint32_t i = 0; accumulators_at(&care.added, i) != NULL; i++) {
        fen_t amount = *accumulators_at(&care.added, i);
        judge_field(judging, amount >= 0 && amount <= BILL_TOTAL_MAX_FEN, names[i]);
    }
}

/* A region's standards are its own to state; the operator may state every table. */
void judge_gazette(struct judging *judging)
{
    const struct gazette *gazette = judging->event->body.gazette;
    const char *sender = judging->event->sender;
    judge_nobody(judging);
    judge_want(judging, strcmp(sender, "operator") == 0 || strcmp(sender, gazette->region) == 0, RULE_ROLE_MAY_NOT,
               "sender");
    gazette_check(gazette, judging->root, &judging->self->findings);
    if (judge_refused(judging))
        return;
    if (gazette_book_keep(judging->self->gazettes, judging->txn, gazette) != OK)
        judge_add(judging, RULE_GAZETTE_INVALID, "table");
    else if (gazette->kind == GAZETTE_ITEM_SHAPES)
        catalogue_sort(judging->self->catalogue);
}
