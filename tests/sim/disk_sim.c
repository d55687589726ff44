/* SPDX-License-Identifier: Apache-2.0
 * The disks: the real store and the real log, over files in memory. What is durable is what was committed, so a process
 * that has died commits nothing more: the link puts these in front of the calls by which anything becomes durable. */
#include <stdlib.h>

#include "broker/log.h"
#include "common/runtime/attempts.h"
#include "common/store/store.h"
#include "tests/sim/sim_internal.h"

enum status __real_store_commit(struct store_txn **txn, uint64_t cursor);
enum status __wrap_store_commit(struct store_txn **txn, uint64_t cursor);
bool __real_store_is_full(const struct store *store);
bool __wrap_store_is_full(const struct store *store);
enum status __real_log_commit(struct log *log);
enum status __wrap_log_commit(struct log *log);
void __real_log_usage(struct log *log, struct log_usage *usage);
void __wrap_log_usage(struct log *log, struct log_usage *usage);
enum status __real_attempts_before(struct attempts *attempts, position_t position, bool *quarantine);
enum status __wrap_attempts_before(struct attempts *attempts, position_t position, bool *quarantine);
enum status __real_attempts_after(struct attempts *attempts, position_t position);
enum status __wrap_attempts_after(struct attempts *attempts, position_t position);
enum status __real_attempts_committed(struct attempts *attempts, position_t cursor);
enum status __wrap_attempts_committed(struct attempts *attempts, position_t cursor);
void __real_attempts_close(struct attempts *attempts, bool clean);
void __wrap_attempts_close(struct attempts *attempts, bool clean);

/* Its turn to fail. */
static bool fails(void)
{
    struct node *node = world_current();
    if (node == NULL || node->fail_in == 0 || --node->fail_in > 0)
        return false;
    world_note(node->world, "%s: a commit fails", node->name);
    return true;
}

enum status __wrap_store_commit(struct store_txn **txn, uint64_t cursor)
{
    world_point("before a commit");
    if (world_dead()) {
        store_abort(txn);
        return OK;
    }
    if (fails()) {
        store_abort(txn);
        return FATAL_IO;
    }
    enum status status = __real_store_commit(txn, cursor);
    world_point("behind a commit");
    return status;
}

bool __wrap_store_is_full(const struct store *store)
{
    const struct node *node = world_current();
    return (node != NULL && node->full) || __real_store_is_full(store);
}

enum status __wrap_log_commit(struct log *log)
{
    world_point("before the log's commit");
    if (world_dead()) {
        log_abort(log);
        return OK;
    }
    if (fails()) {
        log_abort(log);
        return FATAL_IO;
    }
    enum status status = __real_log_commit(log);
    if (status == OK)
        world_log_durable(world_of(), log);
    world_point("behind the log's commit");
    return status;
}

void __wrap_log_usage(struct log *log, struct log_usage *usage)
{
    const struct node *node = world_current();
    __real_log_usage(log, usage);
    usage->disk_free = UINT64_MAX; /* the machine's own disk is no part of the world */
    usage->disk_low = false;
    usage->limit_reached = usage->limit_reached || (node != NULL && node->full);
}

enum status __wrap_attempts_before(struct attempts *attempts, position_t position, bool *quarantine)
{
    world_point("before a record");
    if (world_dead()) {
        *quarantine = false;
        return OK;
    }
    return __real_attempts_before(attempts, position, quarantine);
}

enum status __wrap_attempts_after(struct attempts *attempts, position_t position)
{
    return world_dead() ? OK : __real_attempts_after(attempts, position);
}

enum status __wrap_attempts_committed(struct attempts *attempts, position_t cursor)
{
    return world_dead() ? OK : __real_attempts_committed(attempts, cursor);
}

void __wrap_attempts_close(struct attempts *attempts, bool clean)
{
    __real_attempts_close(attempts, clean && !world_dead());
}
