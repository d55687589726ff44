/* SPDX-License-Identifier: Apache-2.0
 * Words of a decision. */
#include "services/settlement/deciding.h"

#include "common/base/check.h"

void refuse(struct deciding *deciding, enum rule rule, const char *path, const char *detail)
{
    findings_add(&deciding->self->findings, (uint32_t)rule, path, detail);
    deciding->outcome.kind = OUTCOME_REFUSED;
}

void deliver_to(struct outcome *outcome, const char *party)
{
    for (uint32_t i = 0; i < outcome->deliver_count; i++)
        if (strcmp(outcome->deliver_to[i], party) == 0)
            return;
    INVARIANT(outcome->deliver_count < REGION_COUNT_MAX);
    outcome->deliver_to[outcome->deliver_count++] = party;
}

void copy_text(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    PRE(length < size);
    memcpy(to, text, length + 1);
}

struct span body_bytes(struct span envelope)
{
    struct envelope_head head;
    return envelope_head_read(envelope, &head) == OK ? head.body : span_of(NULL, 0);
}
