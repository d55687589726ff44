/* SPDX-License-Identifier: Apache-2.0
 * hutong ledger verify: the journal out of the log, and the balances out of the journal, trusting neither a stored
 * state nor a stored decision. Every core is run again over the log of submissions; what it says is compared byte for
 * byte with the streams, its state with the service's; then the postings of all entries are added up. Of a log whose
 * beginning was trimmed, from a snapshot on: its state and its balances are what is given then. */
#include "tools/ledger_verify.h"

#include <stdio.h>
#include <time.h>

#include "common/base/check.h"
#include "common/pb/outcome.h"
#include "common/runtime/replay.h"
#include "tools/books_ask.h"
#include "tools/log_reader.h"
#include "tools/snapshot.h"

#define MAP_SIZE ((size_t)256 << 30) /* of address space, not of disk */

#define DAEMON(name, ...)
#define SERVICE(name, ...) extern const struct core name##_core;
#include "common/config/service.def"
#undef DAEMON
#undef SERVICE

/* By service; NULL: it is no core. */
static const struct core *const cores[SERVICE_COUNT] = {
#define DAEMON(name, ...) NULL,
#define SERVICE(name, ...) &name##_core,
#include "common/config/service.def"
#undef DAEMON
#undef SERVICE
};

/* One service's one partition under way. */
struct verifying {
    struct cli *cli;
    const struct service_row *row;
    const struct core *core;
    bool books; /* the last: its postings and the outcomes' are the journal */
    uint32_t partition;
    position_t from, end;   /* from the beginning or the snapshot on, to where the service stands */
    struct buffer snapshot; /* its directory; empty: from position 0 */
    uint8_t digest[DIGEST_SIZE];
    struct log_reader inputs[CORE_INPUTS_COUNT_MAX], output;
    unsigned input_count;
    struct replay *replay;
    /* Of the books: what their postings and the outcomes' come to. */
    json_t *sums;
    uint64_t entries, accounts, unbalanced;
};

static bool open_streams(struct verifying *verifying)
{
    struct service_streams streams;
    service_streams(verifying->row, verifying->partition, verifying->cli->config.partitions, &streams);
    bool opened = log_reader_open(verifying->cli, streams.output, &verifying->output);
    for (unsigned i = 0; opened && i < streams.input_count; i++)
        opened = log_reader_open(verifying->cli, streams.inputs[i], &verifying->inputs[verifying->input_count++]);
    return opened;
}

/* Where the service stands, and its state's digest there. */
static bool ask_digest(struct verifying *verifying)
{
    struct control_request request = {.version = 1, .kind = CONTROL_ASK_DIGEST};
    json_t *reply = cli_control(verifying->cli, verifying->core->name, verifying->partition, &request, 60000);
    json_t *digest = json_object_get(reply, "digest");
    bool found = cli_bytes(digest, "digest", verifying->digest, DIGEST_SIZE) == DIGEST_SIZE;
    verifying->end = (position_t)cli_integer(digest, "position");
    json_decref(reply);
    if (!found)
        complain(said("%s-%u 没有应答", "%s-%u does not answer"), verifying->core->name, verifying->partition);
    return found;
}

/* ---- the snapshot to begin with ---- */

/* Where the streams of this service begin, the last of them; false: the broker does not answer. */
static bool ask_first(const struct verifying *verifying, uint64_t *first)
{
    size_t index;
    json_t *stream;
    json_t *status =
        cli_member(cli_broker(verifying->cli, BUS_STATUS, (union bus_request_body){.status = {0}}, 5000), "status");
    *first = 0;
    json_array_foreach(json_object_get(status, "streams"), index, stream)
    {
        const char *name = cli_text(stream, "stream");
        uint64_t begins = (uint64_t)cli_integer(stream, "first");
        bool ours = strcmp(name, verifying->output.stream) == 0;
        for (unsigned i = 0; i < verifying->input_count; i++)
            ours = ours || strcmp(name, verifying->inputs[i].stream) == 0;
        *first = ours && begins > *first ? begins : *first;
    }
    json_decref(status);
    return status != NULL;
}

/* The oldest that the log still goes on from. */
static bool choose_snapshot(struct verifying *verifying, const char *directory)
{
    char state[64];
    uint64_t first, position;
    if (!ask_first(verifying, &first)) {
        complain(said("代理没有应答", "the broker does not answer"));
        return false;
    }
    (void)snprintf(state, sizeof state, "%s-%u-", verifying->core->name, verifying->partition);
    if (!snapshot_find(directory, state, first, &position)) {
        complain(said("%s 中没有 %s位置 于 %llu 或之后（日志自该处起）",
                      "%s has no %sPOSITION at %llu or beyond, where the log begins"),
                 directory, state, (unsigned long long)first);
        return false;
    }
    verifying->from = position;
    buffer_printf(&verifying->snapshot, "%s/%s%llu", directory, state, (unsigned long long)position);
    return true;
}

