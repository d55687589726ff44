/* SPDX-License-Identifier: Apache-2.0
 * Lookup in the table of rules. */
#include "common/codes/rule.h"

#include <stddef.h>

#include "common/base/check.h"

static const struct rule_text rules[] = {
#define RULE(number, code, name, severity, retry, source, zh, en, remedy_zh, remedy_en)                                \
    {number, code, #name, severity, retry, source, zh, en, remedy_zh, remedy_en},
#include "common/codes/rule.def"
#undef RULE
};

enum { RULES_COUNT = sizeof rules / sizeof rules[0] };

const struct rule_text *rule_find(uint32_t number)
{
    unsigned low = 0, high = RULES_COUNT; /* the table ascends; the unit test checks it */
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (rules[middle].number == number)
            return &rules[middle];
        if (rules[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct rule_text *rule_at(unsigned index)
{
    return index < RULES_COUNT ? &rules[index] : NULL;
}

enum rule rule_of(uint32_t scheme, enum refusal refusal)
{
    static const enum rule schemes[][3] = {
#define REFUSAL(name) {RULE_TRP_##name, RULE_TRM_##name, RULE_TRU_##name},
#include "common/codes/refusal.def"
#undef REFUSAL
    };
    PRE(scheme >= 1 && scheme <= 3);
    return schemes[refusal][scheme - 1];
}
