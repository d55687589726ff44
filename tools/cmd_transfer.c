/* SPDX-License-Identifier: Apache-2.0
 * hutong transfer, hutong certificate: where transfers and certificates stand, over all partitions of settlement. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/instant.h"
#include "common/base/money.h"
#include "common/net/loop.h"
#include "common/pb/transfer.h"
#include "tools/access.h"
#include "tools/masked.h"
#include "tools/verb_run.h"
#include "tools/wrap.h"

enum { WITHIN_MOST = 250, LIMIT_MOST = 10000 };

struct asking {
    struct cli *cli;
    struct transfer_query query; /* count_max 0: as many as a page holds */
    uint64_t most;               /* 0: all */
    json_t *transfers, *certificates, *counts;
    json_int_t running, overdue;
};

static void take_all(const json_t *page, const char *name, json_t *into)
{
    size_t index;
    json_t *view;
    json_array_foreach(json_object_get(page, name), index, view)(void) json_array_append(into, view);
}

static void put_question(const struct asking *asking, struct span from, struct buffer *out)
{
    struct buffer query = {0};
    struct transfer_query asked = asking->query;
    uint64_t taken = json_array_size(asking->transfers) + json_array_size(asking->certificates);
    asked.from = from;
    if (asking->most != 0)
        asked.count_max = (uint32_t)(asking->most - taken);
    transfer_query_encode(&asked, &query);
    settlement_query_encode(&(struct settlement_query){SETTLEMENT_QUERY_TRANSFER, {buffer_span(&query)}}, out);
    buffer_fini(&query);
}

/* One page of one partition; `from` becomes where to go on. False: no answer. */
static bool ask_page(struct asking *asking, uint32_t partition, struct buffer *from)
{
    struct buffer question = {0}, answer = {0};
    json_t *page = NULL;
    put_question(asking, buffer_span(from), &question);
    buffer_reset(from);
    if (cli_query(asking->cli, "settlement", partition, buffer_span(&question), 5000, &answer))
        page = message_masked(WIRE_TRANSFER_ANSWER, buffer_span(&answer));
    bool answered = page != NULL;
    if (answered) {
        take_all(page, "transfers", asking->transfers);
        take_all(page, "certificates", asking->certificates);
        take_all(page, "counts", asking->counts);
        asking->query.skip -= (uint64_t)cli_integer(page, "skipped");
        asking->running += cli_integer(page, "running");
        asking->overdue += cli_integer(page, "overdue");
        cli_base64(cli_text(page, "next"), from);
    }
    json_decref(page);
    buffer_fini(&question);
    buffer_fini(&answer);
    return answered;
}

bool cli_limits(struct cli *cli, uint32_t partition, int64_t *running, int64_t *overdue)
{
    struct asking asking = {.cli = cli, .query = {.count_max = 1}};
    struct buffer from = {0};
    asking.transfers = json_array();
    asking.certificates = json_array();
    asking.counts = json_array();
    bool answered = ask_page(&asking, partition, &from);
    *running = asking.running;
    *overdue = asking.overdue;
    json_decref(asking.transfers);
    json_decref(asking.certificates);
    json_decref(asking.counts);
    buffer_fini(&from);
    return answered;
}

static bool is_full(const struct asking *asking)
{
    return asking->most != 0 &&
           json_array_size(asking->transfers) + json_array_size(asking->certificates) >= asking->most;
}

/* False: said which partition does not answer. */
static bool ask_all(struct asking *asking)
{
    struct buffer from = {0};
    bool answered = true;
    asking->transfers = json_array();
    asking->certificates = json_array();
    asking->counts = json_array();
    for (uint32_t p = 0; answered && !is_full(asking) && p < asking->cli->config.partitions; p++) {
        json_int_t running = asking->running, overdue = asking->overdue;
        buffer_reset(&from);
        do {
            asking->running = running; /* each page counts the whole partition */
            asking->overdue = overdue;
            answered = ask_page(asking, p, &from);
        } while (answered && from.size > 0 && !is_full(asking));
        if (!answered)
            complain(said("settlement-%u 没有应答", "settlement-%u does not answer"), p);
    }
    buffer_fini(&from);
    return answered;
}

static void forget(struct asking *asking)
{
    json_decref(asking->transfers);
    json_decref(asking->certificates);
    json_decref(asking->counts);
}

/* ---- output ---- */

/* "TRANSFER_STATE_FUNDS_SENT": without its first words. */
static const char *short_name(const json_t *object, const char *key, const char *prefix)
{
    const char *name = cli_text(object, key);
    size_t size = strlen(prefix);
    return strncmp(name, prefix, size) == 0 ? name + size : name;
}

