/* SPDX-License-Identifier: Apache-2.0
 * hutong-floor: what this machine's disk, LMDB and ZeroMQ do by themselves, for about a second each; one JSON object.
 */
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "common/base/check.h"
#include "common/net/loop.h"

enum { RECORD = 800, BATCH = 1000, MESSAGES = 300000 };

static double sync_rate(const char *directory)
{
    char path[4200], block[4096];
    memset(block, 7, sizeof block);
    (void)snprintf(path, sizeof path, "%s/floor", directory);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    INVARIANT(fd >= 0);
    int64_t start = loop_monotonic_us(), now = start;
    unsigned count = 0;
    for (; now - start < 1000000; count++, now = loop_monotonic_us()) {
        INVARIANT(pwrite(fd, block, sizeof block, (off_t)count * (off_t)sizeof block) == (ssize_t)sizeof block);
        INVARIANT(fdatasync(fd) == 0);
    }
    (void)close(fd);
    (void)unlink(path);
    return count * 1e6 / (double)(now - start);
}

static double put_rate(const char *directory)
{
    char path[4200], value[RECORD];
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    uint8_t key[8] = {0};
    memset(value, 7, sizeof value);
    (void)snprintf(path, sizeof path, "%s/floor.mdb", directory);
    INVARIANT(mdb_env_create(&env) == 0 && mdb_env_set_mapsize(env, (size_t)1 << 32) == 0);
    INVARIANT(mdb_env_open(env, path, MDB_NOSUBDIR, 0600) == 0);
    int64_t start = loop_monotonic_us(), now = start;
    uint64_t count = 0;
    while (now - start < 1000000) {
        INVARIANT(mdb_txn_begin(env, NULL, 0, &txn) == 0 && mdb_dbi_open(txn, NULL, 0, &dbi) == 0);
        for (unsigned i = 0; i < BATCH; i++, count++) {
            for (unsigned byte = 0; byte < 8; byte++)
                key[byte] = (uint8_t)(count >> (56 - 8 * byte));
            MDB_val k = {8, key}, v = {sizeof value, value};
            INVARIANT(mdb_put(txn, dbi, &k, &v, MDB_APPEND) == 0);
        }
        INVARIANT(mdb_txn_commit(txn) == 0);
        now = loop_monotonic_us();
    }
    mdb_env_close(env);
    (void)unlink(path);
    (void)strcat(path, "-lock");
    (void)unlink(path);
    return (double)count * 1e6 / (double)(now - start);
}

static void *push(void *socket)
{
    char record[RECORD];
    memset(record, 7, sizeof record);
    for (unsigned i = 0; i < MESSAGES; i++)
        INVARIANT(zmq_send(socket, record, sizeof record, 0) == RECORD);
    return NULL;
}

static double message_rate(void)
{
    void *context = zmq_ctx_new(), *from = zmq_socket(context, ZMQ_PUSH), *to = zmq_socket(context, ZMQ_PULL);
    char endpoint[64], record[RECORD];
    pthread_t thread;
    (void)snprintf(endpoint, sizeof endpoint, "ipc:///tmp/hutong-floor-%d", (int)getpid());
    INVARIANT(zmq_bind(to, endpoint) == 0 && zmq_connect(from, endpoint) == 0);
    int64_t start = loop_monotonic_us();
    INVARIANT(pthread_create(&thread, NULL, push, from) == 0);
    for (unsigned i = 0; i < MESSAGES; i++)
        INVARIANT(zmq_recv(to, record, sizeof record, 0) == RECORD);
    int64_t end = loop_monotonic_us();
    (void)pthread_join(thread, NULL);
    (void)zmq_close(from);
    (void)zmq_close(to);
    (void)zmq_ctx_term(context);
    return MESSAGES * 1e6 / (double)(end - start);
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : ".";
    (void)printf(
        "{\"fdatasync_per_s\": %.0f, \"lmdb_puts_per_s_1000_a_commit\": %.0f, \"zmq_ipc_messages_per_s\": %.0f}\n",
        sync_rate(directory), put_rate(directory), message_rate());
    return 0;
}
