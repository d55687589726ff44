/* SPDX-License-Identifier: Apache-2.0
 * A read-only look at a log: segments, streams, batches, and whether every checksum holds. */
#ifndef HUTONG_BROKER_DUMP_H
#define HUTONG_BROKER_DUMP_H
#include <stdio.h>

/* 0: all well; 6: a batch fails its checksum; 2: cannot be opened. */
int dump_log(const char *directory, FILE *out);
#endif
