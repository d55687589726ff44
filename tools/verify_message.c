/* SPDX-License-Identifier: Apache-2.0
 * A record's signature. */
#include "tools/verify_message.h"

#include <stdio.h>

#include "common/engines/signing/signing_keys.h"
#include "common/pb/outcome.h"
#include "tools/keys_signing.h"
#include "tools/log_reader.h"
#include "tools/refusal_text.h"

enum { PATH_MEMORY = 4096 };

/* Of what validation keeps of all keys there ever were. False: there is none of this id. */
static bool key_of(const json_t *there, struct span id, struct signing_key_row *row)
{
    json_t *key = id.size == SIGNED_KEY_ID_SIZE ? keys_signing_find(there, id.data) : NULL;
    uint8_t bytes[SIGN_KEY_SIZE_MAX];
    bool sm2 = strstr(cli_text(key, "algorithm"), "SM2") != NULL;
    size_t size = key != NULL ? cli_bytes(key, "publicKey", bytes, sizeof bytes) : 0;
    *row = (struct signing_key_row){0};
    if (size == 0 || sign_public_read(sm2 ? SIGN_SM2 : SIGN_ED25519, span_of(bytes, size), &row->key) != OK)
        return false;
    (void)snprintf(row->party, sizeof row->party, "%s", cli_text(key, "party"));
    row->from = (position_t)cli_integer(key, "from");
    row->until = (position_t)cli_integer(key, "until");
    row->valid_until = cli_integer(key, "validUntilMs");
    return true;
}

static enum rule judge(const struct submission *submission, const json_t *there, position_t position,
                       struct signing_key_row *row)
{
    uint8_t memory[PATH_MEMORY];
    struct arena arena;
    struct envelope_signature signature;
    struct signed_statement statement;
    struct envelope_head head;
    struct sign_verifier *verifier = NULL;
    arena_init(&arena, memory, sizeof memory);
    if (submission->signature.size == 0)
        return RULE_SIGNATURE_MISSING;
    if (envelope_signature_decode(submission->signature, &arena, &signature) != OK ||
        envelope_head_read(submission->envelope, &head) != OK)
        return RULE_SIGNATURE_WRONG;
    bool known = key_of(there, signature.key_id, row);
    enum rule rule = signing_key_speaks(known ? row : NULL, head.sender, position, submission->accepted_at);
    if (rule != RULE_NONE)
        return rule;
    struct signed_place place = {signature.index, signature.count, signature.path, signature.path_count};
    struct digest *digest = digest_new();
    bool holds = signed_fold(digest, SIGNED_ENVELOPES, submission->envelope, &place, &statement) &&
                 sign_verifier_new(&row->key, &verifier) == OK &&
                 sign_verify(verifier, signed_bytes(&statement), signature.signature);
    sign_verifier_destroy(&verifier);
    digest_destroy(&digest);
    return holds ? RULE_NONE : RULE_SIGNATURE_WRONG;
}

static void tell(struct cli *cli, position_t position, enum rule rule, const struct signing_key_row *row)
{
    struct buffer text = {0};
    if (rule == RULE_NONE)
        sign_public_describe(&row->key, &text);
    else
        refusal_describe((uint32_t)rule, "", "", "", &text);
    if (cli->json)
        cli_print_json(json_pack("{s:I,s:b,s:s,s:s}", "position", (json_int_t)position, "holds", rule == RULE_NONE,
                                 "party", row->party, rule == RULE_NONE ? "key" : "why", buffer_text(&text)));
    else
        (void)printf("%llu  %s  %s\n", (unsigned long long)position,
                     rule == RULE_NONE ? said("签名成立", "the signature holds") : "", buffer_text(&text));
    buffer_fini(&text);
}

int verify_message(struct cli *cli, uint64_t position)
{
    static struct log_reader reader;
    struct signing_key_row row = {0};
    struct submission submission;
    struct span record;
    json_t *there = cli_configure(cli) ? keys_signing_there(cli) : NULL;
    if (there == NULL)
        return CLI_UNREACHABLE;
    bool read = log_reader_open(cli, "submissions", &reader) && log_reader_at(&reader, position, &record) &&
                submission_decode(record, NULL, &submission) == OK;
    enum rule rule = read ? judge(&submission, there, position, &row) : RULE_NONE;
    if (read)
        tell(cli, position, rule, &row);
    else
        complain(said("位置 %llu 没有记录", "there is no record at %llu"), (unsigned long long)position);
    log_reader_close(&reader);
    json_decref(there);
    return read && rule == RULE_NONE ? CLI_OK : CLI_DIFFERENT;
}
