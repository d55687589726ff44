/* SPDX-License-Identifier: Apache-2.0
 * Records of who looked at persons' records (docs/PRIVACY.md). */
#include <string.h>

#include "services/validation/judging.h"

enum { WORD_SIZE_MAX = 64, PURPOSE_SIZE_MAX = 600 }; /* bytes; 200 Chinese characters */

static void judge_words(struct judging *judging, const char *text, size_t size_max, const char *field)
{
    judge_want(judging, text[0] != 0 && strlen(text) <= size_max, RULE_ACCESS_INCOMPLETE, field);
}

/* Whoever is named may be anybody: records of numbers that are none are looked at, too. */
void judge_person_access(struct judging *judging)
{
    const struct person_access *access = &judging->event->body.person_access;
    judge_words(judging, access->accessor, ACTOR_SIZE_MAX, "accessor");
    judge_words(judging, access->purpose, PURPOSE_SIZE_MAX, "purpose");
    judge_words(judging, access->command, WORD_SIZE_MAX, "command");
    judge_words(judging, access->scope, WORD_SIZE_MAX, "scope");
}
