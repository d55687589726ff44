/* SPDX-License-Identifier: Apache-2.0
 * Signing keys. A new key's file is there before the exchange hears of it, and the old one is revoked when the new one
 * was accepted: whatever ends in between, the same command goes on from there. */
#include "tools/keys_signing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/codes/logic.h"
#include "common/engines/signing/signing_keys.h"
#include "common/net/loop.h"
#include "tools/action.h"
#include "tools/logic_send.h"
#include "tools/operator_send.h"

enum { PATH_SIZE = 4096 + 300, ANSWER_MS = 5000, DAY_MS = 24 * 60 * 60 * 1000, DAYS_MAX = 36500 };

static void path_of(const struct cli *cli, const char *name, const char *end, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/clients/%s.pem_secret%s", cli->config.key_directory, name, end);
}

static void id_of(const struct sign_public *key, uint8_t id[SIGNED_KEY_ID_SIZE])
{
    struct digest *digest = digest_new();
    signed_key_id(digest, key, id);
    digest_destroy(&digest);
}

/* ---- files ---- */

/* The pair of this file, made where there is none. NULL: said why. */
static struct sign_pair *pair_at(const char *path, enum sign_algorithm algorithm)
{
    struct sign_pair *pair = NULL;
    struct buffer why = {0};
    bool made;
    enum status status = sign_pair_load_or_make(path, algorithm, &pair, &made, &why);
    if (status == FATAL_IO)
        complain(said("无法写入 %s：%s", "cannot write %s: %s"), path, strerror(errno));
    else if (status != OK)
        complain("%s", buffer_text(&why));
    buffer_fini(&why);
    return pair;
}

static bool write_public(const char *path, const struct sign_public *key)
{
    struct buffer text = {0};
    sign_public_describe(key, &text);
    FILE *file = fopen(path, "w");
    bool written = file != NULL && fprintf(file, "%s\n", buffer_text(&text)) > 0;
    buffer_fini(&text);
    return file != NULL && fclose(file) == 0 && written;
}

bool keys_signing_exchange(const char *keys)
{
    char secret[PATH_SIZE], public_path[PATH_SIZE];
    struct sign_public key;
    (void)snprintf(secret, sizeof secret, "%s/exchange-signing.pem_secret", keys);
    (void)snprintf(public_path, sizeof public_path, "%s/exchange-signing.pub", keys);
    struct sign_pair *pair = pair_at(secret, SIGN_ED25519);
    if (pair == NULL)
        return false;
    sign_pair_public(pair, &key);
    sign_pair_destroy(&pair);
    return access(public_path, F_OK) == 0 || write_public(public_path, &key);
}

/* ---- what stands on the log ---- */

json_t *keys_signing_there(struct cli *cli)
{
    struct buffer answer = {0};
    json_t *there = NULL;
    if (cli_query(cli, "validation", 0, span_text("signing"), ANSWER_MS, &answer))
        there = cli_message(WIRE_SIGNING_LIST, buffer_span(&answer));
    if (there == NULL)
        complain(said("平台没有应答", "the exchange does not answer"));
    buffer_fini(&answer);
    return there;
}

static bool has_id(const json_t *key, const uint8_t id[SIGNED_KEY_ID_SIZE])
{
    uint8_t bytes[SIGNED_KEY_ID_SIZE];
    return cli_bytes(key, "keyId", bytes, sizeof bytes) == sizeof bytes && memcmp(bytes, id, sizeof bytes) == 0;
}

json_t *keys_signing_find(const json_t *there, const uint8_t id[SIGNED_KEY_ID_SIZE])
{
    json_t *key, *found = NULL;
    size_t index;
    json_array_foreach(json_object_get(there, "keys"), index, key) found = has_id(key, id) ? key : found;
    return found;
}

static int send(struct cli *cli, struct event *event, uint64_t *position)
{
    struct buffer envelope = {0};
    uint32_t logic = logic_in_force(cli);
    if (logic != 0 && !logic_has(logic, LOGIC_KEYS_ON_LOG)) {
        complain(said("规则版本 5 起才能登记签名密钥：hutong logic",
                      "signing keys are registered from logic version 5 on: hutong logic"));
        return CLI_DIFFERENT;
    }
    envelope_encode(event, &envelope);
    int code = operator_send(cli, buffer_span(&envelope), 0, position);
    buffer_fini(&envelope);
    return code;
}

