/* SPDX-License-Identifier: Apache-2.0
 * What applications and information forms state, against what follows from their rows (DOMAIN 4). The sums themselves
 * are common/engines/transfer's. */
#include "services/settlement/transfer_forms.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "common/engines/gazette/published.h"
#include "common/engines/transfer/paid.h"
#include "common/engines/transfer/pension_admission.h"
#include "common/engines/transfer/pension_place.h"
#include "common/engines/transfer/unemployment.h"
#include "common/engines/transfer/waiting.h"
#include "services/settlement/settled.h"

static const char *path_of(const struct transfer_letter *letter)
{
    return letter->kind == LETTER_APPLICATION   ? "transfer.application"
           : letter->kind == LETTER_INFORMATION ? "transfer.information_form"
                                                : "transfer.correction.information_form";
}

static void *take(struct moving *moving, size_t size)
{
    void *taken = arena_take(moving->deciding->input->arena, size);
    INVARIANT(taken != NULL); /* a letter leaves the arena nearly empty */
    memset(taken, 0, size);
    return taken;
}

static struct findings *findings_of(struct moving *moving)
{
    return &moving->deciding->self->findings;
}

/* A rule of the money functions, named as it is. False, for its callers to return. */
static bool refuse_form(struct moving *moving, enum rule rule, const char *detail)
{
    refuse(moving->deciding, rule, path_of(moving->letter), detail);
    return false;
}

/* What the functions themselves found wrong. */
static bool is_sound(struct moving *moving)
{
    paths_name_fields(findings_of(moving), 0);
    if (findings_of(moving)->refused)
        moving->deciding->outcome.kind = OUTCOME_REFUSED;
    return !findings_of(moving)->refused;
}

static struct transfer_steps *steps_of(struct moving *moving)
{
    struct transfer_steps *steps = take(moving, sizeof *steps);
    moving->deciding->outcome.steps = steps->items;
    return steps;
}

static struct contribution_rows *rows_of(struct moving *moving, const struct paid_rows *paid)
{
    struct contribution_rows *rows = take(moving, sizeof *rows);
    paid_rows_take(paid, rows);
    return rows;
}

/* ---- applications ---- */

static bool pension_may_move(struct moving *moving)
{
    const struct transfer_application *application = &moving->letter->application;
    struct transfer_steps *steps = steps_of(moving);
    struct pension_applicant applicant = {
        .birth_date = moving->person->birth_date,
        .male = moving->person->male,
        .woman_in_management = application->woman_in_management,
        .household = application->household_division,
        .target = moving->letter->target_area,
        .draws_pension = application->retired,
        .enrolled_at_target = true, /* validation looked it up */
        .approved_posting = application->posted,
        .source_is_temporary = application->source_is_temporary,
        .target_holds_relation = application->target_holds_relation,
        .employees_months = application->employees_months,
    };
    bool from_employees = insurance_class_of(application->source_type) == INSURANCE_EMPLOYEES;
    bool to_employees = insurance_class_of(application->target_type) == INSURANCE_EMPLOYEES;
    bool may = true;
    if (from_employees && to_employees)
        may = pension_admit(moving->deciding->published, &applicant, moving->today, path_of(moving->letter),
                            findings_of(moving), steps) == ADMISSION_MOVES;
    else if (from_employees || to_employees)
        may = pension_admit_between(moving->deciding->published, &applicant,
                                    from_employees ? PENSION_EMPLOYEES_TO_RESIDENTS : PENSION_RESIDENTS_TO_EMPLOYEES,
                                    moving->today, path_of(moving->letter), findings_of(moving), steps);
    moving->deciding->outcome.step_count = steps->count;
    if (!may)
        moving->deciding->outcome.kind = OUTCOME_REFUSED;
    paths_name_fields(findings_of(moving), 0);
    return may;
}

static bool application_holds(struct moving *moving, struct transfer_record *kept)
{
    kept->source_type = moving->letter->application.source_type;
    kept->target_type = moving->letter->application.target_type;
    kept->application = moving->bytes;
    return moving->key.scheme != SCHEME_PENSION || pension_may_move(moving);
}

/* What the target stated when it applied. */
static void application_of(struct moving *moving, const struct transfer_record *kept, struct transfer_letter *letter)
{
    INVARIANT(transfer_decode(kept->application, moving->deciding->input->arena, letter) == OK);
}

/* ---- pension ---- */

