/* SPDX-License-Identifier: Apache-2.0
 * What the console can be asked, and who may ask it, by the tables question.def and role.def. */
#ifndef HUTONG_SERVICES_CONSOLE_QUESTION_H
#define HUTONG_SERVICES_CONSOLE_QUESTION_H
#include <stdbool.h>
#include <stdint.h>

enum {
#define ROLE(name, word, zh, en) ROLE_NUMBER_##name,
#include "services/console/role.def"
#undef ROLE
    ROLE_COUNT
};
typedef uint32_t roles_t; /* a set of 1 << ROLE_NUMBER */
#define ROLE_VIEWER (UINT32_C(1) << ROLE_NUMBER_VIEWER)
#define ROLES_ALL ((UINT32_C(1) << ROLE_COUNT) - 1)

extern const char *const role_words[ROLE_COUNT + 1]; /* of the file of users; NULL behind the last */

struct question {
    const char *name;
    roles_t roles;
    bool action;
    uint32_t cache_ms; /* 0: not shared */
    const char *line;
    const char *zh, *en;
};

/* Sent by the key of the user's own party: its line begins so. */
#define QUESTION_OWN "--own "
bool question_is_own(const struct question *question);

extern const struct question questions[];
extern const unsigned question_count;
/* question_count: there is none. */
unsigned question_named(const char *name);
#endif
