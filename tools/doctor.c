/* SPDX-License-Identifier: Apache-2.0
 * How a finding is told. */
#include "tools/doctor.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 + 600, NOTE = false, FOUND = true };

static const struct {
    const char *name;
    bool found;
    const char *zh, *en, *do_zh, *do_en;
} findings[FINDINGS_COUNT] = {
#define FINDING(name, weight, zh, en, do_zh, do_en) {#name, weight, zh, en, do_zh, do_en},
#include "tools/finding.def"
};

void doctor_found(struct doctor *doctor, enum doctor_finding finding, const char *file, const char *where)
{
    const char *what = said(findings[finding].zh, findings[finding].en),
               *act = said(findings[finding].do_zh, findings[finding].do_en);
    doctor->found += findings[finding].found;
    doctor->notes += !findings[finding].found;
    if (doctor->cli->json)
        cli_print_json(json_pack("{s:s,s:b,s:s,s:s,s:s,s:s,s:s}", "finding", findings[finding].name, "damage",
                                 findings[finding].found, "severity", findings[finding].found ? "act" : "note", "file",
                                 file, "where", where, "what", what, "do", act));
    else
        (void)printf("%s  %s\n  %s%s%s\n  -> %s\n", findings[finding].name, file, what, where[0] != 0 ? ": " : "",
                     where, act);
}

bool doctor_in_use(const char *directory)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/owner.lock", directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
    if (fd >= 0)
        (void)close(fd);
    return held;
}

bool doctor_is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}
