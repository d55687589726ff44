/* SPDX-License-Identifier: Apache-2.0
 * The log's own structs. */
#ifndef HUTONG_BROKER_LOG_INTERNAL_H
#define HUTONG_BROKER_LOG_INTERNAL_H
#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "broker/log.h"
#include "broker/log_check.h"

#define LOG_REWRITING "rewriting" /* of log_rewrite.h: the file that says so */
enum { LOG_PATH_SIZE = 4096 + 32 };

struct segment {
    uint32_t number;
    MDB_env *env;
    MDB_dbi batches;
    MDB_dbi meta;
    uint64_t start[LOG_STREAMS_COUNT_MAX]; /* where each stream stood when the segment began */
    bool checked;                          /* its pages, before LMDB follows them */
};

struct log_reader {
    char name[STREAM_NAME_SIZE_MAX + 1];
    uint64_t cursor;
    bool dirty;
};

struct stream {
    char name[STREAM_NAME_SIZE_MAX + 1];
    struct stream_state state;
    _Atomic uint64_t durable; /* its end on disk */
    bool dirty;
    struct log_reader *readers;
    unsigned reader_count;
};

struct log {
    struct log_options options;
    pthread_mutex_t lock; /* of the list of segments, which the writer lengthens */
    struct segment segments[LOG_SEGMENTS_COUNT_MAX];
    unsigned segment_count;
    struct stream streams[LOG_STREAMS_COUNT_MAX];
    unsigned stream_count;
    uint32_t damaged_segments; /* by the scrub's last round; under the lock */
    struct log_words words;
    bool words_dirty, meta_changed; /* by the transaction under way */
    MDB_txn *txn;
    MDB_txn *read_txn;
    MDB_cursor *read_cursor;
    struct segment *read_segment;
    struct buffer damage; /* batches of the newest segment that were found damaged at open */
    int lock_fd;
    int checkpoint_fd;
};

enum status log_status_of(int code); /* of LMDB's */
struct segment *log_newest(struct log *log);
/* What it says of streams and readers. */
MUST_USE enum status log_segment_load(struct log *log, struct segment *segment);
/* Opens segment `number`, made when it is not there, behind the others. */
MUST_USE enum status log_segment_add(struct log *log, uint32_t number, struct buffer *why);
void log_segment_path(const struct log *log, uint32_t number, char *path, size_t size);
/* The next commit writes all that is known of every stream. */
void log_touch_all(struct log *log);
#endif
