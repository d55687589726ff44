/* SPDX-License-Identifier: Apache-2.0
 * Erasing a person. DATA/erasure.json says whom, under which key and on which event's word, and is gone at the end;
 * DATA/erasing holds what was there before: `log`, the segments; `states`. */
#include "tools/erase.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/codes/identity.h"
#include "common/codes/logic.h"
#include "common/store/store.h"
#include "common/store/store_check.h"
#include "tools/daemons.h"
#include "tools/logic_send.h"
#include "tools/operator_send.h"
#include "tools/redacting.h"

enum { KEY_SIZE = 32, PATH_SIZE = 4096 + 300, KEYS_TRIED_MAX = 16 };

struct order {
    char person[IDENTITY_SIZE + 1];
    uint8_t key[KEY_SIZE];
    char message_id[37];
    char *legal_basis, *by;
    uint64_t position; /* of the event; UINT64_MAX: not known yet */
};

static void in_data(const struct cli *cli, const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", cli->config.data_directory, name);
}

static void order_fini(struct order *order)
{
    free(order->legal_basis);
    free(order->by);
    explicit_bzero(order, sizeof *order);
}

/* ---- the order, on disk ---- */

static enum status order_save(const struct cli *cli, const struct order *order)
{
    char path[PATH_SIZE], fresh[PATH_SIZE + 8], key[2 * KEY_SIZE + 1];
    in_data(cli, "erasure.json", path);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    digest_hex(order->key, KEY_SIZE, key);
    json_t *whole =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:o}", "person", order->person, "key", key, "messageId", order->message_id,
                  "legalBasis", order->legal_basis, "by", order->by, "position", cli_json_number(order->position));
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool saved = whole != NULL && fd >= 0 && json_dumpfd(whole, fd, 0) == 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    json_decref(whole);
    explicit_bzero(key, sizeof key);
    return saved && rename(fresh, path) == 0 ? store_sync_directory(cli->config.data_directory) : FATAL_IO;
}

static bool key_of(const char *hex, uint8_t key[KEY_SIZE])
{
    unsigned byte;
    for (unsigned i = 0; i < KEY_SIZE; i++) {
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        key[i] = (uint8_t)byte;
    }
    return true;
}

/* REJECT_NOT_FOUND: nobody is being erased. */
static enum status order_load(const struct cli *cli, struct order *order)
{
    char path[PATH_SIZE];
    in_data(cli, "erasure.json", path);
    *order = (struct order){.position = UINT64_MAX};
    if (access(path, F_OK) != 0)
        return REJECT_NOT_FOUND;
    json_t *whole = json_load_file(path, 0, NULL);
    const char *key = cli_text(whole, "key");
    bool read = strlen(cli_text(whole, "person")) == IDENTITY_SIZE && strlen(key) == (size_t)(2 * KEY_SIZE) &&
                strlen(cli_text(whole, "messageId")) == 36 && key_of(key, order->key);
    if (read) {
        memcpy(order->person, cli_text(whole, "person"), IDENTITY_SIZE + 1);
        memcpy(order->message_id, cli_text(whole, "messageId"), 37);
        order->legal_basis = strdup(cli_text(whole, "legalBasis"));
        order->by = strdup(cli_text(whole, "by"));
        const json_t *position = json_object_get(whole, "position");
        order->position = json_is_string(position) ? strtoull(json_string_value(position), NULL, 10)
                                                   : (uint64_t)json_integer_value(position);
    } else {
        complain(said("%s 无法读取", "%s cannot be read"), path);
    }
    json_decref(whole);
    return read ? OK : FATAL_CORRUPT;
}

