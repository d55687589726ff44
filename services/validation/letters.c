/* SPDX-License-Identifier: Apache-2.0
 * Letters of transfers and certifications: shapes, dates, areas, who speaks, rows (DOMAIN 4). What a letter may do now
 * is settlement's: it holds the transfer. */
#include "services/validation/judging.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/text.h"
#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/transfer/paid.h"

enum { TEXT_SIZE_MAX = 240 }; /* bytes: 80 Chinese characters */

struct place {
    struct judging *judging;
    const struct transfer_letter *letter;
    civil_date_t today;
};

static void add_rule(const struct place *place, enum rule rule, const char *field)
{
    char path[FINDING_PATH_MAX + 1];
    const char *name = transfer_letter_name(place->letter->kind);
    (void)snprintf(path, sizeof path, "%s.%s", name, field);
    judge_add(place->judging, rule, path);
}

static void add(const struct place *place, enum refusal refusal, const char *field)
{
    add_rule(place, rule_of(place->letter->scheme, refusal), field);
}

static void add_head(const struct place *place, enum refusal refusal, const char *field)
{
    judge_add(place->judging, rule_of(place->letter->scheme, refusal), field);
}

static bool id_is_printable(const char *id)
{
    size_t size = strlen(id);
    for (size_t i = 0; i < size; i++)
        if (id[i] < 0x21 || id[i] > 0x7e)
            return false;
    return size > 0 && size <= TRANSFER_ID_SIZE_MAX;
}

enum { EMPLOYMENT_AGE_YEARS = 16, PENSIONER_AGE_YEARS = 45 };

static civil_date_t birthday(const struct judging *judging, uint32_t years)
{
    return judging->birth_date + years * 10000;
}

/* Nobody paid before the age of employment (劳动法 15); medical insurance begins at birth. */
static bool month_is_of_life(const struct place *place, uint32_t month)
{
    const struct judging *judging = place->judging;
    uint32_t years = place->letter->scheme == SCHEME_MEDICAL ? 0 : EMPLOYMENT_AGE_YEARS;
    return !logic_has(judging->published->logic, LOGIC_DATES_OF_LIFE) || judging->person[0] == 0 ||
           month >= birthday(judging, years) / 100;
}

static void check_cover(const struct place *place, uint32_t month, const char *field)
{
    if (!month_is_of_life(place, month))
        add_rule(place, RULE_TRANSFER_ROW_BEFORE_AGE, field);
}

/* Its province decides where a pension is drawn, so that must be one; a division that is not published is a warning. */
static bool division_is_taken(const struct place *place, uint32_t division, const char *field)
{
    char path[FINDING_PATH_MAX + 1];
    const struct published *published = place->judging->published;
    (void)snprintf(path, sizeof path, "%s.%s", transfer_letter_name(place->letter->kind), field);
    if (logic_has(published->logic, LOGIC_DIVISIONS_WARN) && published->division_count > 0 &&
        !province_is_published(published, division / 10000))
        return false;
    return judge_division(place->judging, division, path);
}

/* The rows by themselves, and none in months to come. */
static void check_rows(const struct place *place, const char *field, const struct paid_rows *paid, uint32_t months)
{
    struct judging *judging = place->judging;
    char path[FINDING_PATH_MAX + 1];
    struct contribution_rows *rows = arena_take(judging->input->arena, sizeof *rows);
    INVARIANT(rows != NULL); /* a letter leaves the arena nearly empty */
    (void)snprintf(path, sizeof path, "%s.%s", judging->root, field);
    paid_rows_take(paid, rows);
    uint32_t before = judging->self->findings.count;
    (void)contribution_check(rows, months, path, &judging->self->findings);
    paths_name_fields(&judging->self->findings, before);
    for (uint32_t i = 0; i < rows->count; i++) {
        if (rows->items[i].to > place->today / 100)
            add(place, REFUSAL_DATE, "rows");
        check_cover(place, rows->items[i].from, "rows");
        if (place->letter->scheme == SCHEME_PENSION && paid->rows[i].division != 0 &&
            !division_is_taken(place, paid->rows[i].division, "rows"))
            add_rule(place, RULE_TRANSFER_PROVINCE_UNKNOWN, "rows");
    }
}

