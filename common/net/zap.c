/* SPDX-License-Identifier: Apache-2.0
 * The ZAP handler (RFC 27/ZAP): one thread answers inproc://zeromq.zap.01 from a table of parties that is read from a
 * directory of certificates. zauth is not used: it neither counts its refusals nor tells parties apart. */
#include "common/net/zap.h"

#include <czmq.h>
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#include "common/base/check.h"
#include "common/net/door.h"
#include "common/net/keys.h"
#include "common/net/loop.h"
#include "common/net/socket_internal.h"
#include "common/net/strangers.h"
#include "common/net/zap_internal.h"
#include "common/secret/secret.h"

enum {
    RELOAD_INTERVAL_US = 500 * 1000,
    MONITORS_COUNT_MAX = 8,
    SELF_TEST_MS = 2000,
    EVENTS_AT_ONCE = 64,
    SPOKE_COUNT_MAX = 256
};

struct party {
    char key[41];
    char name[PARTY_SIZE_MAX + 1];
    enum party_role role;
    UT_hash_handle hh;
};

struct zap {
    char directory[4096];
    char own_path[4096];
    struct key_pair *own; /* secret_new */
    pthread_mutex_t lock;
    struct party *parties;
    int64_t loaded_us;
    struct timespec seen_change;
    size_t seen_files;
    void *monitors[MONITORS_COUNT_MAX];
    void *watched[MONITORS_COUNT_MAX];
    struct door *doors[MONITORS_COUNT_MAX]; /* the handler's thread's */
    struct spoke {
        void *socket;
        int fd;
    } spoke[SPOKE_COUNT_MAX]; /* connections that brought a message, to be told to the doors; under the lock */
    unsigned spoke_count;
    void *handler;
    pthread_t thread;
    int wake_fd; /* a monitor has been added, or the thread is to end */
    atomic_bool stop;
    struct strangers strangers; /* the handler's thread's */
    char test_key[41];          /* of the self-test under way; under the lock */
    _Atomic uint64_t accepted, unknown_key, not_curve, handshake_failed, tests_refused, too_many;
};

static enum party_role role_of(const char *text)
{
    if (strcmp(text, "region") == 0)
        return PARTY_REGION;
    if (strcmp(text, "operator") == 0)
        return PARTY_OPERATOR;
    return strcmp(text, "service") == 0 ? PARTY_SERVICE : PARTY_NONE;
}

static void forget_all(struct zap *zap)
{
    struct party *party, *next;
    HASH_ITER(hh, zap->parties, party, next)
    {
        HASH_DEL(zap->parties, party);
        free(party);
    }
}

static void load_one(struct zap *zap, const char *path)
{
    struct key_pair pair;
    if (keys_load(path, &pair, NULL) != OK)
        return;
    explicit_bzero(pair.secret_key, sizeof pair.secret_key);
    enum party_role role = role_of(pair.role);
    if (pair.party[0] != 0 && role != PARTY_NONE) {
        struct party *party = calloc(1, sizeof *party), *there = NULL;
        INVARIANT(party != NULL);
        memcpy(party->key, pair.public_key, sizeof pair.public_key);
        memcpy(party->name, pair.party, sizeof pair.party);
        party->role = role;
        HASH_FIND_STR(zap->parties, party->key, there);
        if (there == NULL)
            HASH_ADD_STR(zap->parties, key, party);
        else
            free(party);
    }
}

/* Called with the lock held. The directory's own change time moves when a file comes or goes. `at_once`: a key that is
 * not known may have been made a moment ago, and a refused peer does not come back by itself. */
