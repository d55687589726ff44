/* SPDX-License-Identifier: Apache-2.0
 * hutong policy: benefit policies as files. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/engines/policy/policy_file.h"
#include "common/engines/policy/policy_floors.h"
#include "tools/differences.h"
#include "tools/policy_load.h"

/* The policy as it is published, with its sources. */
static struct policy stated(const struct policy *policy, const struct policy_sources *sources)
{
    struct policy whole = *policy;
    whole.sources = sources->items;
    whole.source_count = sources->count;
    return whole;
}

static json_t *policy_json(const struct policy *policy, const struct policy_sources *sources)
{
    struct buffer bytes = {0};
    struct policy whole = stated(policy, sources);
    policy_encode(&whole, &bytes);
    json_t *value = cli_message(WIRE_POLICY, buffer_span(&bytes));
    buffer_fini(&bytes);
    return value;
}

static void print_readable(const struct policy *policy, struct policy_sources *sources)
{
    struct buffer text = {0};
    policy_file_describe(policy, sources, &text);
    (void)fputs(buffer_text(&text), stdout);
    buffer_fini(&text);
}

static void print_event(const struct policy *policy, const struct policy_sources *sources, const char *batch)
{
    char id[37];
    struct policy whole = stated(policy, sources);
    struct event event = cli_event(EVENT_POLICY, region_of(policy->area), id);
    event.body.policy = &whole;
    cli_print_stated(event, batch);
}

/* Of the same area and type, the one that begins next after (or with) this one; NULL: none. */
static const struct policy *next_of(const struct policy *policy, const struct policy *policies, int count)
{
    const struct policy *next = NULL;
    for (int i = 0; i < count; i++) {
        const struct policy *other = &policies[i];
        bool later =
            other->valid_from > policy->valid_from || (other->valid_from == policy->valid_from && other > policy);
        if (later && strcmp(other->area, policy->area) == 0 &&
            strcmp(other->insurance_type, policy->insurance_type) == 0 &&
            (next == NULL || other->valid_from < next->valid_from))
            next = other;
    }
    return next;
}

/* Of two versions of one area and type, `later` begins next. An open one ends where the next begins; one that says that
 * it goes on beyond, or that begins on the same day, contradicts it; and no day between them may be left out. */
static bool check_pair(const char *path, const struct policy *policy, const char *later_path,
                       const struct policy *later, bool quiet)
{
    const char *fault = NULL;
    if (policy->valid_from == later->valid_from || policy->valid_to >= later->valid_from)
        fault = said("有重叠", "an overlap");
    else if (policy->valid_to != 0 && civil_date_add_days(policy->valid_to, 1) < later->valid_from)
        fault = said("有空缺", "a gap");
    if (fault != NULL)
        complain(said("%s 与 %s：有效期之间%s", "%s and %s: %s between their periods of validity"), path, later_path,
                 fault);
    else if (!quiet)
        (void)printf(said("%s：较早的版本，至 %s 于 %u 开始为止\n", "%s: an earlier version, until %s begins on %u\n"),
                     path, later_path, later->valid_from);
    return fault == NULL;
}

static bool check_validity(char **paths, const struct policy *policies, int count, bool quiet)
{
    bool holds = true;
    for (int i = 0; i < count; i++) {
        const struct policy *next = next_of(&policies[i], policies, count);
        if (next != NULL)
            holds = check_pair(paths[i], &policies[i], paths[next - policies], next, quiet) && holds;
    }
    return holds;
}

static int check(struct cli *cli, char **paths, int count)
{
    struct policy *policies = calloc((size_t)count, sizeof *policies);
    struct buffer warnings = {0};
    int loaded = 0;
    INVARIANT(policies != NULL);
    for (int i = 0; i < count; i++) {
        if (!policy_load(paths[i], &policies[i], NULL))
            continue;
        loaded++;
        buffer_reset(&warnings);
        policy_floors_check(&policies[i], &warnings);
        if (!cli->json)
            (void)printf(said("%s：无误%s%s", "%s: holds together%s%s"), paths[i],
                         warnings.size > 0 ? said("；警告：\n", "; warnings:\n") : "\n", buffer_text(&warnings));
    }
    bool valid = loaded == count && check_validity(paths, policies, count, cli->json);
    if (cli->json)
        cli_print_json(json_pack("{s:i,s:i,s:b}", "files", count, "good", loaded, "valid", valid));
    buffer_fini(&warnings);
    free(policies);
    return valid ? CLI_OK : CLI_BAD_INPUT;
}

