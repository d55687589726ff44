/* SPDX-License-Identifier: Apache-2.0
 * Recording an access. */
#include "tools/access.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/codes/logic.h"
#include "common/pb/event.h"
#include "tools/logic_send.h"

enum { RECEIPT_MS = 10000, OUTCOME_MS = 30000 };

static int submit(struct cli *cli, const struct access *access, uint64_t *at)
{
    char id[37];
    struct ht_receipt receipt = {0};
    struct buffer envelope = {0};
    struct event event = cli_event(EVENT_PERSON_ACCESS, "operator", id);
    const char *reason = cli_option(cli, "--reason");
    event.person_id = access->person;
    event.body.person_access = (struct person_access){.accessor = cli->by,
                                                      .purpose = reason != NULL ? reason : access->command,
                                                      .command = access->command,
                                                      .position = access->position,
                                                      .scope = access->scope != NULL ? access->scope : "person"};
    struct ht_client *client = cli_connect(cli);
    if (client == NULL)
        return CLI_UNREACHABLE;
    envelope_encode(&event, &envelope);
    struct ht_bytes bytes = {envelope.data, envelope.size};
    enum ht_result result = ht_submit(client, &bytes, 1, RECEIPT_MS, &receipt, NULL, NULL);
    int code = result != HT_OK ? CLI_UNREACHABLE : receipt.kind != HT_ACCEPTED ? CLI_DIFFERENT : CLI_OK;
    if (result == HT_OK && code != CLI_OK)
        complain("%s %s", receipt.code, said(receipt.zh, receipt.en));
    if (code == CLI_OK && at != NULL)
        *at = receipt.position;
    ht_receipt_clear(&receipt);
    ht_close(&client);
    buffer_fini(&envelope);
    return code;
}

int access_record(struct cli *cli, const struct access *access, uint64_t *at)
{
    bool unrecorded = cli_flag(cli, "--unrecorded");
    if (cli->as != NULL && strcmp(cli->as, "operator") != 0)
        return CLI_OK;
    if (cli->gate == NULL && !cli_configure(cli)) {
        if (!unrecorded)
            complain(said("没有平台可供记录此次查看；--unrecorded 仍然查看",
                          "there is no exchange to record this access; --unrecorded shows all the same"));
        return unrecorded ? CLI_OK : CLI_BAD_INPUT;
    }
    if (cli->configured && cli->config.trace_clock)
        return CLI_OK;
    uint32_t logic = cli->configured ? logic_in_force(cli) : LOGIC_VERSION_KNOWN;
    if (logic != 0 && !logic_has(logic, LOGIC_ACCESS_RECORDED)) {
        complain(said("未记录此次查看：规则版本 %u 尚无此类事件；见 hutong logic",
                      "this access is not recorded: version %u of the rules has no such event; see hutong logic"),
                 logic);
        return CLI_OK;
    }
    int code = submit(cli, access, at);
    if (code == CLI_OK || unrecorded)
        return CLI_OK;
    complain(said("此次查看无法记录，故不显示；--unrecorded 仍然查看",
                  "this access cannot be recorded, so nothing is shown; --unrecorded shows all the same"));
    return code;
}

int access_record_decided(struct cli *cli, const struct access *access)
{
    uint64_t at = UINT64_MAX;
    unsigned char *bytes = NULL;
    size_t size = 0;
    int code = access_record(cli, access, &at);
    struct ht_client *client = code == CLI_OK && at != UINT64_MAX ? cli_connect(cli) : NULL;
    if (client != NULL)
        (void)ht_outcome(client, at, OUTCOME_MS, NULL, &bytes, &size);
    free(bytes);
    ht_close(&client);
    return code;
}
