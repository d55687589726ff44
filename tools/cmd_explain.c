/* SPDX-License-Identifier: Apache-2.0
 * hutong explain: how an outcome came about. */
#include <stdio.h>
#include <stdlib.h>

#include "common/pb/outcome.h"
#include "tools/access.h"
#include "tools/explanation.h"
#include "tools/policy_load.h"
#include "tools/position.h"
#include "tools/refusal_text.h"

static void print_calculation(struct cli *cli, const struct outcome *outcome, bool english)
{
    static struct policy policy;
    static struct policy_sources sources;
    bool known = cli->as == NULL && policy_load_published(cli, outcome->policy.position, &policy, &sources);
    explanation_print_policy(&outcome->policy, known ? &policy : NULL, english);
    explanation_print_bill(outcome->steps, outcome->step_count, &outcome->policy, known ? &policy : NULL,
                           known ? &sources : NULL, english);
}

static int explain_outcome(struct cli *cli, struct span bytes, bool english)
{
    static uint8_t memory[1 << 20];
    struct arena arena;
    struct outcome outcome;
    arena_init(&arena, memory, sizeof memory);
    if (outcome_decode(bytes, &arena, &outcome) != OK) {
        complain(said("结果无法读取", "the outcome cannot be read"));
        return CLI_FAILED;
    }
    (void)printf("%s %llu  %s  %s  %s %s\n", english ? "position" : "位置", (unsigned long long)outcome.position,
                 outcome.event, outcome_kind_name(outcome.kind), outcome.bill_id, outcome.institution);
    for (uint32_t i = 0; outcome.findings != NULL && i < outcome.findings->count; i++) {
        const struct finding *finding = &outcome.findings->items[i];
        const struct rule_text *rule = rule_find(finding->rule);
        refusal_print(0, finding->rule, finding->path, finding->detail);
        (void)printf("; %s: %s\n", english ? "source" : "依据", rule == NULL ? "" : rule->source);
    }
    if (outcome.original_bill_id != NULL && outcome.original_bill_id[0] != 0)
        (void)printf(english ? "takes back settlement %llu: bill %s of %s\n" : "撤销结算 %llu:票据 %s,机构 %s\n",
                     (unsigned long long)outcome.original_position, outcome.original_bill_id,
                     outcome.original_institution);
    if (outcome.transfer != NULL)
        explanation_print_transfer(outcome.transfer, english);
    if (outcome.has_policy)
        print_calculation(cli, &outcome, english);
    else if (outcome.step_count > 0)
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
    bool english = language_is_english();
    unsigned char *bytes = NULL;
    size_t size = 0;
    uint64_t position;
    if (!position_arguments(cli, &command_explain))
        return CLI_USAGE;
    struct ht_client *client = cli_connect(cli);
    if (client == NULL)
        return CLI_BAD_INPUT;
    enum ht_state state = HT_STATE_NONE;
    int code = position_asked(cli, client, &position);
    enum ht_result result = code == CLI_OK ? ht_outcome(client, position, 5000, &state, &bytes, &size) : HT_OK;
    if (result != HT_OK)
        code = position_refused(client, position, result, state);
    else if (code == CLI_OK)
        code = access_record(cli, &(struct access){"explain", NULL, "message", position}, NULL);
    if (result == HT_OK && code == CLI_OK && cli->json)
        cli_print_json(cli_message(WIRE_OUTCOME, span_of(bytes, size)));
    else if (result == HT_OK && code == CLI_OK)
        code = explain_outcome(cli, span_of(bytes, size), english);
    free(bytes);
    ht_close(&client);
    return code;
}

const struct command command_explain = {
    .name = "explain",
    .usage = "explain MESSAGE-ID | POSITION | --number N [--reason TEXT] [--unrecorded]",
    .summary = "how a bill's amounts came about, step by step",
    .summary_zh = "一张单据的各项金额如何得出，逐步列出",
    .help =
        "Every step as a calculator would be told it, in yuan and per cent (≤: the lesser of the two, ≥: the "
        "greater), the\n"
        "parameter's place in the policy, and the document; then amounts and postings. That the operator looked is on\n"
        "the log (docs/PRIVACY.md).\n\n"
        "  hutong explain 1234",
    .help_zh =
        "每一步都写成可在计算器上复核的式子，以元和百分比为单位（≤：取较小，≥：取较大），附参数在政策中的位置和文件；"
        "然后是各项金额和分录。运维方的查看记入日志（docs/PRIVACY.md）。\n\n"
        "  hutong explain 1234",
    .options = (const struct command_option[]){COMMAND_OPTION_NUMBER, COMMAND_OPTIONS_ACCESS, {0}},
    .run = run_explain,
};