/* ---- letters ---- */

static bool is_retired(const struct enrolment_state *state)
{
    enum person_class class = person_class_of(state->category);
    return class == PERSON_RETIRED || class == PERSON_VETERAN;
}

/* Residents pay for a whole year: who was covered at the source this year stays until its end. */
static bool is_same_year(const struct place *place)
{
    const struct transfer_letter *letter = place->letter;
    struct enrolment_state state;
    civil_date_t new_year = place->today / 10000 * 10000 + 101;
    const struct transfer_application *application = &letter->application;
    return insurance_class_of(application->source_type) == INSURANCE_RESIDENTS &&
           insurance_class_of(application->target_type) == INSURANCE_RESIDENTS &&
           application->covered_from_month / 100 == place->today / 10000 &&
           enrolment_on(place->judging->txn, place->judging->person, letter->source_area, application->source_type,
                        new_year, place->judging->published->logic, &state);
}

/* Precondition checks first (医保办发〔2021〕43号; 国办发〔2009〕66号 8): the target has enrolled, the source has
 * stopped, and nobody draws the benefit already. */
static void check_enrolments(const struct place *place)
{
    struct enrolment_state at_target, at_source;
    const struct transfer_letter *letter = place->letter;
    const struct transfer_application *application = &letter->application;
    struct judging *judging = place->judging;
    if (letter->scheme == SCHEME_UNEMPLOYMENT || judging->person[0] == 0 || judge_refused(judging))
        return;
    bool enrolled = enrolment_on(judging->txn, judging->person, letter->target_area, application->target_type,
                                 place->today, judging->published->logic, &at_target);
    bool active = enrolment_on(judging->txn, judging->person, letter->source_area, application->source_type,
                               place->today, judging->published->logic, &at_source);
    if (!enrolled)
        add(place, REFUSAL_NOT_ENROLLED, "target_type");
    if ((enrolled && is_retired(&at_target)) || (active && is_retired(&at_source)))
        add(place, REFUSAL_RETIRED, "source_type");
    if (letter->scheme == SCHEME_MEDICAL && active)
        judge_add(judging, RULE_TRM_NOT_STOPPED, "application.source_type");
    if (letter->scheme == SCHEME_MEDICAL && !active && is_same_year(place))
        judge_add(judging, RULE_TRM_SAME_YEAR, "application.covered_from_month");
}

static void check_application(const struct place *place)
{
    const struct transfer_application *application = &place->letter->application;
    uint32_t months = 0;
    if (insurance_scheme_of(application->source_type) != place->letter->scheme ||
        insurance_scheme_of(application->target_type) != place->letter->scheme)
        add(place, REFUSAL_TYPES, "source_type");
    if (application->retired)
        add(place, REFUSAL_RETIRED, "retired");
    if (strlen(application->household_division) != 6 || text_digits(application->household_division) != 6 ||
        !division_is_taken(place, (uint32_t)strtoul(application->household_division, NULL, 10), "household_division"))
        add(place, REFUSAL_LETTER, "household_division");
    if (place->letter->scheme == SCHEME_MEDICAL && !month_exists(application->covered_from_month))
        add(place, REFUSAL_DATE, "covered_from_month");
    else if (place->letter->scheme == SCHEME_MEDICAL)
        check_cover(place, application->covered_from_month, "covered_from_month");
    for (uint32_t i = 0; i < application->paid.count; i++)
        months += application->paid.rows[i].months;
    check_rows(place, "application", &application->paid, months);
    check_enrolments(place);
}

static bool amount_is_sound(fen_t amount)
{
    return amount >= 0 && amount <= BILL_TOTAL_MAX_FEN;
}

