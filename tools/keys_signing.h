/* SPDX-License-Identifier: Apache-2.0
 * hutong keys --signing: the parties' signing keys. Secrets lie in KEYS/clients/NAME.pem_secret; which keys speak, and
 * who must sign, stands on the log. */
#ifndef HUTONG_TOOLS_KEYS_SIGNING_H
#define HUTONG_TOOLS_KEYS_SIGNING_H
#include "common/engines/signing/signed_tree.h"
#include "tools/cli.h"

/* The command's words behind --signing; `code`: an exit code of the tool. False: these are no words of it. */
bool keys_signing_run(struct cli *cli, int *code);
/* Makes KEYS/exchange-signing.pem_secret where it is not there, and its public half as text beside it. False: errno. */
bool keys_signing_exchange(const char *keys);
/* All keys there ever were, a SigningList of validation's as JSON; NULL: it does not answer, said so. */
json_t *keys_signing_there(struct cli *cli);
/* Of these the one of this id, borrowed; NULL: there is none. */
json_t *keys_signing_find(const json_t *there, const uint8_t id[SIGNED_KEY_ID_SIZE]);
#endif
