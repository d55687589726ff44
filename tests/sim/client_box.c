/* SPDX-License-Identifier: Apache-2.0
 * A party's mailbox, read page by page. */
#include <stdlib.h>

#include "common/base/check.h"
#include "common/pb/outcome.h"
#include "tests/sim/client_internal.h"

void client_fetch(struct client *client, unsigned box)
{
    struct box *of = &client->boxes[box];
    of->request =
        client_ask(client, of->line, GATE_REQUEST_FETCH,
                   (union gate_request_body){.fetch = {.from = of->from,
                                                       .count_max = 1 + (uint32_t)world_dice(client->all->world, 200),
                                                       .wait_ms = FETCH_WAIT_MS,
                                                       .box = box}});
    of->until_us = world_now_us(client->all->world) + 2 * FETCH_WAIT_MS * 1000;
}

static void count(struct client *client, const struct outcome_head *head)
{
    struct clients *all = client->all;
    if (!span_equal(head->sender, span_text(load_parties[client->party])))
        return;
    all->dead += head->kind == OUTCOME_DEAD_LETTER;
    all->refusals += head->kind == OUTCOME_REFUSED;
    all->settled += head->kind != OUTCOME_DEAD_LETTER && head->kind != OUTCOME_REFUSED;
}

bool box_decides(const struct box *box, uint64_t position)
{
    size_t low = 0, high = box->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (box->outcomes[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < box->count && box->outcomes[low].position == position && !box->outcomes[low].decides)
        low++;
    return low < box->count && box->outcomes[low].position == position;
}

/* What it is, the checks have looked at. */
static void take_outcome(struct client *client, unsigned box, uint64_t number, struct span bytes)
{
    struct box *of = &client->boxes[box];
    struct outcome_head head;
    if (number < of->count || outcome_head_read(bytes, &head) != OK)
        return;
    if (of->count == of->capacity) {
        of->capacity = of->capacity == 0 ? 1024 : of->capacity * 2;
        of->outcomes = realloc(of->outcomes, of->capacity * sizeof *of->outcomes);
        INVARIANT(of->outcomes != NULL);
    }
    bool decides = box == 0 && head.kind != OUTCOME_NOTICE;
    of->outcomes[of->count++] = (struct kept_outcome){head.position, decides};
    if (decides)
        count(client, &head);
}

static void confirm(struct client *client, unsigned box)
{
    (void)client_ask(client, client->boxes[box].line, GATE_REQUEST_CONFIRM,
                     (union gate_request_body){.confirm = {client->boxes[box].from, box}});
}

static void take_page(struct client *client, unsigned box, const struct mailbox_page *page)
{
    struct clients *all = client->all;
    struct box *of = &client->boxes[box];
    of->request = 0;
    checks_page(all->checks, load_parties[client->party], box, of->from, page, world_durable(all->world));
    for (uint32_t i = 0; i < page->outcome_count && world_failed(all->world) == NULL; i++)
        take_outcome(client, box, page->first + i, page->outcomes[i]);
    of->from += page->outcome_count;
    if (world_chance(all->world, 3))
        confirm(client, box);
    if (all->options_die && world_chance(all->world, 60)) /* it dies, and reads again what it had not confirmed */
        of->from = page->confirmed < of->from ? page->confirmed : of->from;
    client_fetch(client, box);
}

void box_message(void *self, struct span bytes)
{
    struct box *box = self;
    struct clients *all = box->client->all;
    struct gate_reply reply;
    arena_reset(&all->arena);
    if (gate_reply_decode(bytes, &all->arena, &reply) != OK) {
        world_fail(all->world, "a reply of the mailbox cannot be read");
        return;
    }
    if (box->request == 0 || box->request != reply.request)
        return;
    if (reply.kind == GATE_REPLY_MAILBOX_PAGE)
        take_page(box->client, box->number, &reply.body.mailbox_page);
    else
        box->request = 0; /* asked again with the next beat */
}

void box_lost(void *self)
{
    ((struct box *)self)->request = 0;
}
