/* SPDX-License-Identifier: Apache-2.0
 * Records of `submissions` and `verdicts.P`, and the findings that verdicts and outcomes share. */
#include <stdio.h>

#include "common/codes/rule.h"
#include "common/pb/field_internal.h"
#include "common/pb/findings_internal.h"

void submission_encode(const struct submission *submission, struct buffer *out)
{
    wire_put_int(out, 1, submission->accepted_at);
    wire_put_fixed32(out, 2, submission->person_hash);
    wire_put_bytes(out, 15, submission->envelope);
}

enum status submission_decode(struct span record, struct submission *submission)
{
    struct wire_reader reader = wire_read(record);
    struct wire_field field;
    *submission = (struct submission){0};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            submission->accepted_at = (instant_ms_t)field.value;
        else if (field.number == 2)
            submission->person_hash = (uint32_t)field.value;
        else if (field.number == 15)
            submission->envelope = field.bytes;
    }
    return OK;
}

void findings_add(struct findings *findings, uint32_t rule, const char *path, const char *detail)
{
    const struct rule_text *text = rule_find(rule);
    if (text == NULL || text->severity == RULE_ERROR)
        findings->refused = true;
    if (findings->count == FINDINGS_COUNT_MAX) {
        findings->overflow = true;
        findings->items[FINDINGS_COUNT_MAX - 1] = (struct finding){.rule = RULE_TOO_MANY_FINDINGS};
        return;
    }
    struct finding *finding = &findings->items[findings->count++];
    finding->rule = rule;
    (void)snprintf(finding->path, sizeof finding->path, "%s", path);
    (void)snprintf(finding->detail, sizeof finding->detail, "%s", detail == NULL ? "" : detail);
}

void findings_encode(const struct findings *findings, uint32_t number, struct buffer *out)
{
    for (uint32_t i = 0; findings != NULL && i < findings->count; i++) {
        size_t mark = wire_begin(out, number);
        wire_put_uint(out, 1, findings->items[i].rule);
        wire_put_text(out, 2, findings->items[i].path);
        wire_put_text(out, 3, findings->items[i].detail);
        wire_end(out, mark);
    }
}

enum status finding_decode(struct span bytes, struct findings *findings)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    if (findings->count == FINDINGS_COUNT_MAX)
        return REJECT_TOO_LARGE;
    struct finding *finding = &findings->items[findings->count++];
    memset(finding, 0, sizeof *finding);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            finding->rule = (uint32_t)field.value;
        else if ((field.number == 2 && !field_copy(finding->path, sizeof finding->path, field.bytes)) ||
                 (field.number == 3 && !field_copy(finding->detail, sizeof finding->detail, field.bytes)))
            return REJECT_TOO_LARGE;
    }
    const struct rule_text *text = rule_find(finding->rule);
    if (text == NULL || text->severity == RULE_ERROR)
        findings->refused = true;
    return OK;
}

static const struct findings no_findings;

enum status findings_take(struct arena *arena, struct span bytes, const struct findings **findings)
{
    struct findings *own;
    if (*findings == NULL || *findings == &no_findings) {
        own = arena_take(arena, sizeof *own);
        if (own == NULL)
            return REJECT_TOO_LARGE;
        own->count = 0;
        own->refused = own->overflow = false;
        *findings = own;
    } else {
        own = (struct findings *)(uintptr_t)*findings; /* made above, in the caller's arena */
    }
    return finding_decode(bytes, own);
}

const struct findings *findings_none(void)
{
    return &no_findings;
}

static void facts_encode(const struct bill_facts *facts, struct buffer *out)
{
    size_t mark = wire_begin(out, 6);
    wire_put_text(out, 1, facts->care_region);
    wire_put_text(out, 2, facts->insured_region);
    wire_put_text(out, 3, facts->care_area);
    wire_put_uint(out, 4, facts->hospital_level);
    wire_put_uint(out, 5, facts->hospital_municipal);
    wire_put_uint(out, 6, facts->hospital_community);
    wire_put_text(out, 7, facts->category);
    wire_put_uint(out, 8, facts->poverty);
    wire_put_uint(out, 9, facts->civil_servant);
    wire_put_uint(out, 10, facts->enrolment_position);
    wire_put_int(out, 11, facts->account_balance);
    wire_put_uint(out, 12, facts->filing);
    wire_end(out, mark);
}

static enum status facts_decode(struct span bytes, struct bill_facts *facts)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    bool fits = true;
    while (!wire_at_end(&reader) && fits) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 1:
            fits = field_copy(facts->care_region, sizeof facts->care_region, field.bytes);
            break;
        case 2:
            fits = field_copy(facts->insured_region, sizeof facts->insured_region, field.bytes);
            break;
        case 3:
            fits = field_copy(facts->care_area, sizeof facts->care_area, field.bytes);
            break;
        case 4:
            facts->hospital_level = (uint32_t)field.value;
            break;
        case 5:
            facts->hospital_municipal = field.value != 0;
            break;
        case 6:
            facts->hospital_community = field.value != 0;
            break;
        case 7:
            fits = field_copy(facts->category, sizeof facts->category, field.bytes);
            break;
        case 8:
            facts->poverty = (uint32_t)field.value;
            break;
        case 9:
            facts->civil_servant = field.value != 0;
            break;
        case 10:
            facts->enrolment_position = field.value;
            break;
        case 11:
            facts->account_balance = (fen_t)field.value;
            break;
        case 12:
            facts->filing = (uint32_t)field.value;
            break;
        default:
            break;
        }
    }
    return fits ? OK : REJECT_TOO_LARGE;
}

void verdict_encode(const struct verdict *verdict, struct buffer *out)
{
    wire_put_int(out, 1, verdict->accepted_at);
    wire_put_fixed32(out, 2, verdict->person_hash);
    findings_encode(verdict->findings, 3, out);
    wire_put_uint(out, 4, verdict->refused);
    wire_put_text(out, 5, verdict->dead_reason);
    if (verdict->has_facts)
        facts_encode(&verdict->facts, out);
    wire_put_bytes(out, 15, verdict->envelope);
}

enum status verdict_decode(struct span record, struct arena *arena, struct verdict *verdict)
{
    struct wire_reader reader = wire_read(record);
    struct wire_field field;
    *verdict = (struct verdict){.findings = &no_findings, .dead_reason = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 1:
            verdict->accepted_at = (instant_ms_t)field.value;
            break;
        case 2:
            verdict->person_hash = (uint32_t)field.value;
            break;
        case 3:
            TRY(findings_take(arena, field.bytes, &verdict->findings));
            break;
        case 4:
            verdict->refused = field.value != 0;
            break;
        case 5:
            verdict->dead_reason = field_text(arena, field.bytes);
            if (verdict->dead_reason == NULL)
                return REJECT_TOO_LARGE;
            break;
        case 6:
            verdict->has_facts = true;
            TRY(facts_decode(field.bytes, &verdict->facts));
            break;
        case 15:
            verdict->envelope = field.bytes;
            break;
        default:
            break;
        }
    }
    return OK;
}
