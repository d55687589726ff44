/* SPDX-License-Identifier: Apache-2.0
 * What the configuration says of the console: where it listens, its names, certificates, users, the proxy. */
#ifndef HUTONG_SERVICES_CONSOLE_FRONT_RULES_H
#define HUTONG_SERVICES_CONSOLE_FRONT_RULES_H
#include <sys/socket.h>

#include "common/config/config.h"
#include "services/console/console_core.h"

struct front_rules {
    struct console_rules core;
    struct sockaddr_storage address;
    uint16_t port;
    bool secure;                               /* https, here or at the proxy */
    struct buffer certificate, key, client_ca; /* PEM, ended by NUL; empty: none */
};

/* FATAL_CONFIG: `why` names the key and what is wrong. */
MUST_USE enum status front_rules_read(const struct config *config, struct front_rules *rules, struct buffer *why);
void front_rules_fini(struct front_rules *rules);
/* "https://console.example:7703": where a link points. */
MUST_USE enum status front_url(const struct config *config, char url[ORIGIN_SIZE], struct buffer *why);
#endif
