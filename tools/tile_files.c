/* SPDX-License-Identifier: Apache-2.0
 * Tiles as files. */
#include "tools/tile_files.h"

#include <string.h>

#include "common/store/kept_file.h"
#include "common/store/store_check.h"

/* `name` below the directory, whose directories are made. */
static enum status write_file(const char *directory, const char *name, struct span bytes)
{
    struct buffer path = {0}, parent = {0}, why = {0};
    buffer_printf(&path, "%s/%s", directory, name);
    const char *text = buffer_text(&path), *slash = strrchr(text, '/');
    buffer_append(&parent, text, (size_t)(slash - text));
    enum status status = store_make_directory(buffer_text(&parent), &why);
    if (status == OK)
        status = kept_file_write(text, bytes);
    buffer_fini(&path);
    buffer_fini(&parent);
    buffer_fini(&why);
    return status;
}

/* What the tile had when the log was as long as the checkpoint says. */
static enum status write_tile(const struct tile_files *files, struct audit_tiles *tiles, unsigned level,
                              uint64_t number, unsigned width)
{
    struct buffer name = {0};
    struct span bytes;
    size_t size = (size_t)width * DIGEST_SIZE;
    if (!audit_tiles_get(tiles, level, number, &bytes))
        return REJECT_NOT_FOUND;
    if (level == TLOG_LEVEL_ENTRIES ? !tlog_bundle_cut(bytes, width, &size) : size > bytes.size)
        return FATAL_CORRUPT;
    tlog_tile_path(level, number, width, &name);
    enum status status = write_file(files->directory, buffer_text(&name), span_of(bytes.data, size));
    buffer_fini(&name);
    return status;
}

static enum status write_level(const struct tile_files *files, struct audit_tiles *tiles, unsigned level,
                               uint64_t hashes, uint64_t *count)
{
    for (uint64_t number = 0; number * TLOG_TILE_WIDTH < hashes; number++) {
        uint64_t begin = number * TLOG_TILE_WIDTH, left = hashes - begin;
        unsigned width = left < TLOG_TILE_WIDTH ? (unsigned)left : TLOG_TILE_WIDTH;
        if (level == TLOG_LEVEL_ENTRIES && (begin + width <= files->from || begin >= files->to))
            continue;
        TRY(write_tile(files, tiles, level, number, width));
        (*count)++;
        if (number % 64 == 0)
            progress_show(said("瓦片", "tiles"), begin, hashes);
    }
    return OK;
}

enum status tile_files_write(const struct tile_files *files, struct audit_tiles *tiles, struct span note,
                             uint64_t *count)
{
    uint64_t hashes = files->size;
    TRY(write_level(files, tiles, TLOG_LEVEL_ENTRIES, files->size, count));
    for (unsigned level = 0; level < TLOG_LEVELS_MAX && hashes > 0; level++, hashes /= TLOG_TILE_WIDTH)
        TRY(write_level(files, tiles, level, hashes, count));
    progress_end();
    TRY(write_file(files->directory, "checkpoint", note));
    (*count)++;
    return OK;
}
