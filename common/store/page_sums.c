/* SPDX-License-Identifier: Apache-2.0
 * Sums of pages. */
#include "common/store/page_sums.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/store/page_head.h"
#include "common/store/page_walk.h"
#include "common/store/pages_hook.h"

enum {
    PATH_SIZE = 4096 + 64,
    SUM_SIZE = 8,
    RUN_PAGES = 64, /* read, or written, at once */
    AGAIN_COUNT_MAX = 5,
    AGAIN_MS = 20
};

struct page_sums {
    struct pages_watch watch;
    struct page_file data;
    int fd; /* of the sums */
    char directory[PATH_SIZE];
    uint64_t *sums; /* by page; memory of pages that were never touched costs nothing */
    uint64_t capacity;
    struct page_meta_sum metas[PAGE_META_COUNT];
    uint8_t *run; /* RUN_PAGES of the data */
    bool unsynced;
    bool beside;           /* another process owns it, and may write: nothing is kept, sums are read anew */
    uint64_t next, rounds; /* of the scrub */
};

static uint64_t sum_of(const struct page_sums *sums, uint64_t page, const uint8_t *bytes)
{
    return XXH3_64bits_withSeed(bytes, sums->data.page_size, page);
}

static bool store_sums(struct page_sums *sums, uint64_t page, uint64_t count)
{
    uint8_t bytes[RUN_PAGES * SUM_SIZE];
    for (uint64_t i = 0; i < count; i++)
        bytes_put_le(bytes + i * SUM_SIZE, sums->sums[page + i], SUM_SIZE);
    sums->unsynced = true;
    return pwrite(sums->fd, bytes, count * SUM_SIZE, (off_t)(PAGE_HEAD_SIZE + page * SUM_SIZE)) ==
           (ssize_t)(count * SUM_SIZE);
}

static bool writing(void *self, uint64_t at, const uint8_t *bytes, size_t size)
{
    struct page_sums *sums = self;
    size_t page_size = sums->data.page_size;
    uint64_t page = at / page_size, count = size / page_size;
    if (at < PAGE_META_COUNT * page_size)
        return true;
    if (at % page_size != 0 || size % page_size != 0 || page + count > sums->capacity) {
        errno = EIO; /* not as LMDB writes */
        return false;
    }
    for (uint64_t i = 0; i < count; i++)
        sums->sums[page + i] = sum_of(sums, page + i, bytes + i * page_size);
    for (uint64_t done = 0, run; done < count; done += run) {
        run = count - done < RUN_PAGES ? count - done : RUN_PAGES;
        if (!store_sums(sums, page + done, run))
            return false;
    }
    return true;
}

static bool syncing(void *self)
{
    struct page_sums *sums = self;
    (void)pthread_mutex_lock(&sums->watch.lock);
    bool unsynced = sums->unsynced;
    sums->unsynced = false;
    (void)pthread_mutex_unlock(&sums->watch.lock);
    return !unsynced || fdatasync(sums->fd) == 0;
}

/* ---- the head ---- */

static bool meta_sum_read(const struct page_sums *sums, unsigned number, struct page_meta_sum *meta)
{
    uint8_t bytes[PAGE_META_SIZE];
    struct page_meta read;
    off_t at = (off_t)(number * sums->data.page_size);
    if (page_meta_read(sums->data.fd, sums->data.page_size, number, &read) != OK ||
        pread(sums->data.fd, bytes, sizeof bytes, at) != (ssize_t)sizeof bytes)
        return false;
    *meta =
        (struct page_meta_sum){read.transaction, XXH3_64bits(bytes + PAGE_META_DATA, PAGE_META_SIZE - PAGE_META_DATA)};
    return true;
}

static enum status tell_metas(struct page_sums *sums)
{
    for (unsigned i = 0; i < PAGE_META_COUNT; i++)
        if (!meta_sum_read(sums, i, &sums->metas[i]))
            return FATAL_DAMAGED;
    return page_head_write(sums->fd, sums->data.page_size, sums->metas) ? OK : FATAL_IO;
}

enum status page_sums_committed(struct page_sums *sums)
{
    if (sums == NULL)
        return OK;
    (void)pthread_mutex_lock(&sums->watch.lock);
    enum status status = tell_metas(sums);
    (void)pthread_mutex_unlock(&sums->watch.lock);
    return status;
}

static enum status say(const struct page_sums *sums, struct buffer *why, const char *what)
{
    buffer_reset(why);
    buffer_printf(why, "%s/%s", sums->directory, what);
    return FATAL_DAMAGED;
}

/* The one that LMDB takes is the newest that was told of, or a commit after which nobody could tell. The other is no
 * longer in use, and may have been torn. */