static void print_amount(const json_t *view, const char *key, const char *label)
{
    char text[32];
    int64_t amount = cli_integer(view, key);
    money_describe(amount, text);
    if (amount != 0)
        (void)printf("  %s%*s %14s\n", label, 10 - wrap_columns(label), "", text);
}

static void print_line(const json_t *view, civil_date_t today)
{
    int64_t due = cli_integer(view, "dueDate");
    (void)printf("%-20s %-12s %-16s %s -> %s  %s", cli_text(view, "transferId"),
                 short_name(view, "scheme", "TRANSFER_SCHEME_"), short_name(view, "state", "TRANSFER_STATE_"),
                 cli_text(view, "sourceArea"), cli_text(view, "targetArea"), cli_text(view, "personId"));
    if (due != 0)
        (void)printf(said("  %s，限 %lld%s%s", "  %s by %lld%s%s"), cli_text(view, "stepRegion"), (long long)due,
                     json_is_true(json_object_get(view, "dueIsProvisional")) ? said("（暂定）", " provisional") : "",
                     due < today ? said(" 已逾期", " OVERDUE") : "");
    (void)printf("\n");
}

static void print_history(const json_t *view)
{
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(view, "history"), index, entry)
    {
        char at[32], amount[32];
        instant_describe(cli_integer(entry, "acceptedAtMs"), at);
        money_describe(cli_integer(entry, "amountFen"), amount);
        (void)printf("  %.19s  @%-8lld %s %-16s -> %-16s", at, (long long)cli_integer(entry, "position"),
                     cli_text(entry, "sender"), transfer_letter_name((uint32_t)cli_integer(entry, "step")),
                     short_name(entry, "state", "TRANSFER_STATE_"));
        if (cli_integer(entry, "dueDate") != 0)
            (void)printf(said(" %s，限 %lld", " %s by %lld"), cli_text(entry, "stepRegion"),
                         (long long)cli_integer(entry, "dueDate"));
        if (cli_integer(entry, "amountFen") != 0)
            (void)printf("  %s", amount);
        (void)printf("\n");
    }
}

static void print_transfer(const json_t *view, civil_date_t today)
{
    print_line(view, today);
    print_amount(view, "accountTotalFen", said("个人账户", "account"));
    print_amount(view, "pooledTotalFen", said("统筹基金", "pooled"));
    print_amount(view, "transferTotalFen", said("合计", "total"));
    print_amount(view, "sentFen", said("已划转", "sent"));
    print_amount(view, "receivedFen", said("已到账", "received"));
    print_amount(view, "joinedFen", said("已接续", "joined"));
    print_amount(view, "refundFen", said("清退", "refund"));
    if (cli_integer(view, "benefitsFrom") != 0)
        (void)printf(said("  等待 %lld 个月，自 %lld 起享受待遇\n", "  waits %lld months, benefits from %lld\n"),
                     (long long)cli_integer(view, "waitingMonths"), (long long)cli_integer(view, "benefitsFrom"));
    print_history(view);
}

static void print_certificate(const json_t *view)
{
    (void)printf(said("%-20s %s 发放地 %s，居住地 %s，限 %lld：%s", "%-20s %s paid by %s, lives in %s, due %lld: %s"),
                 cli_text(view, "certificationId"), cli_text(view, "personId"), cli_text(view, "payingArea"),
                 cli_text(view, "residenceArea"), (long long)cli_integer(view, "dueDate"),
                 cli_text(view, "status")[0] ? short_name(view, "status", "PENSIONER_STATUS_")
                                             : said("未答复", "open"));
    if (cli_integer(view, "certifiedUntil") != 0)
        (void)printf(said("，认证有效至 %lld", ", certified until %lld"),
                     (long long)cli_integer(view, "certifiedUntil"));
    if (cli_integer(view, "suspendedFromMonth") != 0)
        (void)printf(said("，自 %lld 起暂停", ", suspended from %lld"),
                     (long long)cli_integer(view, "suspendedFromMonth"));
    if (cli_integer(view, "backPayMonths") != 0)
        (void)printf(said("，补发 %lld 个月", ", %lld months of back pay"),
                     (long long)cli_integer(view, "backPayMonths"));
    if (cli_integer(view, "stoppedFromMonth") != 0)
        (void)printf(said("，自 %lld 起停发，应追回 %lld 个月", ", stopped from %lld, %lld months to be claimed back"),
                     (long long)cli_integer(view, "stoppedFromMonth"), (long long)cli_integer(view, "claimMonths"));
    (void)printf("\n");
}

