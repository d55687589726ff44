/* SPDX-License-Identifier: Apache-2.0
 * The pages: every file of share/hutong/web, gzipped when it was built, read once into memory. What is not in this
 * table is not there: no path of a request reaches the disk. */
#ifndef HUTONG_SERVICES_CONSOLE_FILES_H
#define HUTONG_SERVICES_CONSOLE_FILES_H
#include "common/base/buffer.h"
#include "common/base/status.h"

enum { FILES_COUNT_MAX = 200, FILES_SIZE_MAX = 16 * 1024 * 1024, FILE_PATH_SIZE = 160, FILE_TAG_SIZE = 35 };

struct web_file {
    char path[FILE_PATH_SIZE]; /* "/parts/table.js" */
    char tag[FILE_TAG_SIZE];   /* "\"SHA-256\"", shortened */
    const char *type;
    struct buffer bytes; /* gzip */
};

struct web_files {
    struct web_file rows[FILES_COUNT_MAX];
    unsigned count;
    size_t size;
};

/* Beside the programs. FATAL_CONFIG: `why` says what is missing. */
MUST_USE enum status files_read(struct web_files *files, struct buffer *why);
void files_fini(struct web_files *files);
/* "/" is index.html. NULL: there is none. */
const struct web_file *files_find(const struct web_files *files, const char *path);
#endif