static void reload_if_changed(struct zap *zap, bool at_once)
{
    int64_t now = loop_monotonic_us();
    if (zap->loaded_us != 0 && !at_once && now - zap->loaded_us < RELOAD_INTERVAL_US)
        return;
    bool first = zap->loaded_us == 0;
    zap->loaded_us = now;
    struct stat status;
    if (stat(zap->directory, &status) != 0)
        memset(&status, 0, sizeof status);
    if (!first && status.st_mtim.tv_sec == zap->seen_change.tv_sec &&
        status.st_mtim.tv_nsec == zap->seen_change.tv_nsec)
        return;
    zap->seen_change = status.st_mtim;
    forget_all(zap);
    DIR *directory = opendir(zap->directory);
    if (directory == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[4096 + 256];
        size_t size = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || size < 5 || strcmp(entry->d_name + size - 4, ".key") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", zap->directory, entry->d_name);
        load_one(zap, path);
    }
    (void)closedir(directory);
}

bool zap_lookup(struct zap *zap, const char *key, enum party_role *role, char name[PARTY_SIZE_MAX + 1])
{
    struct party *party = NULL;
    (void)pthread_mutex_lock(&zap->lock);
    reload_if_changed(zap, false);
    HASH_FIND_STR(zap->parties, key, party);
    if (party == NULL) {
        reload_if_changed(zap, true);
        HASH_FIND_STR(zap->parties, key, party);
    }
    if (party != NULL) {
        *role = party->role;
        memcpy(name, party->name, sizeof party->name);
    }
    (void)pthread_mutex_unlock(&zap->lock);
    return party != NULL;
}

bool zap_has_keys(struct zap *zap, const char **why_not)
{
    (void)pthread_mutex_lock(&zap->lock);
    reload_if_changed(zap, false);
    bool anybody = zap->parties != NULL;
    (void)pthread_mutex_unlock(&zap->lock);
    *why_not =
        !anybody ? "读不到任何接入方的公钥，谁都被拒绝; no party's key can be read: everybody is refused"
        : access(zap->own_path, R_OK) != 0
            ? "平台自己的私钥不见了，无法再次启动; the exchange's own secret key is gone: it could not start again"
            : "";
    return **why_not == 0;
}

static bool is_self_test(struct zap *zap, const char *key)
{
    (void)pthread_mutex_lock(&zap->lock);
    bool is = strcmp(zap->test_key, key) == 0;
    (void)pthread_mutex_unlock(&zap->lock);
    return is;
}

static void count_stranger(struct zap *zap, const char *key, const char *address)
{
    if (key[0] != 0 && is_self_test(zap, key)) {
        atomic_fetch_add(&zap->tests_refused, 1);
        return;
    }
    atomic_fetch_add(key[0] != 0 ? &zap->unknown_key : &zap->not_curve, 1);
    strangers_refused(&zap->strangers, key[0] != 0 ? "unknown_key" : "not_curve", address, key);
}

/* version, request id, domain, address, identity, mechanism, credentials */
static void answer_request(struct zap *zap, void *socket)
{
    zmsg_t *request = zmsg_recv(socket);
    if (request == NULL)
        return;
    char *version = zmsg_popstr(request), *id = zmsg_popstr(request), *domain = zmsg_popstr(request);
    char *address = zmsg_popstr(request), *identity = zmsg_popstr(request), *mechanism = zmsg_popstr(request);
    zframe_t *credentials = zmsg_pop(request);
    char key[41] = "", name[PARTY_SIZE_MAX + 1];
    enum party_role role;
    bool known = false;
    if (mechanism != NULL && strcmp(mechanism, "CURVE") == 0 && credentials != NULL && zframe_size(credentials) == 32) {
        zmq_z85_encode(key, zframe_data(credentials), 32);
        known = zap_lookup(zap, key, &role, name);
    }
    if (known)
        atomic_fetch_add(&zap->accepted, 1);
    else
        count_stranger(zap, key, address != NULL ? address : "");
    (void)zstr_sendx(socket, "1.0", id ? id : "", known ? "200" : "400", known ? "OK" : "NO ACCESS", known ? key : "",
                     "", NULL);
    freen(version);
    freen(id);
    freen(domain);
    freen(address);
    freen(identity);
    freen(mechanism);
    zframe_destroy(&credentials);
    zmsg_destroy(&request);
}

