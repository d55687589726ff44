/* SPDX-License-Identifier: Apache-2.0
 * hutong calc: the engine that settles, without an exchange. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/codes/identity.h"
#include "common/engines/benefit/benefit.h"
#include "common/engines/gazette/areas.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "services/validation/bill_rules.h"
#include "tools/cli.h"
#include "tools/explanation.h"
#include "tools/input.h"
#include "tools/judge.h"
#include "tools/policy_load.h"
#include "tools/refusal_text.h"

/* What a year of one person can come to, with room: nothing that is reckoned with it leaves fen_t. */
#define YEAR_MAX_FEN (FEN_MAX / 1000)
enum { STAYS_MAX = 1000, AGE_MAX = 150 };

static struct bill_facts facts_of(struct cli *cli)
{
    struct bill_facts facts = {.hospital_level = (uint32_t)cli_number_within(cli, "--level", 3, 1, 3)};
    const char *category = cli_option(cli, "--category");
    if (category != NULL && (strlen(category) != 4 || text_digits(category) != 4)) {
        complain(said("--category 应为国家统一的 4 位编码，如 1101，而不是 %s",
                      "--category wants 4 digits of the national list, as 1101, not %s"),
                 category);
        exit(CLI_USAGE);
    }
    (void)snprintf(facts.category, sizeof facts.category, "%s", category != NULL ? category : "1101");
    facts.hospital_municipal = cli_flag(cli, "--municipal");
    facts.hospital_community = cli_flag(cli, "--community");
    facts.civil_servant = cli_flag(cli, "--civil-servant");
    facts.poverty = (uint32_t)cli_number_within(cli, "--poverty", 0, 0, 4);
    facts.filing = (uint32_t)cli_number_within(cli, "--filing", STANDING_NONE, STANDING_NONE, STANDING_UNFILED);
    return facts;
}

