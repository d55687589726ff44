/* SPDX-License-Identifier: Apache-2.0
 * Receipts against proofs and checkpoints. */
#include "tools/receipt_proof.h"

#include "tools/input.h"

static instant_ms_t cosigned_at(const struct witness_policy *policy, struct span bytes)
{
    struct note note;
    uint64_t latest = 0, time;
    if (policy == NULL || note_parse(bytes, &note) != OK)
        return 0;
    for (unsigned i = 0; i < policy->member_count; i++)
        if (!policy->members[i].is_group && note_verify(&note, &policy->members[i].key, &time) == OK && time > latest)
            latest = time;
    return (instant_ms_t)(latest * 1000);
}

static int say(const char *path, const char *zh, const char *en)
{
    complain(said("%s：%s", "%s: %s"), path, said(zh, en));
    return CLI_DIFFERENT;
}

static int open_file(struct cli *cli, struct receipt_proof *proof, const struct proof_trust *trust, struct span bytes)
{
    const char *path = cli_option(cli, proof->proves ? "--proof" : "--checkpoint");
    if (!proof->proves) {
        enum status status = proof_trusts(trust, bytes, &proof->checkpoint);
        proof->cosigned_at = cosigned_at(trust->policy, bytes);
        return status == OK ? CLI_OK
                            : say(path, "检查点没有该密钥的签名，或副署不足",
                                  "no checkpoint that this key signed, or not by enough witnesses");
    }
    enum proof_result result = proof_verify(trust, bytes, &proof->found);
    if (result != PROOF_HOLDS)
        return say(path, proof_wrong[result][0], proof_wrong[result][1]);
    if (!proof->found.has_record && !proof->found.was_erased)
        return say(path, "证明中没有记录（--bare），无从比较",
                   "the proof holds no record (--bare): nothing to compare");
    return CLI_OK;
}

int receipt_proof_open(struct cli *cli, struct receipt_proof *proof)
{
    const char *file = cli_option(cli, "--proof"), *later = cli_option(cli, "--checkpoint"),
               *key = cli_option(cli, "--log-key"), *policy = cli_option(cli, "--policy");
    struct proof_trust trust = {0};
    struct buffer bytes = {0}, why = {0};
    *proof = (struct receipt_proof){.proves = file != NULL};
    if ((file != NULL) == (later != NULL) || key == NULL || (later != NULL && policy == NULL)) {
        complain(said("须有 --log-key；--proof 与 --checkpoint 择一；--checkpoint 另须 "
                      "--policy：检查点本身没有时间，见证方的副署才有",
                      "--log-key is needed, and --proof or --checkpoint; with --checkpoint also --policy: it is the "
                      "witnesses who say when"));
        return CLI_USAGE;
    }
    int code = CLI_BAD_INPUT;
    if (!proof_trust_key(&trust, key))
        complain(said("%s 不是日志的公钥（vkey）", "%s is no log's vkey"), key);
    else if (policy != NULL && !proof_trust_policy(&trust, policy, &why))
        complain("%s: %s", policy, buffer_text(&why));
    else if (input_slurp(file != NULL ? file : later, &bytes))
        code = open_file(cli, proof, &trust, buffer_span(&bytes));
    proof_trust_fini(&trust);
    buffer_fini(&bytes);
    buffer_fini(&why);
    return code;
}
