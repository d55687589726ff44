/* SPDX-License-Identifier: Apache-2.0
 * What the processes of an exchange on this machine have used so far, read from /proc. */
#ifndef HUTONG_BENCH_USAGE_H
#define HUTONG_BENCH_USAGE_H
#include <stdint.h>

#include "common/config/config.h"

enum { USAGES_MAX = 40 };

struct usage {
    char name[64]; /* settlement-0 */
    int pid;
    double cpu_s;
    uint64_t written, peak_kib;
};

/* Of each process whose pid file is there; returns how many. What cannot be read stays 0. */
unsigned usage_measure(const struct config *config, struct usage usages[USAGES_MAX]);
/* What `after` used since `before`; of a process that was started again in between, since its start. */
struct usage usage_since(const struct usage *before, const struct usage *after);
/* The caller's own, in seconds. */
double usage_own_cpu(void);
#endif