static void check_form(const struct place *place)
{
    const struct information_form *form = &place->letter->form;
    if (!amount_is_sound(form->account_before_1998) || !amount_is_sound(form->account_to_last_year) ||
        !amount_is_sound(form->account_running_year) || !amount_is_sound(form->account_total) ||
        !amount_is_sound(form->pooled_total) || !amount_is_sound(form->transfer_total))
        add(place, REFUSAL_FORM, "information_form");
    if (place->letter->scheme == SCHEME_MEDICAL &&
        (!month_exists(form->covered_to_month) || form->covered_to_month > place->today / 100))
        add(place, REFUSAL_DATE, "covered_to_month");
    else if (place->letter->scheme == SCHEME_MEDICAL)
        check_cover(place, form->covered_to_month, "covered_to_month");
    check_rows(place, place->letter->kind == LETTER_INFORMATION ? "information_form" : "correction.information_form",
               &form->paid, form->contribution_months);
}

static void check_date(const struct place *place, const char *field)
{
    if (!civil_date_exists(place->letter->date) || place->letter->date > place->today)
        add(place, REFUSAL_DATE, field);
}

/* Something, and not a page of it: letters are shown in mailboxes as they are. */
static void check_text(const struct place *place, const char *text, const char *field)
{
    if (text[0] == 0 || strlen(text) > TEXT_SIZE_MAX)
        add(place, REFUSAL_LETTER, field);
}

static void check_contact(const struct place *place)
{
    const struct contact_letter *contact = &place->letter->contact;
    check_text(place, contact->office, "office");
    check_text(place, contact->bank, "bank");
    check_text(place, contact->bank_account, "bank_account");
    if (strlen(contact->telephone) > TEXT_SIZE_MAX)
        add(place, REFUSAL_LETTER, "telephone");
}

static void check_money(const struct place *place)
{
    check_text(place, place->letter->reference, "reference");
    if (!amount_is_sound(place->letter->amount))
        add(place, REFUSAL_AMOUNT, "amount_fen");
}

/* Of the sender's own letter: the target's contact letter, the source's form. */
static void check_correction(const struct place *place)
{
    const struct transfer_letter *letter = place->letter;
    bool target = judge_sender_is_region_of(place->judging, letter->target_area);
    check_text(place, letter->reason, "reason");
    if (letter->has_contact != target || letter->has_form == target)
        add(place, REFUSAL_LETTER, target ? "contact_letter" : "information_form");
    else if (target)
        check_contact(place);
    else
        check_form(place);
}

static void check_letter(const struct place *place)
{
    switch (place->letter->kind) {
    case LETTER_APPLICATION:
        check_application(place);
        break;
    case LETTER_CONTACT:
        check_contact(place);
        break;
    case LETTER_INFORMATION:
        check_form(place);
        break;
    case LETTER_CORRECTION:
        check_correction(place);
        break;
    case LETTER_CARVE_OUT:
        check_date(place, "told_on");
        check_text(place, place->letter->reason, "reason");
        break;
    case LETTER_FUNDS_NOTICE:
        check_money(place);
        check_date(place, "sent_on");
        break;
    case LETTER_FUNDS_RECEIPT:
        check_money(place);
        check_date(place, "received_on");
        break;
    case LETTER_FUNDS_RETURN:
        check_money(place);
        check_text(place, place->letter->reason, "reason");
        break;
    case LETTER_JOINING:
        check_date(place, "joined_on");
        break;
    case LETTER_REFUSAL:
    case LETTER_WITHDRAWAL:
        check_text(place, place->letter->reason, "reason");
        break;
    case LETTER_CONFIRMATION:
    case LETTER_CLOSING:
        if (strlen(place->letter->reason) > TEXT_SIZE_MAX)
            add(place, REFUSAL_LETTER, "remark");
        break;
    default:
        add_head(place, REFUSAL_LETTER, "step");
    }
}

