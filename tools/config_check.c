/* SPDX-License-Identifier: Apache-2.0
 * A configuration against its machine. */
#include "tools/config_check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/config/service.h"
#include "common/engines/tlog/note.h"
#include "common/engines/tlog/witness_policy.h"
#include "common/store/kept_file.h"
#include "tools/doctor.h"
#include "tools/http_get.h"

enum {
    PATH_SIZE = 4096 + 64,
    NFS = 0x6969,
    SMB = 0x517b,
    CIFS = (int)0xff534d42,
    SMB2 = (int)0xfe534d42,
    ASK_MS = 500
};

struct checking {
    const struct config *config;
    struct config_file *file;
};

/* ---- what cannot work together ---- */

/* Whether a port of 127.0.0.1 is a port of this host as well. */
static bool is_loopback(const char *host)
{
    static const char *const same[] = {"127.0.0.1", "0.0.0.0", "*", "localhost", NULL};
    return doctor_is_one_of(host, same);
}

static void host_of(const char *endpoint, char host[256])
{
    const char *from = endpoint + strlen("tcp://"), *colon = strrchr(from, ':');
    (void)snprintf(host, 256, "%.*s", (int)(colon - from), from);
}

static const char *endpoint_of(const struct config *config, enum config_row row)
{
    return row == CONFIG_ROW_gate_endpoint      ? config->gate_endpoint
           : row == CONFIG_ROW_mailbox_endpoint ? config->mailbox_endpoint
                                                : config->broker_endpoint;
}

static const enum config_row endpoint_rows[] = {CONFIG_ROW_gate_endpoint, CONFIG_ROW_mailbox_endpoint,
                                                CONFIG_ROW_broker_endpoint};
enum { ENDPOINTS = sizeof endpoint_rows / sizeof endpoint_rows[0] };

/* HTTP is on loopback, a port for each process. */
static void check_http_ports(const struct checking *checking)
{
    const struct config *config = checking->config;
    uint32_t base = config->http_port_base, count = 0;
    for (unsigned i = 0; i < SERVICE_COUNT; i++)
        count += service_processes(&service_rows[i], config->partitions);
    for (unsigned i = 0; i < ENDPOINTS && base != 0; i++) {
        const char *endpoint = endpoint_of(config, endpoint_rows[i]);
        char host[256];
        uint32_t port = config_endpoint_port(endpoint);
        if (port < base || port >= base + count)
            continue;
        host_of(endpoint, host);
        if (is_loopback(host))
            config_fault_add(checking->file, checking->file->lines[CONFIG_ROW_http_port_base],
                             "http_port_base 为 %u，各进程占用 %u..%u；%s 的端口 %u 在其中",
                             "http_port_base is %u, so processes take %u..%u; the port of %s, %u, is one of them", base,
                             base, base + count - 1, config_keys[endpoint_rows[i]].name, port);
    }
}

static void check_sizes(const struct checking *checking)
{
    const struct config *config = checking->config;
    if (config->segment_size_mib > config->log_limit_mib)
        config_fault_add(
            checking->file, checking->file->lines[CONFIG_ROW_segment_size_mib],
            "segment_size_mib 为 %llu，大于 log_limit_mib %llu：日志写满时没有可以删去的段",
            "segment_size_mib is %llu, more than log_limit_mib, %llu: a full log would have no segment that "
            "can be trimmed",
            (unsigned long long)config->segment_size_mib, (unsigned long long)config->log_limit_mib);
    struct sockaddr_un address;
    size_t longest = strlen(config->run_directory) + strlen("/validation-15.control") + 1;
    if (longest > sizeof address.sun_path)
        config_fault_add(checking->file, checking->file->lines[CONFIG_ROW_run_directory],
                         "run_directory 过长：其中套接字的路径达 %zu 字节，系统至多 %zu",
                         "run_directory is too long: a socket in it has a path of %zu bytes, and the system takes %zu",
                         longest, sizeof address.sun_path);
}

/* ---- directories and files ---- */

/* It, or the nearest above it that is there. */
static void nearest(const char *path, char found[PATH_SIZE])
{
    (void)snprintf(found, PATH_SIZE, "%s", path);
    for (char *slash; access(found, F_OK) != 0 && (slash = strrchr(found, '/')) != NULL && slash > found;)
        *slash = 0;
    if (access(found, F_OK) != 0)
        (void)snprintf(found, PATH_SIZE, "/");
}

static void check_directory(const struct checking *checking, enum config_row row, const char *path, bool written)
{
    char there[PATH_SIZE];
    nearest(path, there);
    bool itself = strcmp(there, path) == 0;
    if (access(there, (written || !itself ? W_OK : R_OK) | X_OK) != 0)
        config_fault_add(checking->file, checking->file->lines[row], "%s 为 %s；%s：%s", "%s is %s; %s: %s",
                         config_keys[row].name, path, there, strerror(errno));
}