static enum status check_metas(const struct page_sums *sums, struct buffer *why)
{
    struct page_meta_sum now[PAGE_META_COUNT];
    uint64_t newest = page_head_newest(sums->metas);
    if (!meta_sum_read(sums, 0, &now[0]) || !meta_sum_read(sums, 1, &now[1]))
        return say(sums, why, "data.mdb: a meta page cannot be read");
    unsigned taken = now[0].transaction < now[1].transaction;
    const struct page_meta_sum *told = &sums->metas[taken];
    bool as_told = now[taken].transaction == newest && told->transaction == newest && now[taken].sum == told->sum,
         untold = now[taken].transaction == newest + 1 && now[taken].transaction % PAGE_META_COUNT == taken;
    return as_told || untold ? OK : say(sums, why, "data.mdb: a meta page is not what was written");
}

/* ---- the pages ---- */

static bool newest_meta(struct page_sums *sums, struct page_meta *newest)
{
    struct page_meta other;
    size_t page_size = sums->data.page_size;
    if (page_meta_read(sums->data.fd, page_size, 0, newest) != OK ||
        page_meta_read(sums->data.fd, page_size, 1, &other) != OK)
        return false;
    if (other.transaction > newest->transaction)
        *newest = other;
    sums->data.last_page = newest->last_page;
    return newest->last_page < sums->capacity;
}

/* With the lock held. The pages from `first` on differ where `differs` says so; those that are free get their sum. */
static enum status judge(struct page_sums *sums, const struct page_meta *meta, uint64_t first, uint64_t count,
                         const bool *differs, struct buffer *why)
{
    uint8_t *free_pages = calloc(1, sums->data.last_page + 1);
    uint64_t damaged = 0;
    INVARIANT(free_pages != NULL);
    bool listed = page_free_list(&sums->data, meta, free_pages) == OK;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t page = first + i;
        if (!differs[i])
            continue;
        if (listed && free_pages[page] && sums->beside)
            continue;
        if (listed && free_pages[page]) {
            sums->sums[page] = sum_of(sums, page, sums->run + i * sums->data.page_size);
            if (!store_sums(sums, page, 1))
                damaged = damaged == 0 ? page : damaged;
        } else if (damaged == 0) {
            damaged = page;
        }
    }
    free(free_pages);
    if (damaged == 0)
        return OK;
    buffer_reset(why);
    buffer_printf(why, "%s/data.mdb: page %llu is not what was written: ", sums->directory,
                  (unsigned long long)damaged);
    page_place(&sums->data, meta, damaged, why);
    return FATAL_DAMAGED;
}

static enum status read_sums(struct page_sums *sums, uint64_t first, uint64_t count)
{
    uint8_t bytes[RUN_PAGES * SUM_SIZE];
    for (uint64_t done = 0, run; done < count; done += run) {
        run = count - done < RUN_PAGES ? count - done : RUN_PAGES;
        ssize_t size = pread(sums->fd, bytes, run * SUM_SIZE, (off_t)(PAGE_HEAD_SIZE + (first + done) * SUM_SIZE));
        if (size < 0)
            return FATAL_IO;
        for (uint64_t i = 0; i < (uint64_t)size / SUM_SIZE; i++)
            sums->sums[first + done + i] = bytes_get_le(bytes + i * SUM_SIZE, SUM_SIZE);
        if ((size_t)size < run * SUM_SIZE) /* the file ends: of the pages behind nothing was ever written */
            break;
    }
    return OK;
}

/* Up to RUN_PAGES from `first` on, into sums->run. Pages at the end that were never written are zeros. */
static enum status read_run(struct page_sums *sums, uint64_t first, uint64_t count)
{
    size_t size = count * sums->data.page_size;
    ssize_t there = pread(sums->data.fd, sums->run, size, (off_t)(first * sums->data.page_size));
    if (there < 0)
        return FATAL_IO;
    memset(sums->run + there, 0, size - (size_t)there);
    return OK;
}

/* With the lock held: up to RUN_PAGES from `first` on. */
static enum status check_run(struct page_sums *sums, const struct page_meta *meta, uint64_t first, uint64_t count,
                             struct buffer *why)
{
    bool differs[RUN_PAGES], any = false;
    size_t page_size = sums->data.page_size;
    if (sums->beside)
        TRY(read_sums(sums, first, count));
    TRY(read_run(sums, first, count));
    for (uint64_t i = 0; i < count; i++) {
        differs[i] = sum_of(sums, first + i, sums->run + i * page_size) != sums->sums[first + i];
        any = any || differs[i];
    }
    return any ? judge(sums, meta, first, count, differs, why) : OK;
}