static void take_event(struct zap *zap, const void *monitor, struct door *door, uint16_t event, int socket)
{
    if (event == ZMQ_EVENT_LISTENING)
        door_listens(door, socket);
    else if (event == ZMQ_EVENT_ACCEPTED) {
        strangers_accepted(&zap->strangers, socket);
        door_accepted(door, socket, loop_monotonic_us());
    } else if (event == ZMQ_EVENT_DISCONNECTED) {
        strangers_closed(&zap->strangers, monitor, socket);
        door_closed(door, socket);
    } else {
        atomic_fetch_add(&zap->handshake_failed, 1);
        strangers_failed(&zap->strangers, monitor);
    }
}

static bool count_monitor_event(struct zap *zap, void *monitor, struct door *door)
{
    zmq_msg_t event, address;
    (void)zmq_msg_init(&event);
    bool some = zmq_msg_recv(&event, monitor, ZMQ_DONTWAIT) >= 2;
    if (some) {
        uint16_t number;
        int32_t value = 0;
        memcpy(&number, zmq_msg_data(&event), sizeof number);
        if (zmq_msg_size(&event) >= sizeof number + sizeof value)
            memcpy(&value, (uint8_t *)zmq_msg_data(&event) + sizeof number, sizeof value);
        take_event(zap, monitor, door, number, value);
        (void)zmq_msg_init(&address);
        if (zmq_msg_more(&event))
            (void)zmq_msg_recv(&address, monitor, 0);
        (void)zmq_msg_close(&address);
    }
    (void)zmq_msg_close(&event);
    return some;
}

static void tell_who_spoke(struct zap *zap)
{
    (void)pthread_mutex_lock(&zap->lock);
    for (unsigned s = 0; s < zap->spoke_count; s++)
        for (int i = 0; i < MONITORS_COUNT_MAX; i++)
            if (zap->doors[i] != NULL && zap->watched[i] == zap->spoke[s].socket)
                door_is_in(zap->doors[i], zap->spoke[s].fd);
    zap->spoke_count = 0;
    (void)pthread_mutex_unlock(&zap->lock);
}

/* Of all sockets. How long the handler may sleep, in ms. */
static int look_at_doors(struct zap *zap)
{
    bool again = false;
    uint64_t too_many = 0;
    for (int i = 0; i < MONITORS_COUNT_MAX; i++) {
        again = (zap->doors[i] != NULL && door_tick(zap->doors[i], loop_monotonic_us())) || again;
        too_many += zap->doors[i] != NULL ? zap->doors[i]->turned_away : 0;
    }
    atomic_store(&zap->too_many, too_many);
    return again ? DOOR_TICK_MS : -1;
}

static void wake(struct zap *zap)
{
    uint64_t one = 1;
    (void)!write(zap->wake_fd, &one, sizeof one);
}

static void *serve(void *argument)
{
    struct zap *zap = argument;
    uint64_t wakings;
    int wait_ms = -1;
    while (!atomic_load(&zap->stop)) {
        zmq_pollitem_t items[2 + MONITORS_COUNT_MAX] = {{.socket = zap->handler, .events = ZMQ_POLLIN},
                                                        {.fd = zap->wake_fd, .events = ZMQ_POLLIN}};
        struct door *doors[2 + MONITORS_COUNT_MAX];
        int count = 2;
        (void)pthread_mutex_lock(&zap->lock);
        for (int i = 0; i < MONITORS_COUNT_MAX; i++)
            if (zap->monitors[i] != NULL) {
                doors[count] = zap->doors[i];
                items[count++] = (zmq_pollitem_t){.socket = zap->monitors[i], .events = ZMQ_POLLIN};
            }
        (void)pthread_mutex_unlock(&zap->lock);
        int ready = zmq_poll(items, count, wait_ms);
        tell_who_spoke(zap);
        wait_ms = look_at_doors(zap);
        if (ready <= 0)
            continue;
        if (items[1].revents != 0)
            (void)!read(zap->wake_fd, &wakings, sizeof wakings);
        if (items[0].revents & ZMQ_POLLIN)
            answer_request(zap, zap->handler);
        for (int i = 2; i < count; i++)
            for (int many = 0; many < EVENTS_AT_ONCE && (items[i].revents & ZMQ_POLLIN); many++)
                if (!count_monitor_event(zap, items[i].socket, doors[i]))
                    break;
    }
    for (int i = 0; i < MONITORS_COUNT_MAX; i++)
        socket_close(&zap->monitors[i]);
    for (int i = 0; i < MONITORS_COUNT_MAX; i++)
        free(zap->doors[i]);
    socket_close(&zap->handler);
    return NULL;
}

