/* SPDX-License-Identifier: Apache-2.0
 * hutong-floor DIRECTORY: what this machine's disk, LMDB and ZeroMQ do by themselves, for about a second each; one JSON
 * object. A figure that is "rested" had a pause before each operation, as a lone message finds the machine: asleep. */
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "common/base/check.h"
#include "common/net/loop.h"

enum { RECORD = 800, BATCH = 1000, MESSAGES = 300000, TIMES_MAX = 100000, REST_US = 20000 };

static int64_t times_us[TIMES_MAX];

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static double median(unsigned count)
{
    qsort(times_us, count, sizeof times_us[0], by_value);
    return (double)times_us[count / 2];
}

/* An append of 4 kB and its fdatasync, for a second: the median in µs, and how many a second. */
static double sync_time(const char *directory, unsigned rest_us, double *rate)
{
    char path[4200], block[4096];
    memset(block, 7, sizeof block);
    (void)snprintf(path, sizeof path, "%s/floor", directory);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    INVARIANT(fd >= 0);
    int64_t start = loop_monotonic_us(), now = start;
    unsigned count = 0;
    while (now - start < 1000000 && count < TIMES_MAX) {
        if (rest_us > 0)
            (void)usleep(rest_us);
        int64_t before = loop_monotonic_us();
        INVARIANT(pwrite(fd, block, sizeof block, (off_t)count * (off_t)sizeof block) == (ssize_t)sizeof block);
        INVARIANT(fdatasync(fd) == 0);
        now = loop_monotonic_us();
        times_us[count++] = now - before;
    }
    *rate = count * 1e6 / (double)(now - start);
    (void)close(fd);
    (void)unlink(path);
    return median(count);
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

/* Sleeps in poll until a message comes. */
static void await(void *socket, char record[RECORD])
{
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    INVARIANT(zmq_poll(&item, 1, -1) == 1);
    INVARIANT(zmq_recv(socket, record, RECORD, 0) == RECORD);
}

static void answer_all(const char *endpoint)
{
    char record[RECORD];
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_DEALER);
    INVARIANT(zmq_connect(socket, endpoint) == 0);
    while (true) {
        await(socket, record);
        INVARIANT(zmq_send(socket, record, RECORD, 0) == RECORD);
    }
}

/* One message there and back between two processes, both asleep in poll, for a second: half the median in µs. */
static double one_way_time(unsigned rest_us)
{
    char endpoint[64], record[RECORD];
    memset(record, 7, sizeof record);
    (void)snprintf(endpoint, sizeof endpoint, "ipc:///tmp/hutong-floor-%d", (int)getpid());
    (void)fflush(stdout);
    pid_t child = fork();
    INVARIANT(child >= 0);
    if (child == 0)
        answer_all(endpoint);
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_DEALER);
    INVARIANT(zmq_bind(socket, endpoint) == 0);
    int64_t start = loop_monotonic_us(), now = start;
    unsigned count = 0;
    for (unsigned trip = 0; now - start < 1000000 && count < TIMES_MAX; trip++) {
        if (rest_us > 0)
            (void)usleep(rest_us);
        int64_t before = loop_monotonic_us();
        INVARIANT(zmq_send(socket, record, RECORD, 0) == RECORD);
        await(socket, record);
        now = loop_monotonic_us();
        if (trip > 0) /* the first one waits for the connection */
            times_us[count++] = now - before;
    }
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    (void)zmq_close(socket);
    (void)zmq_ctx_term(context);
    return median(count) / 2;
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : ".";
    double rate, rested_rate, sync_us = sync_time(directory, 0, &rate);
    double sync_rested_us = sync_time(directory, REST_US, &rested_rate);
    /* Before a context exists in this process: it does not outlive a fork. */
    double one_way_us = one_way_time(0), one_way_rested_us = one_way_time(REST_US);
    (void)printf("{\"fdatasync_us\": %.0f, \"zmq_one_way_us\": %.1f, \"fdatasync_rested_us\": %.0f, "
                 "\"zmq_one_way_rested_us\": %.1f, \"fdatasync_per_s\": %.0f, "
                 "\"lmdb_puts_per_s_1000_a_commit\": %.0f, \"zmq_ipc_messages_per_s\": %.0f}\n",
                 sync_us, one_way_us, sync_rested_us, one_way_rested_us, rate, put_rate(directory), message_rate());
    return 0;
}
