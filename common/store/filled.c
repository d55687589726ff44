/* SPDX-License-Identifier: Apache-2.0
 * The overlays from the files: each by a thread of its own, since that is a search for each change. */
#include "common/store/filled.h"

#include <pthread.h>
#include <signal.h>

#include "common/base/check.h"

/* An overlay while it is filled from the files from `from` to before `to`. */
struct filling {
    const struct recent_wanted *wanted;
    const struct recent_files *files;
    unsigned from, to;
    const struct apply_reached *reached;
    struct overlay *overlay;
    struct recent_found *found;
    enum status status;
    struct buffer why;
};

/* What a frozen overlay wrote into the trees before it was lost need not be taken up again. */
static void take_change(void *self, uint64_t number, const struct recent_change *change)
{
    const struct filling *filling = self;
    if (number <= filling->reached->number && apply_is_before(filling->reached, change->table, change->key))
        return;
    if (change->deleted)
        (void)overlay_delete(filling->overlay, change->table, change->key);
    else
        (void)overlay_put(filling->overlay, change->table, change->key, change->value);
}

static void *fill(void *self)
{
    struct filling *filling = self;
    filling->status = recent_read(filling->wanted, filling->files, filling->from, filling->to, take_change, filling,
                                  filling->found, &filling->why);
    return NULL;
}

/* Signals are the business of the thread that had them before. */
static void fill_side_by_side(struct filling *one, struct filling *other)
{
    sigset_t all, before;
    pthread_t thread;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    INVARIANT(pthread_create(&thread, NULL, fill, one) == 0);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)fill(other);
    (void)pthread_join(thread, NULL);
}

/* One behind the other. */
static enum status join(const struct recent_wanted *wanted, struct filled *filled, struct buffer *why)
{
    const struct recent_found *parts[2] = {&filled->older, &filled->newest};
    for (unsigned i = 0; i < 2; i++) {
        if (parts[i]->first == 0)
            continue;
        if (parts[i]->first != filled->number + 1) {
            buffer_printf(why, "%s: its recent-N go on with commit %llu after commit %llu: some are missing",
                          wanted->directory, (unsigned long long)parts[i]->first, (unsigned long long)filled->number);
            return FATAL_CORRUPT;
        }
        filled->number = parts[i]->number;
        filled->cursor = parts[i]->cursor;
    }
    return OK;
}

enum status filled_read(const struct recent_wanted *wanted, uint64_t cursor, const struct apply_reached *reached,
                        struct filled *filled, struct buffer *why)
{
    *filled = (struct filled){.number = wanted->above, .cursor = cursor};
    TRY(recent_list(wanted->directory, &filled->files, why));
    unsigned newest = filled->files.count > 0 ? filled->files.count - 1 : 0;
    struct filling older = {.wanted = wanted,
                            .files = &filled->files,
                            .to = newest,
                            .reached = reached,
                            .overlay = overlay_new(wanted->table_count),
                            .found = &filled->older};
    struct filling active = older;
    active.from = newest;
    active.to = filled->files.count;
    active.overlay = filled->active = overlay_new(wanted->table_count);
    active.found = &filled->newest;
    fill_side_by_side(&older, &active);
    enum status status = older.status != OK ? older.status : active.status;
    if (status != OK)
        buffer_append_text(why, buffer_text(older.status != OK ? &older.why : &active.why));
    buffer_fini(&older.why);
    buffer_fini(&active.why);
    if (filled->older.live < newest) {
        filled->frozen = older.overlay;
        filled->newest.live = filled->older.live;
    } else {
        overlay_destroy(&older.overlay);
    }
    return status == OK ? join(wanted, filled, why) : status;
}
