/* SPDX-License-Identifier: Apache-2.0
 * Secrets in memory and in files. */
#include "common/secret/secret.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"

enum { PATH_SIZE = 4096 };

void *secret_new(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    INVARIANT(pages != MAP_FAILED);
    (void)mlock(pages, size);
    (void)madvise(pages, size, MADV_DONTDUMP);
    return pages;
}

void secret_destroy(void **secret, size_t size)
{
    if (*secret == NULL)
        return;
    explicit_bzero(*secret, size);
    (void)munmap(*secret, size);
    *secret = NULL;
}

/* `sticky`: one in which nobody may replace another's file will do. */
static bool is_safe(const char *directory, bool sticky, struct buffer *why)
{
    struct stat there;
    if (stat(directory, &there) != 0 || (there.st_mode & S_IWOTH) == 0 || (sticky && (there.st_mode & S_ISVTX) != 0))
        return true;
    buffer_printf(why,
                  "%s：任何用户都可以在此密钥目录中放置文件；请执行 chmod o-w / anybody may put files into this "
                  "directory of keys; chmod o-w it",
                  directory);
    return false;
}

bool secret_directory_is_safe(const char *directory, struct buffer *why)
{
    return is_safe(directory, false, why);
}

bool secret_file_is_safe(int fd, const char *path, struct buffer *why)
{
    struct stat there;
    char directory[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    if (fstat(fd, &there) != 0 || !S_ISREG(there.st_mode))
        buffer_printf(why, "%s：不是文件 / it is no file", path);
    else if ((there.st_mode & 077) != 0)
        buffer_printf(why,
                      "%s：属主以外的用户可以使用此私钥；请执行 chmod 600 / others than its owner may use this secret "
                      "key; chmod 600 it",
                      path);
    else if (there.st_uid != geteuid() && there.st_uid != 0)
        buffer_printf(why, "%s：此私钥属于另一用户 / this secret key belongs to another user", path);
    else {
        (void)snprintf(directory, sizeof directory, "%.*s", slash == NULL ? 1 : (int)(slash - path) + (slash == path),
                       slash == NULL ? "." : path);
        return is_safe(directory, true, why);
    }
    return false;
}
