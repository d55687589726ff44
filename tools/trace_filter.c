/* SPDX-License-Identifier: Apache-2.0
 * Positions that are meant. */
#include "tools/trace_filter.h"

#include <stdio.h>

#include "common/base/guess.h"
#include "common/codes/area.h"

static const char *const event_names[] = {
#define EVENT(kind, whom, who, judge, settles, books) #kind,
#include "common/codes/event.def"
#undef EVENT
};
static const char *const outcome_names[] = {"SETTLED", "COMPUTED", "REVERSED",    "APPLIED",
                                            "REFUSED", "MOVED",    "DEAD_LETTER", "NOTICE"};

/* In the letters that every spelling shares. */
static bool is_same(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "_");
        b += strspn(b, "_");
        if ((*a | 0x20) != (*b | 0x20))
            return false;
        if (*a == 0)
            return true;
    }
}

static bool kind_is_known(const char *kind)
{
    struct guess guess;
    char raised[GUESS_WORD_SIZE_MAX + 1]; /* as the names are written */
    (void)snprintf(raised, sizeof raised, "%s", kind);
    for (char *at = raised; *at != 0; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    guess_start(&guess, raised);
    for (unsigned i = 0; i < sizeof event_names / sizeof event_names[0]; i++) {
        if (is_same(kind, event_names[i]))
            return true;
        guess_consider(&guess, event_names[i]);
    }
    for (unsigned i = 0; i < sizeof outcome_names / sizeof outcome_names[0]; i++) {
        if (is_same(kind, outcome_names[i]))
            return true;
        guess_consider(&guess, outcome_names[i]);
    }
    complain(said("--kind %s：没有这种报文或结果%s%s", "--kind %s: there is no such event or outcome%s%s"), kind,
             guess.name != NULL ? said("；是否指 ", "; did you mean ") : "", guess.name != NULL ? guess.name : "");
    return false;
}

bool trace_filter_take(struct cli *cli, struct trace_filter *filter)
{
    *filter = (struct trace_filter){cli_number(cli, "--from", 0), cli_number(cli, "--to", UINT64_MAX),
                                    cli_option(cli, "--region"), cli_option(cli, "--kind")};
    if (filter->to < filter->from) {
        complain(said("--to 小于 --from", "--to lies before --from"));
        return false;
    }
    if (filter->region != NULL && !region_is_known(filter->region) && strcmp(filter->region, "operator") != 0) {
        complain(said("--region %s：没有这个地区", "--region %s: there is no such region"), filter->region);
        return false;
    }
    return filter->kind == NULL || kind_is_known(filter->kind);
}

bool trace_filter_holds(const struct trace_filter *filter, uint64_t position, const json_t *outcome)
{
    if (position < filter->from || position >= filter->to)
        return false;
    if (outcome == NULL)
        return true;
    const char *kind = cli_text(outcome, "kind");
    kind = strncmp(kind, "OUTCOME_KIND_", 13) == 0 ? kind + 13 : kind;
    return (filter->region == NULL || strcmp(filter->region, cli_text(outcome, "sender")) == 0) &&
           (filter->kind == NULL || is_same(filter->kind, cli_text(outcome, "event")) || is_same(filter->kind, kind));
}
