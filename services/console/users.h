/* SPDX-License-Identifier: Apache-2.0
 * Who may use the console, and as what. */
#ifndef HUTONG_SERVICES_CONSOLE_USERS_H
#define HUTONG_SERVICES_CONSOLE_USERS_H
#include "services/console/question.h"

enum { USERS_COUNT_MAX = 200, USER_NAME_SIZE = 33, CERTIFICATE_NAME_SIZE = 257, PARTY_NAME_SIZE = 25 };

struct console_user {
    char name[USER_NAME_SIZE];
    char certificate[CERTIFICATE_NAME_SIZE]; /* its subject as RFC 4514 writes it: "CN=Li Wei,O=..."; "": none */
    uint32_t role_numbers[ROLE_COUNT];
    uint32_t role_count;
    roles_t roles;
    char party[PARTY_NAME_SIZE]; /* by whose key what a line begins with --own is sent; "": nobody's */
};

struct console_users {
    struct console_user rows[USERS_COUNT_MAX];
    uint32_t count;
};

/* NULL: nobody. */
const struct console_user *users_named(const struct console_users *users, const char *name);
const struct console_user *users_certified(const struct console_users *users, const char *certificate);
/* Letters, digits and . - _ @, at most 32: what may stand in a link, in a diary and on the log. */
bool user_name_is_sound(const char *name);
#endif