bool form_has_unproven(const struct published *published, const struct transfer_letter *letter, civil_date_t today,
                       struct arena *arena)
{
    struct contribution_rows *rows = arena_take(arena, sizeof *rows);
    struct findings *unused = arena_take(arena, sizeof *unused);
    struct transfer_steps *steps = arena_take(arena, sizeof *steps);
    struct month_set carved = {{0}};
    if (letter->scheme != SCHEME_PENSION)
        return false;
    INVARIANT(rows != NULL && unused != NULL && steps != NULL);
    memset(unused, 0, sizeof *unused);
    memset(steps, 0, sizeof *steps);
    paid_rows_take(&letter->form.paid, rows);
    contribution_undocumented(published, rows, today, "", unused, &carved, steps);
    return month_set_count(&carved) > 0;
}

static void show_refund(struct moving *moving, const struct refund *refund, struct transfer_record *kept)
{
    char detail[FINDING_DETAIL_MAX + 1], amount[32], path[FINDING_PATH_MAX + 1];
    struct month_range *ranges = take(moving, refund->stretch_count * sizeof *ranges + 1);
    for (uint32_t i = 0; i < refund->stretch_count; i++)
        ranges[i] = (struct month_range){refund->stretches[i].from, refund->stretches[i].to};
    kept->paid_twice = ranges;
    kept->paid_twice_count = refund->stretch_count;
    kept->refund_area = refund->months == 0 ? "" : refund->from_target ? kept->target_area : kept->source_area;
    kept->refund = refund->amount;
    if (refund->months == 0)
        return;
    money_describe(refund->amount, amount);
    (void)snprintf(detail, sizeof detail, "%u months from %u, refunded by %s: %s", refund->months,
                   refund->stretches[0].from, kept->refund_area, amount);
    (void)snprintf(path, sizeof path, "%s.rows", path_of(moving->letter));
    findings_add(findings_of(moving), RULE_TRP_PAID_TWICE, path, detail);
}

/* Months that the target has paid as well. Those that the source must refund stay: true, with the months. */
static bool find_refund(struct moving *moving, struct transfer_record *kept, const struct contribution_rows *rows,
                        struct transfer_steps *steps, struct month_set *staying)
{
    struct transfer_letter *application = take(moving, sizeof *application);
    struct refund *refund = take(moving, sizeof *refund);
    application_of(moving, kept, application);
    contribution_refund(moving->deciding->published, rows, rows_of(moving, &application->application.paid), refund,
                        steps);
    show_refund(moving, refund, kept);
    *staying = refund->refunded;
    return refund->months > 0 && !refund->from_target;
}

/* Rows without a place of their own were paid at `area`. */
static void stays_add(const struct paid_rows *paid, const char *area, struct pension_stay *stays, uint32_t *count)
{
    for (uint32_t i = 0; i < paid->count; i++) {
        const struct paid_row *row = &paid->rows[i];
        struct pension_stay *stay = &stays[(*count)++];
        *stay = (struct pension_stay){
            .from = row->from_month, .to = row->to_month, .temporary = row->kind == CONTRIBUTION_TEMPORARY};
        if (row->division == 0)
            (void)snprintf(stay->province, sizeof stay->province, "%s", area);
        else
            (void)snprintf(stay->province, sizeof stay->province, "%06u", row->division % 1000000);
    }
}

/* On the day of the application: pension age, and the months that a pension needs, or the target's word for it. */
static bool pension_is_due(const struct moving *moving, civil_date_t day, const struct pension_stay *stays,
                           uint32_t count, const struct transfer_application *application)
{
    struct month_set months = {{0}};
    civil_date_t reached = pension_age_reached(moving->deciding->published, moving->person->birth_date,
                                               moving->person->male, application->woman_in_management);
    for (uint32_t i = 0; i < count; i++)
        month_set_add(&months, stays[i].from, stays[i].to);
    return day >= reached &&
           (application->target_holds_relation ||
            month_set_count(&months) >=
                (uint32_t)parameter_value(moving->deciding->published, PARAMETER_EMPLOYEES_MONTHS_MIN, day));
}

/* A pension that is due is drawn where the ladder says (国办发〔2009〕66号,
 * 六): the relation moves there, or it stays. A temporary account is collected wherever that is. */
static void check_place(struct moving *moving, const struct transfer_record *kept, struct transfer_steps *steps)
{
    struct transfer_letter *letter = take(moving, sizeof *letter);
    struct pension_stay *stays = take(moving, 2 * (size_t)TRANSFER_APPLICATION_ROWS_MAX * sizeof *stays);
    const struct transfer_application *application = &letter->application;
    civil_date_t day = civil_date_of_instant(kept->transfer.steps[0].accepted_at);
    char detail[FINDING_DETAIL_MAX + 1];
    struct pension_place place;
    uint32_t count = 0;
    application_of(moving, kept, letter);
    stays_add(&moving->letter->form.paid, kept->source_area, stays, &count);
    stays_add(&application->paid, kept->target_area, stays, &count);
    if (application->source_is_temporary || moving->letter->form.temporary_account ||
        !pension_is_due(moving, day, stays, count, application))
        return;
    enum rule rule = pension_place_find(moving->deciding->published, stays, count, application->household_division,
                                        kept->source_area, day, &place, steps);
    if (rule != RULE_NONE) {
        (void)refuse_form(moving, rule, NULL);
    } else if (strncmp(place.province, kept->target_area, 2) != 0) {
        (void)snprintf(detail, sizeof detail, "drawn in %s: %s, %u months there", place.province,
                       pension_place_reason_name(place.reason), place.months);
        (void)refuse_form(moving, RULE_PENSION_PLACE, detail);
    }
}

