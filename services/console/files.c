/* SPDX-License-Identifier: Apache-2.0
 * Pages in memory. */
#include "services/console/files.h"

#include <fts.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/digest.h"

enum { PATH_SIZE = 4096 + 64 };

static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".woff2", "font/woff2"},
    {".png", "image/png"},
};

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), tail = strlen(ending);
    return size >= tail && strcmp(text + size - tail, ending) == 0;
}

/* A kind that is not served is left out. */
static const char *type_of(const char *path)
{
    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
        if (ends_with(path, types[i].ending))
            return types[i].type;
    return NULL;
}

static bool read_bytes(const char *path, struct buffer *bytes)
{
    FILE *file = fopen(path, "rb");
    size_t got = 1;
    if (file == NULL)
        return false;
    while (got > 0 && bytes->size <= FILES_SIZE_MAX) {
        got = fread(buffer_reserve(bytes, 65536), 1, 65536, file);
        bytes->size += got;
    }
    bool sound = ferror(file) == 0;
    return fclose(file) == 0 && sound;
}

/* `path`: of DIRECTORY/parts/table.js.gz, with `below` "/parts/table.js.gz". */
static bool take_file(struct web_files *files, struct digest *digest, const char *path, const char *below)
{
    struct web_file *file = &files->rows[files->count];
    uint8_t hash[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    size_t size = strlen(below);
    if (!ends_with(below, ".gz") || size - 3 >= FILE_PATH_SIZE)
        return true;
    memset(file, 0, sizeof *file);
    memcpy(file->path, below, size - 3);
    file->type = type_of(file->path);
    if (file->type == NULL)
        return true;
    if (files->count == FILES_COUNT_MAX - 1 || !read_bytes(path, &file->bytes))
        return false;
    digest_once(digest, buffer_span(&file->bytes), hash);
    digest_hex(hash, sizeof hash, hex);
    (void)snprintf(file->tag, sizeof file->tag, "\"%.32s\"", hex);
    files->size += file->bytes.size;
    files->count++;
    return files->size <= FILES_SIZE_MAX;
}

static bool read_tree(struct web_files *files, char *directory)
{
    char *roots[] = {directory, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    struct digest *digest = digest_new();
    bool sound = tree != NULL;
    for (FTSENT *entry; sound && (entry = fts_read(tree)) != NULL;)
        if (entry->fts_info == FTS_F)
            sound = take_file(files, digest, entry->fts_path, entry->fts_path + strlen(directory));
    digest_destroy(&digest);
    if (tree != NULL)
        (void)fts_close(tree);
    return sound && files_find(files, "/") != NULL;
}

enum status files_read(struct web_files *files, struct buffer *why)
{
    static const char *const places[] = {"../share/hutong/web", "../web"};
    char programs[PATH_SIZE], directory[PATH_SIZE + 32];
    ssize_t size = readlink("/proc/self/exe", programs, sizeof programs - 1);
    memset(files, 0, sizeof *files);
    INVARIANT(size > 0);
    programs[size] = 0;
    *strrchr(programs, '/') = 0;
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        (void)snprintf(directory, sizeof directory, "%s/%s", programs, places[i]);
        if (access(directory, R_OK) == 0 && read_tree(files, directory))
            return OK;
        files_fini(files);
    }
    buffer_printf(why, "%s/%s 中没有控制台的页面，或不可读 / the console's pages are not in %s/%s, or cannot be read",
                  programs, places[0], programs, places[0]);
    return FATAL_CONFIG;
}

void files_fini(struct web_files *files)
{
    for (unsigned i = 0; i < files->count; i++)
        buffer_fini(&files->rows[i].bytes);
    files->count = 0;
    files->size = 0;
}

const struct web_file *files_find(const struct web_files *files, const char *path)
{
    if (strcmp(path, "/") == 0)
        path = "/index.html";
    for (unsigned i = 0; i < files->count; i++)
        if (strcmp(files->rows[i].path, path) == 0)
            return &files->rows[i];
    return NULL;
}