/* What its owner is writing just now looks like damage until it is written. */
static enum status check_run_again(struct page_sums *sums, struct page_meta *meta, uint64_t first, uint64_t count,
                                   struct buffer *why)
{
    enum status status = check_run(sums, meta, first, count, why);
    for (unsigned i = 0; i < AGAIN_COUNT_MAX && sums->beside && status == FATAL_DAMAGED; i++) {
        (void)nanosleep(&(struct timespec){0, AGAIN_MS * 1000000L}, NULL);
        buffer_reset(why);
        if (newest_meta(sums, meta))
            status = check_run(sums, meta, first, count, why);
    }
    return status;
}

static enum status check_pages(struct page_sums *sums, uint64_t first, uint64_t end, struct buffer *why)
{
    struct page_meta meta;
    enum status status = OK;
    if (!newest_meta(sums, &meta))
        return say(sums, why, "data.mdb: its meta page speaks of more pages than the map has");
    end = end <= meta.last_page ? end : meta.last_page + 1;
    for (uint64_t page = first, run; page < end && status == OK; page += run) {
        run = end - page < RUN_PAGES ? end - page : RUN_PAGES;
        status = check_run_again(sums, &meta, page, run, why);
    }
    return status;
}

/* ---- opening ---- */

/* Of pages of which nothing is known. */
static enum status make_sums(struct page_sums *sums)
{
    struct page_meta meta;
    size_t page_size = sums->data.page_size;
    if (!newest_meta(sums, &meta))
        return FATAL_DAMAGED;
    for (uint64_t page = PAGE_META_COUNT, run; page <= meta.last_page; page += run) {
        run = meta.last_page + 1 - page;
        run = run < RUN_PAGES ? run : RUN_PAGES;
        TRY(read_run(sums, page, run));
        for (uint64_t i = 0; i < run; i++)
            sums->sums[page + i] = sum_of(sums, page + i, sums->run + i * page_size);
        if (!store_sums(sums, page, run))
            return FATAL_IO;
    }
    if (fdatasync(sums->fd) != 0)
        return FATAL_IO;
    TRY(tell_metas(sums));
    return fdatasync(sums->fd) == 0 ? OK : FATAL_IO;
}

static bool path_of(char path[PATH_SIZE], const char *directory, const char *name)
{
    int size = snprintf(path, PATH_SIZE, "%s/%s", directory, name);
    return size > 0 && size < PATH_SIZE;
}

/* REJECT_NOT_FOUND: there is none. */
static enum status open_sums(struct page_sums *sums, const char *directory, const char *name, int flags,
                             struct buffer *why)
{
    char path[PATH_SIZE];
    (void)snprintf(sums->directory, sizeof sums->directory, "%s", directory);
    sums->fd = path_of(path, directory, name) ? open(path, flags | O_CLOEXEC, 0600) : -1;
    if (sums->fd >= 0)
        return OK;
    if (errno == ENOENT)
        return REJECT_NOT_FOUND;
    buffer_printf(why, "cannot open %s/%s: %s", directory, name, strerror(errno));
    return FATAL_IO;
}

