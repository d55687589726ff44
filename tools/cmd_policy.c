/* SPDX-License-Identifier: Apache-2.0
 * hutong policy, hutong calc, hutong explain. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/identity.h"
#include "common/codes/rule.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "services/settlement/benefit/benefit.h"
#include "services/settlement/policy/policy_file.h"
#include "tools/explanation.h"
#include "tools/input.h"

static bool load(const char *path, struct policy *policy)
{
    struct buffer why;
    buffer_init(&why);
    bool loaded = policy_file_load(path, policy, &why) == OK;
    if (!loaded)
        (void)fputs(buffer_text(&why), stderr);
    buffer_fini(&why);
    return loaded;
}

static void encode_event(const struct policy *policy, struct buffer *envelope)
{
    char id[37];
    ht_uuid7(id);
    struct event event = {.version = 1,
                          .sender = region_of(policy->area),
                          .message_id = id,
                          .sent_at = loop_wall_ms(),
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_POLICY,
                          .body.policy = policy};
    buffer_reset(envelope);
    event_encode(&event, envelope);
}

static json_t *policy_json(const struct policy *policy)
{
    struct buffer envelope;
    buffer_init(&envelope);
    encode_event(policy, &envelope);
    json_t *whole = cli_message(WIRE_ENVELOPE, buffer_span(&envelope));
    json_t *inner = json_incref(json_object_get(whole, "policy"));
    json_decref(whole);
    buffer_fini(&envelope);
    return inner;
}

/* Two policies of one area and type must not cover one day twice, nor leave one out between them. */
static bool check_validity(char **paths, const struct policy *policies, int count)
{
    bool holds = true;
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++) {
            const struct policy *a = &policies[i], *b = &policies[j];
            if (strcmp(a->area, b->area) != 0 || strcmp(a->insurance_type, b->insurance_type) != 0)
                continue;
            if (a->valid_from > b->valid_from) {
                a = &policies[j];
                b = &policies[i];
            }
            int32_t gap = a->valid_to == 0 ? -1 : civil_date_to_day(b->valid_from) - civil_date_to_day(a->valid_to) - 1;
            if (gap == 0)
                continue;
            complain("%s and %s: %s between their periods of validity", paths[i], paths[j],
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
        if (!load(paths[i], &policies[i]))
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
    struct buffer envelope, text;
    INVARIANT(policy != NULL);
    buffer_init(&envelope);
    buffer_init(&text);
    int code = CLI_OK;
    for (int i = 0; i < count && code == CLI_OK; i++) {
        if (!load(paths[i], policy)) {
            code = CLI_BAD_INPUT;
            break;
        }
        if (!events) {
            json_t *value = policy_json(policy);
            (void)json_dumpf(value, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
            (void)printf("\n");
            json_decref(value);
        } else if (sender == NULL || strcmp(sender, region_of(policy->area)) == 0) {
            encode_event(policy, &envelope);
            buffer_reset(&text);
            INVARIANT(message_to_json(WIRE_ENVELOPE, buffer_span(&envelope), true, &text) == OK);
            (void)printf("%.*s\n", (int)text.size, (const char *)text.data);
        }
    }
    buffer_fini(&envelope);
    buffer_fini(&text);
    free(policy);
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
    INVARIANT(policies != NULL);
    int code = CLI_BAD_INPUT;
    if (load(paths[0], &policies[0]) && load(paths[1], &policies[1])) {
        json_t *a = policy_json(&policies[0]), *b = policy_json(&policies[1]);
        code = differences("policy", a, b) > 0 ? CLI_DIFFERENT : CLI_OK;
        json_decref(a);
        json_decref(b);
    }
    free(policies);
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

/* ---- the explanation ---- */

static int explain_outcome(struct span bytes, bool english)
{
    static uint8_t memory[1 << 20];
    struct arena arena;
    struct outcome outcome;
    arena_init(&arena, memory, sizeof memory);
    if (outcome_decode(bytes, &arena, &outcome) != OK) {
        complain("the outcome cannot be read");
        return CLI_FAILED;
    }
    (void)printf("%s %llu  %s  %s  %s %s\n", english ? "position" : "位置", (unsigned long long)outcome.position,
                 outcome.event, outcome_kind_name(outcome.kind), outcome.bill_id, outcome.institution);
    for (uint32_t i = 0; outcome.findings != NULL && i < outcome.findings->count; i++) {
        const struct finding *finding = &outcome.findings->items[i];
        const struct rule_text *rule = rule_find(finding->rule);
        (void)printf("%s %s: %s %s (%s)\n", rule == NULL ? "?" : rule->code, finding->path,
                     rule == NULL ? ""
                     : english    ? rule->en
                                  : rule->zh,
                     finding->detail, rule == NULL ? "" : rule->source);
    }
    if (outcome.transfer != NULL)
        explanation_print_transfer(outcome.transfer, english);
    if (outcome.step_count > 0)
        explanation_print_steps(outcome.steps, outcome.step_count, english);
    if (outcome.has_amounts)
        explanation_print_amounts(&outcome.amounts, english);
    if (outcome.has_reversed) {
        (void)printf(english ? "in the place of settlement %llu, taken back:\n" : "替代并撤销结算 %llu:\n",
                     (unsigned long long)outcome.original_position);
        explanation_print_amounts(&outcome.reversed, english);
    }
    for (uint32_t i = 0; i < outcome.posting_count; i++) {
        char text[32];
        money_describe(outcome.postings[i].amount, text);
        (void)printf("%14s  %s\n", text, outcome.postings[i].account);
    }
    return CLI_OK;
}

static int run_explain(struct cli *cli)
{
    const char *language = cli_option(cli, "--language");
    unsigned char *bytes = NULL;
    size_t size = 0;
    uint64_t position;
    char *end = NULL;
    if (!cli_arguments(cli, &command_explain, 1, 1))
        return CLI_USAGE;
    struct ht_client *client = cli_connect(cli);
    if (client == NULL)
        return CLI_BAD_INPUT;
    position = strtoull(cli->argv[0], &end, 10);
    enum ht_result result = HT_OK;
    if (*end != 0) {
        struct ht_receipt receipt = {0};
        enum ht_state state = HT_STATE_NONE;
        result = ht_query(client, cli->argv[0], 10000, &state, &receipt);
        position = receipt.position;
        if (result == HT_OK && state != HT_STATE_ACCEPTED)
            result = HT_NOT_FOUND;
        ht_receipt_clear(&receipt);
    }
    if (result == HT_OK)
        result = ht_outcome(client, position, 5000, NULL, &bytes, &size);
    int code = result == HT_OK ? CLI_OK : result == HT_TIMEOUT ? CLI_UNREACHABLE : CLI_DIFFERENT;
    if (code != CLI_OK)
        complain("no outcome: %s", result == HT_REFUSED   ? ht_last_refusal(client)
                                   : result == HT_TIMEOUT ? "no answer in time: unknown, ask again"
                                                          : "not found");
    else if (cli->json)
        cli_print_json(cli_message(WIRE_OUTCOME, span_of(bytes, size)));
    else
        code = explain_outcome(span_of(bytes, size), language != NULL && strcmp(language, "en") == 0);
    free(bytes);
    ht_close(&client);
    return code;
}

/* ---- calc: the same engine, without an exchange ---- */

static struct bill_facts facts_of(struct cli *cli)
{
    struct bill_facts facts = {.hospital_level = (uint32_t)cli_number(cli, "--level", 3)};
    const char *category = cli_option(cli, "--category");
    (void)snprintf(facts.category, sizeof facts.category, "%s", category != NULL ? category : "1101");
    facts.hospital_municipal = cli_flag(cli, "--municipal");
    facts.hospital_community = cli_flag(cli, "--community");
    facts.civil_servant = cli_flag(cli, "--civil-servant");
    facts.poverty = (uint32_t)cli_number(cli, "--poverty", 0);
    return facts;
}

static struct accumulators year_of(struct cli *cli)
{
    return (struct accumulators){.stays = (uint32_t)cli_number(cli, "--stays", 0),
                                 .pool_paid = (fen_t)cli_number(cli, "--pool-paid", 0),
                                 .large_amount_paid = (fen_t)cli_number(cli, "--large-amount-paid", 0),
                                 .catastrophic_base = (fen_t)cli_number(cli, "--catastrophic-base", 0),
                                 .catastrophic_paid = (fen_t)cli_number(cli, "--catastrophic-paid", 0),
                                 .assistance_base = (fen_t)cli_number(cli, "--assistance-base", 0),
                                 .assistance_paid = (fen_t)cli_number(cli, "--assistance-paid", 0),
                                 .outpatient_in_scope = (fen_t)cli_number(cli, "--outpatient-in-scope", 0),
                                 .outpatient_paid = (fen_t)cli_number(cli, "--outpatient-paid", 0)};
}

static void print_result(struct cli *cli, const struct benefit_result *result, bool english)
{
    if (!cli->json) {
        explanation_print_steps(result->steps, result->step_count, english);
        explanation_print_amounts(&result->amounts, english);
        return;
    }
    struct outcome outcome = {.sender = "",
                              .message_id = "",
                              .kind = OUTCOME_COMPUTED,
                              .has_amounts = true,
                              .amounts = result->amounts,
                              .steps = result->steps,
                              .step_count = result->step_count};
    struct buffer bytes;
    buffer_init(&bytes);
    outcome_encode(&outcome, &bytes);
    json_t *value = cli_message(WIRE_OUTCOME, buffer_span(&bytes));
    cli_print_json(json_incref(json_object_get(value, "amounts")));
    json_decref(value);
    buffer_fini(&bytes);
}

static int run_calc(struct cli *cli)
{
    static uint8_t memory[1 << 20];
    const char *policy_path = cli_option(cli, "--policy"), *language = cli_option(cli, "--language");
    struct benefit_result *result = calloc(1, sizeof *result);
    struct policy *policy = calloc(1, sizeof *policy);
    struct bill_facts facts = facts_of(cli);
    struct accumulators year = year_of(cli);
    fen_t balance = (fen_t)cli_number(cli, "--account-balance", 0);
    uint32_t age = (uint32_t)cli_number(cli, "--age", 40);
    struct input input = {0};
    struct arena arena;
    struct event event;
    int code = CLI_BAD_INPUT;
    INVARIANT(result != NULL && policy != NULL);
    arena_init(&arena, memory, sizeof memory);
    if (!cli_arguments(cli, &command_calc, 1, 1))
        code = CLI_USAGE;
    else if (policy_path == NULL)
        complain("--policy FILE, please");
    else if (load(policy_path, policy) && input_read(&input, cli->argv[0], false, "operator")) {
        if (input.count != 1 ||
            event_decode(span_of(input.envelopes[0].data, input.envelopes[0].size), &arena, &event) != OK ||
            (event.kind != EVENT_BILL_SETTLE && event.kind != EVENT_BILL_TRIAL))
            complain("one envelope with a billTrial or billSettle is wanted");
        else {
            struct identity person;
            if (identity_parse(event.person_id, &person) == OK)
                age = identity_age_on(person.birth_date, event.body.bill.discharge_date);
            struct benefit_input benefit = {policy, &event.body.bill, &facts, age, &year, balance};
            enum rule rule = benefit_compute(&benefit, result);
            code = rule == RULE_NONE ? CLI_OK : CLI_DIFFERENT;
            if (rule == RULE_NONE)
                print_result(cli, result, language != NULL && strcmp(language, "en") == 0);
            else
                complain("%s: %s; %s", rule_find((uint32_t)rule)->code, rule_find((uint32_t)rule)->zh,
                         rule_find((uint32_t)rule)->en);
        }
    }
    input_free(&input);
    free(policy);
    free(result);
    return code;
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
const struct command command_explain = {
    .name = "explain",
    .usage = "explain [--language zh|en] MESSAGE-ID | POSITION",
    .summary = "how a bill's amounts came about, step by step",
    .help =
        "Every step with the amount before, the policy's parameter and the amount after; then amounts and postings.\n\n"
        "  hutong explain --language en 1234",
    .run = run_explain,
};
const struct command command_calc = {
    .name = "calc",
    .usage = "calc --policy FILE [--level N] [--municipal] [--community] [--category C] [--poverty N] [--age N] "
             "[--stays N]\n"
             "            [--pool-paid FEN] [--catastrophic-base FEN] ... [--account-balance FEN] [--language zh|en] "
             "BILL.json",
    .summary = "what a bill in a file would come to, without an exchange: same engine, same result",
    .help = "BILL.json is an envelope with billTrial or billSettle. The year's accumulators are given in fen.\n\n"
            "  hutong calc --policy data/policies/110000-310.yaml --level 3 --stays 1 bill.json",
    .run = run_calc,
};
