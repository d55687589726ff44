/* SPDX-License-Identifier: Apache-2.0
 * Options of a bench: "--name VALUE" or "--name" anywhere in its words. */
#ifndef HUTONG_BENCH_WORDS_H
#define HUTONG_BENCH_WORDS_H
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline const char *text(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return NULL;
}

static inline uint64_t number(int argc, char **argv, const char *name, uint64_t fallback)
{
    const char *given = text(argc, argv, name);
    return given != NULL ? strtoull(given, NULL, 10) : fallback;
}

static inline bool flag(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return false;
}
#endif