static bool open_replay(struct verifying *verifying)
{
    struct buffer why = {0};
    struct core_partition part = {verifying->partition,
                                  service_processes(verifying->row, verifying->cli->config.partitions)};
    const char *snapshot = verifying->snapshot.size > 0 ? buffer_text(&verifying->snapshot) : NULL;
    bool opened = replay_open(verifying->core, part, MAP_SIZE, snapshot, &verifying->replay, &why) == OK;
    if (opened && replay_position(verifying->replay) != verifying->from) {
        buffer_printf(&why, "%s was taken at %llu", snapshot, (unsigned long long)replay_position(verifying->replay));
        opened = false;
    }
    if (opened && verifying->from > verifying->end) {
        buffer_printf(&why, "%s is ahead of %s-%u, which stands at %llu: it is of another log", snapshot,
                      verifying->core->name, verifying->partition, (unsigned long long)verifying->end);
        opened = false;
    }
    if (!opened)
        complain("%s", buffer_text(&why));
    buffer_fini(&why);
    return opened;
}

/* ---- the journal, added up ---- */

/* The postings of one record, which is one entry: encoded Postings. */
static void add_entry(struct verifying *verifying, const struct span *postings, uint32_t count)
{
    struct posting posting;
    json_int_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (posting_decode(postings[i], NULL, &posting) != OK)
            continue;
        json_int_t before = json_integer_value(json_object_get(verifying->sums, posting.account));
        (void)json_object_set_new(verifying->sums, posting.account, json_integer(before + posting.amount));
        sum += posting.amount;
    }
    verifying->entries += count > 0;
    verifying->unbalanced += sum != 0;
}

static void add_outcome(struct verifying *verifying, struct span record)
{
    struct outcome_postings_peek peek;
    if (outcome_postings_peek_read(record, &peek) == OK)
        add_entry(verifying, peek.postings, peek.posting_count);
}

static void add_books_record(struct verifying *verifying, struct span record)
{
    struct books_postings_peek peek;
    if (books_postings_peek_read(record, &peek) == OK)
        add_entry(verifying, peek.postings, peek.posting_count);
}

static void take_balance(struct verifying *verifying, json_t *row)
{
    const char *account = cli_text(row, "account");
    json_int_t stated = cli_integer(row, "amountFen"),
               is = json_integer_value(json_object_get(verifying->sums, account));
    if (stated != is) {
        complain(said("%s：账目为 %s，按分录为 %s", "%s: %s in the books, %s by the journal"), account,
                 books_yuan(stated), books_yuan(is));
        verifying->unbalanced++;
    }
    (void)json_object_del(verifying->sums, account);
    verifying->accounts++;
}

/* What the books had before the first entry. */
static void begin_with(struct verifying *verifying, json_t *row)
{
    (void)json_object_set_new(verifying->sums, cli_text(row, "account"), json_integer(cli_integer(row, "amountFen")));
}

/* Each balance of the recomputed books; false: no answer. */
static bool each_balance(struct verifying *verifying, void (*take)(struct verifying *verifying, json_t *row))
{
    struct buffer question = {0}, answer = {0};
    bool more = true, answered = true;
    while (more && answered) {
        struct buffer after = {0};
        size_t index;
        json_t *row;
        struct span next = books_next(&answer);
        buffer_append(&after, next.data, next.size);
        buffer_reset(&question);
        buffer_reset(&answer);
        books_query_encode(&(struct books_query){.kind = ASK_BALANCES, .body.balances = {.after = buffer_span(&after)}},
                           &question);
        buffer_fini(&after);
        answered = replay_query(verifying->replay, buffer_span(&question), &answer) == OK;
        json_t *value = cli_message(WIRE_BOOKS_ANSWER, buffer_span(&answer));
        json_array_foreach(json_object_get(value, "balances"), index, row) take(verifying, row);
        json_decref(value);
        more = books_next(&answer).size > 0;
    }
    buffer_fini(&question);
    buffer_fini(&answer);
    return answered;
}

/* The recomputed books' balances, which are the service's since the digests are equal, against the sums. */
static bool balances_hold(struct verifying *verifying)
{
    const char *account;
    json_t *left;
    bool answered = each_balance(verifying, take_balance);
    json_object_foreach(verifying->sums, account, left) if (json_integer_value(left) != 0)
    {
        complain(said("%s：按分录为 %s，账目中没有", "%s: %s by the journal, not in the books"), account,
                 books_yuan(json_integer_value(left)));
        verifying->unbalanced++;
    }
    bool holds = answered && verifying->unbalanced == 0;
    if (verifying->cli->json)
        cli_print_json(json_pack("{s:I,s:I,s:b}", "entries", (json_int_t)verifying->entries, "accounts",
                                 (json_int_t)verifying->accounts, "holds", holds));
    else
        (void)printf(
            said("分录          %llu 笔，%llu 个账户：%s\n", "journal       %llu entries, %llu accounts: %s\n"),
            (unsigned long long)verifying->entries, (unsigned long long)verifying->accounts,
            !holds                ? said("不同", "DIFFERS")
            : verifying->from > 0 ? said("每笔合计为零，加上快照时的余额即账目的余额",
                                         "each entry sums to zero, and with what the snapshot had they are the books' "
                                         "balances")
                                  : said("每笔合计为零，总和即账目的余额",
                                         "each entry sums to zero, and together they are the books' balances"));
    return holds;
}

