/* SPDX-License-Identifier: Apache-2.0
 * hutong place: where a pension is drawn, by the ladder of 国办发〔2009〕66号 六, with its reasons. Asks nobody. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/codes/rule.h"
#include "common/engines/transfer/pension_place.h"
#include "common/net/loop.h"
#include "tools/cli.h"
#include "tools/explanation.h"

/* "440000:199001-199912" or "440000:199001-199912:temporary" */
static bool stay_read(const char *text, struct pension_stay *stay)
{
    char word[16] = "";
    unsigned division, from, to;
    int end = 0;
    *stay = (struct pension_stay){0};
    if (sscanf(text, "%6u:%6u-%6u%n", &division, &from, &to, &end) != 3 || text_digits(text) != 6)
        return false;
    memcpy(stay->province, text, 6);
    stay->from = from;
    stay->to = to;
    if (text[end] == 0)
        return true;
    stay->temporary = true;
    return sscanf(text + end, ":%15s", word) == 1 && strcmp(word, "temporary") == 0;
}

static const char *reason_in_words(enum pension_place_reason reason, bool english)
{
    static const char *const words[][2] = {
        {"关系在户籍地", "the relation is in the home province"},
        {"关系所在地累计缴费满十年", "ten years were paid at the relation's place"},
        {"关系所在地不满十年，转回上一个满十年的参保地", "the last earlier place with ten years"},
        {"各地均不满十年，归集到户籍地", "ten years were paid nowhere, so it is the home province"}};
    return words[reason][english];
}

/* "广东省" of "440000"; the code itself where it is of no province. */
static const char *province_name(const char *code)
{
    static const struct {
        const char *digits, *zh, *en;
    } provinces[] = {
#define PROVINCE(digits, zh, en) {digits, zh, en},
#include "tools/province.def"
#undef PROVINCE
    };
    for (size_t i = 0; i < sizeof provinces / sizeof provinces[0]; i++)
        if (strncmp(provinces[i].digits, code, 2) == 0)
            return said(provinces[i].zh, provinces[i].en);
    return code;
}

static void print_place(const struct cli *cli, const struct pension_place *place, const struct transfer_steps *steps,
                        bool english)
{
    if (cli->json) {
        cli_print_json(json_pack("{s:s,s:s,s:i}", "province", place->province, "reason",
                                 pension_place_reason_name(place->reason), "months", (int)place->months));
        return;
    }
    for (uint32_t i = 0; i < steps->count; i++) {
        char code[7];
        (void)snprintf(code, sizeof code, "%06u", (unsigned)(steps->items[i].parameter % 1000000));
        if (steps->items[i].rule == STEP_PLACE_MONTHS)
            (void)printf(english ? "In %s contributions were paid for %u months in all.\n" : "在%s累计缴费 %u 个月。\n",
                         province_name(code), steps->items[i].index);
    }
    (void)printf(english ? "The pension is drawn in %s, where %u months were paid: %s (国办发〔2009〕66号 六).\n"
                         : "养老金在%s领取，在该地缴费 %u 个月：%s（国办发〔2009〕66号 六）。\n",
                 province_name(place->province), place->months, reason_in_words(place->reason, english));
}

static int run(struct cli *cli)
{
    const char *home = cli_option(cli, "--home"), *relation = cli_option(cli, "--relation");
    bool english = language_is_english();
    civil_date_t day = (civil_date_t)cli_number(cli, "--day", civil_date_of_instant(loop_wall_ms()));
    struct pension_stay stays[PENSION_STAYS_MAX];
    struct pension_place place = {0};
    static struct transfer_steps steps;
    if (!cli_arguments(cli, &command_place, 1, PENSION_STAYS_MAX))
        return CLI_USAGE;
    if (home == NULL || relation == NULL || !civil_date_exists(day))
        return cli_usage(&command_place);
    for (int i = 0; i < cli->argc; i++)
        if (!stay_read(cli->argv[i], &stays[i])) {
            complain(said("%s：应写 DIVISION:YYYYMM-YYYYMM，临时账户在后面加 :temporary",
                          "%s: DIVISION:YYYYMM-YYYYMM, and :temporary behind it for a temporary account"),
                     cli->argv[i]);
            return CLI_USAGE;
        }
    enum rule rule =
        pension_place_find(published_first(), stays, (uint32_t)cli->argc, home, relation, day, &place, &steps);
    if (rule != RULE_NONE) {
        const struct rule_text *text = rule_find((uint32_t)rule);
        complain("%s: %s (%s)", text->code, english ? text->en : text->zh, text->source);
        return CLI_DIFFERENT;
    }
    print_place(cli, &place, &steps, english);
    return CLI_OK;
}

const struct command command_place = {
    .name = "place",
    .usage = "place --home DIVISION --relation DIVISION [--day YYYYMMDD] STAY...",
    .summary = "where a pension is drawn, and why",
    .summary_zh = "养老待遇领取地及其理由",
    .help = "STAY is DIVISION:YYYYMM-YYYYMM, months of contributions at a place; :temporary behind it for a temporary\n"
            "account, which never counts. The ladder: the relation is at home: there; ten years at the relation's\n"
            "place: there; else the last earlier place with ten years; else the home province.\n\n"
            "  hutong place --home 330000 --relation 310000 \\\n      440000:199001-199912 110000:200001-201312 "
            "310000:201401-202112",
    .help_zh = "STAY 为 DIVISION:YYYYMM-YYYYMM，即在一地缴费的起止月份；临时账户在其后写 "
               ":temporary，不计入。次序：关系在户籍地的，在该地；关系所在地满十年的，在该地；否则为此前最后一个满十年"
               "之地；再否则为户籍省份。\n"
               "\n"
               "  hutong place --home 330000 --relation 310000 \\\n"
               "      440000:199001-199912 110000:200001-201312 310000:201401-202112",
    .options =
        (const struct command_option[]){
            {"--home", "DIVISION", "户籍地区划代码", "the home's division"},
            {"--relation", "DIVISION", "关系所在地区划代码", "where the relation is"},
            {"--day", "YYYYMMDD", "领取之日，缺省今日", "when the pension is asked for; today unless given"},
            {0}},
    .run = run,
};
