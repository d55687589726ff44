/* SPDX-License-Identifier: Apache-2.0
 * Lists by pages: --limit, --from, and where the next page begins (cli.h). */
#include <stdio.h>
#include <string.h>

#include "tools/cli.h"

static bool put_hex(const char *text, struct buffer *out)
{
    for (; text[0] != 0; text += 2) {
        unsigned value;
        char pair[3] = {text[0], text[1], 0};
        if (strspn(pair, "0123456789abcdef") != 2 || sscanf(pair, "%2x", &value) != 1)
            return false;
        buffer_append(out, &(uint8_t){(uint8_t)value}, 1);
    }
    return true;
}

bool cli_page(struct cli *cli)
{
    const char *from = cli_option(cli, "--from");
    cli->limit = (uint32_t)cli_number_within(cli, "--limit", 0, 1, 10000);
    buffer_reset(&cli->from);
    if (from == NULL || put_hex(from, &cli->from))
        return true;
    complain(said("--from：请给出上一页末行的 next", "--from: what the page before said as next, please"));
    return false;
}

void cli_page_next(struct cli *cli, struct span next)
{
    struct buffer text = {0};
    for (size_t i = 0; i < next.size; i++)
        buffer_printf(&text, "%02x", next.data[i]);
    if (next.size > 0 && cli->json)
        cli_print_json(json_pack("{s:s}", "next", buffer_text(&text)));
    else if (next.size > 0)
        complain(said("下一页：--from %s", "the next page: --from %s"), buffer_text(&text));
    buffer_fini(&text);
}
