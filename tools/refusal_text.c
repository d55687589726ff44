/* SPDX-License-Identifier: Apache-2.0
 * Refusals for people. */
#include "tools/refusal_text.h"

#include <stdio.h>
#include <string.h>

uint32_t rule_number(const char *code)
{
    for (unsigned i = 0; rule_at(i) != NULL; i++)
        if (strcmp(rule_at(i)->code, code) == 0)
            return rule_at(i)->number;
    return 0;
}

/* The edge has stored nothing: the same bytes count. A decided message stays decided: what is mended, and the same
 * content tried again, goes under a new id. */
static bool is_of_edge(const struct rule_text *rule)
{
    static const char *const codes[] = {"ENV-",     "AUT-0001", "AUT-0002", "AUT-0003",
                                        "AUT-0004", "SYS-0001", "SYS-0002", "SYS-0004"};
    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strncmp(rule->code, codes[i], strlen(codes[i])) == 0)
            return true;
    return false;
}

void refusal_describe_remedy(const struct rule_text *rule, struct buffer *out)
{
    if (rule->remedy_zh[0] != 0)
        buffer_printf(out, "处理: %s; remedy: %s; ", rule->remedy_zh, rule->remedy_en);
    if (rule->severity == RULE_WARNING)
        buffer_append_text(out, "警告,不影响通过; a warning, nothing is refused");
    else if (is_of_edge(rule))
        buffer_append_text(out, rule->retry_helps ? "错误,原样重发可能通过; an error, the same bytes can pass later"
                                                  : "错误,原样重发不会通过; an error, the same bytes will not pass");
    else
        buffer_append_text(
            out, rule->retry_helps
                     ? "错误,同样内容以新编号可能通过; an error, the same content can pass later, under a new id"
                     : "错误,同样内容不会通过; an error, the same content will not pass");
}

void refusal_describe(uint32_t number, const char *path, const char *found, const char *detail, struct buffer *out)
{
    const struct rule_text *rule = rule_find(number);
    if (rule == NULL) {
        buffer_printf(out, "rule %u; %s", number, detail);
        return;
    }
    buffer_printf(out, "%s%s%s%s %s; %s", rule->code, path[0] != 0 ? " " : "", path, path[0] != 0 ? ":" : "", rule->zh,
                  rule->en);
    if (found[0] != 0)
        buffer_printf(out, ": found %s", found);
    if (detail[0] != 0)
        buffer_printf(out, ": %s", detail);
    buffer_append_text(out, "; ");
    refusal_describe_remedy(rule, out);
}

void refusal_print(int indent, uint32_t number, const char *path, const char *detail)
{
    const struct rule_text *rule = rule_find(number);
    struct buffer remedy = {0};
    if (rule == NULL) {
        (void)printf("%*srule %u %s  %s", indent, "", number, path, detail);
        return;
    }
    refusal_describe_remedy(rule, &remedy);
    (void)printf("%*s%s %s  %s; %s%s%s\n%*s  %s", indent, "", rule->code, path, rule->zh, rule->en,
                 detail[0] != 0 ? ": " : "", detail, indent, "", buffer_text(&remedy));
    buffer_fini(&remedy);
}
