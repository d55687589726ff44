/* SPDX-License-Identifier: Apache-2.0
 * Flips over the files of a real deployment that is stopped: fault_deployment DIRECTORY SEGMENT_MIB FLIPS SEED. Each is
 * followed by what reads that file, which answers as before or says that it does not. Prints a line of JSON a file. Run
 * by tests/e2e/flips.py, which makes the deployment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/flips.h"
#include "tests/support/random.h"

enum { STATES_MAX = 32 };

struct state {
    char directory[512];
    uint8_t digest[DIGEST_SIZE];
};

static struct flip_files files;
static struct log_answers answers;
static struct state states[STATES_MAX];
static unsigned state_count;
static char broker[512];
static uint64_t segment_size;
static struct buffer why;

static bool lies_in(const char *path, const char *directory)
{
    size_t size = strlen(directory);
    return strncmp(path, directory, size) == 0 && (path[size] == '/' || path[size] == '.');
}

/* The state whose file this is, made known when it is first met; NULL: it is of none. */
static struct state *state_of(const char *data, const char *path)
{
    const char *name = path + strlen(data) + 1;
    size_t size = strcspn(name, "/.");
    struct state *state = &states[state_count];
    for (unsigned i = 0; i < state_count; i++)
        if (lies_in(path, states[i].directory))
            return &states[i];
    (void)snprintf(state->directory, sizeof state->directory, "%s/%.*s", data, (int)size, name);
    if (memchr(name, '-', size) == NULL || state_count == STATES_MAX - 1)
        return NULL;
    if (state_again(state->directory, NULL, state->digest, &why) != FLIP_SAME) {
        (void)fprintf(stderr, "%s: %s\n", state->directory, buffer_text(&why));
        exit(1);
    }
    state_count++;
    return state;
}

static enum flip_end end_of(const char *data, const char *path)
{
    uint8_t found[DIGEST_SIZE];
    if (lies_in(path, broker))
        return log_answers_again(&answers, broker, segment_size, &why);
    struct state *state = state_of(data, path);
    return state == NULL ? FLIP_SAME : state_again(state->directory, state->digest, found, &why);
}

static int flip_all(const char *data, unsigned flips, uint64_t random)
{
    static unsigned ends[FLIP_FILES_MAX][FLIP_WRONG + 1];
    int wrong = 0;
    for (unsigned i = 0; i < flips; i++) {
        unsigned file = (unsigned)(random_next(&random) % files.count);
        if (files.files[file].size < 1000) /* the larger ones more often */
            file = (unsigned)(random_next(&random) % files.count);
        if (files.files[file].size == 0 || strstr(files.files[file].path, "/log/") != NULL)
            continue;
        uint64_t bit = random_next(&random) % (files.files[file].size * 8);
        flip_bit(files.files[file].path, bit);
        enum flip_end end = end_of(data, files.files[file].path);
        ends[file][end]++;
        if (end == FLIP_WRONG) {
            (void)fprintf(stderr, "bit %llu of %s: another answer\n", (unsigned long long)bit, files.files[file].path);
            wrong = 1;
        }
        flip_files_put_back(&files);
    }
    for (unsigned i = 0; i < files.count; i++)
        (void)printf("{\"file\":\"%s\",\"bytes\":%zu,\"found\":%u,\"same\":%u,\"wrong\":%u}\n",
                     files.files[i].path + strlen(data) + 1, files.files[i].size, ends[i][FLIP_FOUND],
                     ends[i][FLIP_SAME], ends[i][FLIP_WRONG]);
    return wrong;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    const char *data = argv[1];
    segment_size = strtoull(argv[2], NULL, 10) << 20;
    (void)snprintf(broker, sizeof broker, "%s/broker", data);
    buffer_init(&why);
    log_answers_keep(&answers, broker, segment_size);
    flip_files_keep(&files, data);
    for (unsigned i = 0; i < files.count; i++)
        if (!lies_in(files.files[i].path, broker))
            (void)state_of(data, files.files[i].path);
    flip_files_free(&files);
    flip_files_keep(&files, data); /* as they are once all have been opened */
    int code = flip_all(data, (unsigned)strtoul(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
    flip_files_free(&files);
    buffer_fini(&why);
    return code;
}