/* Where there is no place it is known as in when its handshake would have been ended. */
void zap_spoke(struct zap *zap, void *socket, int fd)
{
    (void)pthread_mutex_lock(&zap->lock);
    if (zap->spoke_count < SPOKE_COUNT_MAX)
        zap->spoke[zap->spoke_count++] = (struct spoke){socket, fd};
    (void)pthread_mutex_unlock(&zap->lock);
    wake(zap);
}

/* The monitor socket is handed to the handler's thread once, under the lock (a full fence), and used there alone. */
void zap_watch(struct zap *zap, void *socket)
{
    char endpoint[64];
    (void)snprintf(endpoint, sizeof endpoint, "inproc://monitor-%p", socket);
    /* HANDSHAKE_FAILED_AUTH is what answer_request refused: counted there, by reason. */
    if (zmq_socket_monitor(socket, endpoint,
                           ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) != 0)
        return;
    void *monitor = zmq_socket(zsys_init(), ZMQ_PAIR);
    int linger = 0;
    (void)zmq_setsockopt(monitor, ZMQ_LINGER, &linger, sizeof linger);
    INVARIANT(zmq_connect(monitor, endpoint) == 0);
    (void)pthread_mutex_lock(&zap->lock);
    bool placed = false;
    for (int i = 0; i < MONITORS_COUNT_MAX && !placed; i++)
        if (zap->monitors[i] == NULL) {
            zap->monitors[i] = monitor;
            zap->doors[i] = calloc(1, sizeof *zap->doors[i]);
            INVARIANT(zap->doors[i] != NULL);
            zap->watched[i] = socket;
            placed = true;
        }
    (void)pthread_mutex_unlock(&zap->lock);
    INVARIANT(placed);
    wake(zap);
}

void zap_unwatch(struct zap *zap, void *socket)
{
    (void)zmq_socket_monitor(socket, NULL, 0);
    (void)pthread_mutex_lock(&zap->lock);
    for (int i = 0; i < MONITORS_COUNT_MAX; i++)
        if (zap->watched[i] == socket)
            zap->watched[i] = NULL;
    (void)pthread_mutex_unlock(&zap->lock);
}

enum status zap_open(const char *directory, const char *server_certificate, struct zap **out, struct buffer *why)
{
    socket_process_init();
    if (!secret_directory_is_safe(directory, why))
        return FATAL_CONFIG;
    void *own = secret_new(sizeof(struct key_pair));
    if (keys_load(server_certificate, own, why) != OK || ((struct key_pair *)own)->secret_key[0] == 0) {
        secret_destroy(&own, sizeof(struct key_pair));
        if (why->size == 0)
            buffer_printf(why, "no certificate with a secret key at %s", server_certificate);
        return FATAL_CONFIG;
    }
    struct zap *zap = calloc(1, sizeof *zap);
    INVARIANT(zap != NULL && strlen(directory) < sizeof zap->directory &&
              strlen(server_certificate) < sizeof zap->own_path);
    memcpy(zap->directory, directory, strlen(directory));
    memcpy(zap->own_path, server_certificate, strlen(server_certificate));
    zap->own = own;
    (void)pthread_mutex_init(&zap->lock, NULL);
    zap->handler = zmq_socket(zsys_init(), ZMQ_REP);
    if (zmq_bind(zap->handler, "inproc://zeromq.zap.01") != 0) {
        buffer_append_text(why, "another ZAP handler runs in this process");
        socket_close(&zap->handler);
        secret_destroy((void **)&zap->own, sizeof *zap->own);
        free(zap);
        return FATAL_CONFIG;
    }
    zap->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    INVARIANT(zap->wake_fd >= 0);
    INVARIANT(pthread_create(&zap->thread, NULL, serve, zap) == 0);
    *out = zap;
    return OK;
}