static int print_answer(struct asking *asking, bool whole, civil_date_t today)
{
    size_t index, count = json_array_size(asking->transfers) + json_array_size(asking->certificates);
    json_t *view;
    if (asking->cli->json) {
        cli_print_json(json_pack("{s:O,s:O,s:I,s:I}", "transfers", asking->transfers, "certificates",
                                 asking->certificates, "running", asking->running, "overdue", asking->overdue));
        return count > 0 || !whole ? CLI_OK : CLI_DIFFERENT;
    }
    json_array_foreach(asking->transfers, index, view)
    {
        if (whole)
            print_transfer(view, today);
        else
            print_line(view, today);
    }
    json_array_foreach(asking->certificates, index, view) print_certificate(view);
    if (!whole)
        (void)printf(said("列出 %zu 笔；在走的时限 %lld，其中逾期 %lld\n",
                          "%zu listed; %lld limits run, %lld of them overdue\n"),
                     count, (long long)asking->running, (long long)asking->overdue);
    else if (count == 0)
        complain(said("没有", "there is none"));
    return count > 0 || !whole ? CLI_OK : CLI_DIFFERENT;
}

/* By kind, state and region; partitions are added up. */
static json_t *counts_in_all(const json_t *counts)
{
    static const char *const names[] = {"scheme", "state", "region"}, *const sums[] = {"running", "overdue"};
    json_t *all = json_array(), *count, *there;
    size_t index, other;
    json_array_foreach(counts, index, count)
    {
        json_t *same = NULL;
        json_array_foreach(all, other, there)
        {
            bool equal = true;
            for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
                equal = equal && json_equal(json_object_get(there, names[i]), json_object_get(count, names[i]));
            same = equal ? there : same;
        }
        if (same == NULL) {
            same = json_copy(count);
            for (unsigned i = 0; i < 2; i++)
                json_object_set_new(same, sums[i], json_integer(0));
            json_array_append_new(all, same);
        }
        for (unsigned i = 0; i < 2; i++)
            json_object_set_new(same, sums[i], json_integer(cli_integer(same, sums[i]) + cli_integer(count, sums[i])));
    }
    return all;
}

static int print_counts(struct asking *asking)
{
    size_t index;
    json_t *all = counts_in_all(asking->counts), *count;
    json_array_foreach(all, index, count)
    {
        json_object_set_new(count, "scheme", json_string(transfer_scheme_name((uint32_t)cli_integer(count, "scheme"))));
        if (asking->cli->json)
            cli_print_json(json_incref(count));
        else
            (void)printf(
                said("%-13s %-18s 轮到 %s：%lld，其中逾期 %lld\n", "%-13s %-18s %s's step: %lld, %lld overdue\n"),
                cli_text(count, "scheme"), short_name(count, "state", "TRANSFER_STATE_"), cli_text(count, "region"),
                (long long)cli_integer(count, "running"), (long long)cli_integer(count, "overdue"));
    }
    json_decref(all);
    return CLI_OK;
}

/* ---- commands ---- */

static int answer(struct asking *asking, bool whole)
{
    if (!cli_configure(asking->cli))
        return CLI_BAD_INPUT;
    bool answered = ask_all(asking);
    int code = !answered                  ? CLI_UNREACHABLE
               : asking->query.count_only ? print_counts(asking)
                                          : print_answer(asking, whole, civil_date_of_instant(loop_wall_ms()));
    forget(asking);
    return code;
}

static bool scheme_of(const char *name, uint32_t *scheme)
{
    *scheme = 0;
    if (name == NULL)
        return true;
    for (uint32_t each = SCHEME_PENSION; each <= SCHEME_CERTIFICATION; each++)
        if (strcmp(transfer_scheme_name(each), name) == 0) {
            *scheme = each;
            return true;
        }
    complain(said("--scheme 为 pension、medical、unemployment、certification 之一",
                  "--scheme is one of pension, medical, unemployment, certification"));
    return false;
}

static bool state_of(const char *name, uint32_t *state)
{
    *state = 0;
    if (name == NULL)
        return true;
    for (uint32_t each = TRANSFER_APPLIED; each <= TRANSFER_WITHDRAWN; each++)
        if (strcmp(transfer_state_name(each), name) == 0) {
            *state = each;
            return true;
        }
    complain(said("--state 为办理状态，如 applied、accepted、information_sent，而不是 %s",
                  "--state is a step, as applied, accepted, information_sent, not %s"),
             name);
    return false;
}

/* show ID | list | count; false: none of them. */
static bool is_asked(struct cli *cli, bool *show, bool *count)
{
    *show = strcmp(cli->argv[0], "show") == 0;
    *count = strcmp(cli->argv[0], "count") == 0;
    return *show ? cli->argc == 2 : cli->argc == 1 && (*count || strcmp(cli->argv[0], "list") == 0);
}