/* A temporary account is of somebody whose household is elsewhere; application, form and rows say it together. */
static bool temporary_agrees(struct moving *moving, const struct transfer_record *kept)
{
    const struct information_form *form = &moving->letter->form;
    struct transfer_letter *letter = take(moving, sizeof *letter);
    const struct transfer_application *application = &letter->application;
    bool rows_agree = true;
    if (!logic_has(moving->deciding->published->logic, LOGIC_TEMPORARY_ACCOUNT_AGREES))
        return true;
    application_of(moving, kept, letter);
    for (uint32_t i = 0; i < form->paid.count; i++)
        rows_agree = rows_agree && (form->paid.rows[i].kind == CONTRIBUTION_TEMPORARY) == form->temporary_account;
    bool at_home = strncmp(application->household_division, kept->source_area, 2) == 0;
    return rows_agree && application->source_is_temporary == form->temporary_account &&
           !(form->temporary_account && at_home);
}

static bool pension_form_holds(struct moving *moving, struct transfer_record *kept)
{
    const struct information_form *form = &moving->letter->form;
    struct transfer_steps *steps = steps_of(moving);
    struct contribution_rows *rows = rows_of(moving, &form->paid);
    struct month_set staying;
    struct pension_funds due = {0};
    struct pension_funds stated = {.before_1998 = form->account_before_1998,
                                   .account_closed = form->account_to_last_year,
                                   .account_running = form->account_running_year,
                                   .account_total = form->account_total,
                                   .pooled = form->pooled_total,
                                   .total = form->transfer_total};
    bool from_employees = insurance_class_of(kept->source_type) == INSURANCE_EMPLOYEES;
    bool to_employees = insurance_class_of(kept->target_type) == INSURANCE_EMPLOYEES;
    bool stay = find_refund(moving, kept, rows, steps, &staying);
    struct pension_funds_input input = {
        .direction = !from_employees ? PENSION_RESIDENTS_TO_EMPLOYEES
                     : to_employees  ? PENSION_EMPLOYEES_TO_EMPLOYEES
                                     : PENSION_EMPLOYEES_TO_RESIDENTS,
        .rows = rows,
        .staying = stay ? &staying : NULL,
        .before_1998 = form->account_before_1998,
        .residents_account = from_employees ? 0 : form->account_total,
        .running_year = moving->today / 10000,
    };
    if (!temporary_agrees(moving, kept))
        return refuse_form(moving, RULE_PENSION_TEMPORARY_DIFFERS, NULL);
    enum rule rule = pension_funds_compute(moving->deciding->published, &input, &due, steps);
    if (from_employees && to_employees)
        check_place(moving, kept, steps);
    moving->deciding->outcome.step_count = steps->count;
    if (rule != RULE_NONE)
        return refuse_form(moving, rule, NULL);
    (void)pension_funds_agree(&stated, &due, path_of(moving->letter), findings_of(moving));
    return is_sound(moving);
}

/* ---- medical, unemployment ---- */

bool transfer_account(const struct moving *moving, const struct transfer_record *kept, enum transfer_side side,
                      struct year_key *key)
{
    *key = (struct year_key){0};
    copy_text(key->person, sizeof key->person, moving->key.person);
    copy_text(key->area, sizeof key->area, side == SOURCE ? kept->source_area : kept->target_area);
    copy_text(key->type, sizeof key->type, side == SOURCE ? kept->source_type : kept->target_type);
    return moving->key.scheme == SCHEME_MEDICAL && account_is_stated(moving->deciding->txn, key);
}