static int send_key(struct cli *cli, const char *party, const struct sign_public *key, uint64_t days,
                    uint64_t *position)
{
    char id[37];
    struct event event = cli_event(EVENT_SIGNING_KEY, "operator", id);
    event.body.signing_key =
        (struct signing_key){.party = party,
                             .algorithm = key->algorithm,
                             .public_key = span_of(key->bytes, key->size),
                             .valid_until_ms = days > 0 ? loop_wall_ms() + (instant_ms_t)days * DAY_MS : 0,
                             .by = cli->by,
                             .reason = cli_option(cli, "--reason")};
    return send(cli, &event, position);
}

static int send_revocation(struct cli *cli, const char *party, const uint8_t key_id[SIGNED_KEY_ID_SIZE],
                           const char *reason, uint64_t *position)
{
    char id[37];
    struct event event = cli_event(EVENT_SIGNING_KEY_REVOCATION, "operator", id);
    event.body.signing_key_revocation =
        (struct signing_key_revocation){party, span_of(key_id, SIGNED_KEY_ID_SIZE), reason, cli->by};
    return send(cli, &event, position);
}

/* ---- verbs ---- */

static void tell(struct cli *cli, const char *what, const char *party, const struct sign_public *key, const char *path,
                 uint64_t position)
{
    uint8_t id[SIGNED_KEY_ID_SIZE];
    char hex[2 * SIGNED_KEY_ID_SIZE + 1];
    struct buffer text = {0};
    id_of(key, id);
    digest_hex(id, sizeof id, hex);
    sign_public_describe(key, &text);
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:s,s:s,s:I}", "party", party, "keyId", hex, "public", buffer_text(&text),
                                 "secret", path, "position", (json_int_t)position));
    else
        (void)printf("%s\n  %s  %s\n%s%s%s", what, hex, buffer_text(&text), path[0] != 0 ? "  " : "", path,
                     path[0] != 0 ? "\n" : "");
    buffer_fini(&text);
}

static int key_new(struct cli *cli, const char *party, const char *name, enum sign_algorithm algorithm, uint64_t days)
{
    const char *given = cli_option(cli, "--public");
    char path[PATH_SIZE] = "";
    struct sign_public key;
    uint8_t id[SIGNED_KEY_ID_SIZE];
    uint64_t position;
    json_t *there = keys_signing_there(cli);
    if (there == NULL)
        return CLI_UNREACHABLE;
    if (given != NULL && sign_public_parse(given, &key) != OK) {
        complain(said("公钥写作 ed25519:BASE64 或 sm2:BASE64", "a public key is written ed25519:BASE64 or sm2:BASE64"));
        json_decref(there);
        return CLI_USAGE;
    }
    if (given == NULL) {
        path_of(cli, name, "", path);
        struct sign_pair *pair = pair_at(path, algorithm);
        if (pair == NULL) {
            json_decref(there);
            return CLI_FAILED;
        }
        sign_pair_public(pair, &key);
        sign_pair_destroy(&pair);
    }
    id_of(&key, id);
    bool known = keys_signing_find(there, id) != NULL;
    json_decref(there);
    if (known) {
        complain(said("%s 已登记；换新用 hutong keys rotate --signing",
                      "%s is registered already; hutong keys rotate --signing makes another"),
                 name);
        return CLI_DIFFERENT;
    }
    int code = send_key(cli, party, &key, days, &position);
    if (code == CLI_OK)
        tell(cli, said("签名密钥已登记；私钥只交给该主体", "registered; the secret key is for the party alone"), party,
             &key, path, position);
    return code;
}

/* The old pair's id and party; false: said why. */
static bool read_old(struct cli *cli, const char *path, uint8_t id[SIGNED_KEY_ID_SIZE], char party[PARTY_SIZE_MAX + 1],
                     enum sign_algorithm *algorithm)
{
    struct sign_public key;
    struct sign_pair *pair = NULL;
    struct buffer why = {0};
    if (sign_pair_load(path, &pair, &why) != OK) {
        complain(said("没有签名私钥 %s %s", "no signing key %s %s"), path, buffer_text(&why));
        buffer_fini(&why);
        return false;
    }
    buffer_fini(&why);
    sign_pair_public(pair, &key);
    sign_pair_destroy(&pair);
    id_of(&key, id);
    *algorithm = *algorithm != SIGN_NONE ? *algorithm : key.algorithm;
    json_t *there = keys_signing_there(cli), *old = there != NULL ? keys_signing_find(there, id) : NULL;
    if (there != NULL && old == NULL)
        complain(
            said("%s 未登记；先用 hutong keys new --signing", "%s is not registered; hutong keys new --signing first"),
            path);
    (void)snprintf(party, PARTY_SIZE_MAX + 1, "%s", old != NULL ? cli_text(old, "party") : "");
    json_decref(there);
    return party[0] != 0;
}