/* ---- one service ---- */

/* What a service has decided is in its stream a moment later. */
static bool read_at(struct log_reader *reader, position_t position, struct span *record)
{
    const struct timespec pause = {0, 50 * 1000 * 1000};
    for (int tries = 0; tries < 60; tries++) {
        if (log_reader_at(reader, position, record))
            return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

/* OK; REJECT_NOT_FOUND: the log does not hold the position; FATAL_DIVERGED: computed again, it says something else. */
static enum status verify_one(struct verifying *verifying, position_t position)
{
    struct span records[CORE_INPUTS_COUNT_MAX], recorded, said;
    for (unsigned i = 0; i < verifying->input_count; i++)
        if (!read_at(&verifying->inputs[i], position, &records[i]))
            return REJECT_NOT_FOUND;
    if (!read_at(&verifying->output, position, &recorded))
        return REJECT_NOT_FOUND;
    TRY(replay_apply(verifying->replay, records, verifying->input_count, &recorded, &said));
    if (!span_equal(said, recorded))
        return FATAL_DIVERGED;
    for (unsigned i = 1; verifying->books && i < verifying->input_count; i++)
        add_outcome(verifying, records[i]);
    if (verifying->books)
        add_books_record(verifying, recorded);
    return OK;
}

static enum status run_through(struct verifying *verifying)
{
    enum status status = OK;
    for (position_t position = verifying->from; position < verifying->end && status == OK; position++) {
        if (position % 4096 == 0)
            progress_show(verifying->core->name, position, verifying->end);
        status = verify_one(verifying, position);
    }
    progress_end();
    return status;
}

static void say_service(const struct verifying *verifying, enum status status, bool same)
{
    position_t positions = replay_position(verifying->replay) - verifying->from;
    if (verifying->cli->json) {
        cli_print_json(json_pack("{s:s,s:I,s:I,s:I,s:b,s:b}", "service", verifying->core->name, "partition",
                                 (json_int_t)verifying->partition, "from", (json_int_t)verifying->from, "positions",
                                 (json_int_t)positions, "streamEqual", status == OK, "stateEqual", same));
        return;
    }
    (void)printf(said("%-10s %u  %llu 个位置", "%-10s %u  %llu positions"), verifying->core->name, verifying->partition,
                 (unsigned long long)positions);
    if (verifying->snapshot.size > 0)
        (void)printf(said("，自快照 %llu 起", " from %llu on, a snapshot"), (unsigned long long)verifying->from);
    if (status == OK)
        (void)printf(said("：与日志所存逐字节相同；状态%s\n", ": says what the log holds, byte for byte; state %s\n"),
                     same ? said("相同", "equal") : said("不同", "DIFFERS"));
    else if (status == REJECT_NOT_FOUND)
        (void)printf(
            said("：日志没有下一条（已删除：请给 --snapshot DIR；或代理不在）\n",
                 ": the log does not hold the next one (trimmed: give --snapshot DIR; or the broker is away)\n"));
    else
        (void)printf(": %s\n", status_text(status));
}

static bool verify_opened(struct verifying *verifying)
{
    uint8_t digest[DIGEST_SIZE];
    if (verifying->books && !each_balance(verifying, begin_with))
        return false;
    enum status status = run_through(verifying);
    bool same = status == OK && replay_digest(verifying->replay, digest) == OK &&
                memcmp(digest, verifying->digest, sizeof digest) == 0;
    say_service(verifying, status, same);
    return same && (!verifying->books || balances_hold(verifying));
}

static bool verify_service(struct cli *cli, const char *snapshots, unsigned service, uint32_t partition)
{
    struct verifying verifying = {.cli = cli,
                                  .row = &service_rows[service],
                                  .core = cores[service],
                                  .books = strcmp(cores[service]->name, "books") == 0,
                                  .partition = partition,
                                  .sums = json_object()};
    bool holds = ask_digest(&verifying) && open_streams(&verifying) &&
                 (snapshots == NULL || choose_snapshot(&verifying, snapshots)) && open_replay(&verifying) &&
                 verify_opened(&verifying);
    replay_close(&verifying.replay);
    for (unsigned i = 0; i < verifying.input_count; i++)
        log_reader_close(&verifying.inputs[i]);
    log_reader_close(&verifying.output);
    json_decref(verifying.sums);
    buffer_fini(&verifying.snapshot);
    return holds;
}

int ledger_verify(struct cli *cli, const char *snapshots)
{
    bool holds = true;
    for (unsigned i = 0; i < SERVICE_COUNT; i++)
        for (uint32_t p = 0;
             service_rows[i].output != NULL && p < service_processes(&service_rows[i], cli->config.partitions); p++)
            holds = verify_service(cli, snapshots, i, p) && holds;
    return holds ? CLI_OK : CLI_DIFFERENT;
}
