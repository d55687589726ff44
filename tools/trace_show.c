/* SPDX-License-Identifier: Apache-2.0
 * Looking into a trace. */
#include "tools/trace_show.h"

#include <errno.h>
#include <stdio.h>

#include "common/codes/rule.h"

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
    json_t *envelope;
    int64_t accepted_at;
};

static void show_line(const struct shown *shown, uint64_t position, const json_t *outcome)
{
    char at[32];
    const char *kind = cli_text(outcome, "kind");
    size_t index;
    json_t *finding;
    instant_describe(shown->accepted_at, at);
    (void)printf("%8llu  %s  %-9s %-16s %-12s %s  %s", (unsigned long long)position, at,
                 cli_text(shown->envelope, "sender"), cli_text(outcome, "event"),
                 strncmp(kind, "OUTCOME_KIND_", 13) == 0 ? kind + 13 : kind, cli_text(shown->envelope, "messageId"),
                 cli_text(outcome, "billId"));
    json_array_foreach(json_object_get(outcome, "findings"), index, finding)
    {
        const struct rule_text *rule = rule_find((uint32_t)cli_integer(finding, "rule"));
        (void)printf(" %s", rule != NULL ? rule->code : "?");
    }
    (void)printf("\n");
}

static void show_entry(struct cli *cli, struct shown *shown, const struct trace_entry *entry)
{
    if (entry->kind == TRACE_SUBMISSION) {
        json_decref(shown->envelope);
        shown->envelope = cli_message(WIRE_ENVELOPE, entry->bytes);
        shown->accepted_at = entry->accepted_at;
        return;
    }
    json_t *outcome = cli_message(WIRE_OUTCOME, entry->bytes);
    if (cli->json)
        cli_print_json(json_pack("{s:I,s:I,s:O?,s:O?}", "position", (json_int_t)entry->position, "acceptedAtMs",
                                 (json_int_t)shown->accepted_at, "envelope", shown->envelope, "outcome", outcome));
    else
        show_line(shown, entry->position, outcome);
    json_decref(outcome);
}

int trace_show(struct cli *cli, const char *path, uint64_t from, uint64_t to)
{
    struct trace_reader *reader = trace_reader_open(path);
    struct trace_entry entry;
    struct shown shown = {0};
    enum status status;
    if (reader == NULL) {
        complain("%s: %s", path, strerror(errno));
        return CLI_BAD_INPUT;
    }
    while ((status = trace_read(reader, &entry)) == OK) {
        bool holds = entry.kind == TRACE_SUBMISSION || entry.kind == TRACE_OUTCOME;
        if (holds && entry.position >= from && entry.position < to)
            show_entry(cli, &shown, &entry);
        else if (entry.kind == TRACE_TRAILER && !cli->json)
            (void)printf(said("报文 %llu 份，结果 %llu 个\n", "%llu submissions, %llu outcomes\n"),
                         (unsigned long long)entry.submissions, (unsigned long long)entry.outcomes);
    }
    json_decref(shown.envelope);
    trace_reader_close(&reader);
    if (status != REJECT_NOT_FOUND)
        complain("%s: %s", path, trace_problem(status));
    return status == REJECT_NOT_FOUND ? CLI_OK : CLI_BAD_INPUT;
}
