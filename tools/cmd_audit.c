/* SPDX-License-Identifier: Apache-2.0
 * hutong audit: what can be proved, made, checked and handed on. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/check.h"
#include "common/engines/tlog/lines.h"
#include "common/pb/outcome.h"
#include "common/store/kept_file.h"
#include "tools/audit_tiles.h"
#include "tools/input.h"
#include "tools/log_reader.h"
#include "tools/position.h"
#include "tools/proof.h"
#include "tools/tile_files.h"

enum { PATH_SIZE = 4096 + 300, COVERED_WITHIN_MS = 5000, LOOK_MS = 100 };

/* ---- what is signed ---- */

/* The exchange's own key, from its key directory. */
static bool own_trust(struct cli *cli, struct proof_trust *trust)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/audit-signing.vkey", cli->config.key_directory);
    if (proof_trust_key(trust, path))
        return true;
    complain(said("%s 没有日志公钥：审计尚未启动过？", "%s holds no key of the log: has audit never run?"), path);
    return false;
}

/* The latest that is signed, or the latest that is final; false: there is none. */
static bool read_checkpoint(struct cli *cli, const struct proof_trust *trust, bool final, struct buffer *note,
                            struct checkpoint *checkpoint)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/checkpoint%s", cli->config.data_directory, final ? ".final" : "");
    buffer_reset(note);
    return kept_file_read(path, NOTE_SIZE_MAX, note) == OK && proof_trusts(trust, buffer_span(note), checkpoint) == OK;
}

static int run_checkpoint(struct cli *cli, const struct proof_trust *trust)
{
    struct buffer note = {0};
    struct checkpoint checkpoint;
    char root[2 * DIGEST_SIZE + 1];
    bool there = read_checkpoint(cli, trust, cli_flag(cli, "--final"), &note, &checkpoint);
    if (!there) {
        complain(said("还没有这样的检查点", "there is no such checkpoint yet"));
    } else if (cli->json) {
        digest_hex(checkpoint.root.bytes, DIGEST_SIZE, root);
        cli_print_json(json_pack("{s:s,s:I,s:s,s:s}", "origin", checkpoint.origin, "size", (json_int_t)checkpoint.size,
                                 "root", root, "note", buffer_text(&note)));
    } else {
        (void)fwrite(note.data, 1, note.size, stdout);
    }
    buffer_fini(&note);
    return there ? CLI_OK : CLI_DIFFERENT;
}

/* ---- proofs ---- */

/* The submission and, of each partition that has one, the outcome. */
static bool read_record(struct cli *cli, uint64_t position, struct buffer *submission, struct buffer *outcomes,
                        struct span spans[PARTITION_COUNT_MAX], unsigned *count)
{
    char stream[STREAM_NAME_SIZE_MAX + 1] = "submissions";
    *count = 0;
    for (unsigned i = 0; i <= cli->config.partitions; i++) {
        struct log_reader reader;
        struct span record;
        if (i > 0)
            (void)snprintf(stream, sizeof stream, "outcomes.%u", i - 1);
        bool read = log_reader_open(cli, stream, &reader) && log_reader_at(&reader, position, &record);
        if (read && i == 0)
            buffer_append(submission, record.data, record.size);
        else if (read && record.size > 0) {
            buffer_append(&outcomes[*count], record.data, record.size);
            spans[*count] = buffer_span(&outcomes[*count]);
            (*count)++;
        }
        log_reader_close(&reader);
        if (!read)
            return false;
    }
    return true;
}

