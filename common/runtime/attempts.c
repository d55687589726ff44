/* SPDX-License-Identifier: Apache-2.0
 * The file of attempts: position (8, LE), tries (4), starts (4), XXH64 (8). */
#include "common/runtime/attempts.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <xxhash.h>

#include "common/base/bytes.h"
#include "common/store/store_check.h"

enum { FILE_SIZE = 24, FILE_HASHED = 16, CAREFUL_RECORDS = 4096 };

static enum status write_down(struct attempts *attempts)
{
    uint8_t bytes[FILE_SIZE];
    bytes_put_le(bytes, attempts->position, 8);
    bytes_put_le(bytes + 8, attempts->tries, 4);
    bytes_put_le(bytes + 12, attempts->starts, 4);
    bytes_put_le(bytes + 16, XXH64(bytes, FILE_HASHED, 0), 8);
    bool written = pwrite(attempts->fd, bytes, sizeof bytes, 0) == FILE_SIZE && fdatasync(attempts->fd) == 0;
    return written ? OK : FATAL_IO;
}

enum status attempts_open(struct attempts *attempts, const char *directory, position_t cursor)
{
    char path[4096 + 16];
    uint8_t bytes[FILE_SIZE];
    (void)snprintf(path, sizeof path, "%s/attempts", directory);
    *attempts = (struct attempts){.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), .started_at = cursor};
    if (attempts->fd < 0)
        return FATAL_IO;
    if (pread(attempts->fd, bytes, sizeof bytes, 0) == FILE_SIZE &&
        XXH64(bytes, FILE_HASHED, 0) == bytes_get_le(bytes + 16, 8)) {
        attempts->position = bytes_get_le(bytes, 8);
        attempts->tries = (uint32_t)bytes_get_le(bytes + 8, 4);
        attempts->starts = (uint32_t)bytes_get_le(bytes + 12, 4);
    }
    if (attempts->starts < UINT32_MAX)
        attempts->starts++;
    attempts->careful = attempts->starts >= ATTEMPTS_STARTS_CAREFUL;
    TRY(write_down(attempts));
    return store_sync_directory(directory);
}

enum status attempts_before(struct attempts *attempts, position_t position, bool *quarantine)
{
    *quarantine = false;
    if (!attempts->careful)
        return OK;
    if (position != attempts->position) {
        /* Replaying up to a record that is under suspicion keeps its tries. */
        if (attempts->tries > 0 && position < attempts->position)
            return OK;
        attempts->position = position;
        attempts->tries = 0;
    }
    if (attempts->tries >= ATTEMPTS_TRIES_MAX) {
        *quarantine = true;
        return OK;
    }
    attempts->tries++;
    return write_down(attempts);
}

enum status attempts_after(struct attempts *attempts, position_t position)
{
    if (!attempts->careful || attempts->tries == 0 || position != attempts->position)
        return OK;
    attempts->tries = 0;
    return write_down(attempts);
}

enum status attempts_committed(struct attempts *attempts, position_t cursor)
{
    bool progress = cursor > attempts->started_at && cursor > attempts->position;
    if (attempts->starts == 0 || !progress || (attempts->careful && cursor < attempts->started_at + CAREFUL_RECORDS))
        return OK;
    attempts->starts = attempts->tries = 0;
    attempts->careful = false;
    return write_down(attempts);
}

void attempts_close(struct attempts *attempts, bool clean)
{
    if (attempts->fd < 0)
        return;
    attempts->starts = attempts->tries = 0;
    if (clean && write_down(attempts) != OK)
        clean = false; /* nothing is lost: the next start counts one more */
    (void)close(attempts->fd);
    attempts->fd = -1;
}
