/* SPDX-License-Identifier: Apache-2.0
 * A person's other settlements. */
#include "services/settlement/others.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/logic.h"
#include "common/engines/gazette/care_kinds.h"
#include "services/settlement/settled.h"

static const char *copy_of(struct arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_take(arena, size);
    INVARIANT(copy != NULL);
    memcpy(copy, text, size);
    return copy;
}

static void list(struct deciding *deciding, position_t position, const struct settled *settled)
{
    struct outcome *outcome = &deciding->outcome;
    struct arena *arena = deciding->input->arena;
    deliver_to(outcome, region_of(settled->care_region));
    deliver_to(outcome, region_of(settled->key.area));
    if (outcome->other_count == OUTCOME_OTHERS_MAX) {
        outcome->more_others = true;
        return;
    }
    struct other_settlement *others = (struct other_settlement *)(uintptr_t)outcome->others; /* made below */
    if (others == NULL) {
        others = arena_take(arena, OUTCOME_OTHERS_MAX * sizeof *others);
        INVARIANT(others != NULL);
        outcome->others = others;
    }
    others[outcome->other_count++] =
        (struct other_settlement){position, copy_of(arena, settled->bill_id), copy_of(arena, settled->institution),
                                  settled->admission_date, settled->discharge_date};
}

static bool is_within(const struct period_wanted *wanted, const struct settled *settled)
{
    civil_date_t first = wanted->any_day ? settled->admission_date : settled->discharge_date;
    return settled->discharge_date != 0 && (wanted->area == NULL || strcmp(wanted->area, settled->key.area) == 0) &&
           (wanted->type == NULL || strcmp(wanted->type, settled->key.type) == 0) &&
           settled->discharge_date >= wanted->from && (wanted->to == 0 || first <= wanted->to);
}

uint32_t others_within(struct deciding *deciding, const char *person, const struct period_wanted *wanted)
{
    struct bill_walk walk;
    struct settled settled;
    uint32_t before = deciding->outcome.other_count;
    for (bool more = bill_walk_start(&walk, deciding->txn, person); more; more = bill_walk_next(&walk)) {
        INVARIANT(settled_get(deciding->txn, walk.position, &settled));
        if (is_within(wanted, &settled))
            list(deciding, walk.position, &settled);
    }
    bill_walk_end(&walk);
    return deciding->outcome.other_count - before;
}

enum { OF_STAY_MAX = 3 /* listed: that there is one is what counts */ };

/* The day of discharge may be the next day of admission. */
static bool overlaps(const struct bill *bill, const struct care_days *days)
{
    return bill->admission_date < days->discharge && days->admission < bill->discharge_date;
}

static bool is_the_same_again(const struct bill *bill, const struct settled *settled)
{
    return bill->admission_date == settled->admission_date && bill->total == settled->amounts.total &&
           strcmp(bill->institution, settled->institution) == 0;
}

struct care_wanted {
    const char *person;
    enum care_form form;
    bool both_stay;          /* else it can only be the same again, on the same day */
    civil_date_t first, end; /* of the days of admission: from, and before */
};

static void list_care(struct deciding *deciding, const struct care_wanted *wanted)
{
    const struct bill *bill = &deciding->event->body.bill;
    struct care_walk walk;
    struct settled settled;
    bool more = care_walk_start(&walk, deciding->txn, wanted->person, wanted->form, wanted->first);
    for (; more && !deciding->outcome.more_others; more = care_walk_next(&walk)) {
        const struct care_days *days = &walk.days;
        if (days->admission >= wanted->end)
            break;
        bool overlapping = wanted->both_stay && overlaps(bill, days);
        if (days->position == bill->replaces_settlement || (!overlapping && days->admission != bill->admission_date))
            continue;
        bool enough = deciding->outcome.other_count == OF_STAY_MAX;
        if (!overlapping || !enough) /* else nothing of it is asked */
            INVARIANT(settled_get(deciding->txn, days->position, &settled));
        if (!overlapping && !is_the_same_again(bill, &settled))
            continue;
        if (enough)
            deciding->outcome.more_others = true;
        else
            list(deciding, days->position, &settled);
    }
    care_walk_end(&walk);
}

/* Stays that began long before may last until now. */
static void list_stays(struct deciding *deciding, const char *person)
{
    const struct bill *bill = &deciding->event->body.bill;
    civil_date_t admission = bill->admission_date, next = civil_date_add_days(admission, 1),
                 end = next < bill->discharge_date ? bill->discharge_date : next;
    struct care_wanted wanted = {person, CARE_STAY, true, civil_date_add_days(admission, -STAY_DAYS_MAX), end};
    if (logic_has(deciding->published->logic, LOGIC_NEAREST_STAYS)) {
        wanted.first = admission;
        list_care(deciding, &wanted);
        if (deciding->outcome.more_others)
            return;
        wanted.first = civil_date_add_days(admission, -STAY_DAYS_MAX);
        wanted.end = admission;
    }
    list_care(deciding, &wanted);
}

static void list_same(struct deciding *deciding, const char *person, enum care_form form)
{
    civil_date_t admission = deciding->event->body.bill.admission_date;
    struct care_wanted wanted = {person, form, false, admission, civil_date_add_days(admission, 1)};
    list_care(deciding, &wanted);
}

uint32_t others_of_stay(struct deciding *deciding, const char *person)
{
    if (care_kind_is_inpatient(deciding->published, deciding->event->body.bill.care_kind))
        list_stays(deciding, person);
    else
        list_same(deciding, person, CARE_STAY);
    list_same(deciding, person, CARE_VISIT);
    return deciding->outcome.other_count;
}

void others_of_row(struct deciding *deciding, const struct identity *person)
{
    const struct event *event = deciding->event;
    const struct row_period *held = &deciding->verdict->row_taken_back;
    char detail[FINDING_DETAIL_MAX + 1];
    if (!deciding->verdict->has_row_taken_back)
        return;
    struct period_wanted wanted = {.from = held->valid_from, .to = held->valid_to};
    if (event->kind == EVENT_ENROLMENT) {
        wanted.area = event->body.enrolment.area;
        wanted.type = event->body.enrolment.insurance_type;
    } else if (event->kind == EVENT_FILING) {
        wanted.area = event->body.filing.insured_area;
        wanted.type = event->body.filing.insurance_type;
        wanted.any_day = true;
    } else {
        wanted.area = event->body.qualification.insured_area;
        wanted.type = event->body.qualification.insurance_type;
    }
    uint32_t count = others_within(deciding, person->number, &wanted);
    if (count == 0)
        return;
    (void)snprintf(detail, sizeof detail, "%u settlements%s", count, deciding->outcome.more_others ? " and more" : "");
    findings_add(&deciding->self->findings, RULE_ROW_HAD_SETTLED, deciding->outcome.event, detail);
}
