/* SPDX-License-Identifier: Apache-2.0
 * Versions of policies. */
#include "tools/policy_versions.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/pb/outcome.h"
#include "common/store/rows/settlement.h"
#include "tools/policy_load.h"
#include "tools/state_rows.h"

enum { VERSIONS_COUNT_MAX = 1024 }; /* as settlement keeps them */

struct version {
    char area[7], type[4];
    civil_date_t from, to; /* as stated; to 0: open */
    char source[160], grade[8];
    position_t position;
    unsigned unstated; /* parameters of grade M, of a policy that is not */
};

struct versions {
    struct version rows[VERSIONS_COUNT_MAX];
    unsigned count;
    struct policy scratch;
};

/* "\npath\n=path\n...": paths that are graded otherwise than the policy; those behind "=" are stated, and no grade. */
static unsigned count_exceptions(struct span exceptions)
{
    unsigned count = 0;
    for (size_t i = 0; i + 1 < exceptions.size; i++)
        count += exceptions.data[i] == '\n' && exceptions.data[i + 1] != '=';
    return count;
}

static bool take(void *self, struct span key, struct span value)
{
    struct versions *versions = self;
    struct policy_record record;
    struct policies_key parts;
    struct policy *policy = &versions->scratch;
    if (versions->count == VERSIONS_COUNT_MAX || !policies_key_read(key, &parts) ||
        policy_record_decode(value, NULL, &record) != OK || policy_decode(record.policy, NULL, policy) != OK)
        return versions->count < VERSIONS_COUNT_MAX;
    struct version *version = &versions->rows[versions->count++];
    *version = (struct version){.from = policy->valid_from,
                                .to = policy->valid_to,
                                .position = record.position,
                                .unstated = strcmp(policy->grade, "M") == 0 ? 0 : count_exceptions(record.exceptions)};
    memcpy(version->area, policy->area, sizeof version->area);
    memcpy(version->type, policy->insurance_type, sizeof version->type);
    memcpy(version->source, policy->source, sizeof version->source);
    memcpy(version->grade, policy->grade, sizeof version->grade);
    return true;
}

/* The next version of the same area and type: rows are in that order. NULL: there is none. */
static const struct version *next_of(const struct versions *versions, unsigned at)
{
    const struct version *row = &versions->rows[at];
    bool next = at + 1 < versions->count && strcmp(row[1].area, row->area) == 0 && strcmp(row[1].type, row->type) == 0;
    return next ? row + 1 : NULL;
}

/* An open version ends where the next begins. One that has ended goes on until then, with BIL-0036. */
static const char *state_of(const struct version *row, const struct version *next, civil_date_t on)
{
    if (row->from > on)
        return "future";
    if (next != NULL && next->from <= on)
        return "past";
    return row->to != 0 && row->to < on ? "ended" : "in_force";
}

static json_t *row_of(const struct version *row, const struct version *next, civil_date_t on)
{
    civil_date_t last = next != NULL ? civil_date_add_days(next->from, -1) : row->to;
    json_t *json = json_pack("{s:s,s:s,s:s,s:i,s:s,s:s,s:s,s:o,s:i}", "area", row->area, "insuranceType", row->type,
                             "sender", region_of(row->area), "validFrom", (int)row->from, "state",
                             state_of(row, next, on), "grade", row->grade, "source", row->source, "position",
                             cli_json_number(row->position), "unstated", (int)row->unstated);
    if (row->to != 0)
        (void)json_object_set_new(json, "validTo", json_integer(row->to));
    if (next != NULL)
        (void)json_object_set_new(json, "nextFrom", json_integer(next->from));
    if (last != 0)
        (void)json_object_set_new(json, "lastDay", json_integer(last));
    if (next == NULL && row->to != 0)
        (void)json_object_set_new(json, "daysLeft", json_integer(civil_date_to_day(row->to) - civil_date_to_day(on)));
    return json;
}

static void print_row(const struct version *row, const struct version *next, civil_date_t on)
{
    static const char *const words[][3] = {
        {"future", "未生效", "to come"}, {"past", "已被取代", "past"}, {"ended", "已到期,沿用", "ended, goes on"}};
    const char *state = state_of(row, next, on), *word = said("有效", "in force");
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], state) == 0)
            word = said(words[i][1], words[i][2]);
    (void)printf("%s %s  %u  %-8u  @%-8llu %-2s %s  [%s]\n", row->area, row->type, row->from,
                 next != NULL ? civil_date_add_days(next->from, -1) : row->to, (unsigned long long)row->position,
                 row->grade, word, row->source);
}

