/* SPDX-License-Identifier: Apache-2.0
 * The one loop around every core: batch in -> apply -> output record; state, cursor and output position in one LMDB
 * transaction; batches out. It commits when COMMIT_RECORDS_MAX records or COMMIT_INTERVAL_MS have gathered, or when
 * asked (digest, drain); an unhurried one every UNHURRIED_COMMIT_INTERVAL_MS. Its own table comes after the core's:
 * `runtime.dead`, position (8, BE) -> DeadLetter. A file beside the store, `attempts`, remembers what was being tried
 * when the process died: after three crashes at one position the record is dead-lettered (attempts.h).
 *
 * On replay over positions that the output stream already holds, a dead letter found there is honoured, so a quarantine
 * is part of the log and not of this process's luck. */
#ifndef HUTONG_COMMON_RUNTIME_RUNTIME_H
#define HUTONG_COMMON_RUNTIME_RUNTIME_H
#include "common/http/http.h"
#include "common/net/loop.h"
#include "common/runtime/core.h"

struct runtime;

struct service_status;
struct config;
struct runtime_options {
    const struct core *core;
    struct core_partition partition;
    struct loop *loop; /* borrowed */
    struct bus *bus;   /* borrowed; the runtime sets bus->handlers */
    const char *inputs[CORE_INPUTS_COUNT_MAX];
    unsigned input_count;
    const char *output; /* NULL: none */
    /* This process is the writer of the one input: what it appends need not come back through the bus. The stream is
     * read until runtime_take_over; from there on each batch comes by runtime_feed. */
    bool writes_input;
    /* It reads what is written and not durable yet: a crash of the broker may end it (FATAL_TAIL_LOST), and what it
     * tells may not hold. A core with an output tells by that alone, which becomes durable after its input; for any
     * other, its owner says what may be told when. */
    bool ahead;
    const char *state_directory;
    size_t state_map_size;
    /* Nobody waits for it: outputs go out when a batch is full or every 250 ms, the state commits every 5 s; so that
     * its syncs do not stand in the way of what somebody waits for. */
    bool unhurried;
    struct metrics *metrics; /* borrowed; may be NULL in tests */
    /* Called after the records of a turn have been applied (still uncommitted), and after each commit. May be NULL. */
    void (*advanced)(void *self, struct runtime *runtime);
    /* Adds what the shell knows to a status; borrowed until the next. May be NULL. */
    void (*tell)(void *self, struct service_status *status);
    void *advanced_self, *tell_self;
};

MUST_USE enum status runtime_open(const struct runtime_options *options, struct runtime **runtime, struct buffer *why);
/* Commits and closes; what was applied is durable when it returns. */
void runtime_close(struct runtime **runtime);
/* FATAL_ once something made it stop (the loop has been stopped then); OK otherwise. */
enum status runtime_status(const struct runtime *runtime);
const char *runtime_why(const struct runtime *runtime);      /* "": nothing made it stop */
position_t runtime_position(const struct runtime *runtime);  /* next position to apply */
position_t runtime_committed(const struct runtime *runtime); /* everything below is durable in the state */
/* Whether it has applied all that its inputs held when it was opened: whatever an earlier process made of what was
 * durable is known again. True once is true for good. */
bool runtime_has_caught_up(const struct runtime *runtime);
bool runtime_is_ready(const struct runtime *runtime, const char **why_not);
bool runtime_is_full(const struct runtime *runtime); /* the state map is nearly full (L7) */
/* The open write transaction, for shells that serve reads on the loop's thread (the mailbox). */
struct store_txn *runtime_txn(struct runtime *runtime);
void *runtime_core_self(struct runtime *runtime);
/* For threads of their own that read what is committed: store_begin(store, false, ...). */
struct store *runtime_store(struct runtime *runtime);
MUST_USE enum status runtime_commit(struct runtime *runtime);
MUST_USE enum status runtime_digest(struct runtime *runtime, uint8_t out[DIGEST_SIZE]);
/* Of a runtime that `writes_input`. PRE of both: everything below the batch has been applied or fed. `batch` is copied;
 * it is on disk. */
void runtime_take_over(struct runtime *runtime);
void runtime_feed(struct runtime *runtime, const struct bus_batch *batch);

struct service_around { /* all borrowed */
    const struct config *config;
    struct loop *loop;
    struct runtime *runtime;
    struct metrics *metrics;
};
/* What a service has around its core: pages, threads. All functions but open and close may be NULL. */
struct service_shell {
    size_t self_size; /* allocated and zeroed */
    /* Once the runtime is open. */
    enum status (*open)(void *self, const struct service_around *around, struct buffer *why);
    void (*close)(void *self);
    /* After records were applied, and after a commit; on the loop's thread. */
    void (*advanced)(void *self);
    /* Why the service is not ready though its core is; "": it is. On the loop's thread; the text lasts. */
    const char *(*why_not)(void *self);
    /* Adds to a status what it knows. On the loop's thread. */
    void (*tell)(void *self, struct service_status *status);
    /* On the HTTP thread. */
    bool (*serve)(void *self, const struct http_request *request, struct http_answer *answer);
    /* Of a shell that has stopped the loop: FATAL_. */
    enum status (*status)(void *self, struct buffer *why);
};

/* The whole main() of a service that is a core and, perhaps, a shell (NULL: none): configuration, logs, metrics and
 * health, control socket, bus, SIGTERM drain; streams and pace by the row of service.def that has the core's name.
 * Returns the exit code. */
int service_main(int argc, char **argv, const struct core *core, const struct service_shell *shell);
#endif