void zap_close(struct zap **zap)
{
    if (*zap == NULL)
        return;
    atomic_store(&(*zap)->stop, true);
    wake(*zap);
    (void)pthread_join((*zap)->thread, NULL);
    (void)close((*zap)->wake_fd);
    forget_all(*zap);
    secret_destroy((void **)&(*zap)->own, sizeof *(*zap)->own);
    (void)pthread_mutex_destroy(&(*zap)->lock);
    free(*zap);
    *zap = NULL;
}

void zap_counts(const struct zap *zap, struct zap_counts *counts)
{
    counts->accepted = atomic_load(&zap->accepted);
    counts->unknown_key = atomic_load(&zap->unknown_key);
    counts->not_curve = atomic_load(&zap->not_curve);
    counts->too_many = atomic_load(&zap->too_many);
    counts->handshake_failed = atomic_load(&zap->handshake_failed);
}

const char *zap_server_public_key(const struct zap *zap)
{
    return zap->own->public_key;
}

const char *zap_server_secret_key(const struct zap *zap)
{
    return zap->own->secret_key;
}

static void set_test_key(struct zap *zap, const char *key)
{
    (void)pthread_mutex_lock(&zap->lock);
    (void)snprintf(zap->test_key, sizeof zap->test_key, "%s", key);
    (void)pthread_mutex_unlock(&zap->lock);
}

/* A real handshake with a key that nobody knows: a message must not come through, and it must be refused by us. It is
 * nobody from outside: it does not count among those who were refused. The key stays known as ours until the next
 * test, for the handshake that is tried again before the socket closes. */
enum status zap_self_test(struct zap *zap)
{
    char public_key[41], secret_key[41];
    if (zmq_curve_keypair(public_key, secret_key) != 0)
        return FATAL_CONFIG;
    uint64_t before = atomic_load(&zap->tests_refused);
    set_test_key(zap, public_key);
    void *server = socket_open(ZMQ_ROUTER, "tcp://"), *stranger = socket_open(ZMQ_DEALER, "tcp://");
    socket_serve_curve(server, zap->own->public_key, zap->own->secret_key);
    INVARIANT(socket_use_curve(stranger, zap->own->public_key, public_key, secret_key));
    char endpoint[128];
    size_t size = sizeof endpoint;
    enum status status = FATAL_CONFIG;
    if (zmq_bind(server, "tcp://127.0.0.1:*") == 0 && zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0 &&
        zmq_connect(stranger, endpoint) == 0) {
        (void)zmq_send(stranger, "x", 1, ZMQ_DONTWAIT);
        zmq_pollitem_t item = {.socket = server, .events = ZMQ_POLLIN};
        int64_t until = loop_monotonic_us() + SELF_TEST_MS * 1000;
        do {
            (void)zmq_poll(&item, 1, 20);
        } while (atomic_load(&zap->tests_refused) == before && item.revents == 0 && loop_monotonic_us() < until);
        if (atomic_load(&zap->tests_refused) > before && item.revents == 0)
            status = OK;
    }
    int no_linger = 0;
    (void)zmq_setsockopt(stranger, ZMQ_LINGER, &no_linger, sizeof no_linger);
    socket_close(&stranger);
    socket_close(&server);
    return status;
}