/* One that covers the position: a final one, where that does; what is a moment old is waited for. */
static bool covering(struct cli *cli, const struct proof_trust *trust, uint64_t position, struct buffer *note,
                     struct checkpoint *checkpoint)
{
    struct timespec pause = {0, LOOK_MS * 1000000L};
    for (int waited = 0; waited <= COVERED_WITHIN_MS; waited += LOOK_MS) {
        if (read_checkpoint(cli, trust, true, note, checkpoint) && checkpoint->size > position)
            return true;
        if (waited >= COVERED_WITHIN_MS / 2 && read_checkpoint(cli, trust, false, note, checkpoint) &&
            checkpoint->size > position)
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

/* The proof's file in `out`. */
static int make_proof(struct cli *cli, const struct proof_trust *trust, const struct proof_record *record,
                      struct buffer *out)
{
    struct audit_tiles tiles = {.cli = cli};
    struct tlog_source source = audit_tiles_source(&tiles);
    struct digest *digest = digest_new();
    struct proof_file proof = {.index = record->position};
    struct checkpoint checkpoint;
    struct buffer note = {0};
    uint8_t entry[TLOG_ENTRY_SIZE];
    struct proved_record proved = {.entry = span_of(entry, sizeof entry)};
    struct proof_found found;
    int code = CLI_DIFFERENT;
    tlog_leaf_of(digest, record->position, record->submission, record->outcomes, record->outcome_count, entry);
    if (!cli_flag(cli, "--bare")) {
        proved.submission = record->submission;
        proved.outcomes = record->outcomes;
        proved.outcome_count = record->outcome_count;
    }
    proved_record_encode(&proved, &proof.extra);
    if (!covering(cli, trust, record->position, &note, &checkpoint)) {
        complain(said("还没有检查点覆盖位置 %llu", "no checkpoint covers %llu yet"),
                 (unsigned long long)record->position);
    } else if (tlog_inclusion(&source, digest, record->position, checkpoint.size, proof.path, &proof.path_count) !=
               OK) {
        complain(said("审计没有应答", "audit does not answer"));
        code = CLI_UNREACHABLE;
    } else {
        proof.checkpoint = buffer_span(&note);
        proof_file_write(&proof, out);
        enum proof_result result = proof_verify(trust, buffer_span(out), &found);
        if (result == PROOF_HOLDS)
            code = CLI_OK;
        else
            complain(said("记录与日志不符：%s", "the record and the log differ: %s"),
                     said(proof_wrong[result][0], proof_wrong[result][1]));
    }
    proof_file_fini(&proof);
    buffer_fini(&note);
    audit_tiles_fini(&tiles);
    digest_destroy(&digest);
    return code;
}

static int put_file(struct cli *cli, uint64_t position, struct buffer *bytes)
{
    const char *path = cli_option(cli, "--out");
    if (path == NULL && cli->json) {
        cli_print_json(json_pack("{s:I,s:s}", "position", (json_int_t)position, "proof", buffer_text(bytes)));
        return CLI_OK;
    }
    if (path == NULL)
        return fwrite(bytes->data, 1, bytes->size, stdout) == bytes->size ? CLI_OK : CLI_FAILED;
    if (kept_file_write(path, buffer_span(bytes)) == OK)
        return CLI_OK;
    complain(said("无法写入 %s", "cannot write %s"), path);
    return CLI_FAILED;
}

static int run_prove(struct cli *cli, const struct proof_trust *trust)
{
    struct buffer submission = {0}, outcomes[PARTITION_COUNT_MAX] = {0}, out = {0};
    struct span spans[PARTITION_COUNT_MAX];
    struct proof_record record = {.outcomes = spans};
    struct ht_client *client = cli_connect(cli);
    int code = client == NULL ? CLI_BAD_INPUT : position_find(client, cli->argv[1], &record.position);
    ht_close(&client);
    if (code == CLI_OK)
        code = position_on_log(cli, record.position);
    if (code == CLI_OK && !read_record(cli, record.position, &submission, outcomes, spans, &record.outcome_count)) {
        complain(said("位置 %llu 无法从代理读取：请再问", "%llu cannot be read from the broker: ask again"),
                 (unsigned long long)record.position);
        code = CLI_UNREACHABLE;
    }
    record.submission = buffer_span(&submission);
    if (code == CLI_OK)
        code = make_proof(cli, trust, &record, &out);
    if (code == CLI_OK)
        code = put_file(cli, record.position, &out);
    buffer_fini(&submission);
    for (unsigned i = 0; i < PARTITION_COUNT_MAX; i++)
        buffer_fini(&outcomes[i]);
    buffer_fini(&out);
    return code;
}

static void print_found(struct cli *cli, const struct proof_found *found)
{
    char at[32], hash[2 * DIGEST_SIZE + 1] = "";
    instant_describe(found->accepted_at, at);
    if (found->has_record || found->was_erased)
        digest_hex(found->envelope_sha256, DIGEST_SIZE, hash);
    if (cli->json) {
        cli_print_json(json_pack("{s:b,s:s,s:I,s:I,s:s,s:i,s:b,s:b,s:s}", "holds", true, "origin",
                                 found->checkpoint.origin, "size", (json_int_t)found->checkpoint.size, "position",
                                 (json_int_t)found->position, "acceptedAt", at, "outcomeKind", (int)found->outcome_kind,
                                 "record", found->has_record, "erased", found->was_erased, "envelopeSha256", hash));
        return;
    }
    (void)printf(said("成立：%s 的前 %llu 个位置包含位置 %llu，受理于 %s\n",
                      "holds: the first %2$llu positions of %1$s hold position %3$llu, accepted %4$s\n"),
                 found->checkpoint.origin, (unsigned long long)found->checkpoint.size,
                 (unsigned long long)found->position, at);
    if (found->has_record)
        (void)printf(said("所附记录即叶子所承诺的；报文的 SHA-256 为 %s\n",
                          "the record in it is what the leaf commits to; its envelope's SHA-256 is %s\n"),
                     hash);
    if (found->was_erased)
        (void)printf(said("此人已被删除：所附记录已改写；原报文的 SHA-256 为 %s\n",
                          "a person was erased: the record in it is rewritten; the SHA-256 of the envelope that was "
                          "there is %s\n"),
                     hash);
}

static int run_verify(struct cli *cli, const struct proof_trust *trust)
{
    struct buffer file = {0};
    struct proof_found found;
    if (!input_slurp(cli->argv[1], &file))
        return CLI_BAD_INPUT;
    enum proof_result result = proof_verify(trust, buffer_span(&file), &found);
    buffer_fini(&file);
    if (result == PROOF_HOLDS)
        print_found(cli, &found);
    else if (cli->json)
        cli_print_json(json_pack("{s:b,s:s}", "holds", false, "why", proof_wrong[result][1]));
    else
        complain(said("不成立：%s", "does not hold: %s"), said(proof_wrong[result][0], proof_wrong[result][1]));
    return result == PROOF_HOLDS ? CLI_OK : result == PROOF_MALFORMED ? CLI_BAD_INPUT : CLI_DIFFERENT;
}

/* ---- consistency ---- */

static bool read_named(const char *path, const struct proof_trust *trust, struct checkpoint *checkpoint)
{
    struct buffer note = {0};
    bool read =
        kept_file_read(path, NOTE_SIZE_MAX, &note) == OK && proof_trusts(trust, buffer_span(&note), checkpoint) == OK;
    if (!read)
        complain(said("%s 不是由该日志密钥签名的检查点", "%s is no checkpoint signed by the log's key"), path);
    buffer_fini(&note);
    return read;
}

static int say_consistent(struct cli *cli, bool holds, const struct checkpoint *old, const struct checkpoint *next,
                          const struct merkle_hash *path, unsigned count)
{
    struct buffer lines = {0};
    for (unsigned i = 0; i < count; i++)
        lines_put_hash(&lines, &path[i]);
    if (cli->json)
        cli_print_json(json_pack("{s:b,s:I,s:I,s:s}", "consistent", holds, "old", (json_int_t)old->size, "new",
                                 (json_int_t)next->size, "proof", buffer_text(&lines)));
    else
        (void)printf(
            holds ? said("一致：%llu 是 %llu 的开头\n%s", "consistent: %llu is the beginning of %llu\n%s")
                  : said("矛盾：%llu 不是 %llu 的开头\n%s", "contradiction: %llu is not the beginning of %llu\n%s"),
            (unsigned long long)old->size, (unsigned long long)next->size, buffer_text(&lines));
    buffer_fini(&lines);
    return holds ? CLI_OK : CLI_DIFFERENT;
}

static int run_consistency(struct cli *cli, const struct proof_trust *trust)
{
    struct audit_tiles tiles = {.cli = cli};
    struct tlog_source source = audit_tiles_source(&tiles);
    struct merkle_hash path[MERKLE_PATH_MAX];
    struct checkpoint old, next;
    unsigned count = 0;
    if (!read_named(cli->argv[1], trust, &old) || !read_named(cli->argv[2], trust, &next))
        return CLI_BAD_INPUT;
    if (old.size > next.size) {
        complain(said("第一个检查点比第二个长：请调换", "the first checkpoint is longer than the second: swap them"));
        return CLI_USAGE;
    }
    struct digest *digest = digest_new();
    enum status status = tlog_consistency(&source, digest, old.size, next.size, path, &count);
    bool holds = status == OK && tlog_is_consistent(digest, old.size, &old.root, next.size, &next.root, path, count);
    digest_destroy(&digest);
    audit_tiles_fini(&tiles);
    if (tiles.unanswered) {
        complain(said("审计没有应答", "audit does not answer"));
        return CLI_UNREACHABLE;
    }
    return say_consistent(cli, holds, &old, &next, path, count);
}

/* ---- handing on ---- */

static int run_export(struct cli *cli, const struct proof_trust *trust)
{
    struct buffer note = {0};
    struct checkpoint checkpoint;
    uint64_t files = 0, from = cli_number(cli, "--from", 0), to = cli_number(cli, "--to", UINT64_MAX);
    struct audit_tiles tiles = {.cli = cli};
    int code = CLI_DIFFERENT;
    if (!read_checkpoint(cli, trust, true, &note, &checkpoint)) {
        complain(said("还没有最终的检查点", "there is no final checkpoint yet"));
    } else {
        struct tile_files to_write = {cli->argv[1], checkpoint.size, from, to};
        enum status status = tile_files_write(&to_write, &tiles, buffer_span(&note), &files);
        code = status == OK ? CLI_OK : tiles.unanswered ? CLI_UNREACHABLE : CLI_FAILED;
        if (status != OK)
            complain(said("未写完：%s", "not written in full: %s"), status_text(status));
        else if (cli->json)
            cli_print_json(json_pack("{s:I,s:I}", "size", (json_int_t)checkpoint.size, "files", (json_int_t)files));
        else
            (void)printf(said("%llu 个位置，%llu 个文件\n", "%llu positions, %llu files\n"),
                         (unsigned long long)checkpoint.size, (unsigned long long)files);
    }
    audit_tiles_fini(&tiles);
    buffer_fini(&note);
    return code;
}

static void print_evidence(struct cli *cli, const char *place)
{
    char path[PATH_SIZE + 300];
    struct buffer why = {0};
    (void)snprintf(path, sizeof path, "%s/why.txt", place);
    if (kept_file_read(path, NOTE_SIZE_MAX, &why) != OK)
        buffer_append_text(&why, said("没有写完", "not written in full"));
    if (why.size > 0 && why.data[why.size - 1] == '\n')
        why.size--;
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:s}", "place", place, "why", buffer_text(&why)));
    else
        (void)printf("%s  %s\n", place, buffer_text(&why));
    buffer_fini(&why);
}

static int run_evidence(struct cli *cli)
{
    char directory[PATH_SIZE], place[PATH_SIZE + 260];
    unsigned count = 0;
    (void)snprintf(directory, sizeof directory, "%s/evidence", cli->config.data_directory);
    DIR *dir = opendir(directory);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(place, sizeof place, "%s/%s", directory, entry->d_name);
        print_evidence(cli, place);
        count++;
    }
    if (dir != NULL)
        (void)closedir(dir);
    if (count == 0 && !cli->json)
        (void)printf("%s", said("没有相互矛盾的检查点\n", "no checkpoints that contradict each other\n"));
    return count == 0 ? CLI_OK : CLI_DIFFERENT;
}

