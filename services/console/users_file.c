/* SPDX-License-Identifier: Apache-2.0
 * The file of users. */
#include "services/console/users_file.h"

#include "common/config/schema.h"

static const struct schema_field role_fields[] = {
    {.key = "role", .kind = SCHEMA_WORD, .size = sizeof(uint32_t), .words = role_words},
    {.key = NULL},
};
static const struct schema_field user_fields[] = {
    SCHEMA_FIELD(struct console_user, "name", name, SCHEMA_TEXT, true),
    SCHEMA_FIELD(struct console_user, "certificate", certificate, SCHEMA_TEXT, false),
    SCHEMA_FIELD(struct console_user, "party", party, SCHEMA_TEXT, false),
    SCHEMA_ROWS_OF(struct console_user, "roles", role_numbers, role_count, role_fields),
    {.key = NULL},
};
static const struct schema_field fields[] = {
    SCHEMA_ROWS_OF(struct console_users, "users", rows, count, user_fields),
    {.key = NULL},
};

static bool is_sound(const struct console_users *users, uint32_t index, const char *path, struct buffer *why)
{
    const struct console_user *user = &users->rows[index];
    const char *fault = NULL;
    if (!user_name_is_sound(user->name))
        fault = "name：1 至 32 个字母、数字或 . - _ @ / 1 to 32 letters, digits or . - _ @";
    else if (users_named(users, user->name) != user)
        fault = "name：重复 / this name is there already";
    else if (user->role_count == 0)
        fault = "roles：至少一个 / at least one";
    else if (user->certificate[0] != 0 && users_certified(users, user->certificate) != user)
        fault = "certificate：重复 / this certificate is there already";
    else if (user->party[0] != 0 && !user_name_is_sound(user->party))
        fault = "party：参与方的名称 / the name of a party";
    if (fault != NULL)
        buffer_printf(why, "%s: users[%u].%s\n", path, index, fault);
    return fault == NULL;
}

enum status users_read(const char *path, struct console_users *users, struct buffer *why)
{
    struct schema_file *file;
    memset(users, 0, sizeof *users);
    enum status status =
        schema_read(&(struct schema_reading){.path = path, .root = "console", .why = why}, fields, users, &file);
    schema_close(&file);
    for (uint32_t i = 0; status == OK && i < users->count; i++) {
        struct console_user *user = &users->rows[i];
        user->roles = ROLE_VIEWER; /* whoever has a role may look */
        for (uint32_t r = 0; r < user->role_count; r++)
            user->roles |= UINT32_C(1) << user->role_numbers[r];
        status = is_sound(users, i, path, why) ? OK : REJECT_MALFORMED;
    }
    if (status != OK)
        memset(users, 0, sizeof *users);
    return status;
}
