/* SPDX-License-Identifier: Apache-2.0
 * hutong policy: benefit policies as files. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/engines/policy/policy_file.h"
#include "common/engines/policy/policy_floors.h"
#include "common/net/loop.h"
#include "tools/cli.h"
#include "tools/policy_load.h"

static void encode_event(const struct policy *policy, const struct policy_sources *sources, struct buffer *envelope)
{
    char id[37];
    struct policy stated = *policy;
    stated.sources = sources->items;
    stated.source_count = sources->count;
    ht_uuid7(id);
    struct event event = {.version = 1,
                          .sender = region_of(policy->area),
                          .message_id = id,
                          .sent_at = loop_wall_ms(),
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_POLICY,
                          .body.policy = &stated};
    buffer_reset(envelope);
    envelope_encode(&event, envelope);
}

static json_t *policy_json(const struct policy *policy, const struct policy_sources *sources)
{
    struct buffer envelope;
    buffer_init(&envelope);
    encode_event(policy, sources, &envelope);
    json_t *whole = cli_message(WIRE_ENVELOPE, buffer_span(&envelope));
    json_t *inner = json_incref(json_object_get(whole, "policy"));
    json_decref(whole);
    buffer_fini(&envelope);
    return inner;
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

/* Two policies of one area and type must not cover one day twice, nor leave one out between them. */
static bool check_validity(char **paths, const struct policy *policies, int count)
{
    bool holds = true;
    for (int i = 0; i < count; i++) {
        const struct policy *a = &policies[i], *b = next_of(a, policies, count);
        if (b == NULL)
            continue;
        int32_t gap = a->valid_to == 0 ? -1 : civil_date_to_day(b->valid_from) - civil_date_to_day(a->valid_to) - 1;
        if (gap == 0)
            continue;
        complain("%s and %s: %s between their periods of validity", paths[i], paths[b - policies],
                 gap < 0 ? "an overlap" : "a gap");
        holds = false;
    }
    return holds;
}

static int check(struct cli *cli, char **paths, int count)
{
    struct policy *policies = calloc((size_t)count, sizeof *policies);
    struct buffer warnings;
    int loaded = 0;
    INVARIANT(policies != NULL);
    buffer_init(&warnings);
    for (int i = 0; i < count; i++) {
        if (!policy_load(paths[i], &policies[i], NULL))
            continue;
        loaded++;
        buffer_reset(&warnings);
        policy_floors_check(&policies[i], &warnings);
        if (!cli->json)
            (void)printf("%s: holds together%s%s", paths[i], warnings.size > 0 ? "; warnings:\n" : "\n",
                         buffer_text(&warnings));
    }
    bool valid = loaded == count && check_validity(paths, policies, count);
    if (cli->json)
        cli_print_json(json_pack("{s:i,s:i,s:b}", "files", count, "good", loaded, "valid", valid));
    buffer_fini(&warnings);
    free(policies);
    return valid ? CLI_OK : CLI_BAD_INPUT;
}

