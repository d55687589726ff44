/* SPDX-License-Identifier: Apache-2.0
 * hutong metrics: what the daemons count, read from their pages /metrics without a Prometheus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cli.h"
#include "tools/http_get.h"

enum { WAIT_MS = 1000 };

/* ---- a line of the text format: NAME{LABEL="VALUE",...} NUMBER ---- */

/* The label's value behind its opening quote, unescaped; where the closing quote is, NULL: there is none. */
static const char *read_value(const char *at, struct buffer *value)
{
    for (; *at != 0 && *at != '"'; at++) {
        char byte = *at;
        if (byte == '\\' && at[1] != 0) {
            at++;
            byte = *at == 'n' ? '\n' : *at;
        }
        buffer_append(value, &byte, 1);
    }
    return *at == '"' ? at : NULL;
}

/* Behind the brace; NULL: they are none. */
static const char *read_labels(const char *at, json_t *labels)
{
    while (at != NULL && *at != '}') {
        size_t size = strcspn(at, "=");
        struct buffer name = {0}, value = {0};
        buffer_append(&name, at, size);
        at = at[size] == '=' && at[size + 1] == '"' ? read_value(at + size + 2, &value) : NULL;
        if (at != NULL)
            json_object_set_new(labels, buffer_text(&name), json_string(buffer_text(&value)));
        at = at == NULL ? NULL : at[1] == ',' ? at + 2 : at + 1;
        buffer_fini(&name);
        buffer_fini(&value);
    }
    return at;
}

/* Values stay text, as they were written. */
static json_t *sample_of(const char *service, uint32_t partition, const char *line)
{
    size_t size = strcspn(line, "{ ");
    json_t *labels = json_object();
    const char *at = line[size] == '{' ? read_labels(line + size + 1, labels) : line + size;
    at = at == NULL ? NULL : *at == '}' ? at + 1 : at;
    if (at == NULL || *at != ' ') {
        json_decref(labels);
        return NULL;
    }
    return json_pack("{s:s,s:i,s:s%,s:o,s:s}", "service", service, "partition", (int)partition, "name", line, size,
                     "labels", labels, "value", at + 1);
}

static void print_samples(struct cli *cli, const char *service, uint32_t partition, char *page, const char *prefix)
{
    char *rest = NULL;
    for (char *line = strtok_r(page, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '#' || strncmp(line, prefix, strlen(prefix)) != 0)
            continue;
        if (!cli->json) {
            (void)printf("%s %u  %s\n", service, partition, line);
            continue;
        }
        json_t *sample = sample_of(service, partition, line);
        if (sample != NULL)
            cli_print_json(sample);
    }
}

/* ---- the command ---- */

static int read_one(struct cli *cli, const struct service_row *row, uint32_t partition)
{
    char base[64];
    const char *prefix = cli_option(cli, "--prefix");
    struct buffer page = {0}, why = {0};
    (void)snprintf(base, sizeof base, "http://127.0.0.1:%u", config_http_port(&cli->config, row->name, partition));
    bool got = http_get(base, "/metrics", WAIT_MS, &page, &why);
    if (!got)
        complain(said("%s-%u 的 %s/metrics：%s", "%s-%u at %s/metrics: %s"), row->name, partition, base,
                 buffer_text(&why));
    if (got) {
        char *text = strdup(buffer_text(&page));
        if (text != NULL)
            print_samples(cli, row->name, partition, text, prefix != NULL ? prefix : "");
        free(text);
    }
    buffer_fini(&page);
    buffer_fini(&why);
    return got ? CLI_OK : CLI_UNREACHABLE;
}

static int run(struct cli *cli)
{
    int code = CLI_OK;
    bool found = false;
    if (!cli_arguments(cli, &command_metrics, 0, 1))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (cli->config.http_port_base == 0) {
        complain(
            said("配置中 http_port_base 为 0：各进程没有 /metrics，计数不详",
                 "http_port_base is 0 in the configuration: no daemon has /metrics, so what they count is not known"));
        return CLI_UNREACHABLE;
    }
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        const struct service_row *row = &service_rows[i];
        if (cli->argc == 1 && strcmp(cli->argv[0], row->name) != 0)
            continue;
        found = true;
        for (uint32_t p = 0; p < service_processes(row, cli->config.partitions); p++)
            code = read_one(cli, row, p) == CLI_OK ? code : CLI_UNREACHABLE;
    }
    if (!found)
        complain(said("没有进程 %s", "there is no daemon %s"), cli->argv[0]);
    return found ? code : CLI_USAGE;
}

const struct command command_metrics = {
    .name = "metrics",
    .usage = "metrics [SERVICE] [--prefix NAME]",
    .summary = "what the daemons count: their /metrics, without a Prometheus",
    .summary_zh = "各进程的计数：读其 /metrics，无需 Prometheus",
    .help = "Asked of each daemon's port on this machine (http_port_base). What is not asked of anybody is not shown "
            "as 0: a\n"
            "daemon that does not answer is told on stderr, exit code 3.\n\n"
            "  hutong metrics ingest --prefix hutong_party_refusals_total",
    .help_zh = "向本机各进程的端口询问（http_port_base）。没有应答的进程写在 stderr，退出码 3，不当作 0。\n"
               "\n"
               "  hutong metrics ingest --prefix hutong_party_refusals_total",
    .options =
        (const struct command_option[]){{"--prefix", "NAME", "只列名称如此开头的", "of names that begin so"}, {0}},
    .run = run,
};
