/* SPDX-License-Identifier: Apache-2.0
 * Looking into a trace. */
#include "tools/trace_show.h"

#include <errno.h>
#include <stdio.h>

#include "common/codes/rule.h"
#include "tools/trace_json.h"

const char *trace_problem(enum status status)
{
    return status == REJECT_RANGE ? "breaks off before its end" : status_text(status);
}

bool trace_is_whole(const char *path)
{
    struct trace_reader *reader = trace_reader_open(path);
    struct trace_entry entry;
    enum status status;
    if (reader == NULL) {
        complain("%s: %s", path, strerror(errno));
        return false;
    }
    do
        status = trace_read(reader, &entry);
    while (status == OK);
    trace_reader_close(&reader);
    if (status != REJECT_NOT_FOUND)
        complain("%s: %s", path, trace_problem(status));
    return status == REJECT_NOT_FOUND;
}

/* A submission waits for its outcome, which follows it. */
struct shown {
    const struct trace_filter *filter;
    json_t *submission; /* NULL: none waits */
    uint64_t position;
};

static void show_line(const struct shown *shown, const json_t *outcome)
{
    char at[32];
    const json_t *envelope = json_object_get(shown->submission, "envelope");
    const char *kind = cli_text(outcome, "kind");
    size_t index;
    json_t *finding;
    instant_describe(cli_integer(shown->submission, "acceptedAtMs"), at);
    (void)printf("%8llu  %s  %-9s %-16s %-12s %s  %s", (unsigned long long)shown->position, at,
                 cli_text(envelope, "sender"), cli_text(outcome, "event"),
                 strncmp(kind, "OUTCOME_KIND_", 13) == 0 ? kind + 13 : kind, cli_text(envelope, "messageId"),
                 cli_text(outcome, "billId"));
    json_array_foreach(json_object_get(outcome, "findings"), index, finding)
    {
        const struct rule_text *rule = rule_find((uint32_t)cli_integer(finding, "rule"));
        (void)printf(" %s", rule != NULL ? rule->code : "?");
    }
    (void)printf("\n");
}

/* What waits, with its outcome or, where the trace has none, without. */
static void show_waiting(struct cli *cli, struct shown *shown)
{
    const json_t *outcome = json_object_get(shown->submission, "outcome");
    if (shown->submission == NULL)
        return;
    if (trace_filter_holds(shown->filter, shown->position, outcome)) {
        if (cli->json)
            cli_print_json(json_incref(shown->submission));
        else
            show_line(shown, outcome);
    }
    json_decref(shown->submission);
    shown->submission = NULL;
}

static void show_entry(struct cli *cli, struct shown *shown, const struct trace_entry *entry)
{
    if (entry->kind == TRACE_SUBMISSION) {
        show_waiting(cli, shown);
        shown->submission = trace_submission_json(entry);
        shown->position = entry->position;
        return;
    }
    if (shown->submission == NULL)
        shown->submission = json_pack("{s:I}", "position", (json_int_t)entry->position);
    shown->position = entry->position;
    trace_outcome_json(entry, shown->submission);
    show_waiting(cli, shown);
}

int trace_show(struct cli *cli, const char *path, const struct trace_filter *filter)
{
    struct trace_reader *reader = trace_reader_open(path);
    struct trace_entry entry;
    struct shown shown = {.filter = filter};
    enum status status;
    if (reader == NULL) {
        complain("%s: %s", path, strerror(errno));
        return CLI_BAD_INPUT;
    }
    while ((status = trace_read(reader, &entry)) == OK) {
        bool holds = entry.kind == TRACE_SUBMISSION || entry.kind == TRACE_OUTCOME;
        if (holds && trace_filter_holds(filter, entry.position, NULL))
            show_entry(cli, &shown, &entry);
        else if (entry.kind == TRACE_TRAILER)
            show_waiting(cli, &shown);
        if (entry.kind == TRACE_TRAILER && !cli->json)
            (void)printf(said("报文 %llu 份，结果 %llu 个\n", "%llu submissions, %llu outcomes\n"),
                         (unsigned long long)entry.submissions, (unsigned long long)entry.outcomes);
    }
    json_decref(shown.submission);
    trace_reader_close(&reader);
    if (status != REJECT_NOT_FOUND)
        complain("%s: %s", path, trace_problem(status));
    return status == REJECT_NOT_FOUND ? CLI_OK : CLI_BAD_INPUT;
}
