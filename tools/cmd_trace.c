/* SPDX-License-Identifier: Apache-2.0
 * hutong trace: record, show, from-json, replay, diff. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/check.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "tools/access.h"
#include "tools/trace_compare.h"
#include "tools/trace_json.h"
#include "tools/trace_record.h"
#include "tools/trace_show.h"

enum { REPLAY_FRAME = 256 };

/* ---- comparison ---- */

/* Next outcome of a trace; REJECT_NOT_FOUND at its end. */
static enum status next_outcome(struct trace_reader *reader, struct trace_entry *record)
{
    do
        TRY(trace_read(reader, record));
    while (record->kind != TRACE_OUTCOME);
    return OK;
}

static void compare_traces(struct comparison *comparison, struct trace_reader *expected, struct trace_reader *found)
{
    struct trace_entry left = {0}, right = {0};
    enum status a = next_outcome(expected, &left), b = next_outcome(found, &right);
    while (a == OK || b == OK) {
        bool takes_left = a == OK && (b != OK || left.position <= right.position);
        bool takes_right = b == OK && (a != OK || right.position <= left.position);
        comparison_add(comparison, takes_left ? left.position : right.position,
                       takes_left ? left.bytes : span_of(NULL, 0), takes_right ? right.bytes : span_of(NULL, 0));
        if (takes_left)
            a = next_outcome(expected, &left);
        if (takes_right)
            b = next_outcome(found, &right);
    }
}

/* A trace that is torn, or of another version, differs in everything behind: that is said, and nothing else. */
static int diff_traces(struct cli *cli, const char *expected_path, const char *found_path,
                       const struct reporting *reporting)
{
    struct comparison *comparison = comparison_new(cli, reporting);
    if (comparison == NULL)
        return CLI_BAD_INPUT;
    bool whole = trace_is_whole(expected_path);
    whole = trace_is_whole(found_path) && whole;
    if (!whole) {
        comparison_stop(comparison, said("未作比较", "nothing was compared"));
        (void)comparison_end(&comparison);
        return CLI_BAD_INPUT;
    }
    struct trace_reader *expected = trace_reader_open(expected_path), *found = trace_reader_open(found_path);
    if (expected != NULL && found != NULL)
        compare_traces(comparison, expected, found);
    else
        comparison_stop(comparison, "%s", strerror(errno));
    trace_reader_close(&expected);
    trace_reader_close(&found);
    return comparison_end(&comparison);
}

/* ---- replay ---- */

struct frame {
    struct ht_bytes envelopes[REPLAY_FRAME], salts[REPLAY_FRAME], signatures[REPLAY_FRAME];
    int64_t stamps[REPLAY_FRAME];
    struct ht_receipt receipts[REPLAY_FRAME];
    uint64_t first;
    size_t count;
};

/* What of a trace is sent, and how fast (0: as receipts come). */
struct replaying {
    uint64_t from, to;
    double speed;
};

static void wait_for_time(int64_t stamp, int64_t first_stamp, int64_t started_us, double speed)
{
    int64_t due_us = started_us + (int64_t)((double)(stamp - first_stamp) * 1000.0 / speed);
    int64_t wait_us = due_us - loop_monotonic_us();
    if (wait_us <= 0)
        return;
    struct timespec pause = {wait_us / 1000000, (wait_us % 1000000) * 1000};
    (void)nanosleep(&pause, NULL);
}

/* Each must get the position that it had. */
static int send_frame(struct ht_client *client, struct frame *frame, struct comparison *comparison)
{
    int code = CLI_OK;
    if (frame->count == 0)
        return CLI_OK;
    memset(frame->receipts, 0, sizeof frame->receipts);
    struct ht_recorded recorded = {frame->stamps, frame->salts, frame->signatures};
    enum ht_result result =
        ht_submit_recorded(client, frame->envelopes, &recorded, frame->count, 120000, frame->receipts);
    if (result != HT_OK) {
        comparison_stop(comparison, "replay stops at %llu: %s", (unsigned long long)frame->first,
                        result == HT_REFUSED ? ht_last_refusal(client) : "no answer in time");
        code = result == HT_REFUSED ? CLI_DIFFERENT : CLI_UNREACHABLE;
    }
    for (size_t i = 0; i < frame->count; i++) {
        const struct ht_receipt *receipt = &frame->receipts[i];
        if (code == CLI_OK && (receipt->kind != HT_ACCEPTED || receipt->position != frame->first + i)) {
            comparison_stop(comparison,
                            "the trace's position %llu stands at %llu here (%s %s); replay into a fresh exchange with "
                            "trace_clock: true",
                            (unsigned long long)(frame->first + i), (unsigned long long)receipt->position,
                            receipt->code, receipt->en);
            code = CLI_DIFFERENT;
        }
        ht_receipt_clear(&frame->receipts[i]);
        free((void *)(uintptr_t)frame->envelopes[i].data);
        free((void *)(uintptr_t)frame->salts[i].data);
        free((void *)(uintptr_t)frame->signatures[i].data);
    }
    frame->count = 0;
    return code;
}