static int key_rotate(struct cli *cli, const char *name, enum sign_algorithm algorithm, uint64_t days)
{
    char path[PATH_SIZE], next[PATH_SIZE], party[PARTY_SIZE_MAX + 1];
    uint8_t old[SIGNED_KEY_ID_SIZE];
    struct sign_public key;
    uint64_t position;
    path_of(cli, name, "", path);
    path_of(cli, name, "_next", next);
    if (!read_old(cli, path, old, party, &algorithm))
        return CLI_DIFFERENT;
    struct sign_pair *pair = pair_at(next, algorithm);
    if (pair == NULL)
        return CLI_FAILED;
    sign_pair_public(pair, &key);
    sign_pair_destroy(&pair);
    int code = send_key(cli, party, &key, days, &position);
    if (code != CLI_OK)
        return code;
    if (rename(next, path) != 0) {
        complain(said("无法写入 %s：%s", "cannot write %s: %s"), path, strerror(errno));
        return CLI_FAILED;
    }
    uint64_t revoked_at;
    code = send_revocation(cli, party, old, cli_option(cli, "--reason"), &revoked_at);
    if (code == CLI_OK)
        tell(cli, said("新密钥已登记，旧密钥已吊销", "the new key is registered, the old one revoked"), party, &key,
             path, position);
    return code;
}

/* Of a key's id in hex, or of a key's name. */
static int key_revoke(struct cli *cli, const char *subject)
{
    uint8_t id[SIGNED_KEY_ID_SIZE];
    char path[PATH_SIZE], party[PARTY_SIZE_MAX + 1] = "", hex[2 * SIGNED_KEY_ID_SIZE + 1];
    enum sign_algorithm algorithm = SIGN_NONE;
    uint64_t position;
    bool by_id = strlen(subject) == 2 * SIGNED_KEY_ID_SIZE;
    for (unsigned i = 0; by_id && i < SIGNED_KEY_ID_SIZE; i++) {
        unsigned byte;
        by_id = sscanf(subject + 2 * (size_t)i, "%2x", &byte) == 1;
        id[i] = by_id ? (uint8_t)byte : 0;
    }
    if (by_id) {
        json_t *there = keys_signing_there(cli), *key = there != NULL ? keys_signing_find(there, id) : NULL;
        (void)snprintf(party, sizeof party, "%s", key != NULL ? cli_text(key, "party") : "");
        if (there != NULL && key == NULL)
            complain(said("没有密钥 %s", "no key %s"), subject);
        json_decref(there);
    } else {
        path_of(cli, subject, "", path);
        if (!read_old(cli, path, id, party, &algorithm))
            return CLI_DIFFERENT;
    }
    if (party[0] == 0)
        return CLI_DIFFERENT;
    int code = send_revocation(cli, party, id, cli_option(cli, "--reason"), &position);
    digest_hex(id, sizeof id, hex);
    if (code == CLI_OK && cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:I}", "party", party, "keyId", hex, "position", (json_int_t)position));
    else if (code == CLI_OK)
        (void)printf(said("%s 的密钥 %s 自位置 %llu 起不再有效\n", "%s: key %s does not speak after position %llu\n"),
                     party, hex, (unsigned long long)position);
    return code;
}

static int demand(struct cli *cli, const char *party, const char *word)
{
    char id[37];
    uint64_t position;
    struct event event = cli_event(EVENT_SIGNING_POLICY, "operator", id);
    uint32_t value = SIGNING_OFF;
    while (value <= SIGNING_REQUIRED && strcmp(signing_demand_name(value), word) != 0)
        value++;
    if (value > SIGNING_REQUIRED) {
        complain(said("要求为 off、wanted 或 required", "a demand is off, wanted or required"));
        return CLI_USAGE;
    }
    event.body.signing_policy = (struct signing_policy){party, value, cli->by, cli_option(cli, "--reason")};
    int code = send(cli, &event, &position);
    if (code == CLI_OK && !cli->json)
        (void)printf(said("%s 自位置 %llu 之后的签名要求：%s\n", "%s, behind position %llu: signing %s\n"), party,
                     (unsigned long long)position, word);
    return code;
}

/* ---- list ---- */

static const char *state_of(const json_t *key, instant_ms_t now)
{
    int64_t ends = cli_integer(key, "validUntilMs");
    if (cli_integer(key, "until") != 0)
        return "revoked";
    return ends != 0 && ends < now ? "ended" : "speaks";
}

