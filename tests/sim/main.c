/* SPDX-License-Identifier: Apache-2.0
 * hutong-sim --seed N: one run of the simulated exchange. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/observe/diary.h"
#include "tests/sim/client.h"
#include "tests/sim/final.h"
#include "tests/sim/sim_internal.h"
#include "tests/support/random.h"

enum {
    SECOND_US = 1000 * 1000,
    STEP_US = SECOND_US / 4,
    REST_S = 600,
    LAST_NEWS_S = 30,
    SAFETY_S_MIN = 10,
    SAFETY_S_MORE = 50
};

static const char *const fault_names[] = {
#define FAULT(name, text, what) text,
    SIM_FAULTS(FAULT)
#undef FAULT
};

static int usage(void)
{
    (void)fprintf(
        stderr,
        "hutong-sim --seed N [--events N] [--partitions P] [--fault all|none|NAME,...] [--seconds N] [--trace]\n");
    for (int i = 0; i < SIM_FAULTS_COUNT; i++) {
        static const char *const what[] = {
#define FAULT(name, text, sentence) sentence,
            SIM_FAULTS(FAULT)
#undef FAULT
        };
        (void)fprintf(stderr, "  %-12s %s\n", fault_names[i], what[i]);
    }
    return 2;
}

/* From the seed alone, where nothing else is said: each class of faults on or off. */
static void draw(struct sim_options *options)
{
    uint64_t dice = options->seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    options->partitions = 1 + (uint32_t)(random_next(&dice) % 3);
    options->faults_until_us = (SAFETY_S_MIN + (int64_t)(random_next(&dice) % SAFETY_S_MORE)) * SECOND_US;
    for (int i = 0; i < SIM_FAULTS_COUNT; i++)
        options->faults[i] = random_next(&dice) % 2 == 0;
}

static bool choose(struct sim_options *options, const char *names)
{
    char text[256], *rest = text;
    (void)snprintf(text, sizeof text, "%s", names);
    for (int i = 0; i < SIM_FAULTS_COUNT; i++)
        options->faults[i] = strcmp(text, "all") == 0;
    if (strcmp(text, "all") == 0 || strcmp(text, "none") == 0)
        return true;
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        int found = 0;
        while (found < SIM_FAULTS_COUNT && strcmp(fault_names[found], name) != 0)
            found++;
        if (found == SIM_FAULTS_COUNT)
            return false;
        options->faults[found] = true;
    }
    return true;
}

static void print_options(const struct sim_options *options)
{
    (void)printf("hutong-sim --seed %" PRIu64 " --events %u --partitions %u --seconds %" PRId64 " --fault ",
                 options->seed, options->events, options->partitions, options->faults_until_us / SECOND_US);
    const char *between = "";
    for (int i = 0; i < SIM_FAULTS_COUNT; i++)
        if (options->faults[i]) {
            (void)printf("%s%s", between, fault_names[i]);
            between = ",";
        }
    (void)printf("%s\n", between[0] == 0 ? "none" : "");
    (void)fflush(stdout);
}

/* Until all is done, or it has taken too long: then something does not come to rest. */
static void come_to_rest(struct world *world, const struct clients *clients, const char *what)
{
    int64_t until_us = world_now_us(world) + (int64_t)REST_S * SECOND_US;
    const char *why_not = "";
    while (world_failed(world) == NULL && world_now_us(world) < until_us) {
        if (clients_are_done(clients, &why_not) && exchange_is_at_rest(world, &why_not))
            return;
        world_run(world, world_now_us(world) + STEP_US);
    }
    if (world_failed(world) == NULL)
        world_fail(world, "%s: it does not come to rest: %s", what, why_not);
}

static void simulate(struct world *world, struct clients *clients)
{
    struct digests first = {0}, second = {0};
    exchange_open(world);
    clients_start(clients);
    world_run(world, world_options(world)->faults_until_us);
    come_to_rest(world, clients, "after the faults");
    if (world_failed(world) != NULL)
        return;
    exchange_check_money(world);
    exchange_hold(world); /* no tick more: all states speak of one position */
    come_to_rest(world, clients, "before it is made again");
    exchange_digests(world, &first);
    exchange_forget_states(world);
    clients_read_again(clients);
    do
        world_run(world, world_now_us(world) + SECOND_US);
    while (world_failed(world) == NULL && !clients_have_read_again(clients) &&
           world_now_us(world) < INT64_C(3600) * SECOND_US);
    come_to_rest(world, clients, "made again from the log");
    if (!clients_have_read_again(clients))
        world_fail(world, "mailboxes that were made again cannot be read to where they were");
    exchange_digests(world, &second);
    exchange_compare(world, &first, &second);
    world_run(world, world_now_us(world) + LAST_NEWS_S * (int64_t)SECOND_US);
    if (world_failed(world) == NULL)
        final_check(world, clients_checks(clients), &first);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"seed", required_argument, NULL, 's'},       {"events", required_argument, NULL, 'e'},
        {"partitions", required_argument, NULL, 'p'}, {"fault", required_argument, NULL, 'f'},
        {"seconds", required_argument, NULL, 't'},    {"trace", no_argument, NULL, 'v'},
        {"verbose", no_argument, NULL, 'd'},          {NULL, 0, NULL, 0}};
    struct sim_options options = {.events = 2000, .begins = civil_date_start(LOAD_TODAY) + INT64_C(9) * 3600 * 1000};
    bool seeded = false, verbose = false;
    const char *faults = NULL;
    uint32_t partitions = 0;
    int64_t seconds = 0;
    for (int got; (got = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (got) {
        case 's':
            options.seed = strtoull(optarg, NULL, 10);
            seeded = true;
            break;
        case 'e':
            options.events = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'p':
            partitions = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'f':
            faults = optarg;
            break;
        case 't':
            seconds = strtoll(optarg, NULL, 10);
            break;
        case 'v':
            options.trace = true;
            break;
        case 'd':
            verbose = true;
            break;
        default:
            return usage();
        }
    }
    draw(&options);
    if (partitions > 0)
        options.partitions = partitions;
    if (seconds > 0)
        options.faults_until_us = seconds * SECOND_US;
    if (!seeded || options.partitions > 3 || (faults != NULL && !choose(&options, faults)))
        return usage();
    diary_start("sim", verbose ? DIARY_INFO : (enum diary_level)(DIARY_FATAL + 1));
    print_options(&options);
    struct load load;
    load_make(&load, options.seed, options.events);
    struct world *world = world_new(&options);
    struct clients *clients = clients_new(world, &load);
    simulate(world, clients);
    char told[200];
    clients_tell(clients, told, sizeof told);
    const char *failed = world_failed(world);
    (void)printf("%s: %s; %" PRId64 " s simulated, %" PRIu64 " events, hash %016" PRIx64 "\n",
                 failed == NULL ? "ok" : "FAILED", told, world_now_us(world) / SECOND_US, world_events(world),
                 world_hash(world));
    bool ok = failed == NULL;
    world_free(&world);
    clients_free(&clients);
    load_fini(&load);
    return ok ? 0 : 1;
}
