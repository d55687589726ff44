/* SPDX-License-Identifier: Apache-2.0
 * Finality. */
#include "tools/finality.h"

#include <stdio.h>

#include "common/codes/rule.h"
#include "common/store/kept_file.h"
#include "tools/proof.h"

/* 0: none that holds by the exchange's own key and policy. */
static uint64_t final_size(struct cli *cli)
{
    struct proof_trust trust = {.log_count = 0};
    struct checkpoint checkpoint = {.size = 0};
    struct buffer note = {0}, why = {0};
    char path[4096 + 64];
    (void)snprintf(path, sizeof path, "%s/audit-signing.vkey", cli->config.key_directory);
    bool trusted = proof_trust_key(&trust, path) && proof_trust_policy(&trust, cli->config.witness_policy, &why);
    (void)snprintf(path, sizeof path, "%s/checkpoint.final", cli->config.data_directory);
    bool holds = trusted && kept_file_read(path, NOTE_SIZE_MAX, &note) == OK &&
                 proof_trusts(&trust, buffer_span(&note), &checkpoint) == OK;
    proof_trust_fini(&trust);
    buffer_fini(&note);
    buffer_fini(&why);
    return holds ? checkpoint.size : 0;
}

int finality_wanted(struct cli *cli, uint64_t position, uint64_t *size)
{
    *size = 0;
    if (!cli->configured || cli->config.witness_policy[0] == 0)
        return CLI_OK;
    *size = final_size(cli);
    if (*size >= position)
        return CLI_OK;
    const struct rule_text *rule = rule_find(RULE_NOT_FINAL);
    complain(said("%s %s：需要 %llu，最终检查点到 %llu", "%s %s: %llu is wanted, the final checkpoint covers %llu"),
             rule->code, said(rule->zh, rule->en), (unsigned long long)position, (unsigned long long)*size);
    return CLI_DIFFERENT;
}