/* Its bytes first: a file that is removed may lie on for long. */
static bool order_destroy(const struct cli *cli)
{
    char path[PATH_SIZE];
    static const uint8_t zeros[4096];
    in_data(cli, "erasure.json", path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    bool over = pwrite(fd, zeros, sizeof zeros, 0) == sizeof zeros && fsync(fd) == 0;
    (void)close(fd);
    return over && unlink(path) == 0 && store_sync_directory(cli->config.data_directory) == OK;
}

/* ---- the log ---- */

static bool begins_at_zero(const char *directory, struct buffer *why)
{
    struct log_options options = {.directory = directory, .segment_size = UINT64_C(1) << 30, .read_only = true};
    struct log *log;
    if (log_open(&options, &log, why) != OK)
        return false;
    bool whole = true;
    for (unsigned i = 0; whole && i < log_stream_count(log); i++)
        whole = log_first(log, (int)i) == 0;
    log_close(&log);
    if (!whole)
        buffer_append_text(why, said("日志已删除旧段，状态无法由日志重建",
                                     "the log was trimmed: states cannot be made again from it"));
    return whole;
}

/* How often the person is spoken of, and a key whose pseudonym is nobody's. */
static int choose_key(const struct cli *cli, struct order *order, uint64_t *count, char pseudonym[IDENTITY_SIZE + 1])
{
    char log[PATH_SIZE];
    struct buffer why = {0};
    in_data(cli, "broker", log);
    bool taken = true;
    enum status status = begins_at_zero(log, &why) ? OK : FATAL_CONFIG;
    for (unsigned i = 0; status == OK && taken && i < KEYS_TRIED_MAX; i++) {
        INVARIANT(getrandom(order->key, KEY_SIZE, 0) == KEY_SIZE);
        struct redacting *redacting =
            redacting_new(order->person, span_of(order->key, KEY_SIZE), cli->config.partitions);
        status = log_visit(log, redacting_note, redacting, &why);
        taken = redacting_pseudonym_is_taken(redacting, UINT64_MAX);
        *count = redacting_count(redacting);
        memcpy(pseudonym, redacting_pseudonym(redacting), IDENTITY_SIZE + 1);
        redacting_destroy(&redacting);
    }
    if (status != OK || taken)
        complain("%s: %s", log, why.size > 0 ? buffer_text(&why) : said("没有可用的假名", "no pseudonym is free"));
    buffer_fini(&why);
    return status == OK && !taken ? CLI_OK : CLI_FAILED;
}

/* ---- the event ---- */

static int send(struct cli *cli, struct order *order)
{
    struct redacting *redacting = redacting_new(order->person, span_of(order->key, KEY_SIZE), cli->config.partitions);
    char id[37];
    struct buffer envelope = {0};
    struct event event = cli_event(EVENT_PERSON_ERASURE, "operator", id);
    event.message_id = order->message_id;
    event.sent_at = 0; /* sent again it is the same */
    event.body.person_erasure = (struct person_erasure){
        .pseudonym = redacting_pseudonym(redacting), .legal_basis = order->legal_basis, .by = order->by};
    envelope_encode(&event, &envelope);
    int code = operator_send(cli, buffer_span(&envelope), 0, &order->position);
    buffer_fini(&envelope);
    redacting_destroy(&redacting);
    return code;
}

static void say_next(struct cli *cli, const struct order *order, uint64_t count)
{
    if (cli->json)
        cli_print_json(
            json_pack("{s:o,s:o}", "position", cli_json_number(order->position), "spokenOfAt", cli_json_number(count)));
    else
        (void)printf(
            said("已记入日志，位置 %llu；日志中有 %llu 处涉及此人。接下来：\n"
                 "  hutong down\n  hutong person erase --apply\n  hutong up\n  hutong person erase --finish\n",
                 "on the log at %llu; %llu positions of the log speak of the person. Next:\n"
                 "  hutong down\n  hutong person erase --apply\n  hutong up\n  hutong person erase --finish\n"),
            (unsigned long long)order->position, (unsigned long long)count);
}

static int order_again(struct cli *cli, struct order *order, const char *person)
{
    if (strcmp(order->person, person) != 0) {
        complain(said("另一人的删除尚未完成：先 hutong person erase --finish 或 --undo",
                      "another person's erasure is under way: hutong person erase --finish or --undo first"));
        return CLI_DIFFERENT;
    }
    int code = order->position == UINT64_MAX ? send(cli, order) : CLI_OK;
    if (code == CLI_OK && order_save(cli, order) != OK)
        code = CLI_FAILED;
    if (code == CLI_OK)
        say_next(cli, order, 0);
    return code;
}

static int order_new(struct cli *cli, struct order *order, const char *person, const char *legal_basis)
{
    uint64_t count = 0;
    char pseudonym[IDENTITY_SIZE + 1], unused[37];
    memcpy(order->person, person, IDENTITY_SIZE + 1);
    order->legal_basis = strdup(legal_basis);
    order->by = strdup(cli->by);
    struct event event = cli_event(EVENT_PERSON_ERASURE, "operator", unused);
    memcpy(order->message_id, event.message_id, 37);
    int code = choose_key(cli, order, &count, pseudonym);
    if (code == CLI_OK && count == 0) {
        complain(said("日志中没有此人", "the log does not speak of this person"));
        return CLI_DIFFERENT;
    }
    if (code == CLI_OK && order_save(cli, order) != OK) {
        complain("%s/erasure.json: %s", cli->config.data_directory, strerror(errno));
        code = CLI_FAILED;
    }
    if (code == CLI_OK)
        code = send(cli, order);
    if (code == CLI_DIFFERENT) /* refused: nothing was begun */
        (void)order_destroy(cli);
    if (code == CLI_OK && order_save(cli, order) != OK)
        code = CLI_FAILED;
    if (code == CLI_OK)
        say_next(cli, order, count);
    return code;
}

int erase_order(struct cli *cli, const char *person, const char *legal_basis)
{
    struct identity identity;
    struct order order;
    if (identity_parse(person, &identity) != OK) {
        complain(said("%s 不是有效的身份号码", "%s is no valid identity number"), person);
        return CLI_USAGE;
    }
    uint32_t logic = logic_in_force(cli);
    if (!logic_has(logic, LOGIC_PERSON_ERASED)) {
        complain(logic == 0 ? said("平台没有应答", "the exchange does not answer")
                            : said("规则版本 5 起才能删除：hutong logic",
                                   "a person can be erased from logic version 5 on: hutong logic"));
        return logic == 0 ? CLI_UNREACHABLE : CLI_DIFFERENT;
    }
    enum status status = order_load(cli, &order);
    int code = CLI_FAILED;
    if (status == OK)
        code = order_again(cli, &order, identity.number);
    else if (status == REJECT_NOT_FOUND)
        code = order_new(cli, &order, identity.number, legal_basis);
    order_fini(&order);
    return code;
}

/* ---- states ---- */

static int remove_one(const char *path, const struct stat *there, int kind, struct FTW *walk)
{
    (void)there;
    (void)kind;
    (void)walk;
    return remove(path);
}

static bool remove_tree(const char *path)
{
    return access(path, F_OK) != 0 || nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0;
}

/* Every state that is made again from the log goes to `states`, or comes back from there; the index of ids names
 * nobody. */
static bool move_states(const struct cli *cli, bool back, struct buffer *why)
{
    char kept[PATH_SIZE], name[SERVICE_STATE_NAME_SIZE];
    const char *service;
    uint32_t number;
    in_data(cli, "erasing/states", kept);
    if (store_make_directory(kept, why) != OK)
        return false;
    for (unsigned i = 0; service_state_at(cli->config.partitions, i, &service, &number); i++) {
        char here[PATH_SIZE], there[PATH_SIZE + SERVICE_STATE_NAME_SIZE];
        service_state_name(service, number, name);
        in_data(cli, name, here);
        (void)snprintf(there, sizeof there, "%s/%s", kept, name);
        const char *from = back ? there : here, *to = back ? here : there;
        if (access(from, F_OK) != 0) /* moved before, or never there */
            continue;
        if (!remove_tree(to) || rename(from, to) != 0) {
            buffer_printf(why, "%s: %s", to, strerror(errno));
            return false;
        }
    }
    return store_sync_directory(kept) == OK && store_sync_directory(cli->config.data_directory) == OK;
}

/* ---- apply, undo, finish ---- */

static int fail(struct buffer *why)
{
    complain("%s", why->size > 0 ? buffer_text(why) : strerror(errno));
    buffer_fini(why);
    return CLI_FAILED;
}

/* What the log will say; only read so far. */
static enum status prepare(struct redacting *redacting, const char *log, uint64_t erasure, struct buffer *why)
{
    TRY(log_visit(log, redacting_note, redacting, why));
    if (redacting_pseudonym_is_taken(redacting, erasure)) {
        buffer_append_text(
            why, said("假名已被使用：--undo 后重新开始", "the pseudonym has come to be used: --undo, and begin again"));
        return REJECT_CONFLICT;
    }
    TRY(log_visit(log, redacting_gather, redacting, why));
    return redacting_make(redacting, erasure, why);
}

static int apply_order(struct cli *cli, const struct order *order)
{
    char log[PATH_SIZE], kept[PATH_SIZE];
    unsigned segments = 0;
    uint64_t count = 0;
    struct buffer why = {0};
    in_data(cli, "broker", log);
    in_data(cli, "erasing/log", kept);
    struct redacting *redacting = redacting_new(order->person, span_of(order->key, KEY_SIZE), cli->config.partitions);
    enum status status = log_is_half_rewritten(log) ? OK : prepare(redacting, log, order->position, &why);
    if (status == OK)
        status = log_rewrite(log, kept, redacting_reword, redacting, &segments, &why);
    count = redacting_count(redacting);
    redacting_destroy(&redacting);
    if (status != OK || !move_states(cli, false, &why))
        return fail(&why);
    buffer_fini(&why);
    (void)printf(said("%llu 个位置、%u 个日志段已改写，状态已移开。hutong up 后由日志重建并逐条比对；就绪后 hutong "
                      "person erase --finish\n",
                      "%llu positions in %u segments are rewritten, states set aside. After hutong up they are made "
                      "again from the "
                      "log and compared with it; when all is ready: hutong person erase --finish\n"),
                 (unsigned long long)count, segments);
    return CLI_OK;
}

/* Loads the order, which must be there; the exchange must be stopped. */
static int stopped_order(struct cli *cli, struct order *order)
{
    enum status status = order_load(cli, order);
    if (status == REJECT_NOT_FOUND)
        complain(said("没有进行中的删除", "nobody is being erased"));
    if (status != OK)
        return status == REJECT_NOT_FOUND ? CLI_DIFFERENT : CLI_FAILED;
    return daemons_let_go(cli) ? CLI_OK : CLI_DIFFERENT;
}

int erase_apply(struct cli *cli)
{
    struct order order;
    int code = stopped_order(cli, &order);
    if (code == CLI_OK && order.position == UINT64_MAX) {
        complain(said("事件尚未记入日志：先在平台运行时重复 hutong person erase",
                      "the event is not on the log yet: repeat hutong person erase while the exchange runs"));
        code = CLI_DIFFERENT;
    }
    if (code == CLI_OK)
        code = apply_order(cli, &order);
    order_fini(&order);
    return code;
}

int erase_undo(struct cli *cli)
{
    char log[PATH_SIZE], kept[PATH_SIZE];
    struct order order;
    struct buffer why = {0};
    int code = stopped_order(cli, &order);
    order_fini(&order);
    if (code != CLI_OK)
        return code;
    in_data(cli, "broker", log);
    in_data(cli, "erasing/log", kept);
    if ((access(kept, F_OK) == 0 && log_unwrite(log, kept, &why) != OK) || !move_states(cli, true, &why))
        return fail(&why);
    in_data(cli, "erasing", kept);
    if (!remove_tree(kept) || !order_destroy(cli))
        return fail(&why);
    buffer_fini(&why);
    (void)printf(said("日志与状态已恢复原样；日志上的事件仍在\n",
                      "log and states are as they were; the event on the log stands\n"));
    return CLI_OK;
}

static bool all_ready(struct cli *cli)
{
    const char *service;
    uint32_t number;
    for (unsigned i = 0; service_state_at(cli->config.partitions, i, &service, &number); i++) {
        struct control_request request = {.version = 1, .kind = CONTROL_ASK_STATUS};
        json_t *status = cli_member(cli_control(cli, service, number, &request, 5000), "status");
        bool ready = json_is_true(json_object_get(status, "ready"));
        if (!ready)
            complain(said("%s-%u 未就绪：%s", "%s-%u is not ready: %s"), service, number,
                     cli_text(status, "notReadyReason"));
        json_decref(status);
        if (!ready)
            return false;
    }
    return true;
}

int erase_finish(struct cli *cli)
{
    char erasing[PATH_SIZE], states[PATH_SIZE];
    struct order order;
    struct buffer why = {0};
    enum status status = order_load(cli, &order);
    order_fini(&order);
    in_data(cli, "erasing", erasing);
    in_data(cli, "erasing/states", states);
    if (status == REJECT_NOT_FOUND || (status == OK && access(states, F_OK) != 0)) {
        complain(said("没有可完成的删除：先 hutong person erase --apply",
                      "there is nothing to finish: hutong person erase --apply comes first"));
        return CLI_DIFFERENT;
    }
    if (status != OK || !all_ready(cli))
        return status != OK ? CLI_FAILED : CLI_DIFFERENT;
    if (!remove_tree(erasing) || !order_destroy(cli))
        return fail(&why);
    (void)printf(said(
        "已删除：原有日志段、状态与密钥不复存在。快照、备份、录制的轨迹与 NAME.aside-N 目录须另行删除\n",
        "erased: the segments and states of before, and the key, are gone. Snapshots, backups, recorded traces and "
        "directories NAME.aside-N are yours to remove\n"));
    return CLI_OK;
}
