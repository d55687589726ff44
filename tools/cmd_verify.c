/* SPDX-License-Identifier: Apache-2.0
 * hutong verify: what was signed, held against its key, and against what the log says now. */
#include <stdio.h>
#include <stdlib.h>

#include "broker/log.h"
#include "common/bus/bus.h"
#include "common/engines/signing/signed_tree.h"
#include "common/net/loop.h"
#include "common/pb/batch.h"
#include "common/pb/outcome.h"
#include "tools/input.h"
#include "tools/receipt_proof.h"
#include "tools/verify_message.h"
#include "tools/written.h"

enum { MEMORY_SIZE = 8192, ANSWER_MS = 30000 };

/* What is held against what. */
struct verifying {
    struct cli *cli;
    struct sign_verifier *key;
    uint8_t key_id[SIGNED_KEY_ID_SIZE];
    struct digest *digest;
    struct ht_client *client;    /* --exchange */
    struct log *log;             /* --log; NULL: neither */
    struct receipt_proof *proof; /* --proof, --checkpoint; NULL: neither */
    size_t count, wrong, contradicted, spoken_of;
};

/* One receipt, read. */
struct claim {
    struct signed_receipt outer;
    struct receipt receipt;
    uint8_t memory[2][MEMORY_SIZE];
};

static bool claim_read(struct span bytes, struct claim *claim)
{
    struct arena arenas[2];
    arena_init(&arenas[0], claim->memory[0], MEMORY_SIZE);
    arena_init(&arenas[1], claim->memory[1], MEMORY_SIZE);
    return wire_check(WIRE_SIGNED_RECEIPT, bytes, NULL) == OK &&
           signed_receipt_decode(bytes, &arenas[0], &claim->outer) == OK &&
           wire_check(WIRE_RECEIPT, claim->outer.receipt, NULL) == OK &&
           receipt_decode(claim->outer.receipt, &arenas[1], &claim->receipt) == OK;
}

static bool signature_holds(struct verifying *verifying, const struct signed_receipt *outer)
{
    struct signed_place place = {outer->index, outer->count, outer->path, outer->path_count};
    struct signed_statement statement;
    return span_equal(outer->key_id, span_of(verifying->key_id, SIGNED_KEY_ID_SIZE)) &&
           signed_fold(verifying->digest, SIGNED_RECEIPTS, outer->receipt, &place, &statement) &&
           sign_verify(verifying->key, signed_bytes(&statement), outer->signature);
}

/* ---- what the log says ---- */

/* What the exchange says of the id now: the same receipt, or the log is another one. -1: it does not answer. */
static int agrees_at_exchange(struct verifying *verifying, const struct claim *claim)
{
    char id[37] = "";
    enum ht_state state = HT_STATE_NONE;
    struct ht_receipt now = {0};
    if (claim->receipt.message_id.size == 36)
        memcpy(id, claim->receipt.message_id.data, 36);
    enum ht_result result = ht_query(verifying->client, id, ANSWER_MS, &state, &now);
    int agrees = result != HT_OK
                     ? -1
                     : now.kind == HT_ACCEPTED && span_equal(span_of(now.bytes, now.size), claim->outer.receipt);
    if (result != HT_OK)
        complain(said("平台没有应答 %s", "the exchange does not answer %s"), ht_last_refusal(verifying->client));
    ht_receipt_clear(&now);
    return agrees;
}

/* The record at the position. REJECT_NOT_FOUND: the log ends before it. */
static enum status record_at(struct log *log, position_t position, struct buffer *record, struct buffer *why)
{
    struct log_batch batch;
    struct span each;
    int stream = log_find(log, "submissions");
    if (stream < 0)
        return REJECT_NOT_FOUND;
    TRY(log_read(log, stream, position, &batch, why));
    struct batch_reader reader = batch_read(batch.bytes);
    bool whole = batch.position <= position;
    for (position_t at = batch.position; whole && at <= position; at++)
        whole = batch_next(&reader, &each) == OK;
    if (whole)
        buffer_append(record, each.data, each.size);
    log_read_end(log);
    return whole ? OK : FATAL_CORRUPT;
}

static int agrees_in_log(struct verifying *verifying, const struct claim *claim)
{
    struct buffer record = {0}, why = {0};
    struct submission submission;
    struct envelope_head head;
    uint8_t sha256[DIGEST_SIZE];
    enum status status = record_at(verifying->log, claim->receipt.position, &record, &why);
    if (status != OK && status != REJECT_NOT_FOUND) /* trimmed, or damaged: nothing is known */
        complain(said("位置 %llu 无法读取：%s %s", "position %llu cannot be read: %s %s"),
                 (unsigned long long)claim->receipt.position, status_text(status), buffer_text(&why));
    bool agrees = status == OK && submission_decode(buffer_span(&record), NULL, &submission) == OK &&
                  envelope_head_read(submission.envelope, &head) == OK;
    if (agrees) {
        submission_sha256(&submission, verifying->digest, sha256);
        agrees = submission.accepted_at == claim->receipt.accepted_at &&
                 span_equal(head.message_id, claim->receipt.message_id) &&
                 span_equal(claim->receipt.envelope_sha256, span_of(sha256, sizeof sha256));
    }
    buffer_fini(&record);
    buffer_fini(&why);
    return status != OK && status != REJECT_NOT_FOUND ? -1 : agrees;
}

