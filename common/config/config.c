/* SPDX-License-Identifier: Apache-2.0
 * The table of keys, and what follows from a configuration. */
#include "common/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/config/service.h"

const struct config_key config_keys[CONFIG_KEYS_COUNT] = {
#define ROW(name, kind, fallback, words, least, most, zh, en)                                                          \
    {#name, kind, fallback, words, least, most, offsetof(struct config, name), sizeof(((struct config *)0)->name),     \
     zh,    en},
#define TEXT(name, kind, fallback, zh, en) ROW(name, CONFIG_##kind, fallback, NULL, 0, 0, zh, en)
#define WORD(name, words, fallback, zh, en) ROW(name, CONFIG_WORD, fallback, words, 0, 0, zh, en)
#define NUMBER(name, type, least, most, fallback, zh, en) ROW(name, CONFIG_NUMBER, #fallback, NULL, least, most, zh, en)
#define TRUTH(name, fallback, zh, en) ROW(name, CONFIG_TRUTH, #fallback, NULL, 0, 0, zh, en)
#include "common/config/key.def"
#undef ROW
};

static bool is_text(const struct config_key *key)
{
    return key->kind != CONFIG_NUMBER && key->kind != CONFIG_TRUTH;
}

void config_fini(struct config *config)
{
    for (const struct config_key *key = config_keys; key < config_keys + CONFIG_KEYS_COUNT; key++) {
        char *text;
        memcpy(&text, (const char *)config + key->offset, is_text(key) ? sizeof text : 0);
        if (is_text(key))
            free(text);
    }
    memset(config, 0, sizeof *config);
}

void config_value(const struct config *config, const struct config_key *key, struct buffer *out)
{
    const char *at = (const char *)config + key->offset;
    if (is_text(key)) {
        const char *text;
        memcpy(&text, at, sizeof text);
        buffer_append_text(out, text);
    } else if (key->kind == CONFIG_TRUTH) {
        buffer_append_text(out, *at != 0 ? "true" : "false");
    } else {
        uint64_t number = 0; /* little-endian, as is all that we store */
        memcpy(&number, at, key->size);
        buffer_printf(out, "%llu", (unsigned long long)number);
    }
}

void config_broker_ipc(const struct config *config, struct buffer *out)
{
    buffer_printf(out, "ipc://%s/broker.sock", config->run_directory);
}

void config_control_ipc(const struct config *config, const char *service, uint32_t partition, struct buffer *out)
{
    buffer_printf(out, "ipc://%s/%s-%u.control", config->run_directory, service, partition);
}

void config_state_directory(const struct config *config, const char *service, uint32_t partition, struct buffer *out)
{
    buffer_printf(out, "%s/%s-%u", config->data_directory, service, partition);
}

uint16_t config_http_port(const struct config *config, const char *service, uint32_t partition)
{
    uint32_t offset = partition;
    if (config->http_port_base == 0)
        return 0;
    for (const struct service_row *row = service_rows; strcmp(row->name, service) != 0; row++) {
        INVARIANT(row < service_rows + SERVICE_COUNT - 1);
        offset += service_processes(row, config->partitions);
    }
    return (uint16_t)(config->http_port_base + offset);
}
