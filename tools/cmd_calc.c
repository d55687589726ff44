/* SPDX-License-Identifier: Apache-2.0
 * hutong calc: the engine that settles, without an exchange. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/identity.h"
#include "common/codes/rule.h"
#include "common/engines/benefit/benefit.h"
#include "common/pb/outcome.h"
#include "tools/cli.h"
#include "tools/explanation.h"
#include "tools/input.h"
#include "tools/policy_load.h"

static struct bill_facts facts_of(struct cli *cli)
{
    struct bill_facts facts = {.hospital_level = (uint32_t)cli_number(cli, "--level", 3)};
    const char *category = cli_option(cli, "--category");
    (void)snprintf(facts.category, sizeof facts.category, "%s", category != NULL ? category : "1101");
    facts.hospital_municipal = cli_flag(cli, "--municipal");
    facts.hospital_community = cli_flag(cli, "--community");
    facts.civil_servant = cli_flag(cli, "--civil-servant");
    facts.poverty = (uint32_t)cli_number(cli, "--poverty", 0);
    facts.filing = (uint32_t)cli_number(cli, "--filing", STANDING_NONE);
    return facts;
}

static struct accumulators year_of(struct cli *cli)
{
    return (struct accumulators){
        .stays = (uint32_t)cli_number(cli, "--stays", 0),
#define ACCUMULATOR(member, option, json) .member = (fen_t)cli_number(cli, option, 0),
#include "common/codes/accumulator.def"
#undef ACCUMULATOR
    };
}

static void print_result(struct cli *cli, const struct benefit_result *result, const struct policy *policy,
                         const struct policy_sources *sources, bool english)
{
    struct policy_reference reference = {
        .valid_from = policy->valid_from, .row = result->row, .outpatient = result->outpatient};
    memcpy(reference.area, policy->area, sizeof reference.area);
    memcpy(reference.insurance_type, policy->insurance_type, sizeof reference.insurance_type);
    if (!cli->json) {
        explanation_print_policy(&reference, policy, english);
        explanation_print_bill(result->steps, result->step_count, &reference, sources, english);
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
    struct buffer bytes = {0};
    outcome_encode(&outcome, &bytes);
    json_t *value = cli_message(WIRE_OUTCOME, buffer_span(&bytes));
    cli_print_json(cli_member(value, "amounts"));
    buffer_fini(&bytes);
}

static int run_calc(struct cli *cli)
{
    static uint8_t memory[1 << 20];
    static struct policy_sources sources;
    const char *policy_path = cli_option(cli, "--policy");
    bool english = cli_english(cli);
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
    else if (policy_load(policy_path, policy, &sources) && input_read(&input, cli->argv[0], false, "operator")) {
        if (input.count != 1 ||
            event_decode(span_of(input.envelopes[0].data, input.envelopes[0].size), &arena, &event) != OK ||
            (event.kind != EVENT_BILL_SETTLE && event.kind != EVENT_BILL_TRIAL))
            complain("one envelope with a billTrial or billSettle is wanted");
        else {
            struct identity person;
            if (identity_parse(event.person_id, &person) == OK)
                age = identity_age_on(person.birth_date, event.body.bill.discharge_date);
            struct benefit_input benefit = {policy, &event.body.bill, &facts, age, &year, balance};
            enum rule rule = benefit_compute(published_first(), &benefit, result);
            code = rule == RULE_NONE ? CLI_OK : CLI_DIFFERENT;
            if (rule == RULE_NONE)
                print_result(cli, result, policy, &sources, english);
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