/* The form's balance against the log's: more than there is would be paid twice. */
static bool balance_holds(struct moving *moving, const struct transfer_record *kept)
{
    struct year_key key;
    char detail[FINDING_DETAIL_MAX + 1], path[FINDING_PATH_MAX + 1], stated[32], known[32];
    fen_t total = moving->letter->form.transfer_total;
    if (!logic_has(moving->deciding->published->logic, LOGIC_ACCOUNT_MOVES) ||
        !transfer_account(moving, kept, SOURCE, &key))
        return true;
    fen_t balance = account_get(moving->deciding->txn, &key) + kept->account_held;
    if (total == balance)
        return true;
    money_describe(total, stated);
    money_describe(balance, known);
    (void)snprintf(detail, sizeof detail, "found %s, expected %s", stated, known);
    (void)snprintf(path, sizeof path, "%s.transfer_total_fen", path_of(moving->letter));
    if (total > balance)
        refuse(moving->deciding, RULE_TRM_ACCOUNT_ABOVE, path, detail);
    else
        findings_add(findings_of(moving), RULE_TRM_ACCOUNT_BELOW, path, detail);
    return total < balance;
}

static bool medical_form_holds(struct moving *moving, struct transfer_record *kept)
{
    const struct information_form *form = &moving->letter->form;
    struct transfer_letter *letter = take(moving, sizeof *letter);
    struct transfer_steps *steps = steps_of(moving);
    struct waiting waiting = {0};
    enum rule rule;
    application_of(moving, kept, letter);
    const struct transfer_application *application = &letter->application;
    if (insurance_class_of(kept->source_type) != INSURANCE_EMPLOYEES && form->transfer_total != 0) {
        transfer_refuse(moving, rule_of(moving->key.scheme, REFUSAL_FORM), "information_form.transfer_total_fen",
                        "residents have no account");
        return false;
    }
    if (!balance_holds(moving, kept))
        return false;
    if (insurance_class_of(kept->target_type) == INSURANCE_EMPLOYEES) {
        struct waiting_employees input = {form->covered_to_month, application->covered_from_month,
                                          application->gap_paid_up, application->target_waiting_months};
        rule = waiting_employees(moving->deciding->published, &input, &waiting, steps);
    } else {
        struct waiting_residents input = {application->covered_from_month, application->in_enrolment_period,
                                          application->waiting_exempt,     application->missed_years,
                                          application->paid_up_years,      application->target_waiting_months};
        rule = waiting_residents(moving->deciding->published, &input, &waiting, steps);
    }
    moving->deciding->outcome.step_count = steps->count;
    if (rule != RULE_NONE)
        return refuse_form(moving, rule, NULL);
    kept->waiting_months = waiting.months;
    kept->benefits_from = waiting.benefits_from;
    return true;
}

/* The table in force on the day of the contact letter applies (DOMAIN 4, M). */
static civil_date_t contact_day(const struct transfer *transfer)
{
    for (uint32_t i = 0; i < transfer->step_count; i++)
        if (transfer->steps[i].letter == LETTER_CONTACT)
            return civil_date_of_instant(transfer->steps[i].accepted_at);
    check_failed("invariant", "a form comes after a contact letter", __FILE__, __LINE__);
}

static bool unemployment_form_holds(struct moving *moving, const struct transfer_record *kept)
{
    const struct information_form *form = &moving->letter->form;
    struct transfer_steps *steps = steps_of(moving);
    struct month_set months = {{0}};
    struct unemployment_funds funds = {0};
    char detail[FINDING_DETAIL_MAX + 1], amount[32];
    contribution_months(rows_of(moving, &form->paid), &months);
    struct unemployment_input input = {month_set_count(&months), form->months_drawn, region_of_side(kept, SOURCE),
                                       form->standard_class, contact_day(&kept->transfer)};
    enum rule rule = unemployment_compute(moving->deciding->published, &input, &funds, steps);
    moving->deciding->outcome.step_count = steps->count;
    if (rule != RULE_NONE)
        return refuse_form(moving, rule, NULL);
    if (funds.total == form->transfer_total && funds.months_moved == form->benefit_months)
        return true;
    money_describe(funds.total, amount);
    (void)snprintf(detail, sizeof detail, "expected %u months, %s", funds.months_moved, amount);
    transfer_refuse(moving, rule_of(moving->key.scheme, REFUSAL_FORM), transfer_letter_name(moving->letter->kind),
                    detail);
    return false;
}

bool content_holds(struct moving *moving, struct transfer_record *kept)
{
    const struct transfer_letter *letter = moving->letter;
    bool holds = true;
    if (letter->kind == LETTER_APPLICATION)
        return application_holds(moving, kept);
    if (!letter->has_form)
        return true;
    if (letter->scheme == SCHEME_MEDICAL)
        holds = medical_form_holds(moving, kept);
    else if (letter->scheme == SCHEME_UNEMPLOYMENT)
        holds = unemployment_form_holds(moving, kept);
    else if (!moving->one_off_unproven) /* else its figures are not yet those that move */
        holds = pension_form_holds(moving, kept);
    kept->account_total = letter->form.account_total;
    kept->pooled_total = letter->form.pooled_total;
    return holds;
}
