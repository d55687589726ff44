/* SPDX-License-Identifier: Apache-2.0
 * The shipped tables. */
#include "tools/shipped.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli.h"

enum { PATH_SIZE = 4096 + 300, FILES_MAX = 64 };

static DIR *open_tables(char directory[PATH_SIZE])
{
    static const char *const places[] = {"../share/hutong/gazette", "../../../data/gazette"};
    char programs[PATH_SIZE];
    DIR *found = NULL;
    ssize_t size = readlink("/proc/self/exe", programs, sizeof programs - 1);
    if (size <= 0)
        return NULL;
    programs[size] = 0;
    *strrchr(programs, '/') = 0;
    for (unsigned i = 0; found == NULL && i < sizeof places / sizeof places[0]; i++) {
        (void)snprintf(directory, PATH_SIZE, "%.4000s/%s", programs, places[i]);
        found = opendir(directory);
    }
    if (found == NULL)
        complain(said("%s 旁没有已公布的数据表：缺少 share/hutong/gazette；hutong up --bare 可以不要",
                      "no published tables beside %s: share/hutong/gazette is missing; hutong up --bare does without"),
                 programs);
    return found;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static size_t list_tables(DIR *directory, char *names[FILES_MAX])
{
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL && count < FILES_MAX;) {
        size_t size = strlen(entry->d_name);
        if (size > 4 && strcmp(entry->d_name + size - 4, ".csv") == 0)
            names[count++] = strdup(entry->d_name);
    }
    qsort(names, count, sizeof names[0], by_name);
    return count;
}

bool shipped_tables_each(bool (*each)(void *self, const char *path), void *self)
{
    char path[PATH_SIZE], directory[PATH_SIZE], *names[FILES_MAX];
    bool going = true;
    DIR *tables = open_tables(directory);
    if (tables == NULL)
        return false;
    size_t count = list_tables(tables, names);
    (void)closedir(tables);
    for (size_t i = 0; i < count; i++) {
        going = going && (size_t)snprintf(path, sizeof path, "%.4000s/%s", directory, names[i]) < sizeof path &&
                each(self, path);
        free(names[i]);
    }
    return going;
}
