/* SPDX-License-Identifier: Apache-2.0
 * Rows of states. */
#include "tools/state_rows.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/check.h"

enum { ANSWER_WAIT_MS = 5000, PAGE_MEMORY_SIZE = 1 << 20 };

/* The page from `from` on; its rows lie in `bytes` and `memory`. */
static bool ask(struct cli *cli, const char *service, const struct state_rows_request *request, struct buffer *bytes,
                struct arena *memory, struct state_rows *page)
{
    struct buffer endpoint = {0}, question = {0};
    struct control_reply answer = {.kind = CONTROL_REPLY_NONE};
    config_control_ipc(&cli->config, service, 0, &endpoint);
    control_request_encode(&(struct control_request){1, CONTROL_ASK_ROWS, {.rows = *request}}, &question);
    buffer_reset(bytes);
    arena_reset(memory);
    bool answered = cli_ask(buffer_text(&endpoint), buffer_span(&question), ANSWER_WAIT_MS, bytes) &&
                    control_reply_decode(buffer_span(bytes), memory, &answer) == OK &&
                    answer.kind == CONTROL_REPLY_ROWS;
    if (answered)
        *page = answer.body.rows;
    else
        complain(answer.kind == CONTROL_REPLY_NONE ? said("%s 没有应答", "%s does not answer")
                                                   : said("%s 没有这张表", "%s has no such table"),
                 service);
    buffer_fini(&endpoint);
    buffer_fini(&question);
    return answered;
}

/* False: `each` had enough. */
static bool give(const struct state_rows *page, state_row_fn *each, void *self, struct buffer *next)
{
    for (uint32_t i = 0; i < page->row_count; i++) {
        if (each(self, page->rows[i].key, page->rows[i].value))
            continue;
        struct span behind = i + 1 < page->row_count ? page->rows[i + 1].key : page->next;
        buffer_append(next, behind.data, behind.size);
        return false;
    }
    return true;
}

bool state_rows(struct cli *cli, const char *service, const char *table, struct span prefix, struct span from,
                state_row_fn *each, void *self, struct buffer *next)
{
    struct buffer bytes = {0}, at = {0};
    struct state_rows page = {.row_count = 0};
    struct arena memory;
    void *block = malloc(PAGE_MEMORY_SIZE);
    INVARIANT(block != NULL);
    arena_init(&memory, block, PAGE_MEMORY_SIZE);
    buffer_append(&at, from.data, from.size);
    bool answered = true, more = true;
    buffer_reset(next);
    while (answered && more) {
        answered =
            ask(cli, service, &(struct state_rows_request){table, prefix, buffer_span(&at), 0}, &bytes, &memory, &page);
        more = answered && give(&page, each, self, next) && page.next.size > 0;
        buffer_reset(&at);
        if (more)
            buffer_append(&at, page.next.data, page.next.size);
    }
    buffer_fini(&bytes);
    buffer_fini(&at);
    free(block);
    return answered;
}
