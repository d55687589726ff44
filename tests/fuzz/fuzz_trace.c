/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a trace file: each record, or why not. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/check.h"
#include "tools/trace_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct trace_entry record;
    int fd = memfd_create("trace", 0);
    INVARIANT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct trace_reader *reader = trace_reader_open(path);
    INVARIANT(reader != NULL);
    for (int i = 0; i < 1000 && trace_read(reader, &record) == OK; i++)
        continue;
    trace_reader_close(&reader);
    (void)close(fd);
    return 0;
}