/* ---- one after the other ---- */

static const char *const verdicts[] = {"holds", "signature", "contradicted", "unreadable"};
enum receipt_verdict { HOLDS, WRONG, CONTRADICTED, UNREADABLE };

static void tell(struct verifying *verifying, const struct claim *claim, enum receipt_verdict verdict)
{
    const struct receipt *receipt = &claim->receipt;
    const char *const words[] = {
        said("签名成立", "the signature holds"),
        said("签名不成立：不是该密钥所签，或已被改动", "the signature does not hold: another key's, or altered"),
        said("日志与此回执矛盾：日志已被回滚", "the log contradicts this receipt: it was rolled back"),
        said("不是回执", "no receipt")};
    if (verifying->cli->json)
        cli_print_json(json_pack("{s:s%,s:I,s:I,s:s}", "messageId", (const char *)receipt->message_id.data,
                                 receipt->message_id.size, "position", (json_int_t)receipt->position, "acceptedAtMs",
                                 (json_int_t)receipt->accepted_at, "verdict", verdicts[verdict]));
    else
        (void)printf("%.*s  %llu  %s\n", (int)receipt->message_id.size, (const char *)receipt->message_id.data,
                     (unsigned long long)receipt->position, words[verdict]);
}

/* CLI_OK, or why to stop. */
static int verify_one(struct verifying *verifying, struct span bytes)
{
    static struct claim claim;
    enum receipt_verdict verdict = HOLDS;
    int agrees = 1;
    memset(&claim.receipt, 0, sizeof claim.receipt);
    verifying->count++;
    if (!claim_read(bytes, &claim)) {
        claim.receipt.message_id = span_text("?");
        verdict = UNREADABLE;
    } else if (!signature_holds(verifying, &claim.outer)) {
        verdict = WRONG;
    } else if (claim.receipt.kind == RECEIPT_ACCEPTED && verifying->proof != NULL) {
        enum receipt_says says = receipt_proof_says(verifying->proof, &claim.receipt);
        agrees = says != RECEIPT_CONTRADICTED;
        verifying->spoken_of += says != RECEIPT_NOT_SPOKEN_OF;
    } else if (claim.receipt.kind == RECEIPT_ACCEPTED && verifying->client != NULL) {
        agrees = agrees_at_exchange(verifying, &claim);
    } else if (claim.receipt.kind == RECEIPT_ACCEPTED && verifying->log != NULL) {
        agrees = agrees_in_log(verifying, &claim);
    }
    if (agrees < 0)
        return CLI_UNREACHABLE;
    verdict = agrees == 0 ? CONTRADICTED : verdict;
    verifying->wrong += verdict == WRONG || verdict == UNREADABLE;
    verifying->contradicted += verdict == CONTRADICTED;
    tell(verifying, &claim, verdict);
    return CLI_OK;
}

static int verify_all(struct verifying *verifying, const char *path)
{
    struct buffer bytes = {0};
    struct span record;
    int code = CLI_OK;
    if (!input_slurp(path, &bytes)) {
        buffer_fini(&bytes);
        return CLI_BAD_INPUT;
    }
    struct span rest = buffer_span(&bytes);
    while (code == CLI_OK && delimited_next(&rest, &record))
        code = verify_one(verifying, record);
    if (code == CLI_OK && (rest.size > 0 || verifying->count == 0)) {
        complain(said("%s：%s", "%s: %s"), path,
                 rest.size > 0 ? said("文件在记录中间断开", "it breaks off within a record")
                               : said("没有回执", "there is no receipt in it"));
        code = CLI_BAD_INPUT;
    }
    buffer_fini(&bytes);
    if (code != CLI_OK)
        return code;
    if (verifying->proof != NULL && verifying->proof->proves && verifying->spoken_of == 0)
        complain(said("证明说的是另一个位置：只核验了签名",
                      "the proof is of another position: only signatures were verified"));
    return verifying->contradicted > 0 ? CLI_CONTRADICTED : verifying->wrong > 0 ? CLI_DIFFERENT : CLI_OK;
}

/* ---- the key, the log ---- */