static enum status take_memory(struct page_sums *sums, uint64_t capacity)
{
    sums->capacity = capacity;
    sums->run = malloc(RUN_PAGES * sums->data.page_size);
    sums->sums = mmap(NULL, capacity * sizeof *sums->sums, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    INVARIANT(sums->run != NULL);
    if (sums->sums != MAP_FAILED)
        return OK;
    sums->sums = NULL;
    return FATAL_MEMORY;
}

static struct page_sums *sums_new(int data_fd, size_t page_size)
{
    struct page_sums *sums = calloc(1, sizeof *sums);
    INVARIANT(sums != NULL);
    sums->fd = -1;
    sums->data = (struct page_file){.fd = data_fd, .page_size = page_size};
    sums->next = PAGE_META_COUNT;
    sums->watch = (struct pages_watch){.self = sums, .writing = writing, .syncing = syncing};
    (void)pthread_mutex_init(&sums->watch.lock, NULL);
    return sums;
}

static void sums_free(struct page_sums *sums)
{
    if (sums->fd >= 0)
        (void)close(sums->fd);
    if (sums->sums != NULL)
        (void)munmap(sums->sums, sums->capacity * sizeof *sums->sums);
    free(sums->run);
    (void)pthread_mutex_destroy(&sums->watch.lock);
    free(sums);
}

/* Under another name until it is whole. */
static enum status make_file(struct page_sums *sums, const char *directory, struct buffer *why)
{
    char fresh[PATH_SIZE], path[PATH_SIZE];
    if (fdatasync(sums->data.fd) != 0) /* no sum is durable before its page */
        return FATAL_IO;
    TRY(open_sums(sums, directory, "pages.sums.new", O_RDWR | O_CREAT | O_TRUNC, why));
    TRY(make_sums(sums));
    (void)close(sums->fd);
    sums->fd = -1;
    if (!path_of(fresh, directory, "pages.sums.new") || !path_of(path, directory, "pages.sums") ||
        rename(fresh, path) != 0)
        return FATAL_IO;
    return open_sums(sums, directory, "pages.sums", O_RDWR, why);
}

static enum status open_all(struct page_sums *sums, const char *directory, size_t map_size, struct buffer *why)
{
    TRY(take_memory(sums, map_size / sums->data.page_size));
    enum status status = open_sums(sums, directory, "pages.sums", O_RDWR, why);
    if (status == REJECT_NOT_FOUND) {
        TRY(make_file(sums, directory, why));
    } else {
        TRY(status);
        if (!page_head_read(sums->fd, sums->data.page_size, sums->metas))
            return say(sums, why, "pages.sums: its head is damaged");
        TRY(read_sums(sums, 0, sums->capacity));
        TRY(check_pages(sums, PAGE_META_COUNT, UINT64_MAX, why));
    }
    return pages_watch_set(sums->data.fd, &sums->watch) ? OK : FATAL_IO;
}

enum status page_sums_open(MDB_env *env, const char *directory, struct page_sums **out, struct buffer *why)
{
    MDB_stat stat;
    MDB_envinfo info;
    int fd;
    if (mdb_env_get_fd(env, &fd) != 0 || mdb_env_stat(env, &stat) != 0 || mdb_env_info(env, &info) != 0)
        return FATAL_IO;
    struct page_sums *sums = sums_new(fd, stat.ms_psize);
    enum status status = open_all(sums, directory, info.me_mapsize, why);
    if (status != OK)
        sums_free(sums);
    else
        *out = sums;
    return status;
}

enum status page_sums_look(const char *directory, struct buffer *why)
{
    char path[PATH_SIZE];
    int fd = path_of(path, directory, "data.mdb") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return OK; /* there is nothing yet, or LMDB says why not */
    struct page_sums *sums = sums_new(fd, (size_t)sysconf(_SC_PAGESIZE));
    enum status status = open_sums(sums, directory, "pages.sums", O_RDONLY, why);
    if (status == OK)
        status = page_head_read(sums->fd, sums->data.page_size, sums->metas)
                     ? check_metas(sums, why)
                     : say(sums, why, "pages.sums: its head is damaged");
    sums_free(sums);
    (void)close(fd);
    return status == REJECT_NOT_FOUND ? OK : status;
}

void page_sums_close(struct page_sums **sums)
{
    if (*sums == NULL)
        return;
    (void)pages_watch_set((*sums)->data.fd, NULL);
    sums_free(*sums);
    *sums = NULL;
}

/* ---- going round ---- */

enum status page_sums_scrub(struct page_sums *sums, size_t bytes, struct store_scrub *scrub, struct buffer *why)
{
    uint64_t count = bytes / sums->data.page_size + 1;
    (void)pthread_mutex_lock(&sums->watch.lock);
    enum status status = check_pages(sums, sums->next, sums->next + count, why);
    sums->next += count;
    if (sums->next > sums->data.last_page) {
        sums->next = PAGE_META_COUNT;
        sums->rounds++;
    }
    *scrub = (struct store_scrub){sums->data.last_page + 1, sums->rounds};
    (void)pthread_mutex_unlock(&sums->watch.lock);
    return status;
}

static enum status check_beside(struct page_sums *sums, const char *directory, struct buffer *why)
{
    struct page_meta meta;
    sums->beside = true;
    sums->capacity = UINT64_MAX;
    TRY(open_sums(sums, directory, "pages.sums", O_RDONLY, why));
    if (!newest_meta(sums, &meta))
        return say(sums, why, "data.mdb: a meta page cannot be read");
    TRY(take_memory(sums, 2 * (meta.last_page + RUN_PAGES))); /* it may grow meanwhile */
    if (!page_head_read(sums->fd, sums->data.page_size, sums->metas))
        return say(sums, why, "pages.sums: its head is damaged");
    return check_pages(sums, PAGE_META_COUNT, UINT64_MAX, why);
}

enum status page_sums_check(const char *directory, uint64_t *pages, struct buffer *why)
{
    char path[PATH_SIZE];
    int fd = path_of(path, directory, "data.mdb") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return REJECT_NOT_FOUND;
    struct page_sums *sums = sums_new(fd, (size_t)sysconf(_SC_PAGESIZE));
    enum status status = check_beside(sums, directory, why);
    *pages = sums->data.last_page + 1;
    sums_free(sums);
    (void)close(fd);
    return status;
}
