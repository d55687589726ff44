/* SPDX-License-Identifier: Apache-2.0
 * Recording a trace at the broker. */
#include "tools/trace_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "common/pb/outcome.h"
#include "tools/access.h"
#include "tools/log_reader.h"
#include "tools/pseudonym.h"
#include "tools/trace_file.h"

struct sources {
    struct log_reader submissions;
    struct log_reader outcomes[PARTITION_COUNT_MAX];
    uint32_t partitions;
};

static bool sources_open(struct cli *cli, struct sources *sources)
{
    char stream[STREAM_NAME_SIZE_MAX + 1];
    sources->partitions = cli->config.partitions;
    bool opened = log_reader_open(cli, "submissions", &sources->submissions);
    for (uint32_t p = 0; p < sources->partitions; p++) {
        (void)snprintf(stream, sizeof stream, "outcomes.%u", p);
        opened = log_reader_open(cli, stream, &sources->outcomes[p]) && opened;
    }
    return opened;
}

static void sources_close(struct sources *sources)
{
    log_reader_close(&sources->submissions);
    for (uint32_t p = 0; p < sources->partitions; p++)
        log_reader_close(&sources->outcomes[p]);
}

/* The one partition's record that is not empty. */
static bool outcome_at(struct sources *sources, position_t position, struct span *outcome)
{
    for (uint32_t p = 0; p < sources->partitions; p++)
        if (log_reader_at(&sources->outcomes[p], position, outcome) && outcome->size > 0)
            return true;
    return false;
}

/* What is written, and how; `pseudonyms` NULL: as it was sent. */
struct recording {
    struct trace_writer *writer;
    struct pseudonyms *pseudonyms;
    struct buffer envelope, outcome;
};

/* Replaces both by what holds no person; false: they cannot be read. */
static bool without_persons(struct recording *recording, struct span *envelope, struct span *outcome)
{
    buffer_reset(&recording->envelope);
    buffer_reset(&recording->outcome);
    if (pseudonymise(recording->pseudonyms, WIRE_ENVELOPE, *envelope, &recording->envelope) != OK ||
        pseudonymise_outcome(recording->pseudonyms, *outcome, *envelope, buffer_span(&recording->envelope), NULL,
                             &recording->outcome) != OK)
        return false;
    *envelope = buffer_span(&recording->envelope);
    *outcome = buffer_span(&recording->outcome);
    return true;
}

static bool record_one(struct sources *sources, struct recording *recording, position_t position)
{
    struct span record, outcome;
    struct submission submission;
    struct envelope_head head;
    if (!log_reader_at(&sources->submissions, position, &record) ||
        submission_decode(record, NULL, &submission) != OK || envelope_head_read(submission.envelope, &head) != OK)
        return false;
    if (!outcome_at(sources, position, &outcome) ||
        (recording->pseudonyms != NULL && !without_persons(recording, &submission.envelope, &outcome)))
        return false;
    if (recording->pseudonyms != NULL)
        submission.signature = span_of(NULL, 0); /* of other bytes */
    trace_write_submission(recording->writer, position, head.sender, &submission);
    trace_write_outcome(recording->writer, position, outcome);
    return true;
}

/* Without a file: of chance, and gone with this process. False: said why. */
static bool key_read(const char *path, struct buffer *key)
{
    uint8_t *to = buffer_reserve(key, PSEUDONYM_KEY_SIZE_MAX + 1);
    if (path == NULL) {
        key->size = DIGEST_SIZE;
        return getrandom(to, DIGEST_SIZE, 0) == DIGEST_SIZE;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        complain("%s: %s", path, strerror(errno));
        return false;
    }
    key->size = fread(to, 1, PSEUDONYM_KEY_SIZE_MAX + 1, file);
    (void)fclose(file);
    if (key->size < PSEUDONYM_KEY_SIZE_MIN || key->size > PSEUDONYM_KEY_SIZE_MAX)
        complain(said("%s：密钥须为 %d 至 %d 字节", "%s: a key is %d to %d bytes"), path, PSEUDONYM_KEY_SIZE_MIN,
                 PSEUDONYM_KEY_SIZE_MAX);
    return key->size >= PSEUDONYM_KEY_SIZE_MIN && key->size <= PSEUDONYM_KEY_SIZE_MAX;
}

/* The open file and what goes through; false: said why. */
static bool recording_begin(struct cli *cli, const char *path, uint64_t from, struct recording *recording)
{
    struct buffer key = {0};
    const char *key_path = cli_option(cli, "--key");
    memset(recording, 0, sizeof *recording);
    if (cli_flag(cli, "--pseudonymise")) {
        if (key_read(key_path, &key))
            recording->pseudonyms = pseudonyms_new(buffer_span(&key), cli->config.partitions);
        explicit_bzero(key.data, key.size);
        buffer_fini(&key);
        if (recording->pseudonyms == NULL)
            return false;
    }
    recording->writer = trace_writer_open(path, from);
    if (recording->writer == NULL)
        complain("%s: %s", path, strerror(errno));
    return recording->writer != NULL;
}

static void recording_end(struct recording *recording)
{
    pseudonyms_destroy(&recording->pseudonyms);
    buffer_fini(&recording->envelope);
    buffer_fini(&recording->outcome);
}

static int record_access(struct cli *cli, uint64_t from, uint64_t to)
{
    char scope[64];
    int length = snprintf(scope, sizeof scope, "log %llu-", (unsigned long long)from);
    if (to != UINT64_MAX)
        (void)snprintf(scope + length, sizeof scope - (size_t)length, "%llu", (unsigned long long)to);
    return access_record_decided(cli, &(struct access){"trace", NULL, scope, 0});
}

int trace_record(struct cli *cli, const char *path, uint64_t from, uint64_t to)
{
    struct recording recording;
    uint64_t submissions = 0, outcomes = 0;
    int64_t now;
    static struct sources sources;
    int code = cli_flag(cli, "--pseudonymise") ? CLI_OK : record_access(cli, from, to);
    if (code != CLI_OK)
        return code;
    struct ht_client *client = cli_connect(cli);
    enum ht_result result = client == NULL ? HT_INVALID : ht_ping(client, 5000, &submissions, &outcomes, &now);
    ht_close(&client);
    if (result != HT_OK) {
        complain(said("接收端没有应答", "the gate does not answer"));
        return CLI_UNREACHABLE;
    }
    to = to > outcomes ? outcomes : to;
    if (!recording_begin(cli, path, from, &recording)) {
        recording_end(&recording);
        return CLI_BAD_INPUT;
    }
    if (!sources_open(cli, &sources)) {
        complain("%s: %s", path, strerror(errno));
        return CLI_FAILED;
    }
    bool whole = true;
    for (position_t i = from; whole && i < to; i++) {
        whole = record_one(&sources, &recording, i);
        if (i % 500 == 0)
            progress_show(said("已录制", "recorded"), i - from, to - from);
    }
    progress_end();
    sources_close(&sources);
    recording_end(&recording);
    if (trace_writer_close(&recording.writer) != OK || !whole) {
        complain("%s: %s", path,
                 whole ? said("无法写入", "cannot be written")
                       : said("日志无法读到末尾", "the log cannot be read to its end"));
        (void)remove(path);
        return CLI_FAILED;
    }
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:I}", "trace", path, "submissions", (json_int_t)(to - from)));
    else
        (void)printf(said("%llu 份报文及其结果已写入 %s\n", "%llu submissions and their outcomes in %s\n"),
                     (unsigned long long)(to - from), path);
    return CLI_OK;
}
