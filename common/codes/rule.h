/* SPDX-License-Identifier: Apache-2.0
 * The one table of refusals and warnings: rule.def. It generates docs/ERRORS.md. A rule's number and code never change
 * once they have been on a wire; texts may improve. */
#ifndef HUTONG_COMMON_CODES_RULE_H
#define HUTONG_COMMON_CODES_RULE_H
#include <stdbool.h>
#include <stdint.h>

enum rule_severity { RULE_WARNING, RULE_ERROR };

enum rule {
    RULE_NONE = 0,
#define RULE(number, code, name, severity, retry, source, zh, en, remedy_zh, remedy_en) name = number,
#include "common/codes/rule.def"
#undef RULE
};

/* What transfers of every scheme are refused for, each scheme under its own rule. */
enum refusal {
#define REFUSAL(name) REFUSAL_##name,
#include "common/codes/refusal.def"
#undef REFUSAL
};

struct rule_text {
    uint32_t number;
    const char *code; /* "BIL-0007" */
    const char *name; /* "RULE_BILL_TOTAL_MISMATCH" */
    enum rule_severity severity;
    bool retry_helps;
    const char *source; /* document and article, or "M" for a project rule */
    const char *zh;
    const char *en;
    const char *remedy_zh;
    const char *remedy_en;
};

const struct rule_text *rule_find(uint32_t number); /* NULL: no such rule */
const struct rule_text *rule_at(unsigned index);    /* NULL past the end; table order */
/* `scheme`: 1 to 3, of proto TransferScheme. */
enum rule rule_of(uint32_t scheme, enum refusal refusal);
#endif