static json_t *describe(const json_t *key, instant_ms_t now)
{
    uint8_t id[SIGNED_KEY_ID_SIZE] = {0};
    char hex[2 * SIGNED_KEY_ID_SIZE + 1], ends[16] = "";
    instant_ms_t until = cli_integer(key, "validUntilMs");
    civil_date_t day = civil_date_of_instant(until);
    (void)cli_bytes(key, "keyId", id, sizeof id);
    digest_hex(id, sizeof id, hex);
    if (until != 0)
        (void)snprintf(ends, sizeof ends, "%04u-%02u-%02u", day / 10000, day / 100 % 100, day % 100);
    bool sm2 = strstr(cli_text(key, "algorithm"), "SM2") != NULL;
    return json_pack("{s:s,s:s,s:s,s:I,s:I,s:s,s:s}", "party", cli_text(key, "party"), "keyId", hex, "algorithm",
                     sign_algorithm_name(sm2 ? SIGN_SM2 : SIGN_ED25519), "from", (json_int_t)cli_integer(key, "from"),
                     "until", (json_int_t)cli_integer(key, "until"), "ends", ends, "state", state_of(key, now));
}

static int list(struct cli *cli)
{
    json_t *there = keys_signing_there(cli), *key, *policy, *keys = json_array();
    size_t index;
    if (there == NULL)
        return CLI_UNREACHABLE;
    json_array_foreach(json_object_get(there, "keys"), index, key)
        json_array_append_new(keys, describe(key, loop_wall_ms()));
    if (cli->json) {
        cli_print_json(keys);
        json_decref(there);
        return CLI_OK;
    }
    json_array_foreach(keys, index, key)
    {
        const char *state = cli_text(key, "state");
        (void)printf("%-10s %s  %-8s %10lld", cli_text(key, "party"), cli_text(key, "keyId"),
                     cli_text(key, "algorithm"), (long long)cli_integer(key, "from"));
        if (cli_integer(key, "until") != 0)
            (void)printf(" %10lld", (long long)cli_integer(key, "until"));
        else
            (void)printf(" %10s", cli_text(key, "ends")[0] != 0 ? cli_text(key, "ends") : "-");
        (void)printf("  %s\n", strcmp(state, "revoked") == 0 ? said("已吊销", "revoked")
                               : strcmp(state, "ended") == 0 ? said("已过期", "ended")
                                                             : said("有效", "speaks"));
    }
    json_array_foreach(json_object_get(there, "policies"), index, policy)(void)
        printf("%-10s %s\n", cli_text(policy, "party"), cli_text(policy, "demand"));
    json_decref(keys);
    json_decref(there);
    return CLI_OK;
}

bool keys_signing_run(struct cli *cli, int *code)
{
    const char *name = cli_option(cli, "--name"), *word = cli_option(cli, "--algorithm");
    uint64_t days = cli_number_within(cli, "--days", 0, 0, DAYS_MAX);
    enum sign_algorithm algorithm = word != NULL ? sign_algorithm_of(word) : SIGN_NONE;
    const char *verb = cli->argv[0], *subject = cli->argc > 1 ? cli->argv[1] : NULL;
    enum action_kind kind = strcmp(verb, "revoke") == 0   ? ACTION_SIGNING_REVOKE
                            : strcmp(verb, "demand") == 0 ? ACTION_SIGNING_DEMAND
                                                          : ACTION_SIGNING_NEW;
    const char *reason;
    *code = CLI_USAGE;
    if (strcmp(verb, "list") != 0 && !action_reason(cli, kind, &reason))
        return true;
    if (word != NULL && algorithm == SIGN_NONE)
        complain(said("算法为 ed25519 或 sm2", "an algorithm is ed25519 or sm2"));
    else if (strcmp(verb, "list") == 0 && subject == NULL)
        *code = list(cli);
    else if (subject == NULL)
        return false;
    else if (strcmp(verb, "demand") == 0 && cli->argc == 3)
        *code = demand(cli, subject, cli->argv[2]);
    else if (cli->argc != 2)
        return false;
    else if (strcmp(verb, "new") == 0)
        *code = key_new(cli, subject, name != NULL ? name : subject, algorithm != SIGN_NONE ? algorithm : SIGN_ED25519,
                        days);
    else if (strcmp(verb, "rotate") == 0)
        *code = key_rotate(cli, subject, algorithm, days);
    else if (strcmp(verb, "revoke") == 0)
        *code = key_revoke(cli, subject);
    else
        return false;
    return true;
}
