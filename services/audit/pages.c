/* SPDX-License-Identifier: Apache-2.0
 * Pages of the log. */
#include "services/audit/pages.h"

#include "common/engines/tlog/tree.h"
#include "services/audit/audit_core.h"

static const char PREFIX[] = "/log/";

/* As many bytes as the name says; a partial tile is the beginning of a wider one. */
static bool cut(unsigned level, unsigned width, struct span bytes, size_t *size)
{
    if (level == TLOG_LEVEL_ENTRIES)
        return tlog_bundle_cut(bytes, width, size);
    *size = (size_t)width * DIGEST_SIZE;
    return *size <= bytes.size;
}

static bool serve_tile(struct store *store, const char *path, struct http_answer *answer)
{
    unsigned level, width;
    uint64_t number;
    struct store_txn *txn;
    struct span bytes;
    size_t size;
    if (tlog_tile_parse(path, &level, &number, &width) != OK || store_begin(store, false, &txn) != OK)
        return false;
    bool there = audit_tile(txn, level, number, &bytes) && cut(level, width, bytes, &size);
    if (there)
        buffer_append(answer->body, bytes.data, size);
    store_abort(&txn);
    answer->type = "application/octet-stream";
    answer->cache = "public, max-age=31536000, immutable";
    return there;
}

bool pages_serve(struct signed_log *log, struct store *store, const struct http_request *request,
                 struct http_answer *answer)
{
    const char *path = request->path;
    if (strncmp(path, PREFIX, sizeof PREFIX - 1) != 0 ||
        (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0))
        return false;
    path += sizeof PREFIX - 1;
    bool final = strcmp(path, "checkpoint.final") == 0;
    if (!final && strcmp(path, "checkpoint") != 0)
        return serve_tile(store, path, answer);
    answer->type = "text/plain; charset=utf-8";
    answer->cache = "no-cache";
    return signed_log_checkpoint(log, final, answer->body);
}