static struct ht_bytes copy_of(struct span bytes)
{
    uint8_t *copy = malloc(bytes.size + 1);
    INVARIANT(copy != NULL);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return (struct ht_bytes){copy, bytes.size};
}

static void add_to_frame(struct frame *frame, const struct trace_entry *record)
{
    if (frame->count == 0)
        frame->first = record->position;
    frame->stamps[frame->count] = record->accepted_at;
    frame->salts[frame->count] = copy_of(record->salt);
    frame->signatures[frame->count] = copy_of(record->signature);
    frame->envelopes[frame->count++] = copy_of(record->bytes);
}

/* A position is given by the one exchange's log alone: what came before must lie there. */
static int check_place(struct ht_client *client, uint64_t first, struct comparison *comparison)
{
    uint64_t submissions = 0, outcomes = 0;
    int64_t now;
    if (ht_ping(client, 5000, &submissions, &outcomes, &now) != HT_OK) {
        comparison_stop(comparison, "the gate does not answer");
        return CLI_UNREACHABLE;
    }
    if (submissions >= first)
        return CLI_OK;
    comparison_stop(
        comparison,
        "the log ends at %llu here, and the first that is replayed stood at %llu; replay what came before it "
        "first (--to %llu)",
        (unsigned long long)submissions, (unsigned long long)first, (unsigned long long)first);
    return CLI_DIFFERENT;
}

static int replay_submissions(const char *path, struct ht_client *client, const struct replaying *replaying,
                              struct comparison *comparison, uint64_t *count)
{
    double speed = replaying->speed;
    static struct frame frame;
    struct trace_reader *reader = trace_reader_open(path);
    struct trace_entry record;
    int64_t first_stamp = 0, started_us = loop_monotonic_us();
    enum status status = OK;
    int code = CLI_OK;
    *count = 0;
    if (reader == NULL) {
        comparison_stop(comparison, "%s: %s", path, strerror(errno));
        return CLI_BAD_INPUT;
    }
    while (code == CLI_OK && (status = trace_read(reader, &record)) == OK) {
        if (record.kind != TRACE_SUBMISSION || record.position < replaying->from || record.position >= replaying->to)
            continue;
        if (*count == 0 && (code = check_place(client, record.position, comparison)) != CLI_OK)
            break;
        first_stamp = *count == 0 ? record.accepted_at : first_stamp;
        bool later = frame.count > 0 && record.accepted_at != frame.stamps[frame.count - 1];
        if (frame.count == REPLAY_FRAME || (speed > 0 && later))
            code = send_frame(client, &frame, comparison);
        if (speed > 0)
            wait_for_time(record.accepted_at, first_stamp, started_us, speed);
        add_to_frame(&frame, &record);
        if (++*count % 256 == 0)
            progress_show(said("已回放", "replayed"), *count, *count);
    }
    if (code == CLI_OK)
        code = send_frame(client, &frame, comparison);
    progress_end();
    trace_reader_close(&reader);
    if (code != CLI_OK || status == REJECT_NOT_FOUND)
        return code;
    comparison_stop(comparison, "%s: %s", path, trace_problem(status));
    return CLI_BAD_INPUT;
}

