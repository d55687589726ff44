/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/usage.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/config/service.h"

static FILE *open_proc(int pid, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return fopen(path, "r");
}

static uint64_t field(int pid, const char *name, const char *format)
{
    char line[1024];
    uint64_t value = 0;
    FILE *file = open_proc(pid, name);
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL)
        (void)sscanf(line, format, &value);
    (void)fclose(file);
    return value;
}

static double cpu_of(int pid)
{
    char line[1024];
    unsigned long user = 0, system = 0;
    FILE *file = open_proc(pid, "stat");
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof line, file) != NULL && strrchr(line, ')') != NULL)
        (void)sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    (void)fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

unsigned usage_measure(const struct config *config, struct usage usages[USAGES_MAX])
{
    unsigned count = 0;
    for (unsigned s = 0; s < SERVICE_COUNT; s++)
        for (uint32_t p = 0; p < service_processes(&service_rows[s], config->partitions) && count < USAGES_MAX; p++) {
            char path[4200];
            int pid = 0;
            (void)snprintf(path, sizeof path, "%s/%s-%u.pid", config->run_directory, service_rows[s].name, p);
            FILE *file = fopen(path, "r");
            if (file == NULL)
                continue;
            if (fscanf(file, "%d", &pid) != 1)
                pid = 0;
            (void)fclose(file);
            struct usage *usage = &usages[count++];
            *usage = (struct usage){.pid = pid,
                                    .cpu_s = cpu_of(pid),
                                    .written = field(pid, "io", "write_bytes: %lu"),
                                    .peak_kib = field(pid, "status", "VmHWM: %lu")};
            (void)snprintf(usage->name, sizeof usage->name, "%s-%u", service_rows[s].name, p);
        }
    return count;
}

struct usage usage_since(const struct usage *before, const struct usage *after)
{
    struct usage since = *after;
    if (before->pid == after->pid) {
        since.cpu_s -= before->cpu_s;
        since.written -= before->written;
    }
    return since;
}

double usage_own_cpu(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}