static int run_transfer(struct cli *cli)
{
    int sent;
    if (verb_run(cli, &command_transfer, &sent))
        return sent;
    struct asking asking = {.cli = cli};
    struct transfer_query *query = &asking.query;
    const char *region = cli_option(cli, "--region"), *scheme = cli_option(cli, "--scheme");
    civil_date_t today = civil_date_of_instant(loop_wall_ms());
    bool show, count;
    if (!scheme_of(scheme, &query->scheme) || !state_of(cli_option(cli, "--state"), &query->state) ||
        !cli_arguments(cli, &command_transfer, 1, 2))
        return CLI_USAGE;
    if (!is_asked(cli, &show, &count))
        return cli_usage(&command_transfer);
    query->transfer_id = show ? cli->argv[1] : NULL;
    query->region = region;
    query->today = today;
    query->overdue_on = cli_flag(cli, "--overdue") ? today : 0;
    query->within_workdays = (uint32_t)cli_number_within(cli, "--due-within", 0, 1, WITHIN_MOST);
    query->skip = cli_number(cli, "--from", 0);
    query->count_only = count;
    asking.most = cli_number_within(cli, "--limit", 0, 1, LIMIT_MOST);
    return answer(&asking, show);
}

static int run_certificate(struct cli *cli)
{
    int sent;
    if (verb_run(cli, &command_certificate, &sent))
        return sent;
    struct asking asking = {.cli = cli};
    if (!cli_arguments(cli, &command_certificate, 1, 1))
        return CLI_USAGE;
    asking.query.certificate_of = cli->argv[0];
    int code = access_record(cli, &(struct access){"certificate", cli->argv[0], NULL, 0}, NULL);
    return code != CLI_OK ? code : answer(&asking, true);
}

const struct command command_transfer = {
    .name = "transfer",
    .usage = "transfer show ID | transfer list [--overdue] [--due-within N] [--region R] [--scheme S] [--state S] "
             "[--from N] [--limit N] | transfer count",
    .summary = "where a transfer of insurance stands, and which limits run or have passed",
    .summary_zh = "一笔转移接续办到哪一步，哪些时限在走或已过",
    .help =
        "show: state, amounts and every step with its day and the limit that it started; exit code 1: there is none.\n"
        "list: open transfers by their last day, overdue ones first. --region: whose step it is. --scheme: pension,\n"
        "medical, unemployment, or certification (pensioners' certificates that are asked for). --from and --limit: a\n"
        "page. Working days are the published calendar's. count: how many there are, by kind, step and region.\n\n"
        "  hutong transfer show T-2025-0001\n  hutong transfer list --overdue --region 130000",
    .help_zh = "show：状态、金额、每一步的日期及由此开始的时限；退出码 "
               "1：没有这一笔。list：未办结的转移，按最后期限排列，逾期在前；--from、--limit "
               "翻页；工作日按已公布的日历。count：按种类、步骤、地区计数。\n"
               "\n"
               "  hutong transfer show T-2025-0001\n"
               "  hutong transfer list --overdue --region 130000",
    .options =
        (const struct command_option[]){
            {"--overdue", NULL, "只列逾期的", "overdue ones only"},
            {"--due-within", "N", "N 个工作日内到期，含逾期的", "due within so many working days, overdue ones too"},
            {"--region", "R", "轮到哪个地区办理", "whose step it is"},
            {"--state", "S", "处于这一步骤的，如 accepted", "those at this step, as accepted"},
            {"--from", "N", "跳过前 N 笔", "leaves out the first so many"},
            {"--limit", "N", "最多几笔", "at most so many"},
            {"--scheme", "S", "pension、medical、unemployment，或 certification（已请求的资格认证）",
             "pension, medical, unemployment, or certification (pensioners' certificates that are asked for)"},
            {0}},
    .run = run_transfer,
};
const struct command command_certificate = {
    .name = "certificate",
    .usage = "certificate PERSON [--reason TEXT] [--unrecorded]",
    .summary = "a pensioner's certificates: until when, suspended, resumed, stopped",
    .summary_zh = "某退休人员的资格认证：有效期、暂停、恢复、停发",
    .help = "PERSON is the identity number; it is shown masked. Exit code 1: there is none. That\n"
            "somebody asked is on the log (docs/PRIVACY.md).\n\n"
            "  hutong certificate 110101194901011234",
    .help_zh = "PERSON 为身份号码，输出时遮掩。退出码 1：没有。查询记入日志（docs/PRIVACY.md）。\n"
               "\n"
               "  hutong certificate 110101194901011234",
    .options = (const struct command_option[]){COMMAND_OPTIONS_ACCESS, {0}},
    .run = run_certificate,
};