static struct accumulators year_of(struct cli *cli)
{
    return (struct accumulators){
        .stays = (uint32_t)cli_number_within(cli, "--stays", 0, 0, STAYS_MAX),
#define ACCUMULATOR(member, option, json) .member = (fen_t)cli_number_within(cli, option, 0, 0, YEAR_MAX_FEN),
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
        explanation_print_bill(result->steps, result->step_count, &reference, policy, sources, english);
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

static void complain_of(uint32_t rule, const char *path, const char *detail)
{
    struct buffer text = {0};
    refusal_describe(rule, path, "", detail, &text);
    complain("%s", buffer_text(&text));
    buffer_fini(&text);
}

static void check_person(const struct event *event, uint32_t *age, struct findings *findings)
{
    struct identity person;
    if (event->person_id[0] == 0)
        return; /* --age says what matters */
    if (identity_parse(event->person_id, &person) != OK) {
        findings_add(findings, RULE_PERSON_ID_INVALID, "person_id", NULL);
        return;
    }
    const struct bill *bill = &event->body.bill;
    if (civil_date_exists(bill->admission_date) && person.birth_date > bill->admission_date)
        findings_add(findings, RULE_PERSON_BORN_LATER, "person_id", NULL);
    if (civil_date_exists(bill->discharge_date) && person.birth_date <= bill->discharge_date)
        *age = identity_age_on(person.birth_date, bill->discharge_date);
}

/* The category goes with an insurance type or it does not: as of the person's enrolment, which the exchange would have.
 */
static void check_category(struct judge *judge, const struct bill *bill, const char *category,
                           struct findings *findings)
{
    struct buffer envelope = {0};
    char id[37];
    const struct published_area *area = area_find(judge_published(judge), bill->insured_area);
    struct event event = cli_event(EVENT_ENROLMENT, area != NULL ? area->region : "110000", id);
    event.body.enrolment = (struct enrolment){.area = bill->insured_area,
                                              .insurance_type = bill->insurance_type,
                                              .category = category,
                                              .employer_credit_code = ""};
    envelope_encode(&event, &envelope);
    const struct findings *judged = judge_envelope(judge, buffer_span(&envelope));
    for (uint32_t i = 0; judged != NULL && i < judged->count; i++)
        if (strstr(judged->items[i].path, "category") != NULL)
            findings_add(findings, judged->items[i].rule, "--category", category);
    buffer_fini(&envelope);
}

/* By the rules of the exchange, as far as bill, person and category say. False: one of them refuses it. */
static bool is_lawful(struct judge *judge, const struct event *event, const char *category, struct arena *arena,
                      uint32_t *age)
{
    static struct findings findings;
    const char *root = event->kind == EVENT_BILL_TRIAL ? "bill_trial" : "bill_settle";
    bool lawful = true;
    check_person(event, age, &findings);
    check_category(judge, &event->body.bill, category, &findings);
    bill_rules_check(&event->body.bill, judge_published(judge), root, civil_date_of_instant(loop_wall_ms()), arena,
                     &findings);
    for (uint32_t i = 0; i < findings.count; i++) {
        const struct finding *finding = &findings.items[i];
        complain_of(finding->rule, finding->path, finding->detail);
        lawful = lawful && rule_find(finding->rule)->severity != RULE_ERROR;
    }
    return lawful;
}

static bool is_for_area(const struct policy *policy, const char *area)
{
    bool found = strcmp(policy->area, area) == 0;
    for (uint32_t i = 0; i < policy->applies_to_count; i++)
        found = found || strcmp(policy->applies_to[i].area, area) == 0;
    return found;
}

/* False: the exchange would not settle this bill by this policy, said why. */
static bool is_of_bill(const struct policy *policy, const char *path, const struct bill *bill)
{
    if (!is_for_area(policy, bill->insured_area) || strcmp(policy->insurance_type, bill->insurance_type) != 0) {
        complain(said("%s 是 %s %s 的政策，单据属于 %s %s", "%s is the policy of %s %s, the bill is of %s %s"), path,
                 policy->area, policy->insurance_type, bill->insured_area, bill->insurance_type);
        return false;
    }
    return true;
}

struct calculation {
    struct cli *cli;
    const char *policy_path;
    bool english;
    struct bill_facts facts;
    struct accumulators year;
    fen_t balance;
    uint32_t age;
    struct policy *policy;
    struct policy_sources *sources;
    struct benefit_result *result;
};

static int calculate(struct calculation *self, struct judge *judge, const struct event *event, struct arena *arena)
{
    const struct bill *bill = &event->body.bill;
    if (!is_lawful(judge, event, self->facts.category, arena, &self->age))
        return CLI_DIFFERENT;
    if (!is_of_bill(self->policy, self->policy_path, bill))
        return CLI_USAGE;
    struct benefit_input benefit = {self->policy, bill, &self->facts, self->age, &self->year, self->balance};
    enum rule rule = benefit_compute(judge_published(judge), &benefit, self->result);
    if (rule != RULE_NONE) {
        complain_of((uint32_t)rule, "bill", "");
        return CLI_DIFFERENT;
    }
    print_result(self->cli, self->result, self->policy, self->sources, self->english);
    return CLI_OK;
}

/* The one bill of a file, by the tables that are shipped. */
static int calculate_file(struct calculation *self, const char *path)
{
    static uint8_t memory[1 << 20];
    struct input input = {0};
    struct arena arena;
    struct event event;
    int code = CLI_BAD_INPUT;
    arena_init(&arena, memory, sizeof memory);
    if (!input_read(&input, path, false, "operator"))
        code = CLI_BAD_INPUT;
    else if (input.count != 1 ||
             event_decode(span_of(input.envelopes[0].data, input.envelopes[0].size), &arena, &event) != OK ||
             (event.kind != EVENT_BILL_SETTLE && event.kind != EVENT_BILL_TRIAL))
        complain(
            said("应为一份含 billTrial 或 billSettle 的报文", "one envelope with a billTrial or billSettle is wanted"));
    else {
        struct judge *judge = judge_new();
        code = judge != NULL && judge_learn(judge) ? calculate(self, judge, &event, &arena) : CLI_FAILED;
        judge_destroy(&judge);
    }
    input_free(&input);
    return code;
}

static int run_calc(struct cli *cli)
{
    static struct policy_sources sources;
    struct calculation calculation = {.cli = cli,
                                      .policy_path = cli_option(cli, "--policy"),
                                      .english = language_is_english(),
                                      .facts = facts_of(cli),
                                      .year = year_of(cli),
                                      .sources = &sources};
    calculation.balance = (fen_t)cli_number_within(cli, "--account-balance", 0, 0, YEAR_MAX_FEN);
    calculation.age = (uint32_t)cli_number_within(cli, "--age", 40, 0, AGE_MAX);
    if (!cli_arguments(cli, &command_calc, 1, 1))
        return CLI_USAGE;
    if (calculation.policy_path == NULL) {
        complain(said("请写 --policy FILE", "--policy FILE, please"));
        return CLI_BAD_INPUT;
    }
    calculation.result = calloc(1, sizeof *calculation.result);
    calculation.policy = calloc(1, sizeof *calculation.policy);
    INVARIANT(calculation.result != NULL && calculation.policy != NULL);
    int code = policy_load(calculation.policy_path, calculation.policy, &sources)
                   ? calculate_file(&calculation, cli->argv[0])
                   : CLI_BAD_INPUT;
    free(calculation.policy);
    free(calculation.result);
    return code;
}

const struct command command_calc = {
    .name = "calc",
    .usage = "calc --policy FILE [--level N] [--municipal] [--community] [--category C] [--civil-servant] [--poverty "
             "N] [--filing N] [--age N] [--stays N] [--pool-paid FEN] [--catastrophic-base FEN] ... [--account-balance "
             "FEN] BILL.json",
    .summary = "what a bill in a file would come to, without an exchange: same engine, same result",
    .summary_zh = "不经平台，计算文件中的一张单据：同一引擎，同一结果",
    .help = "BILL.json is an envelope with billTrial or billSettle. The year's accumulators are given in fen.\n\n"
            "  hutong calc --policy data/policies/110000-310.yaml --level 3 --stays 1 \\\n      bill.json",
    .help_zh = "BILL.json 为一份含 billTrial 或 billSettle 的报文。本年累计以分为单位。\n"
               "\n"
               "  hutong calc --policy data/policies/110000-310.yaml --level 3 --stays 1 \\\n"
               "      bill.json",
    .options =
        (const struct command_option[]){
            {"--policy", "FILE", "参保地的政策文件，必写", "of the insured area; needed"},
            {"--level", "N", "医疗机构等级，缺省 3", "the institution's, 3 unless given"},
            {"--municipal", NULL, "市属医疗机构", "a municipal institution"},
            {"--community", NULL, "社区卫生服务机构", "a community institution"},
            {"--category", "C", "人员类别，缺省 1101", "the person's, 1101 unless given"},
            {"--civil-servant", NULL, "公务员", "a civil servant"},
            {"--poverty", "N", "1 特困，2 低保，3 低保边缘，4 因病致贫；缺省 0",
             "1 extreme, 2 subsistence, 3 marginal, 4 illness; 0"},
            {"--filing", "N", "1 长期，2 转诊或急诊，3 其他临时，4 未备案；0 不降低",
             "1 long-term, 2 referral or emergency, 3 other temporary, 4 unfiled; 0: nothing is cut"},
            {"--age", "N", "年龄，仅在号码不能说明时用，缺省 40", "only where the person's number does not say it, 40"},
            {"--stays", "N", "本年此前住院次数", "stays of the year before this one"},
#define ACCUMULATOR(member, option, json) {option, "FEN", "本年累计（分）", "the year so far, in fen"},
#include "common/codes/accumulator.def"
#undef ACCUMULATOR
            {"--account-balance", "FEN", "个人账户余额（分）", "of the personal account, in fen"},
            {0}},
    .run = run_calc,
};
