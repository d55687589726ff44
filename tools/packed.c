/* SPDX-License-Identifier: Apache-2.0
 * zstd, in pieces. Level 3: what a segment loses by it is nearly all that it ever would, at the speed of a disk. */
#include "tools/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "common/base/check.h"

enum { PIECE_SIZE = 1 << 18, LEVEL = 3 };

/* One side: a file, and the sum of what went through. */
struct side {
    int fd; /* -1: nowhere */
    struct digest *digest;
    uint64_t size;
    uint8_t piece[PIECE_SIZE];
};

struct packing {
    struct side from, to;
    struct pace *pace;
};

static struct packing *packing_open(const char *from, const char *to, struct pace *pace, struct buffer *why)
{
    struct packing *packing = calloc(1, sizeof *packing);
    INVARIANT(packing != NULL);
    packing->pace = pace;
    packing->from.digest = digest_new();
    packing->to.digest = digest_new();
    digest_start(packing->from.digest);
    digest_start(packing->to.digest);
    packing->from.fd = open(from, O_RDONLY | O_CLOEXEC);
    packing->to.fd = to == NULL ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (packing->from.fd < 0 || (to != NULL && packing->to.fd < 0))
        buffer_printf(why, "%s: %s", packing->from.fd < 0 ? from : to, strerror(errno));
    return packing;
}

static void side_end(struct side *side, struct file_sum *sum)
{
    uint8_t digest[DIGEST_SIZE];
    digest_finish(side->digest, digest);
    sum->size = side->size;
    digest_hex(digest, DIGEST_SIZE, sum->sha256);
    digest_destroy(&side->digest);
    if (side->fd >= 0)
        (void)close(side->fd);
}

static void packing_close(struct packing *packing, struct file_sum *from, struct file_sum *to)
{
    side_end(&packing->from, from);
    side_end(&packing->to, to);
    free(packing);
}

/* Below 0: it cannot be read. */
static ssize_t take(struct packing *packing)
{
    struct side *from = &packing->from;
    ssize_t size;
    do
        size = read(from->fd, from->piece, PIECE_SIZE);
    while (size < 0 && errno == EINTR);
    if (size > 0) {
        digest_add(from->digest, span_of(from->piece, (size_t)size));
        from->size += (uint64_t)size;
        if (packing->pace != NULL)
            pace_moved(packing->pace, (size_t)size);
    }
    return size;
}

static bool give(struct packing *packing, size_t size)
{
    struct side *to = &packing->to;
    digest_add(to->digest, span_of(to->piece, size));
    to->size += size;
    for (size_t at = 0; to->fd >= 0 && at < size;) {
        ssize_t wrote = write(to->fd, to->piece + at, size - at);
        if (wrote < 0 && errno != EINTR)
            return false;
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

static enum status compress(struct packing *packing)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    enum status status = OK;
    INVARIANT(context != NULL);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    for (ssize_t size = 1; status == OK && size > 0;) {
        size = take(packing);
        ZSTD_inBuffer in = {packing->from.piece, size > 0 ? (size_t)size : 0, 0};
        size_t left = 1;
        while (status == OK && size >= 0 && (in.pos < in.size || (size == 0 && left > 0))) {
            ZSTD_outBuffer out = {packing->to.piece, PIECE_SIZE, 0};
            left = ZSTD_compressStream2(context, &out, &in, size == 0 ? ZSTD_e_end : ZSTD_e_continue);
            status = ZSTD_isError(left) || !give(packing, out.pos) ? FATAL_IO : OK;
        }
        status = size < 0 ? FATAL_IO : status;
    }
    ZSTD_freeCCtx(context);
    return status;
}

static enum status decompress(struct packing *packing)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    enum status status = OK;
    size_t left = 0;
    INVARIANT(context != NULL);
    for (ssize_t size = 1; status == OK && size > 0;) {
        size = take(packing);
        ZSTD_inBuffer in = {packing->from.piece, size > 0 ? (size_t)size : 0, 0};
        for (bool full = false; status == OK && (in.pos < in.size || full);) {
            ZSTD_outBuffer out = {packing->to.piece, PIECE_SIZE, 0};
            left = ZSTD_decompressStream(context, &out, &in);
            full = !ZSTD_isError(left) && out.pos == out.size && left > 0;
            status = ZSTD_isError(left) ? FATAL_CORRUPT : !give(packing, out.pos) ? FATAL_IO : OK;
        }
        status = size < 0 ? FATAL_IO : status;
    }
    ZSTD_freeDCtx(context);
    return status == OK && left != 0 ? FATAL_CORRUPT : status;
}

static enum status run(enum status (*turn)(struct packing *packing), struct packing *packing, const char *from,
                       const char *to, struct buffer *why)
{
    if (packing->from.fd < 0 || (to != NULL && packing->to.fd < 0))
        return FATAL_IO;
    enum status status = turn(packing);
    if (status == OK && packing->to.fd >= 0 && fsync(packing->to.fd) != 0)
        status = FATAL_IO;
    if (status == FATAL_CORRUPT)
        buffer_printf(why, "%s: not as it was compressed", from);
    else if (status != OK)
        buffer_printf(why, "%s: %s", to == NULL ? from : to, strerror(errno));
    return status;
}

enum status packed_write(const char *from, const char *to, struct pace *pace, struct file_sum *plain,
                         struct file_sum *packed, struct buffer *why)
{
    struct packing *packing = packing_open(from, to, pace, why);
    enum status status = run(compress, packing, from, to, why);
    packing_close(packing, plain, packed);
    return status;
}

enum status packed_read(const char *from, const char *to, struct pace *pace, struct file_sum *plain,
                        struct file_sum *packed, struct buffer *why)
{
    struct packing *packing = packing_open(from, to, pace, why);
    enum status status = run(decompress, packing, from, to, why);
    packing_close(packing, packed, plain);
    return status;
}
