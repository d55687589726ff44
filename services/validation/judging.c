/* SPDX-License-Identifier: Apache-2.0
 * Words of a judgement. */
#include "services/validation/judging.h"

#include <stdio.h>

#include "common/codes/area.h"
#include "common/engines/gazette/areas.h"

void judge_add(struct judging *judging, enum rule rule, const char *field)
{
    char path[FINDING_PATH_MAX + 1];
    bool in_body = field[0] != 0 && strcmp(field, "person_id") != 0 && strcmp(field, "sender") != 0;
    (void)snprintf(path, sizeof path, "%s%s%s", in_body ? judging->root : "", in_body ? "." : "", field);
    findings_add(&judging->self->findings, (uint32_t)rule, path, NULL);
}

bool judge_refused(const struct judging *judging)
{
    return judging->self->findings.refused;
}

bool judge_division(struct judging *judging, uint32_t division, const char *field)
{
    const struct published *published = judging->published;
    if (!logic_has(published->logic, LOGIC_DIVISIONS_WARN))
        return division_is_known(division);
    if (published->division_count > 0 && !division_is_published(published, division))
        judge_add(judging, RULE_DIVISION_UNKNOWN, field);
    return true;
}

/* No list of places decides on a person: what is certain is the check digit and the date. */
static bool division_is_taken(struct judging *judging, const struct identity *identity)
{
    const struct published *published = judging->published;
    if (identity->kind == IDENTITY_CITIZEN)
        return judge_division(judging, identity->division, "person_id");
    if (!logic_has(published->logic, LOGIC_DIVISIONS_WARN))
        return false; /* its card was no number here yet */
    if (published->division_count > 0 && !province_is_published(published, identity->division / 10000))
        judge_add(judging, RULE_DIVISION_UNKNOWN, "person_id");
    return true;
}

void judge_person(struct judging *judging)
{
    struct identity identity;
    const char *person = judging->event->person_id;
    if (person[0] == 0) {
        judge_add(judging, RULE_PERSON_ID_MISSING, "person_id");
        return;
    }
    if (identity_parse(person, &identity) != OK || !division_is_taken(judging, &identity)) {
        judge_add(judging, RULE_PERSON_ID_INVALID, "person_id");
        return;
    }
    memcpy(judging->person, identity.number, sizeof judging->person);
    judging->birth_date = identity.birth_date;
}

bool judge_is_of_life(const struct judging *judging, civil_date_t day)
{
    return !logic_has(judging->published->logic, LOGIC_DATES_OF_LIFE) || judging->person[0] == 0 ||
           day >= judging->birth_date;
}

void judge_withdrawn(struct judging *judging, bool found)
{
    judge_want(judging, found, RULE_ROW_UNKNOWN, "");
}

void judge_nobody(struct judging *judging)
{
    if (judging->event->person_id[0] != 0)
        judge_add(judging, RULE_PERSON_ID_UNEXPECTED, "person_id");
}

void judge_want(struct judging *judging, bool holds, enum rule rule, const char *field)
{
    if (!holds)
        judge_add(judging, rule, field);
}

void judge_field(struct judging *judging, bool holds, const char *field)
{
    judge_want(judging, holds, RULE_REFERENCE_FIELD_INVALID, field);
}

bool judge_sender_is_region_of(const struct judging *judging, const char *area)
{
    const char *region = region_of(area);
    return region != NULL && strcmp(region, judging->event->sender) == 0;
}