static int compare_outcomes(const char *expected_path, struct ht_client *client, const struct trace_filter *filter,
                            struct comparison *comparison)
{
    struct trace_reader *reader = trace_reader_open(expected_path);
    struct trace_entry record;
    enum status status = OK;
    int code = CLI_OK;
    if (reader == NULL) {
        comparison_stop(comparison, "%s: %s", expected_path, strerror(errno));
        return CLI_BAD_INPUT;
    }
    while (code == CLI_OK && (status = next_outcome(reader, &record)) == OK) {
        if (!trace_filter_holds(filter, record.position, NULL))
            continue;
        unsigned char *bytes = NULL;
        size_t size = 0;
        if (ht_outcome(client, record.position, 60000, NULL, &bytes, &size) != HT_OK) {
            comparison_stop(comparison, "no outcome of %llu", (unsigned long long)record.position);
            code = CLI_UNREACHABLE;
            break;
        }
        comparison_add(comparison, record.position, record.bytes, span_of(bytes, size));
        free(bytes);
        if (comparison_count(comparison) % 256 == 0)
            progress_show(said("已比较", "compared"), comparison_count(comparison), comparison_count(comparison));
    }
    progress_end();
    trace_reader_close(&reader);
    if (code == CLI_OK && status != REJECT_NOT_FOUND) {
        comparison_stop(comparison, "%s: %s", expected_path, trace_problem(status));
        return CLI_BAD_INPUT;
    }
    return code;
}

/* The report is written wherever it stops. */
static int replay_trace(struct cli *cli, const char *path, const char *expected, const struct reporting *reporting,
                        double speed)
{
    uint64_t count = 0;
    struct replaying replaying = {reporting->filter.from, reporting->filter.to, speed};
    if (!trace_is_whole(path) || (expected != NULL && !trace_is_whole(expected)))
        return CLI_BAD_INPUT;
    struct ht_client *client = cli_connect(cli);
    struct comparison *comparison = client == NULL ? NULL : comparison_new(cli, reporting);
    if (comparison == NULL) {
        ht_close(&client);
        return CLI_BAD_INPUT;
    }
    int64_t before = loop_monotonic_us();
    int code = replay_submissions(path, client, &replaying, comparison, &count);
    if (code == CLI_OK && !cli->json && reporting->format == REPORT_TEXT)
        (void)printf(said("已回放 %llu 份报文，用时 %lld 毫秒\n", "%llu submissions replayed in %lld ms\n"),
                     (unsigned long long)count, (long long)(loop_monotonic_us() - before) / 1000);
    if (code == CLI_OK)
        code = compare_outcomes(expected != NULL ? expected : path, client, &reporting->filter, comparison);
    int verdict = comparison_end(&comparison);
    ht_close(&client);
    return code != CLI_OK ? code : verdict;
}

/* "1", "x10", "max" (0) */
static bool speed_of(const char *text, double *speed)
{
    char *end = NULL;
    *speed = 0;
    if (text == NULL || strcmp(text, "max") == 0)
        return true;
    *speed = strtod(text[0] == 'x' ? text + 1 : text, &end);
    return *end == 0 && *speed > 0;
}

/* Those that look at files alone; -1: it is none of them. */
static int run_on_files(struct cli *cli, const struct reporting *reporting)
{
    const char *verb = cli->argv[0];
    if (strcmp(verb, "diff") == 0 && cli->argc == 3)
        return diff_traces(cli, cli->argv[1], cli->argv[2], reporting);
    if (strcmp(verb, "show") == 0 && cli->argc == 2)
        return trace_show(cli, cli->argv[1], &reporting->filter);
    if (strcmp(verb, "from-json") == 0 && cli->argc == 3)
        return trace_from_json(cli, cli->argv[1], cli->argv[2]);
    return -1;
}

static int run(struct cli *cli)
{
    const char *expected = cli_option(cli, "--expect");
    const char *pace = cli_option(cli, "--speed");
    struct reporting reporting;
    double speed;
    if (!cli_arguments(cli, &command_trace, 2, 3) || !reporting_take(cli, &reporting))
        return CLI_USAGE;
    const char *verb = cli->argv[0];
    int code = run_on_files(cli, &reporting);
    if (code >= 0)
        return code;
    bool records = strcmp(verb, "record") == 0, replays = strcmp(verb, "replay") == 0;
    bool keyed = cli_option(cli, "--key") != NULL;
    if (cli->argc != 2 || (!records && !replays) || (keyed && !cli_flag(cli, "--pseudonymise")) ||
        (records && trace_filter_asks(&reporting.filter)) || !speed_of(pace, &speed))
        return cli_usage(&command_trace);
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    return records ? trace_record(cli, cli->argv[1], reporting.filter.from, reporting.filter.to)
                   : replay_trace(cli, cli->argv[1], expected, &reporting, speed);
}

