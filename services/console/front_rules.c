/* SPDX-License-Identifier: Apache-2.0
 * The console's keys of the configuration. */
#include "services/console/front_rules.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/secret/secret.h"

enum { FILE_SIZE_MAX = 64 * 1024, HOST_SIZE = 64 };

static enum status complain(struct buffer *why, const char *key, const char *value, const char *zh, const char *en)
{
    buffer_printf(why, "%s（%s）：%s / %s is %s: %s", key, value, zh, key, value, en);
    return FATAL_CONFIG;
}

/* ---- the address ---- */

/* tcp://HOST:PORT, which the configuration has checked; HOST in numbers, [..] around IPv6. */
static bool take_address(const char *endpoint, struct front_rules *rules)
{
    const char *host = endpoint + strlen("tcp://"), *colon = strrchr(host, ':');
    struct sockaddr_in *v4 = (struct sockaddr_in *)&rules->address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&rules->address;
    char text[HOST_SIZE];
    bool bracket = host[0] == '[';
    (void)snprintf(text, sizeof text, "%.*s", (int)(colon - host) - 2 * bracket, host + bracket);
    rules->port = (uint16_t)strtoul(colon + 1, NULL, 10);
    if (bracket) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(rules->port);
        return inet_pton(AF_INET6, text, &v6->sin6_addr) == 1;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons(rules->port);
    return inet_pton(AF_INET, strcmp(text, "*") == 0 ? "0.0.0.0" : text, &v4->sin_addr) == 1;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    return address->ss_family == AF_INET ? ntohl(v4->sin_addr.s_addr) >> 24 == 127
                                         : IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* ---- names ---- */

static enum status take_origins(const struct config *config, struct front_rules *rules, struct buffer *why)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    const char *scheme = config->console_certificate[0] != 0 ? "https" : "http";
    char url[ORIGIN_SIZE];
    for (unsigned i = 0; config->console_url[0] == 0 && i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(url, sizeof url, "%s://%s:%u", scheme, names[i], rules->port);
        (void)console_rules_add_origin(&rules->core, url);
    }
    if (config->console_url[0] != 0 && !console_rules_add_origin(&rules->core, config->console_url))
        return complain(why, "console_url", config->console_url, "须形如 https://console.example:7703，末尾没有 /",
                        "must be like https://console.example:7703, without a / at its end");
    rules->secure = strncmp(rules->core.origins[0], "https", 5) == 0;
    (void)snprintf(rules->core.cookie_name, sizeof rules->core.cookie_name, "%shutong-%u",
                   rules->secure ? "__Host-" : "", rules->port);
    return OK;
}

/* ---- files ---- */

static enum status read_file(const char *key, const char *path, bool secret, struct buffer *bytes, struct buffer *why)
{
    int fd = path[0] == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (path[0] == 0)
        return OK;
    if (fd < 0)
        return complain(why, key, path, "无法读取", "it cannot be read");
    bool safe = !secret || secret_file_is_safe(fd, path, why);
    ssize_t size = safe ? read(fd, buffer_reserve(bytes, FILE_SIZE_MAX), FILE_SIZE_MAX) : -1;
    (void)close(fd);
    if (!safe)
        return FATAL_CONFIG;
    if (size <= 0 || size == FILE_SIZE_MAX)
        return complain(why, key, path, "空的或过大", "it is empty or too large");
    bytes->size = (size_t)size;
    (void)buffer_text(bytes); /* GnuTLS reads texts */
    return OK;
}

static enum status take_proxy(const struct config *config, struct front_rules *rules, struct buffer *why)
{
    struct buffer secret = {0};
    const char *address = config->console_proxy;
    if (address[0] == 0)
        return OK;
    if (strlen(address) >= sizeof rules->core.proxy_address || config->console_proxy_secret[0] == 0 ||
        config->console_users[0] == 0)
        return complain(why, "console_proxy", address, "还须有 console_proxy_secret 与 console_users",
                        "console_proxy_secret and console_users are wanted beside it");
    TRY(read_file("console_proxy_secret", config->console_proxy_secret, true, &secret, why));
    size_t size = strcspn(buffer_text(&secret), "\r\n");
    bool sound = size >= 32 && size <= PROXY_SECRET_SIZE_MAX;
    if (sound) {
        (void)snprintf(rules->core.proxy_address, sizeof rules->core.proxy_address, "%s", address);
        memcpy(rules->core.proxy_secret, secret.data, size);
    }
    explicit_bzero(secret.data, secret.size);
    buffer_fini(&secret);
    return sound ? OK
                 : complain(why, "console_proxy_secret", config->console_proxy_secret, "一行，32 至 128 个字符",
                            "one line of 32 to 128 characters is wanted");
}

enum status front_url(const struct config *config, char url[ORIGIN_SIZE], struct buffer *why)
{
    struct front_rules rules = {0};
    if (!take_address(config->console_endpoint, &rules))
        return complain(why, "console_endpoint", config->console_endpoint, "须为数字地址",
                        "an address in numbers is wanted");
    TRY(take_origins(config, &rules, why));
    memcpy(url, rules.core.origins[0], ORIGIN_SIZE);
    return OK;
}

enum status front_rules_read(const struct config *config, struct front_rules *rules, struct buffer *why)
{
    const char *endpoint = config->console_endpoint, *certificate = config->console_certificate;
    memset(rules, 0, sizeof *rules);
    if (!take_address(endpoint, rules))
        return complain(why, "console_endpoint", endpoint, "须为数字地址", "an address in numbers is wanted");
    if ((certificate[0] == 0) != (config->console_key[0] == 0))
        return complain(why, "console_certificate", certificate, "须与 console_key 一起给出",
                        "console_certificate and console_key come together");
    if (!is_loopback(&rules->address) && certificate[0] == 0 && config->console_proxy[0] == 0)
        return complain(why, "console_endpoint", endpoint,
                        "本机以外的地址须有 TLS（console_certificate）或代理（console_proxy）",
                        "beyond this machine it wants TLS (console_certificate) or a proxy (console_proxy)");
    if (config->console_client_ca[0] != 0 && (certificate[0] == 0 || config->console_users[0] == 0))
        return complain(why, "console_client_ca", config->console_client_ca,
                        "还须有 console_certificate 与 console_users",
                        "console_certificate and console_users are wanted beside it");
    if (!is_loopback(&rules->address) && config->console_url[0] == 0)
        return complain(why, "console_url", "", "本机以外的地址须给出浏览器所用的地址",
                        "beyond this machine the address that browsers use is wanted");
    TRY(take_origins(config, rules, why));
    TRY(take_proxy(config, rules, why));
    TRY(read_file("console_certificate", certificate, false, &rules->certificate, why));
    TRY(read_file("console_key", config->console_key, true, &rules->key, why));
    return read_file("console_client_ca", config->console_client_ca, false, &rules->client_ca, why);
}

void front_rules_fini(struct front_rules *rules)
{
    if (rules->key.data != NULL)
        explicit_bzero(rules->key.data, rules->key.size);
    buffer_fini(&rules->certificate);
    buffer_fini(&rules->key);
    buffer_fini(&rules->client_ca);
}