void judge_transfer(struct judging *judging)
{
    const struct transfer_letter *letter = judging->event->body.transfer;
    bool known = letter->scheme > SCHEME_NONE && letter->scheme < SCHEMES_COUNT;
    struct place place = {judging, letter, civil_date_of_instant(judging->submission->accepted_at)};
    judge_person(judging);
    if (!known) {
        judge_add(judging, RULE_TRP_LETTER, "scheme");
        return;
    }
    if (!id_is_printable(letter->transfer_id))
        add_head(&place, REFUSAL_ID, "transfer_id");
    if (area_find(judging->published, letter->source_area) == NULL ||
        area_find(judging->published, letter->target_area) == NULL ||
        region_of(letter->source_area) == region_of(letter->target_area)) {
        add_head(&place, REFUSAL_AREAS, "source_area");
        return;
    }
    if (!judge_sender_is_region_of(judging, letter->source_area) &&
        !judge_sender_is_region_of(judging, letter->target_area)) {
        add_head(&place, REFUSAL_SENDER, "sender");
        return;
    }
    check_letter(&place);
}

/* ---- certifications ---- */

/* A pension is due at no earlier age than 45, in the heaviest work (国发〔1978〕104号 1); a request is late by one
 * certificate's period at most. */
static void check_life(struct judging *judging, const struct certification_letter *letter, civil_date_t today)
{
    bool request = letter->kind == CERTIFICATION_REQUEST;
    civil_date_t day = request ? letter->due_date : letter->date;
    if (!logic_has(judging->published->logic, LOGIC_DATES_OF_LIFE) || judging->person[0] == 0 ||
        !civil_date_exists(day))
        return;
    uint32_t months = (uint32_t)parameter_value(judging->published, PARAMETER_CERTIFICATE_MONTHS, today);
    if (day < birthday(judging, PENSIONER_AGE_YEARS) || (request && civil_date_add_months(day, months) < today))
        judge_add(judging, RULE_TRP_CERTIFICATION, request ? "request.due_date" : "result.date");
}

void judge_certification(struct judging *judging)
{
    const struct certification_letter *letter = &judging->event->body.certification;
    civil_date_t today = civil_date_of_instant(judging->submission->accepted_at);
    bool request = letter->kind == CERTIFICATION_REQUEST;
    judge_person(judging);
    if (!id_is_printable(letter->certification_id))
        judge_add(judging, RULE_TRP_CERTIFICATION, "certification_id");
    if (area_find(judging->published, letter->paying_area) == NULL ||
        area_find(judging->published, letter->residence_area) == NULL ||
        region_of(letter->paying_area) == region_of(letter->residence_area)) {
        judge_add(judging, RULE_TRP_CERTIFICATION, "paying_area");
        return;
    }
    if (letter->kind == CERTIFICATION_NONE) {
        judge_add(judging, RULE_TRP_CERTIFICATION, "step");
        return;
    }
    if (!judge_sender_is_region_of(judging, request ? letter->paying_area : letter->residence_area))
        judge_add(judging, RULE_TRP_CERTIFICATION_SENDER, "sender");
    if (request && (!civil_date_exists(letter->due_date) || letter->monthly_pension < 0 ||
                    letter->monthly_pension > BILL_TOTAL_MAX_FEN))
        judge_add(judging, RULE_TRP_CERTIFICATION, "request.due_date");
    if (!request && (strlen(letter->method) > TEXT_SIZE_MAX || letter->status <= PENSIONER_NONE ||
                     letter->status > PENSIONER_NOT_FOUND || letter->method[0] == 0))
        judge_add(judging, RULE_TRP_CERTIFICATION, "result.status");
    if (!request && (!civil_date_exists(letter->date) || letter->date > today))
        judge_add(judging, RULE_TRP_CERTIFICATION, "result.date");
    check_life(judging, letter, today);
}