const struct command command_trace = {
    .name = "trace",
    .usage = "trace record FILE [--from N] [--to N] [--pseudonymise [--key FILE]] [--reason TEXT] [--unrecorded] | "
             "trace show FILE [--from N] [--to N] [--region R] [--kind K] | trace from-json FILE|- TRACE | "
             "trace replay FILE [--from N] [--to N] [--region R] [--kind K] [--expect FILE] [--speed 1|xN|max] "
             "[--format text|tap|junit] [--junit FILE] [--ignore F] [--only F] [--tolerate F=N] | "
             "trace diff EXPECTED FOUND [--from N] [--to N] [--region R] [--kind K] [--format text|tap|junit] "
             "[--junit FILE] [--ignore F] [--only F] [--tolerate F=N]",
    .summary = "record what an exchange received, look into it, replay it, compare every outcome",
    .summary_zh = "记录平台收到的一切，查看，在新的平台上回放，逐条比较结果",
    .help = "replay wants a fresh exchange whose configuration says trace_clock: true; then the same trace gives the "
            "same digests.\n"
            "Differences are shown one a line, by position and field. --ignore, --only, --tolerate, as often as\n"
            "wanted: the fields that count (outcome.steps, amounts.*, fundPayTotalFen=1). replay --from N: into an\n"
            "exchange that has what came before. show: a line a position; with --json all of it, as from-json\n"
            "reads it.\n"
            "A trace that is torn, or of a later version, is compared with nothing. Exit code 0: none; 1: some.\n"
            "--pseudonymise: what is replaced, and what a rule reads and therefore stays, is in docs/TRACES.md. "
            "Without it, that\n"
            "somebody recorded is on the log (docs/PRIVACY.md).\n\n"
            "  hutong --config day/hutong.yaml trace record day.trace\n"
            "  hutong --config fresh/hutong.yaml trace replay day.trace --junit day.xml",
    .help_zh =
        "回放需要一个新的平台，其配置写明 trace_clock: "
        "true；这样同一轨迹得到同样的散列值。差异逐行列出位置和字段。--ignore、--only、--tolerate "
        "可重复写：哪些字段算数（outcome.steps、amounts.*、fundPayTotalFen=1）。replay --from N："
        "平台须已有此前的一切。show：每个位置一行；加 --json "
        "输出全部内容，from-json 可读回。残缺的或更高版本的轨迹不作比较。退出码 0：无差异；1：有差异。--pseudonymise "
        "替换什么、哪些因规则要读而保留，见 docs/TRACES.md；不用它时，录制记入日志（docs/PRIVACY.md）。\n"
        "\n"
        "  hutong --config day/hutong.yaml trace record day.trace\n"
        "  hutong --config fresh/hutong.yaml trace replay day.trace --junit day.xml",
    .options =
        (const struct command_option[]){
            {"--from", "N", "从这个位置起", "from this position on"},
            {"--to", "N", "到这个位置之前", "up to this position"},
            {"--pseudonymise", NULL, "录制时以化名代替个人：号码仍有效，引用仍相等，金额不变",
             "records pseudonyms for persons: numbers stay valid, references equal, amounts as they are"},
            {"--key", "FILE", "化名所用密钥；不给则随机生成并即弃",
             "the key of the pseudonyms; unless given, one of chance that is thrown away"},
            COMMAND_OPTIONS_ACCESS,
            {"--expect", "FILE", "与另一份轨迹的结果比较", "compares with this trace's outcomes instead"},
            {"--speed", "1|xN|max", "原速、N 倍速，或不等待（缺省）",
             "as it was, N times as fast, or without waiting (unless given)"},
            {"--junit", "FILE", "另写一份 JUnit 报告", "writes a JUnit report too"},
            {"--format", "text|tap|junit", "标准输出的格式，缺省 text", "of what is printed; text unless given"},
            {"--region", "R", "只看该地区（或 operator）发送的", "what this region (or operator) sent"},
            {"--kind", "K", "只看这种报文或结果，如 bill_settle、REFUSED",
             "of this kind of event or outcome: bill_settle, REFUSED"},
            {"--tolerate", "F=N", "该字段可相差至多 N，可重复写", "a number that may be off by N; again and again"},
            {"--ignore", "F", "不计这一字段，可重复写", "a field that does not count; again and again"},
            {"--only", "F", "只计这一字段，可重复写", "a field that alone counts; again and again"},
            {0}},
    .run = run,
};