static void check_directories(const struct checking *checking)
{
    const struct config *config = checking->config;
    struct statfs disk;
    char there[PATH_SIZE];
    check_directory(checking, CONFIG_ROW_data_directory, config->data_directory, true);
    check_directory(checking, CONFIG_ROW_run_directory, config->run_directory, true);
    check_directory(checking, CONFIG_ROW_key_directory, config->key_directory, false);
    nearest(config->data_directory, there);
    if (statfs(there, &disk) == 0 &&
        ((int)disk.f_type == NFS || (int)disk.f_type == SMB || (int)disk.f_type == CIFS || (int)disk.f_type == SMB2))
        config_fault_add(checking->file, checking->file->lines[CONFIG_ROW_data_directory],
                         "data_directory 为 %s，在网络文件系统上；须在本地磁盘",
                         "data_directory is %s, on a network file system; a local disk is wanted",
                         config->data_directory);
}

static void check_witnesses(const struct checking *checking)
{
    const char *path = checking->config->witness_policy;
    struct buffer text = {0}, wrong = {0};
    struct witness_policy *policy = calloc(1, sizeof *policy);
    INVARIANT(policy != NULL);
    if (path[0] != 0) {
        enum status status = kept_file_read(path, NOTE_SIZE_MAX, &text);
        if (status == OK)
            status = witness_policy_parse(buffer_span(&text), policy, &wrong);
        if (status != OK)
            config_fault_add(checking->file, checking->file->lines[CONFIG_ROW_witness_policy],
                             "witness_policy 为 %s；无法使用：%s", "witness_policy is %s; it cannot be used: %s", path,
                             wrong.size > 0 ? buffer_text(&wrong) : status_text(status));
    }
    free(policy);
    buffer_fini(&text);
    buffer_fini(&wrong);
    const char *origin = checking->config->log_origin;
    if (strlen(origin) > NOTE_NAME_SIZE_MAX || strpbrk(origin, " +\t\n") != NULL)
        config_fault_add(checking->file, checking->file->lines[CONFIG_ROW_log_origin],
                         "log_origin 为 %s；至多 %d 字节，不含空白和加号",
                         "log_origin is %s; it must be at most %d bytes without blank or plus", origin,
                         NOTE_NAME_SIZE_MAX);
}

/* ---- ports ---- */

/* errno of binding it; 0: it is free, or whether it is cannot be said here. */
static int try_port(const char *host, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1, result = 0;
    if (strcmp(host, "*") != 0 &&
        inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &address.sin_addr) != 1)
        return 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        result = errno;
    (void)close(fd);
    return result == EADDRINUSE || result == EADDRNOTAVAIL || result == EACCES ? result : 0;
}

/* A process keeps its state's lock; one that has no state tells by its metrics who it is. */
static bool is_ours(const struct checking *checking, uint16_t port, const char *service, uint32_t partition)
{
    char state[PATH_SIZE], base[64], sign[64];
    struct buffer page = {0}, why = {0};
    if (strcmp(service, "broker") == 0)
        (void)snprintf(state, sizeof state, "%s/broker", checking->config->data_directory);
    else
        (void)snprintf(state, sizeof state, "%s/%s-%u", checking->config->data_directory, service, partition);
    if (doctor_in_use(state))
        return true;
    (void)snprintf(base, sizeof base, "http://127.0.0.1:%u", port);
    (void)snprintf(sign, sizeof sign, "hutong_%s_", service);
    bool ours = access(state, F_OK) != 0 && http_get(base, "/metrics", ASK_MS, &page, &why) &&
                memmem(page.data, page.size, sign, strlen(sign)) != NULL;
    buffer_fini(&page);
    buffer_fini(&why);
    return ours;
}

/* A port that this exchange's own process has is as it should be. */
static void check_port(const struct checking *checking, enum config_row row, const char *host, uint16_t port,
                       const char *service, uint32_t partition)
{
    int error = try_port(host, port);
    if (error == 0 || (error == EADDRINUSE && is_ours(checking, port, service, partition)))
        return;
    config_fault_add(checking->file, checking->file->lines[row], "%s：%s:%u（%s-%u）不可用：%s",
                     "%s: %s:%u, of %s-%u, cannot be had: %s", config_keys[row].name, host, port, service, partition,
                     strerror(error));
}

static void check_ports(const struct checking *checking)
{
    const struct config *config = checking->config;
    for (unsigned i = 0; i < ENDPOINTS; i++) {
        const char *endpoint = endpoint_of(config, endpoint_rows[i]);
        char host[256];
        if (endpoint[0] == 0)
            continue;
        host_of(endpoint, host);
        check_port(checking, endpoint_rows[i], host, config_endpoint_port(endpoint),
                   endpoint_rows[i] == CONFIG_ROW_broker_endpoint ? "broker" : "ingest", 0);
    }
    for (unsigned i = 0; i < SERVICE_COUNT && config->http_port_base != 0; i++)
        for (uint32_t p = 0; p < service_processes(&service_rows[i], config->partitions); p++)
            check_port(checking, CONFIG_ROW_http_port_base, "127.0.0.1",
                       config_http_port(config, service_rows[i].name, p), service_rows[i].name, p);
}

bool config_check(const char *path, struct config *config, struct config_file *file)
{
    struct checking checking = {config, file};
    if (config_read(path, config, file) != OK)
        return false;
    check_http_ports(&checking);
    check_sizes(&checking);
    check_directories(&checking);
    check_witnesses(&checking);
    check_ports(&checking);
    return true;
}
