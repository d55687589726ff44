/* SPDX-License-Identifier: Apache-2.0
 * The table of questions. */
#include "services/console/question.h"

#include <string.h>

#define VIEWER (UINT32_C(1) << ROLE_NUMBER_VIEWER)
#define OPERATOR (UINT32_C(1) << ROLE_NUMBER_OPERATOR)
#define CLEARING (UINT32_C(1) << ROLE_NUMBER_CLEARING)
#define AUDITOR (UINT32_C(1) << ROLE_NUMBER_AUDITOR)

const char *const role_words[ROLE_COUNT + 1] = {
#define ROLE(name, word, zh, en) #word,
#include "services/console/role.def"
#undef ROLE
};

const struct question questions[] = {
#define QUESTION(name, roles, cache_ms, line, zh, en) {#name, roles, false, cache_ms, line, zh, en},
#define ACTION(name, roles, line, zh, en) {#name, roles, true, 0, line, zh, en},
#include "services/console/question.def"
#undef QUESTION
#undef ACTION
};
const unsigned question_count = sizeof questions / sizeof questions[0];

bool question_is_own(const struct question *question)
{
    return strncmp(question->line, QUESTION_OWN, sizeof QUESTION_OWN - 1) == 0;
}

unsigned question_named(const char *name)
{
    unsigned i = 0;
    while (i < question_count && strcmp(questions[i].name, name) != 0)
        i++;
    return i;
}
