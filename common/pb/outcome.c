/* SPDX-License-Identifier: Apache-2.0
 * The findings that verdicts, outcomes and the books' records carry. */
#include "common/pb/outcome.h"

#include "common/codes/rule.h"
#include "common/pb/coding_internal.h"

static const struct findings no_findings;

static bool is_error(uint32_t rule)
{
    const struct rule_text *text = rule_find(rule);
    return text == NULL || text->severity == RULE_ERROR;
}

/* As much as there is room for. Not snprintf: most bills have a finding. */
static void take_text(char *to, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memcpy(to, text, length);
    to[length] = 0;
}

void findings_add(struct findings *findings, uint32_t rule, const char *path, const char *detail)
{
    findings->refused = findings->refused || is_error(rule);
    if (findings->count == VERDICT_FINDINGS_MAX) {
        findings->overflow = true;
        findings->items[VERDICT_FINDINGS_MAX - 1] = (struct finding){.rule = RULE_TOO_MANY_FINDINGS};
        return;
    }
    struct finding *finding = &findings->items[findings->count++];
    finding->rule = rule;
    take_text(finding->path, sizeof finding->path, path);
    take_text(finding->detail, sizeof finding->detail, detail == NULL ? "" : detail);
}

const struct findings *findings_none(void)
{
    return &no_findings;
}

enum status findings_take(struct arena *arena, struct span bytes, const struct findings **findings)
{
    struct findings *own = (struct findings *)(uintptr_t)*findings; /* made below, in the caller's arena */
    if (own == &no_findings) {
        own = arena_take(arena, sizeof *own);
        if (own == NULL)
            return REJECT_TOO_LARGE;
        own->count = 0;
        own->refused = own->overflow = false;
        *findings = own;
    }
    if (own->count == VERDICT_FINDINGS_MAX)
        return REJECT_TOO_LARGE;
    struct finding *finding = &own->items[own->count++];
    TRY(finding_decode(bytes, arena, finding));
    own->refused = own->refused || is_error(finding->rule);
    return OK;
}

void findings_put(const struct findings *findings, uint32_t number, struct buffer *out)
{
    for (uint32_t i = 0; findings != NULL && i < findings->count; i++) {
        size_t mark = wire_begin(out, number);
        finding_encode(&findings->items[i], out);
        wire_end(out, mark);
    }
}

enum status outcome_decode_without_steps(struct span bytes, struct arena *arena, struct outcome *to)
{
    enum { STEPS = 18 };
    struct span before, steps, behind;
    TRY(field_run_around(bytes, STEPS, &before, &steps, &behind));
    outcome_blank(to);
    TRY(outcome_merge(before, arena, to));
    return outcome_merge(behind, arena, to);
}

bool submission_erased(const struct submission *submission, struct erased_record *erased)
{
    return submission->erased.size > 0 && wire_check(WIRE_ERASED_RECORD, submission->erased, NULL) == OK &&
           erased_record_decode(submission->erased, NULL, erased) == OK &&
           erased->envelope_sha256.size == DIGEST_SIZE && erased->submission_commitment.size == DIGEST_SIZE &&
           erased->outcome_commitment.size == DIGEST_SIZE;
}

void submission_sha256(const struct submission *submission, struct digest *digest, uint8_t out[DIGEST_SIZE])
{
    struct erased_record erased;
    if (submission_erased(submission, &erased))
        memcpy(out, erased.envelope_sha256.data, DIGEST_SIZE);
    else
        digest_once(digest, submission->envelope, out);
}
