/* SPDX-License-Identifier: Apache-2.0
 * One-time links. */
#include "services/console/links.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/digest.h"

enum { PATH_SIZE = 4096 + 160, TEXT_SIZE = 128, DICE_SIZE_MAX = 64 };

void links_dice(size_t size, char *digits)
{
    uint8_t bytes[DICE_SIZE_MAX];
    INVARIANT(size <= sizeof bytes && getrandom(bytes, size, 0) == (ssize_t)size);
    digest_hex(bytes, size, digits);
    explicit_bzero(bytes, sizeof bytes);
}

static void path_of(const char *run_directory, const char *token, char path[PATH_SIZE])
{
    uint8_t hash[DIGEST_SIZE];
    char name[2 * DIGEST_SIZE + 1];
    struct digest *digest = digest_new();
    digest_once(digest, span_text(token), hash);
    digest_destroy(&digest);
    digest_hex(hash, sizeof hash, name);
    (void)snprintf(path, PATH_SIZE, "%s/console/%s", run_directory, name);
}

/* Nobody but the exchange's user and root may have put it there. */
static bool is_safe(const struct stat *file)
{
    return S_ISREG(file->st_mode) && (file->st_mode & 022) == 0 && (file->st_uid == geteuid() || file->st_uid == 0);
}

/* User and end of an open link. */
static bool read_link(int fd, instant_ms_t now, char user[USER_NAME_SIZE])
{
    struct stat file;
    char text[TEXT_SIZE] = "", name[USER_NAME_SIZE] = "";
    long long until = 0;
    if (fstat(fd, &file) != 0 || !is_safe(&file) || read(fd, text, sizeof text - 1) <= 0 ||
        sscanf(text, "%32s %lld", name, &until) != 2 || now >= until || !user_name_is_sound(name))
        return false;
    memcpy(user, name, USER_NAME_SIZE);
    return true;
}

enum status links_prepare(const char *run_directory, instant_ms_t now, struct buffer *why)
{
    char path[PATH_SIZE], user[USER_NAME_SIZE];
    struct stat place;
    (void)snprintf(path, sizeof path, "%s/console", run_directory);
    bool sound = (mkdir(path, 0700) == 0 || errno == EEXIST) && stat(path, &place) == 0 && S_ISDIR(place.st_mode) &&
                 (place.st_mode & 022) == 0;
    DIR *directory = sound ? opendir(path) : NULL;
    if (directory == NULL) {
        buffer_printf(why, "%s：须为只有属主可写的目录 / it must be a directory that its owner alone may write", path);
        return FATAL_IO;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        int fd =
            entry->d_name[0] == '.' ? -1 : openat(dirfd(directory), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
            continue;
        if (!read_link(fd, now, user))
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
        (void)close(fd);
    }
    (void)closedir(directory);
    return OK;
}

enum status link_make(const char *run_directory, const char *user, instant_ms_t now, char token[LINK_TOKEN_SIZE + 1],
                      struct buffer *why)
{
    char path[PATH_SIZE], fresh[PATH_SIZE + 4], text[TEXT_SIZE];
    links_dice(LINK_TOKEN_SIZE / 2, token);
    path_of(run_directory, token, path);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    int size = snprintf(text, sizeof text, "%s %lld\n", user, (long long)(now + LINK_LIFE_MS));
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool made = fd >= 0 && write(fd, text, (size_t)size) == size;
    if (fd >= 0)
        made = fchmod(fd, 0644) == 0 && close(fd) == 0 && made; /* root makes it, the exchange's user reads it */
    made = made && rename(fresh, path) == 0;
    if (made)
        return OK;
    buffer_printf(why, "%s/console：%s。控制台在运行吗？ / %s/console: %s. Does the console run?", run_directory,
                  strerror(errno), run_directory, strerror(errno));
    return FATAL_IO;
}

enum status link_take(const char *run_directory, const char *token, instant_ms_t now, char user[USER_NAME_SIZE])
{
    char path[PATH_SIZE];
    if (strlen(token) != LINK_TOKEN_SIZE)
        return REJECT_NOT_FOUND;
    path_of(run_directory, token, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return REJECT_NOT_FOUND;
    bool sound = unlink(path) == 0 && read_link(fd, now, user); /* whoever takes it away has it */
    (void)close(fd);
    return sound ? OK : REJECT_NOT_FOUND;
}
