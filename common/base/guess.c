/* SPDX-License-Identifier: Apache-2.0
 * Slips. */
#include "common/base/guess.h"

#include <stddef.h>
#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned guess_distance(const char *from, const char *to)
{
    unsigned table[GUESS_WORD_SIZE_MAX + 1][GUESS_WORD_SIZE_MAX + 1];
    size_t rows = strlen(from), columns = strlen(to);
    if (rows > GUESS_WORD_SIZE_MAX || columns > GUESS_WORD_SIZE_MAX)
        return GUESS_WORD_SIZE_MAX;
    for (unsigned i = 0; i <= rows; i++)
        for (unsigned j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = i + j;
                continue;
            }
            unsigned changed = table[i - 1][j - 1] + (from[i - 1] != to[j - 1]);
            table[i][j] = least(changed, 1 + least(table[i - 1][j], table[i][j - 1]));
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                table[i][j] = least(table[i][j], 1 + table[i - 2][j - 2]);
        }
    return table[rows][columns];
}

void guess_start(struct guess *guess, const char *given)
{
    *guess = (struct guess){given, NULL, GUESS_WORD_SIZE_MAX};
}

void guess_consider(struct guess *guess, const char *name)
{
    unsigned away = strncmp(name, guess->given, strlen(guess->given)) == 0 ? 0 : guess_distance(guess->given, name);
    if (away < guess->distance && away * 3 <= strlen(name) + 1) {
        guess->name = name;
        guess->distance = away;
    }
}