/* ---- the command ---- */

static const struct verb {
    const char *name;
    int words;
    bool on_exchange;
    int (*run)(struct cli *cli, const struct proof_trust *trust);
} verbs[] = {{"checkpoint", 1, true, run_checkpoint},
             {"prove", 2, true, run_prove},
             {"verify", 2, false, run_verify},
             {"consistency", 3, true, run_consistency},
             {"export", 2, true, run_export}};

/* By --key and --policy, or, on the exchange's machine, by its own key. False: said why. */
static bool take_trust(struct cli *cli, bool on_exchange, struct proof_trust *trust)
{
    const char *policy = cli_option(cli, "--policy"), *key;
    struct buffer why = {0};
    bool taken = true;
    for (unsigned i = 0; taken && (key = cli_option_at(cli, "--key", i)) != NULL; i++)
        if (!(taken = proof_trust_key(trust, key)))
            complain(said("--key %s 不是公钥文本（vkey），也不是含公钥文本的文件",
                          "--key %s is neither a vkey nor a file that holds one"),
                     key);
    if (taken && policy != NULL && !(taken = proof_trust_policy(trust, policy, &why)))
        complain("%s: %s", policy, buffer_text(&why));
    buffer_fini(&why);
    if (taken && trust->log_count == 0 && !on_exchange) {
        complain(said("请用 --key 给出日志的公钥（或含 log 行的 --policy）",
                      "give the log's key by --key (or a --policy with a line log)"));
        return false;
    }
    return taken && (trust->log_count > 0 || own_trust(cli, trust));
}