/* A file with the text, or the text itself. */
static bool key_read(struct verifying *verifying, const char *given)
{
    struct sign_public key;
    char text[200] = "";
    FILE *file = fopen(given, "r");
    if (file != NULL && fgets(text, sizeof text, file) != NULL)
        text[strcspn(text, "\r\n")] = 0;
    if (file != NULL)
        (void)fclose(file);
    if (sign_public_parse(file != NULL ? text : given, &key) != OK || sign_verifier_new(&key, &verifying->key) != OK) {
        complain(said("%s 不是公钥：应为 ed25519:BASE64 或 sm2:BASE64，或写有它的文件",
                      "%s is no public key: ed25519:BASE64 or sm2:BASE64, or a file that says so"),
                 given);
        return false;
    }
    signed_key_id(verifying->digest, &key, verifying->key_id);
    return true;
}

static bool log_take(struct verifying *verifying, const char *directory)
{
    struct log_options options = {.directory = directory, .read_only = true};
    struct buffer why = {0};
    bool opened = log_open(&options, &verifying->log, &why) == OK;
    if (!opened)
        complain("%s: %s", directory, buffer_text(&why));
    buffer_fini(&why);
    return opened;
}

static int run(struct cli *cli)
{
    const char *key = cli_option(cli, "--key"), *log = cli_option(cli, "--log");
    bool exchange = cli_flag(cli, "--exchange"),
         proof = cli_option(cli, "--proof") != NULL || cli_option(cli, "--checkpoint") != NULL;
    struct verifying verifying = {.cli = cli};
    struct receipt_proof proved;
    uint64_t position;
    if (!cli_arguments(cli, &command_verify, 2, 2))
        return CLI_USAGE;
    if (strcmp(cli->argv[0], "message") == 0)
        return written_whole(cli->argv[1], &position) ? verify_message(cli, position) : cli_usage(&command_verify);
    if (strcmp(cli->argv[0], "receipt") != 0 || key == NULL || exchange + (log != NULL) + proof > 1)
        return cli_usage(&command_verify);
    int opened = proof ? receipt_proof_open(cli, &proved) : CLI_OK;
    if (opened != CLI_OK)
        return opened;
    verifying.proof = proof ? &proved : NULL;
    verifying.digest = digest_new();
    int code = CLI_BAD_INPUT;
    bool ready = key_read(&verifying, key) && (log == NULL || log_take(&verifying, log));
    if (ready && exchange)
        ready = (verifying.client = cli_connect(cli)) != NULL;
    if (ready)
        code = verify_all(&verifying, cli->argv[1]);
    ht_close(&verifying.client);
    log_close(&verifying.log);
    sign_verifier_destroy(&verifying.key);
    digest_destroy(&verifying.digest);
    return code;
}

const struct command command_verify = {
    .name = "verify",
    .usage = "verify receipt FILE --key KEY [--exchange | --log DIR | --proof FILE --log-key VKEY | "
             "--checkpoint FILE --log-key VKEY --policy FILE] | verify message POSITION",
    .summary = "hold signed receipts against the exchange's key and log, and signed messages against the keys of their "
               "position",
    .summary_zh = "以平台公钥和日志核验回执，以报文所在位置有效的密钥核验报文签名",
    .help = "FILE is what hutong submit --receipts wrote. KEY is the exchange's public signing key "
            "(KEYS/exchange-signing.pub), as a file or as text. Without more: the signatures alone, offline.\n"
            "--exchange asks a running exchange, --log reads the broker's directory of one that is stopped: a receipt\n"
            "that the log contradicts proves that it was rolled back. --proof and --checkpoint ask nobody: what\n"
            "hutong audit prove wrote of the receipt's position, or a checkpoint that witnesses cosigned later. "
            "message: the record at a position of a running "
            "exchange,\n"
            "by the keys that spoke there, whatever became of them. Exit code 1: a signature does not hold; 6: the\n"
            "log contradicts a receipt.\n\n"
            "  hutong --as 120000 submit --receipts receipts.bin bills.json\n"
            "  hutong verify receipt receipts.bin --key exchange-signing.pub --exchange",
    .help_zh =
        "FILE 为 hutong submit --receipts 所写。KEY 为平台的签名公钥（KEYS/exchange-signing.pub），可写文件或其内容。"
        "不写其他选项：仅离线核验签名。--exchange 询问运行中的平台，--log 读取已停止平台的 broker "
        "目录：与日志矛盾的回执证明日志已被回滚。--proof、--checkpoint 无须询问任何一方：该位置的证明（hutong audit "
        "prove），或其后由见证方副署的检查点。退出码 1：签名不成立；6：日志与回执矛盾。\n"
        "\n"
        "  hutong --as 120000 submit --receipts receipts.bin bills.json\n"
        "  hutong verify receipt receipts.bin --key exchange-signing.pub --exchange",
    .options = (const struct command_option[]){{"--key", "KEY", "平台的签名公钥", "the exchange's public signing key"},
                                               {"--exchange", NULL, "与运行中的平台核对",
                                                "asks the exchange what stands there now"},
                                               {"--log", "DIR", "与已停止平台的日志核对：其 broker 目录",
                                                "reads the log of one that is stopped: its broker directory"},
                                               COMMAND_OPTIONS_RECEIPT_PROOF,
                                               {0}},
    .run = run,
};
