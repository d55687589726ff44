/* SPDX-License-Identifier: Apache-2.0
 * hutong retention: what the configuration says may leave the disk, archived and trimmed; for a timer. */
#include <stdio.h>
#include <time.h>

#include "tools/action.h"
#include "tools/archiving.h"
#include "tools/generation.h"
#include "tools/trim.h"

enum { PATH_SIZE = 4096 + 16 };
#define DAY_MS UINT64_C(86400000)

struct due {
    unsigned segments;
    uint64_t below;
    const char *held_by; /* what keeps the next one; NULL: it is not old enough, or there is none */
};

/* Sealed there with the bytes that stand here, and every state beyond it. */
static bool is_backed_up(const struct manifest *manifest, const struct kept_segment *segment)
{
    const struct kept_segment *kept = kept_segments_find(&manifest->segments, segment->number);
    return kept != NULL && kept != &manifest->segments.list[manifest->segments.count - 1] &&
           kept->size == segment->size && kept->changed_ns == segment->changed_ns &&
           manifest->position >= archiving_end(segment);
}

static struct due find_due(const struct config *config, const struct kept_segments *sealed,
                           const struct manifest *manifest)
{
    struct due due = {0};
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000, kept_ms = config->retention_log_days * DAY_MS;
    for (unsigned i = 0; i < sealed->count && sealed->list[i].stored_at_ms + kept_ms < now_ms; i++) {
        if (!is_backed_up(manifest, &sealed->list[i])) {
            due.held_by = said("尚未备份", "it is not backed up yet");
            break;
        }
        due.segments++;
        due.below = archiving_end(&sealed->list[i]);
    }
    return due;
}

static bool newest_manifest(const char *directory, struct manifest *manifest, struct buffer *why)
{
    static char names[GENERATIONS_MAX][GENERATION_NAME_SIZE];
    unsigned count = generations_list(directory, names);
    if (count > 0)
        return generation_manifest(directory, names[count - 1], manifest, why) == OK;
    buffer_printf(why, said("%s 中没有备份：先执行 hutong backup", "%s holds no backup: hutong backup comes first"),
                  directory);
    return false;
}

static void print_due(const struct cli *cli, const struct due *due)
{
    if (cli->json)
        cli_print_json(json_pack("{s:i,s:I,s:s}", "due", (int)due->segments, "below", (json_int_t)due->below, "heldBy",
                                 due->held_by == NULL ? "" : due->held_by));
    else
        (void)printf(said("%u 段到期，位置 %llu 以下%s%s\n", "%u segments are due, below position %llu%s%s\n"),
                     due->segments, (unsigned long long)due->below,
                     due->held_by == NULL ? "" : said("；下一段：", "; the next one: "),
                     due->held_by == NULL ? "" : due->held_by);
}

/* The archive first; the broker says whether a reader still needs what goes, and keeps it then. */
static int act(struct cli *cli, const struct due *due, const char *log, struct buffer *why)
{
    struct pace pace = {.bytes_a_second = cli_number(cli, "--rate", 0) << 20};
    struct archiving archiving = {
        .log = log, .directory = cli->config.archive_directory, .below = due->below, .pace = &pace};
    char subject[64];
    (void)snprintf(subject, sizeof subject, "position %llu", (unsigned long long)due->below);
    int code = action_record(cli, &(struct action){ACTION_RETENTION, subject, 0});
    if (code != CLI_OK)
        return code;
    if (archiving_run(&archiving, why) != OK)
        return CLI_FAILED;
    return trim_run(cli, &(struct trimming){.below = due->below,
                                            .snapshot = cli->config.backup_directory,
                                            .archive = cli->config.archive_directory,
                                            .yes = true,
                                            .recorded = true});
}

static int run_retention(struct cli *cli)
{
    char log[PATH_SIZE];
    struct kept_segments sealed = {0};
    struct manifest manifest = {0};
    struct buffer why = {0};
    bool dry_run = cli_flag(cli, "--dry-run");
    if (!cli_arguments(cli, &command_retention, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (cli->config.retention_log_days == 0) {
        (void)printf(
            said("retention_log_days 未设置：不移除任何内容\n", "retention_log_days is not set: nothing goes\n"));
        return CLI_OK;
    }
    (void)snprintf(log, sizeof log, "%s/broker", cli->config.data_directory);
    int code = CLI_DIFFERENT;
    if (newest_manifest(cli->config.backup_directory, &manifest, &why) &&
        archiving_sealed(log, UINT64_MAX, &sealed, &why) == OK) {
        struct due due = find_due(&cli->config, &sealed, &manifest);
        print_due(cli, &due);
        code = dry_run || due.segments == 0 ? CLI_OK : act(cli, &due, log, &why);
    }
    if (why.size > 0)
        complain("%s", buffer_text(&why));
    manifest_fini(&manifest);
    kept_segments_fini(&sealed);
    buffer_fini(&why);
    return code;
}

const struct command command_retention = {
    .name = "retention",
    .usage = "retention [--dry-run] [--rate MIB] [--reason TEXT]",
    .summary = "what is older than retention_log_days, archived and trimmed; for a timer",
    .summary_zh = "把早于 retention_log_days 的日志段归档后删除；供定时执行",
    .help =
        "The oldest segments of the log whose newest record is older than retention_log_days leave the disk, once the "
        "newest backup below backup_directory holds them: they are put into archive_directory, held against their "
        "sums, and trimmed, unless a reader still needs them. --dry-run says what is due. Nothing is asked: for "
        "hutong-retention.timer.\n\n"
        "  hutong retention --dry-run",
    .help_zh = "最旧的日志段，若其最新记录早于 retention_log_days，且 backup_directory 下最新的备份已含此段，则放入 "
               "archive_directory，核对校验和后删除；仍有读者需要的不删。--dry-run 只说明哪些到期。不作询问：供 "
               "hutong-retention.timer 使用。\n\n"
               "  hutong retention --dry-run",
    .options = (const struct command_option[]){{"--dry-run", NULL, "只说明哪些到期", "says what is due"},
                                               {"--rate", "MIB", "每秒至多若干 MiB", "at most that many MiB a second"},
                                               COMMAND_OPTIONS_ACTION,
                                               {0}},
    .run = run_retention,
};
