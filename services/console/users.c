/* SPDX-License-Identifier: Apache-2.0
 * Users by name and by certificate. */
#include "services/console/users.h"

#include <string.h>

bool user_name_is_sound(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@";
    size_t size = strlen(name);
    return size > 0 && size < USER_NAME_SIZE && name[0] != '-' && strspn(name, allowed) == size;
}

const struct console_user *users_named(const struct console_users *users, const char *name)
{
    for (uint32_t i = 0; i < users->count; i++)
        if (strcmp(users->rows[i].name, name) == 0)
            return &users->rows[i];
    return NULL;
}

const struct console_user *users_certified(const struct console_users *users, const char *certificate)
{
    for (uint32_t i = 0; i < users->count; i++)
        if (certificate[0] != 0 && strcmp(users->rows[i].certificate, certificate) == 0)
            return &users->rows[i];
    return NULL;
}
