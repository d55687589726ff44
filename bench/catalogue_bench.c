/* SPDX-License-Identifier: Apache-2.0
 * hutong-catalogue-bench [ITEMS]: what validation asks of the catalogues for a bill of ten items, alone, in time of one
 * core, with ITEMS (100,000) loaded for each region of care, in the order of bills that have nothing to do with each
 * other; one JSON object. The bar is 2 microseconds a bill. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/arena.h"
#include "services/validation/catalogue.h"
#include "tools/gen/catalogue.h"
#include "tools/gen/gen.h"

enum { BILLS = 20000, ROUNDS = 20, LINES = 10, TODAY = 20251124, ARENA_SIZE = 1 << 20 };
#define MAP_SIZE ((size_t)1 << 30)

/* Codes lie as they came off the wire, a bill's beside each other. */
struct asked {
    char region[7];
    char codes[LINES][28];
};

static void stop(const char *what)
{
    (void)fprintf(stderr, "hutong-catalogue-bench: %s\n", what);
    exit(1);
}

static struct event decoded(const struct buffer *envelope, struct arena *arena)
{
    struct event event;
    arena_reset(arena);
    if (event_decode(buffer_span(envelope), arena, &event) != OK)
        stop("a generated message");
    return event;
}

static void load(struct gen *gen, struct catalogue *catalogue, struct store_txn *txn, struct arena *arena)
{
    struct buffer envelope;
    buffer_init(&envelope);
    for (unsigned region = 0; region < GEN_REGIONS; region++)
        for (uint32_t i = 0; i < gen_catalogue_count(gen); i++) {
            gen_catalogue_item(gen, region, i, &envelope);
            struct event event = decoded(&envelope, arena);
            catalogue_keep(catalogue, txn, &event.body.catalogue_item);
        }
    buffer_fini(&envelope);
}

static void ask(struct gen *gen, struct asked *asked, struct arena *arena)
{
    struct buffer envelope;
    buffer_init(&envelope);
    for (uint64_t i = 0; i < BILLS; i++) {
        gen_bill(gen, i, &envelope);
        struct event event = decoded(&envelope, arena);
        (void)snprintf(asked[i].region, sizeof asked[i].region, "%s", event.sender);
        for (unsigned line = 0; line < LINES; line++)
            (void)snprintf(asked[i].codes[line], sizeof asked[i].codes[line], "%s", event.body.bill.items[line].code);
    }
    buffer_fini(&envelope);
}

static unsigned look_up(struct catalogue *catalogue, const struct asked *asked)
{
    const char *codes[LINES];
    const struct catalogue_state *states[LINES];
    unsigned levels = 0;
    for (unsigned line = 0; line < LINES; line++) {
        codes[line] = asked->codes[line];
        if (!catalogue_speaks(catalogue, asked->region, item_kind_of(published_first(), codes[line]), TODAY))
            stop("the catalogue is silent");
    }
    catalogue_find_each(catalogue, asked->region, codes, LINES, TODAY, states);
    for (unsigned line = 0; line < LINES; line++) {
        if (states[line] == NULL)
            stop("an item is not in its catalogue");
        levels += states[line]->level;
    }
    return levels;
}

int main(int argc, char **argv)
{
    static struct asked asked[BILLS];
    static const struct store_table tables[] = {{"catalogue", false}};
    struct gen_options options = {.seed = 1,
                                  .institutions = 60,
                                  .persons = 20000,
                                  .items = LINES,
                                  .today = TODAY,
                                  .mix = true,
                                  .catalogue = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000};
    struct gen *gen = gen_new(&options);
    char directory[] = "/tmp/hutong-catalogue-bench-XXXXXX", command[96];
    struct store_options place = {
        .directory = directory, .map_size = MAP_SIZE, .soft_limit_bp = 9000, .tables = tables, .table_count = 1};
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct arena arena;
    struct buffer why;
    unsigned long long check = 0;
    arena_init(&arena, malloc(ARENA_SIZE), ARENA_SIZE);
    buffer_init(&why);
    if (arena.memory == NULL || mkdtemp(directory) == NULL || store_open(&place, &store, &why) != OK ||
        store_begin(store, true, &txn) != OK)
        stop("no store");
    struct catalogue *catalogue = catalogue_new(txn, 0, published_first());
    load(gen, catalogue, txn, &arena);
    ask(gen, asked, &arena);
    clock_t start = clock();
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < BILLS; i++)
            check += look_up(catalogue, &asked[i]);
    double nanoseconds = (double)(clock() - start) * 1e9 / CLOCKS_PER_SEC / ((double)BILLS * ROUNDS);
    (void)printf("{\"items_per_region\": %u, \"cpu_ns_per_bill\": %.0f, \"check\": %llu}\n", gen_catalogue_count(gen),
                 nanoseconds, check);
    catalogue_destroy(&catalogue);
    store_abort(&txn);
    store_close(&store);
    gen_destroy(&gen);
    (void)snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command) == 0 ? 0 : 1;
}
