/* SPDX-License-Identifier: Apache-2.0
 * An overlay that nobody changes any more, written into the trees by a thread of its own: in the order of keys, so that
 * a page is written once for all that falls into it, and in slices, so that no transaction spills (L13) and no sync of
 * one stands long in the way of others'. They are spread over the time there is; after each it sleeps as long as that
 * took, at least, unless it is told to hurry. */
#ifndef HUTONG_COMMON_STORE_APPLY_H
#define HUTONG_COMMON_STORE_APPLY_H
#include <pthread.h>

#include "common/store/overlay.h"
#include "common/store/trees.h"

struct apply_job {
    const struct trees *trees;
    unsigned table_count;
    const struct overlay *overlay;
    uint64_t number; /* of the last commit in the overlay */
    uint64_t cursor;
    uint64_t slice_entries;
};

/* How far the trees were written that are not whole: what the commits up to `number` changed in the tables before
 * `table`, and in it up to `key`, is there. */
struct apply_reached {
    uint64_t number; /* 0: nothing is */
    unsigned table;
    size_t key_size;
    uint8_t key[STORE_KEY_SIZE_MAX];
};
void apply_look(const struct trees *trees, MDB_txn *txn, struct apply_reached *reached);
bool apply_is_before(const struct apply_reached *reached, unsigned table, struct span key); /* or there */

/* All of it, on the calling thread. */
MUST_USE enum status apply_all(const struct apply_job *job);

struct apply {
    struct apply_job job;
    struct overlay *overlay; /* the thread gives it back, once it is released */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool running, ended, hurry, stop, released;
    enum status status;
};

void apply_init(struct apply *apply);
/* Takes the overlay over: it may be read until it is released. */
void apply_start(struct apply *apply, const struct apply_job *job, struct overlay *overlay);
bool apply_has_ended(struct apply *apply, enum status *status);
void apply_hurry(struct apply *apply);
enum status apply_wait(struct apply *apply);
void apply_release(struct apply *apply);
/* After the slice that is being written. The overlay is gone. */
void apply_fini(struct apply *apply);
#endif
