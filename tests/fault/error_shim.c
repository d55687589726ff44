/* SPDX-License-Identifier: Apache-2.0
 * Loaded before libc: makes one write or sync of one program fail, when the test asks for it. The test writes
 * "PROGRAM WHAT" into the file HUTONG_SHIM_ORDER names; the first call of that program that fits takes the order (by
 * removing the file) and fails:
 *   sync   fdatasync answers EIO: what was written may be on disk or not                              (L1)
 *   meta   LMDB's meta write, 120 bytes through its O_DSYNC descriptor, or an overlaid store's record of a commit, is
 *          done and answers EIO                                                                      (L2)
 *   torn   half of its bytes are written, then the process dies                                      (L3) */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at);

enum { META_SIZE = 120 };

static bool ordered(const char *what)
{
    char order[128] = "", program[64] = "", wanted[64] = "";
    const char *path = getenv("HUTONG_SHIM_ORDER");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    if (file == NULL)
        return false;
    bool fits = fgets(order, sizeof order, file) != NULL && sscanf(order, "%63s %63s", program, wanted) == 2 &&
                strcmp(program, program_invocation_short_name) == 0 && strcmp(wanted, what) == 0;
    (void)fclose(file);
    return fits && unlink(path) == 0;
}

/* Of LMDB, or of an overlaid store. */
static bool makes_a_commit(int fd, size_t size)
{
    char link[64], path[PATH_MAX];
    if (size == META_SIZE && (fcntl(fd, F_GETFL) & O_DSYNC) != 0)
        return true;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return strstr(path, "/recent-") != NULL;
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (real == NULL)
        real = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, "fdatasync");
    if (!ordered("sync"))
        return real(fd);
    errno = EIO;
    return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (real == NULL)
        real = (ssize_t(*)(int, const void *, size_t, off_t))(uintptr_t)dlsym(RTLD_NEXT, "pwrite");
    bool meta = makes_a_commit(fd, size);
    if (meta && ordered("torn")) {
        (void)!real(fd, bytes, size / 2, at);
        (void)raise(SIGKILL);
    }
    ssize_t written = real(fd, bytes, size, at);
    if (!meta || !ordered("meta"))
        return written;
    errno = EIO;
    return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
    return pwrite(fd, bytes, size, at);
}