static int show_or_events(char **paths, int count, bool events, const char *sender)
{
    struct policy *policy = calloc(1, sizeof *policy);
    struct policy_sources *sources = calloc(1, sizeof *sources);
    struct buffer envelope, text;
    INVARIANT(policy != NULL && sources != NULL);
    buffer_init(&envelope);
    buffer_init(&text);
    int code = CLI_OK;
    for (int i = 0; i < count && code == CLI_OK; i++) {
        if (!policy_load(paths[i], policy, sources)) {
            code = CLI_BAD_INPUT;
            break;
        }
        if (!events) {
            json_t *value = policy_json(policy, sources);
            (void)json_dumpf(value, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
            (void)printf("\n");
            json_decref(value);
        } else if (sender == NULL || strcmp(sender, region_of(policy->area)) == 0) {
            encode_event(policy, sources, &envelope);
            buffer_reset(&text);
            INVARIANT(message_to_json(WIRE_ENVELOPE, buffer_span(&envelope), true, &text) == OK);
            (void)printf("%.*s\n", (int)text.size, (const char *)text.data);
        }
    }
    buffer_fini(&envelope);
    buffer_fini(&text);
    free(policy);
    free(sources);
    return code;
}

/* One line a differing parameter; depth is bounded by the schema. */
static unsigned differences(const char *path, const json_t *a, const json_t *b)
{
    char below[256];
    unsigned count = 0;
    const char *key;
    json_t *value;
    size_t index;
    if (json_is_object(a) && json_is_object(b)) {
        json_object_foreach((json_t *)(uintptr_t)a, key, value)
        {
            (void)snprintf(below, sizeof below, "%s.%s", path, key);
            count += differences(below, value, json_object_get(b, key));
        }
        json_object_foreach((json_t *)(uintptr_t)b, key, value)
        {
            (void)snprintf(below, sizeof below, "%s.%s", path, key);
            if (json_object_get(a, key) == NULL)
                count += differences(below, NULL, value);
        }
        return count;
    }
    if (json_is_array(a) && json_is_array(b) && json_array_size(a) == json_array_size(b)) {
        json_array_foreach((json_t *)(uintptr_t)a, index, value)
        {
            (void)snprintf(below, sizeof below, "%s[%zu]", path, index);
            count += differences(below, value, json_array_get(b, index));
        }
        return count;
    }
    if (json_equal(a, b))
        return 0;
    char *left = a == NULL ? NULL : json_dumps(a, JSON_ENCODE_ANY),
         *right = b == NULL ? NULL : json_dumps(b, JSON_ENCODE_ANY);
    (void)printf("%s: %s -> %s\n", path, left == NULL ? "-" : left, right == NULL ? "-" : right);
    free(left);
    free(right);
    return 1;
}

static int diff(char **paths)
{
    struct policy *policies = calloc(2, sizeof *policies);
    struct policy_sources *sources = calloc(2, sizeof *sources);
    INVARIANT(policies != NULL && sources != NULL);
    int code = CLI_BAD_INPUT;
    if (policy_load(paths[0], &policies[0], &sources[0]) && policy_load(paths[1], &policies[1], &sources[1])) {
        json_t *a = policy_json(&policies[0], &sources[0]), *b = policy_json(&policies[1], &sources[1]);
        code = differences("policy", a, b) > 0 ? CLI_DIFFERENT : CLI_OK;
        json_decref(a);
        json_decref(b);
    }
    free(policies);
    free(sources);
    return code;
}

static int run_policy(struct cli *cli)
{
    const char *sender = cli_option(cli, "--sender");
    if (!cli_arguments(cli, &command_policy, 2, -1))
        return CLI_USAGE;
    const char *verb = cli->argv[0];
    char **paths = cli->argv + 1;
    int count = cli->argc - 1;
    if (strcmp(verb, "check") == 0)
        return check(cli, paths, count);
    if (strcmp(verb, "show") == 0 || strcmp(verb, "events") == 0)
        return show_or_events(paths, count, verb[0] == 'e', sender);
    if (strcmp(verb, "diff") == 0 && count == 2)
        return diff(paths);
    complain("usage: hutong %s", command_policy.usage);
    return CLI_USAGE;
}

const struct command command_policy = {
    .name = "policy",
    .usage = "policy check FILE... | show FILE... | events [--sender P] FILE... | diff FILE FILE",
    .summary = "benefit policies as files: check, show, publish, compare",
    .help = "check names file, line and rule of every fault, and warns below the plan's floors. events prints the "
            "envelopes that\n"
            "publish the policies; a region publishes its own.\n\n"
            "  hutong policy check data/policies/*.yaml\n"
            "  hutong policy events --sender 110000 data/policies/110000-*.yaml | hutong --as 110000 submit -",
    .run = run_policy,
};
