/* SPDX-License-Identifier: Apache-2.0
 * What was meant by a slip: the nearest of some names, if it is near enough. */
#ifndef HUTONG_COMMON_BASE_GUESS_H
#define HUTONG_COMMON_BASE_GUESS_H

enum { GUESS_WORD_SIZE_MAX = 48 };

struct guess {
    const char *given, *name; /* name NULL: nothing is near */
    unsigned distance;
};

/* How many letters are to be put in, left out, changed, or swapped with the next; GUESS_WORD_SIZE_MAX: too long. */
unsigned guess_distance(const char *from, const char *to);
void guess_start(struct guess *guess, const char *given);
/* Of equally near ones the first. */
void guess_consider(struct guess *guess, const char *name);
#endif
