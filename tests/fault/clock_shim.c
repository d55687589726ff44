/* SPDX-License-Identifier: Apache-2.0
 * Loaded before libc: the wall clock is off by as many milliseconds as the file HUTONG_SHIM_CLOCK names says (T1), the
 * monotonic clock by its second number, if it has one. The file is read again once in 20 ms. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

enum { READ_AGAIN_NS = 20 * 1000 * 1000 };

static int real_clock(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        real = (int (*)(clockid_t, struct timespec *))(uintptr_t)dlsym(RTLD_NEXT, "clock_gettime");
    return real(clock, now);
}

static int64_t offset_ms(clockid_t clock)
{
    static _Thread_local int64_t offsets[2], read_at;
    struct timespec now;
    const char *path = getenv("HUTONG_SHIM_CLOCK");
    bool monotonic = clock == CLOCK_MONOTONIC;
    if (path == NULL || real_clock(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    int64_t at = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (read_at != 0 && at - read_at < READ_AGAIN_NS)
        return offsets[monotonic];
    read_at = at;
    FILE *file = fopen(path, "re");
    long long values[2] = {0, 0};
    if (file != NULL && fscanf(file, "%lld %lld", &values[0], &values[1]) >= 1) {
        offsets[0] = values[0];
        offsets[1] = values[1];
    }
    if (file != NULL)
        (void)fclose(file);
    return offsets[monotonic];
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int code = real_clock(clock, now);
    if (code != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE && clock != CLOCK_MONOTONIC))
        return code;
    int64_t offset = offset_ms(clock), ns = now->tv_nsec + offset % 1000 * 1000000;
    now->tv_sec += offset / 1000 + (ns < 0 ? -1 : ns >= 1000000000 ? 1 : 0);
    now->tv_nsec = ns < 0 ? ns + 1000000000 : ns >= 1000000000 ? ns - 1000000000 : ns;
    return 0;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec at;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &at) != 0)
        return -1;
    now->tv_sec = at.tv_sec;
    now->tv_usec = at.tv_nsec / 1000;
    return 0;
}
