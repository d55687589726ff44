/* SPDX-License-Identifier: Apache-2.0
 * Words of a judgement. */
#include "services/validation/judging.h"

#include <stdio.h>

#include "common/codes/area.h"

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

void judge_person(struct judging *judging)
{
    struct identity identity;
    const char *person = judging->event->person_id;
    if (person[0] == 0) {
        judge_add(judging, RULE_PERSON_ID_MISSING, "person_id");
        return;
    }
    if (identity_parse(person, &identity) != OK) {
        judge_add(judging, RULE_PERSON_ID_INVALID, "person_id");
        return;
    }
    memcpy(judging->person, identity.number, sizeof judging->person);
    judging->birth_date = identity.birth_date;
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