static int run(struct cli *cli)
{
    struct proof_trust trust = {0};
    const struct verb *verb = NULL;
    if (!cli_arguments(cli, &command_audit, 1, 3))
        return CLI_USAGE;
    bool evidence = strcmp(cli->argv[0], "evidence") == 0 && cli->argc == 1;
    for (unsigned i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(cli->argv[0], verbs[i].name) == 0 && cli->argc == verbs[i].words)
            verb = &verbs[i];
    if (verb == NULL && !evidence)
        return cli_usage(&command_audit);
    if ((evidence || verb->on_exchange) && !cli_configure(cli))
        return CLI_BAD_INPUT;
    if (evidence)
        return run_evidence(cli);
    int code = take_trust(cli, verb->on_exchange, &trust) ? verb->run(cli, &trust) : CLI_BAD_INPUT;
    proof_trust_fini(&trust);
    return code;
}

const struct command command_audit = {
    .name = "audit",
    .usage = "audit checkpoint [--final] | prove MESSAGE-ID|POSITION [--out FILE] [--bare] | "
             "verify FILE --key VKEY [--policy FILE] | consistency OLD NEW | export DIR [--from N] [--to N] | evidence",
    .summary = "proofs: what stands on the log, for anybody to verify without the exchange",
    .summary_zh = "证明：日志上有什么，任何人无需平台即可验证",
    .help =
        "The log is a Merkle tree with a leaf a position, signed once a second while it grows and cosigned by\n"
        "witnesses. A proof is one file: it holds the leaf, the way to a checkpoint, its signatures, and the record\n"
        "with its salt (without it: --bare). verify asks nobody; it needs the log's key, and --policy where\n"
        "cosignatures shall count. evidence: checkpoints that contradict each other; code 1 where there are some.\n\n"
        "  hutong audit prove 1234 --out bill.tlog-proof\n"
        "  hutong audit verify bill.tlog-proof --key keys/audit-signing.vkey",
    .help_zh = "日志是一棵每个位置一片叶子的默克尔树，增长期间每秒签名一次，并由见证方副署。证明为单个文件：含叶子、"
               "到检查点的路径、其签名，以及记录及其盐值（不附记录用 "
               "--bare）。verify 不询问任何人；需要日志的公钥，副署计入时还需 --policy。evidence "
               "列出相互矛盾的检查点；有则退出码为 1。\n"
               "\n"
               "  hutong audit prove 1234 --out bill.tlog-proof\n"
               "  hutong audit verify bill.tlog-proof --key keys/audit-signing.vkey",
    .options =
        (const struct command_option[]){
            {"--final", NULL, "已有足够副署的最近检查点", "the latest checkpoint that the policy makes final"},
            {"--out", "FILE", "写入此文件，缺省为标准输出", "writes here instead of standard output"},
            {"--bare", NULL, "不附记录：给无权看到内容的人", "without the record: for who may not see it"},
            {"--key", "VKEY", "日志的公钥文本，或其文件；可重复", "a log's vkey, or its file; may be given again"},
            {"--policy", "FILE", "见证策略文件", "the witness policy"},
            {"--from", "N", "从这个位置起的条目", "entries from this position on"},
            {"--to", "N", "到这个位置之前的条目", "entries up to this position"},
            {0}},
    .run = run,
};
