/* SPDX-License-Identifier: Apache-2.0
 * What the transparency log says of a receipt, offline (docs/PROOFS.md): a proof of its position shows the record that
 * stands there; a checkpoint that is cosigned after the receipt was given out, and ends before its position, shows that
 * there is none. Either way the two signatures contradict each other, and whoever holds both can show it to anybody. */
#ifndef HUTONG_TOOLS_RECEIPT_PROOF_H
#define HUTONG_TOOLS_RECEIPT_PROOF_H
#include "tools/cli.h"
#include "tools/proof.h"

#define COMMAND_OPTIONS_RECEIPT_PROOF                                                                                  \
    {"--proof", "FILE", "与该位置的证明核对（离线）", "holds it against a proof of its position, offline"},            \
        {"--checkpoint", "FILE", "与其后的检查点核对（离线）", "holds it against a later checkpoint, offline"},        \
        {"--log-key", "VKEY", "透明日志的公钥或其文件", "the transparency log's vkey, or its file"},                   \
    {                                                                                                                  \
        "--policy", "FILE", "见证策略", "the witness policy"                                                           \
    }

/* By --proof or --checkpoint, one of which was given. CLI_OK; CLI_DIFFERENT: it does not hold, said why; CLI_BAD_INPUT,
 * CLI_USAGE. */
int receipt_proof_open(struct cli *cli, struct receipt_proof *proof);
#endif
