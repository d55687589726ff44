/* SPDX-License-Identifier: Apache-2.0
 * Files that are replaced whole. */
#include "common/store/kept_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/store/store_check.h"

static bool write_all(int fd, struct span bytes)
{
    while (bytes.size > 0) {
        ssize_t written = write(fd, bytes.data, bytes.size);
        if (written <= 0)
            return false;
        bytes = span_of(bytes.data + written, bytes.size - (size_t)written);
    }
    return fsync(fd) == 0;
}

enum status kept_file_write(const char *path, struct span bytes)
{
    struct buffer text = {0};
    buffer_printf(&text, "%s.part", path);
    int fd = open(buffer_text(&text), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    bool written = fd >= 0 && write_all(fd, bytes);
    if (fd >= 0)
        written = close(fd) == 0 && written;
    written = written && rename(buffer_text(&text), path) == 0;
    const char *slash = strrchr(path, '/');
    buffer_reset(&text);
    buffer_append(&text, path, slash != NULL ? (size_t)(slash - path) : 0);
    enum status status = written ? store_sync_directory(slash != NULL ? buffer_text(&text) : ".") : FATAL_IO;
    buffer_fini(&text);
    return status;
}

enum status kept_file_read(const char *path, size_t size_max, struct buffer *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? REJECT_NOT_FOUND : FATAL_IO;
    ssize_t got = 1;
    size_t before = bytes->size;
    while (got > 0 && bytes->size - before <= size_max) {
        got = read(fd, buffer_reserve(bytes, 4096), 4096);
        bytes->size += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    return got < 0 ? FATAL_IO : bytes->size - before > size_max ? REJECT_TOO_LARGE : OK;
}