static bool is_wanted(const struct version *row, const struct version *next, const struct versions_wanted *wanted)
{
    bool here = (wanted->area == NULL || strcmp(wanted->area, row->area) == 0) &&
                (wanted->type == NULL || strcmp(wanted->type, row->type) == 0);
    const char *state = state_of(row, next, wanted->on);
    bool holds = strcmp(state, "in_force") == 0 || strcmp(state, "ended") == 0;
    bool ends = next == NULL && row->to != 0 &&
                civil_date_to_day(row->to) - civil_date_to_day(wanted->on) <= (int64_t)wanted->ending;
    return here && (!wanted->in_force || holds) && (wanted->ending == 0 || ends);
}

int policy_versions(struct cli *cli, const struct versions_wanted *wanted)
{
    struct versions *versions = calloc(1, sizeof *versions);
    struct buffer next = {0};
    INVARIANT(versions != NULL);
    bool answered = cli_configure(cli) && state_rows(cli, "settlement", "policies", span_of(NULL, 0), span_of(NULL, 0),
                                                     take, versions, &next);
    for (unsigned i = 0; i < versions->count; i++) {
        const struct version *row = &versions->rows[i], *behind = next_of(versions, i);
        if (!is_wanted(row, behind, wanted))
            continue;
        if (cli->json)
            cli_print_json(row_of(row, behind, wanted->on));
        else
            print_row(row, behind, wanted->on);
    }
    buffer_fini(&next);
    free(versions);
    return answered ? CLI_OK : CLI_UNREACHABLE;
}

bool policy_at(struct cli *cli, position_t position, struct policy *policy, struct policy_sources *sources)
{
    bool read = cli_configure(cli) && policy_load_published(cli, position, policy, sources);
    if (!read)
        complain(said("位置 %llu 没有公布政策", "no policy was published at position %llu"),
                 (unsigned long long)position);
    return read;
}

struct in_force {
    const char *area, *type;
    civil_date_t day, from[2]; /* of the area's own, and of one that applies to it */
    position_t position[2];
    struct policy scratch;
};

static bool applies_to(const struct policy *policy, const char *area)
{
    for (uint32_t i = 0; i < policy->applies_to_count; i++)
        if (strcmp(policy->applies_to[i].area, area) == 0)
            return true;
    return false;
}

static bool take_in_force(void *self, struct span key, struct span value)
{
    struct in_force *wanted = self;
    struct policy_record record;
    struct policy *policy = &wanted->scratch;
    (void)key;
    if (policy_record_decode(value, NULL, &record) != OK || policy_decode(record.policy, NULL, policy) != OK ||
        strcmp(policy->insurance_type, wanted->type) != 0 || policy->valid_from > wanted->day)
        return true;
    bool own = strcmp(policy->area, wanted->area) == 0;
    unsigned place = own ? 0 : 1;
    if ((own || applies_to(policy, wanted->area)) && policy->valid_from > wanted->from[place]) {
        wanted->from[place] = policy->valid_from;
        wanted->position[place] = record.position;
    }
    return true;
}

bool policy_in_force(struct cli *cli, const char *area, const char *type, civil_date_t day, struct policy *policy,
                     struct policy_sources *sources, position_t *position)
{
    struct in_force *wanted = calloc(1, sizeof *wanted);
    struct buffer next = {0};
    INVARIANT(wanted != NULL);
    wanted->area = area;
    wanted->type = type;
    wanted->day = day;
    bool found = cli_configure(cli) && state_rows(cli, "settlement", "policies", span_of(NULL, 0), span_of(NULL, 0),
                                                  take_in_force, wanted, &next);
    bool stands = wanted->from[0] != 0 || wanted->from[1] != 0;
    if (found && !stands)
        complain(said("日志上没有 %s %s 在 %u 有效的政策", "no policy of %s %s stands on the log for %u"), area, type,
                 day);
    *position = wanted->position[wanted->from[0] != 0 ? 0 : 1];
    free(wanted);
    buffer_fini(&next);
    return found && stands && policy_at(cli, *position, policy, sources);
}