/* `batch` NULL: shown. */
static int show_or_events(struct cli *cli, char **paths, int count, const char *batch, const char *sender)
{
    struct policy *policy = calloc(1, sizeof *policy);
    struct policy_sources *sources = calloc(1, sizeof *sources);
    INVARIANT(policy != NULL && sources != NULL);
    int code = CLI_OK;
    for (int i = 0; i < count && code == CLI_OK; i++) {
        if (!policy_load(paths[i], policy, sources)) {
            code = CLI_BAD_INPUT;
            break;
        }
        bool own = sender == NULL || strcmp(sender, region_of(policy->area)) == 0;
        if (batch == NULL && cli->json)
            cli_print_json(policy_json(policy, sources));
        else if (batch == NULL)
            print_readable(policy, sources);
        else if (own)
            print_event(policy, sources, batch);
    }
    free(policy);
    free(sources);
    return code;
}

static void print_difference(void *self, const char *path, const json_t *a, const json_t *b)
{
    (void)self;
    char *left = difference_text(a), *right = difference_text(b);
    (void)printf("%s: %s -> %s\n", path, left == NULL ? "-" : left, right == NULL ? "-" : right);
    free(left);
    free(right);
}

static int diff(char **paths)
{
    struct policy *policies = calloc(2, sizeof *policies);
    struct policy_sources *sources = calloc(2, sizeof *sources);
    INVARIANT(policies != NULL && sources != NULL);
    int code = CLI_BAD_INPUT;
    if (policy_load(paths[0], &policies[0], &sources[0]) && policy_load(paths[1], &policies[1], &sources[1])) {
        json_t *a = policy_json(&policies[0], &sources[0]), *b = policy_json(&policies[1], &sources[1]);
        code = differences_walk("policy", a, b, print_difference, NULL) > 0 ? CLI_DIFFERENT : CLI_OK;
        json_decref(a);
        json_decref(b);
    }
    free(policies);
    free(sources);
    return code;
}

static int run_policy(struct cli *cli)
{
    const char *sender = cli_option(cli, "--sender"), *batch = cli_option(cli, "--batch");
    if (!cli_arguments(cli, &command_policy, 2, -1))
        return CLI_USAGE;
    const char *verb = cli->argv[0];
    char **paths = cli->argv + 1;
    int count = cli->argc - 1;
    if (strcmp(verb, "check") == 0)
        return check(cli, paths, count);
    if (strcmp(verb, "show") == 0)
        return show_or_events(cli, paths, count, NULL, sender);
    if (strcmp(verb, "events") == 0)
        return show_or_events(cli, paths, count, batch != NULL ? batch : "", sender);
    if (strcmp(verb, "diff") == 0 && count == 2)
        return diff(paths);
    return cli_usage(&command_policy);
}

const struct command command_policy = {
    .name = "policy",
    .usage = "policy check FILE... | show FILE... | events [--sender P] [--batch NAME] FILE... | diff FILE FILE",
    .summary = "benefit policies as files: check, show, publish, compare",
    .summary_zh = "以文件形式的待遇政策：检查、查看、公布、比较",
    .help =
        "show prints what was read, as a file of policy.def's keys; with --json, the message.\n"
        "check names file, line and rule of every fault, and warns below the plan's floors. events prints the "
        "envelopes that\n"
        "publish the policies; a region publishes its own. The same file again gives the same envelopes; --batch NAME\n"
        "states it anew.\n\n"
        "  hutong policy check data/policies/*.yaml\n"
        "  hutong policy events --sender 110000 data/policies/110000-*.yaml |\n      hutong --as 110000 submit -",
    .help_zh = "show 按 policy.def 的键输出读到的内容；加 --json 则为报文。check "
               "指出每个错误的文件、行和规则，低于国家统一方案底线时予以提示。events "
               "输出公布政策的报文；地区公布自己的。同一文件得到同样的报文。\n"
               "\n"
               "  hutong policy check data/policies/*.yaml\n"
               "  hutong policy events --sender 110000 data/policies/110000-*.yaml |\n"
               "      hutong --as 110000 submit -",
    .options = (const struct command_option[]){{"--sender", "P", "只输出此地区的", "this region's only"},
                                               {"--batch", "NAME", "重新公布", "states them anew"},
                                               {0}},
    .run = run_policy,
};
