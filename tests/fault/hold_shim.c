/* SPDX-License-Identifier: Apache-2.0
 * Loaded before libc: a disk that does not answer. While the file that HUTONG_SHIM_HOLD names is there, no fdatasync
 * begins. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd)
{
    static int (*real)(int);
    const char *hold = getenv("HUTONG_SHIM_HOLD");
    if (real == NULL)
        real = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, "fdatasync");
    while (hold != NULL && access(hold, F_OK) == 0)
        (void)usleep(1000);
    return real(fd);
}
