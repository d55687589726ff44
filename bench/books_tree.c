/* SPDX-License-Identifier: Apache-2.0
 * Questions of the sum tree, as a side asks them, from its first cut down to single rows. */
#include "bench/books_tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/net/loop.h"
#include "services/books/books_core.h"

static int64_t ask(struct books *books, struct store_txn *txn, const struct tree_exchange *question,
                   struct tree_exchange *answer)
{
    static uint8_t memory[1 << 20];
    struct buffer body = {0}, query = {0}, bytes = {0};
    struct books_reply reply;
    struct arena arena;
    tree_exchange_encode(question, &body);
    books_query_encode(&(struct books_query){.kind = ASK_TREE, .body.tree = buffer_span(&body)}, &query);
    int64_t before = loop_monotonic_us();
    enum status status = books_core.query(books, txn, buffer_span(&query), &bytes);
    int64_t took = loop_monotonic_us() - before;
    arena_init(&arena, memory, sizeof memory);
    if (status != OK || books_answer_decode(buffer_span(&bytes), &arena, &reply) != OK ||
        tree_exchange_decode(reply.tree, NULL, answer) != OK) {
        (void)fprintf(stderr, "no answer to a question of the tree\n");
        exit(1);
    }
    buffer_fini(&body);
    buffer_fini(&query);
    buffer_fini(&bytes);
    return took;
}

/* The books' own cut, but that from this tile on, so many have a fen more. */
static void turn(const struct tree_range *range, uint32_t tile, uint32_t count, struct tree_exchange *question)
{
    question->range_count = 1;
    question->ranges[0] = *range;
    for (uint32_t i = tile; i < tile + count; i++)
        question->ranges[0].tiles[i].sum.fund++;
}

struct tree_times tree_times_of(struct books *books, struct store_txn *txn, uint32_t side, const char *region)
{
    static struct tree_exchange question, answer;
    static struct tree_range root;
    struct tree_times times = {0};
    memset(&question, 0, sizeof question);
    question.side = side;
    (void)snprintf(question.region, sizeof question.region, "%s", region);
    question.range_count = 1;
    question.ranges[0].tile_count = 1;
    times.nothing = ask(books, txn, &question, &answer);
    root = answer.ranges[0];
    turn(&root, 0, 0, &question);
    times.equal = ask(books, txn, &question, &answer);
    turn(&root, 0, root.tile_count, &question);
    times.all = ask(books, txn, &question, &answer);
    turn(&root, root.tile_count / 2, 1, &question);
    times.one = ask(books, txn, &question, &answer);
    while (answer.range_count > 0 && !answer.ranges[0].rows) {
        root = answer.ranges[0];
        turn(&root, root.tile_count / 2, 1, &question);
        int64_t took = ask(books, txn, &question, &answer);
        times.down = took > times.down ? took : times.down;
    }
    return times;
}
