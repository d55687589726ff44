/* SPDX-License-Identifier: Apache-2.0
 * Key pairs on disk. */
#include "common/net/keys.h"

#include <czmq.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/secret/secret.h"

enum { FILE_SIZE_MAX = 4096, KEY_SIZE = 40 };

/* Synced with nothing: a key that a power cut took was never handed over. */
static bool write_file(const char *path, mode_t mode, const char *kind, const struct key_pair *pair)
{
    char text[1024];
    bool secret = pair->secret_key[0] != 0;
    int size = snprintf(text, sizeof text,
                        "#   ZeroMQ CURVE %s certificate\nmetadata\n    party = \"%s\"\n    role = \"%s\"\ncurve\n    "
                        "public-key = \"%s\"\n%s%s%s",
                        kind, pair->party, pair->role, pair->public_key, secret ? "    secret-key = \"" : "",
                        pair->secret_key, secret ? "\"\n" : "");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    bool written = fd >= 0 && fchmod(fd, mode) == 0 && write(fd, text, (size_t)size) == size;
    explicit_bzero(text, sizeof text);
    return fd >= 0 && close(fd) == 0 && written;
}

enum status keys_make(const char *public_path, const char *secret_path, const char *party, const char *role)
{
    struct key_pair pair = {0}, public;
    PRE(strlen(party) < sizeof pair.party && strlen(role) < sizeof pair.role);
    if (zmq_curve_keypair(pair.public_key, pair.secret_key) != 0)
        return FATAL_IO;
    memcpy(pair.party, party, strlen(party));
    memcpy(pair.role, role, strlen(role));
    public = pair;
    explicit_bzero(public.secret_key, sizeof public.secret_key);
    bool written =
        write_file(public_path, 0644, "public", &public) && write_file(secret_path, 0600, "**secret**", &pair);
    explicit_bzero(&pair, sizeof pair);
    return written ? OK : FATAL_IO;
}

/* NAME = "VALUE", on a line of its own; "" where there is none, or it is too long. */
static void take_member(const char *text, const char *name, char *value, size_t size)
{
    size_t name_size = strlen(name);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, "\n \t");
        const char *at = line + name_size;
        if (strncmp(line, name, name_size) != 0)
            continue;
        at += strspn(at, " \t");
        at += *at == '=' ? 1 + strspn(at + 1, " \t") : 0;
        size_t value_size = *at == '"' ? strcspn(at + 1, "\"\n") : 0;
        if (value_size > 0 && value_size < size && at[1 + value_size] == '"')
            memcpy(value, at + 1, value_size);
        return;
    }
}

static bool is_key(const char *text)
{
    uint8_t bytes[32];
    bool is = strlen(text) == KEY_SIZE && zmq_z85_decode(bytes, text) != NULL;
    explicit_bzero(bytes, sizeof bytes);
    return is;
}

static enum status read_pair(int fd, char *text, const char *path, struct key_pair *pair, struct buffer *why)
{
    struct buffer unheard = {0};
    if (read(fd, text, FILE_SIZE_MAX - 1) <= 0)
        return REJECT_NOT_FOUND;
    take_member(text, "public-key", pair->public_key, sizeof pair->public_key);
    take_member(text, "secret-key", pair->secret_key, sizeof pair->secret_key);
    take_member(text, "party", pair->party, sizeof pair->party);
    take_member(text, "role", pair->role, sizeof pair->role);
    if (!is_key(pair->public_key) || (pair->secret_key[0] != 0 && !is_key(pair->secret_key)))
        return REJECT_NOT_FOUND;
    bool safe = pair->secret_key[0] == 0 || secret_file_is_safe(fd, path, why != NULL ? why : &unheard);
    buffer_fini(&unheard);
    return safe ? OK : FATAL_CONFIG;
}

enum status keys_load(const char *path, struct key_pair *pair, struct buffer *why)
{
    memset(pair, 0, sizeof *pair);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return REJECT_NOT_FOUND;
    void *text = secret_new(FILE_SIZE_MAX);
    enum status status = read_pair(fd, text, path, pair, why);
    secret_destroy(&text, FILE_SIZE_MAX);
    (void)close(fd);
    if (status != OK)
        explicit_bzero(pair, sizeof *pair);
    return status;
}
