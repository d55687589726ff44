/* SPDX-License-Identifier: Apache-2.0
 * Rows of reference data by what tells them apart, as validation keeps them. */
#include "services/settlement/rows.h"

/* What tells the row from the others of its kind; false: the event states no row. */
static bool identify(const struct event *event, struct buffer *out)
{
    const union event_body *body = &event->body;
    switch (event->kind) {
    case EVENT_INSTITUTION:
        buffer_printf(out, "%s\n%u", body->institution.code, body->institution.effective_date);
        return true;
    case EVENT_ENROLMENT:
        buffer_printf(out, "%s\n%s\n%u", body->enrolment.area, body->enrolment.insurance_type,
                      body->enrolment.effective_date);
        return true;
    case EVENT_FILING:
        buffer_printf(out, "%s", body->filing.filing_id);
        return true;
    case EVENT_QUALIFICATION:
        buffer_printf(out, "%s\n%s\n%s\n%u", body->qualification.insured_area, body->qualification.insurance_type,
                      body->qualification.special_disease, body->qualification.valid_from);
        return true;
    case EVENT_CATALOGUE_ITEM:
        buffer_printf(out, "%s\n%s\n%u", body->catalogue_item.region, body->catalogue_item.code,
                      body->catalogue_item.effective_date);
        return true;
    case EVENT_LOCAL_CARE:
        buffer_printf(out, "%s", body->local_care.local_id);
        return true;
    case EVENT_POLICY:
        buffer_printf(out, "%s\n%s\n%u", body->policy->area, body->policy->insurance_type, body->policy->valid_from);
        return true;
    case EVENT_STATEMENT:
        buffer_printf(out, "%s\n%u\n%s\n%u\n%llu", event->sender, body->statement.day, body->statement.institution,
                      (unsigned)body->statement.side, (unsigned long long)body->statement.number_from);
        return true;
    case EVENT_CLEARING_POLICY:
        buffer_printf(out, "%u", body->clearing_policy->valid_from);
        return true;
    case EVENT_GAZETTE:
        buffer_printf(out, "%u\n%s\n%u", body->gazette->kind, body->gazette->region,
                      body->gazette->kind == GAZETTE_CALENDAR ? body->gazette->table.calendar.year : 0);
        return true;
    default:
        return false;
    }
}

bool row_name(const struct event *event, const char *person, struct digest *digest, struct buffer *scratch,
              uint8_t name[ROW_NAME_SIZE])
{
    uint8_t hash[DIGEST_SIZE];
    buffer_reset(scratch);
    buffer_printf(scratch, "%u\n%s\n", (unsigned)event->kind, person);
    if (!identify(event, scratch))
        return false;
    digest_once(digest, buffer_span(scratch), hash);
    memcpy(name, hash, ROW_NAME_SIZE);
    return true;
}

void name_row(struct deciding *deciding)
{
    struct outcome *outcome = &deciding->outcome;
    if (outcome->kind != OUTCOME_APPLIED || !logic_has(deciding->published->logic, LOGIC_ROW_NAMED) ||
        !row_name(deciding->event, deciding->person.number, deciding->self->digest, &deciding->self->scratch,
                  deciding->row))
        return;
    outcome->row = span_of(deciding->row, sizeof deciding->row);
}
