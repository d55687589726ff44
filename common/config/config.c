/* SPDX-License-Identifier: Apache-2.0
 * The configuration file, by libcyaml's schema. Absent keys keep their defaults; unknown keys are errors. */
#include "common/config/config.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/config/service.h"

/* As libcyaml reads it: every key optional, numbers as pointers so that absence shows. */
struct file {
    char *data_directory, *run_directory, *key_directory, *gate_endpoint, *mailbox_endpoint, *broker_endpoint,
        *log_level, *log_origin, *witness_policy, *seccomp, *archive_directory, *backup_directory;
    uint64_t *partitions, *http_port_base, *segment_size_mib, *log_limit_mib, *state_map_mib, *tick_interval_ms,
        *tick_rush_interval_ms, *tick_rush_minutes, *pipeline_lag_max, *retention_log_days;
    bool *trace_clock, *core_dumps;
};

#define TEXT(key) CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file, key, 0, 4096)
#define NUMBER(key) CYAML_FIELD_UINT_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file, key)

static const cyaml_schema_field_t fields[] = {
    TEXT(data_directory),
    TEXT(run_directory),
    TEXT(key_directory),
    TEXT(gate_endpoint),
    TEXT(mailbox_endpoint),
    TEXT(broker_endpoint),
    TEXT(log_level),
    TEXT(log_origin),
    TEXT(witness_policy),
    TEXT(seccomp),
    TEXT(archive_directory),
    TEXT(backup_directory),
    NUMBER(partitions),
    NUMBER(http_port_base),
    NUMBER(segment_size_mib),
    NUMBER(log_limit_mib),
    NUMBER(state_map_mib),
    NUMBER(tick_interval_ms),
    NUMBER(tick_rush_interval_ms),
    NUMBER(tick_rush_minutes),
    NUMBER(pipeline_lag_max),
    NUMBER(retention_log_days),
    CYAML_FIELD_BOOL_PTR("trace_clock", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file, trace_clock),
    CYAML_FIELD_BOOL_PTR("core_dumps", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file, core_dumps),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file, fields)};

__attribute__((format(printf, 3, 0))) static void take_complaint(cyaml_log_t level, void *context, const char *format,
                                                                 va_list arguments)
{
    char line[512];
    (void)level;
    (void)vsnprintf(line, sizeof line, format, arguments);
    size_t size = strcspn(line, "\n");
    line[size] = 0;
    buffer_printf(context, "%s; ", line);
}

static char *copied(const char *text)
{
    char *copy = strdup(text);
    INVARIANT(copy != NULL);
    return copy;
}

/* Relative paths are relative to the configuration file. */
static char *absolute(const char *directory, const char *path)
{
    struct buffer joined = {0};
    if (path[0] != '/')
        buffer_printf(&joined, "%s/", directory);
    buffer_append_text(&joined, path);
    char *copy = copied(buffer_text(&joined));
    buffer_fini(&joined);
    return copy;
}

static bool within(const uint64_t *given, uint64_t least, uint64_t most, uint64_t fallback, uint64_t *value,
                   const char *key, struct buffer *why)
{
    *value = given != NULL ? *given : fallback;
    if (*value >= least && *value <= most)
        return true;
    buffer_printf(why, "%s is %llu; it must be within %llu..%llu", key, (unsigned long long)*value,
                  (unsigned long long)least, (unsigned long long)most);
    return false;
}

static enum status numbers(const struct file *file, struct config *config, struct buffer *why)
{
    uint64_t partitions, port, segment, limit, map, tick, rush, minutes, lag, days;
    if (!within(file->partitions, 1, PARTITION_COUNT_MAX, 1, &partitions, "partitions", why) ||
        !within(file->http_port_base, 0, 65000, 0, &port, "http_port_base", why) ||
        !within(file->segment_size_mib, 1, 65536, 1024, &segment, "segment_size_mib", why) ||
        !within(file->log_limit_mib, 4, UINT64_C(1) << 30, 32768, &limit, "log_limit_mib", why) ||
        !within(file->state_map_mib, 16, UINT64_C(1) << 24, 65536, &map, "state_map_mib", why) ||
        !within(file->tick_interval_ms, 0, 86400000, 60000, &tick, "tick_interval_ms", why) ||
        !within(file->tick_rush_interval_ms, 0, 86400000, 9, &rush, "tick_rush_interval_ms", why) ||
        !within(file->tick_rush_minutes, 0, 1440, 10, &minutes, "tick_rush_minutes", why) ||
        !within(file->pipeline_lag_max, 1, UINT64_C(1) << 30, 200000, &lag, "pipeline_lag_max", why) ||
        !within(file->retention_log_days, 0, 36500, 0, &days, "retention_log_days", why))
        return FATAL_CONFIG;
    config->partitions = (uint32_t)partitions;
    config->http_port_base = (uint32_t)port;
    config->segment_size_mib = segment;
    config->log_limit_mib = limit;
    config->state_map_mib = map;
    config->tick_interval_ms = (uint32_t)tick;
    config->tick_rush_interval_ms = (uint32_t)rush;
    config->tick_rush_minutes = (uint32_t)minutes;
    config->pipeline_lag_max = (uint32_t)lag;
    config->retention_log_days = (uint32_t)days;
    config->trace_clock = file->trace_clock != NULL && *file->trace_clock;
    config->core_dumps = file->core_dumps != NULL && *file->core_dumps;
    return OK;
}

static bool is_level(const char *text, struct buffer *why)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(text, levels[i]) == 0)
            return true;
    buffer_printf(why, "log_level is %s; it must be debug, info, warn or error", text);
    return false;
}

static bool is_seccomp(const char *text, struct buffer *why)
{
    if (strcmp(text, "on") == 0 || strcmp(text, "log") == 0 || strcmp(text, "off") == 0)
        return true;
    buffer_printf(why, "seccomp is %s; it must be on, log or off", text);
    return false;
}

/* tcp://HOST:PORT; whether the host is this machine's is found when it is bound. */
static bool is_endpoint(const char *text, const char *key, struct buffer *why)
{
    const char *host = strncmp(text, "tcp://", 6) == 0 ? text + 6 : NULL;
    const char *colon = host == NULL ? NULL : strrchr(host, ':');
    if (colon != NULL && colon > host && strcspn(host, " /") == strlen(host)) {
        size_t digits = text_digits(colon + 1);
        unsigned long port = digits > 0 && digits < 6 && colon[1 + digits] == 0 ? strtoul(colon + 1, NULL, 10) : 0;
        if (port > 0 && port <= UINT16_MAX)
            return true;
    }
    buffer_printf(why, "%s is %s; it must be like tcp://127.0.0.1:7701", key, text);
    return false;
}

static enum status check_texts(const struct config *config, struct buffer *why)
{
    bool sound = is_level(config->log_level, why) && is_seccomp(config->seccomp, why) &&
                 is_endpoint(config->gate_endpoint, "gate_endpoint", why) &&
                 is_endpoint(config->mailbox_endpoint, "mailbox_endpoint", why) &&
                 (config->broker_endpoint[0] == 0 || is_endpoint(config->broker_endpoint, "broker_endpoint", why));
    if (sound && strcmp(config->gate_endpoint, config->mailbox_endpoint) == 0) {
        buffer_printf(why, "gate_endpoint and mailbox_endpoint are both %s", config->gate_endpoint);
        sound = false;
    }
    if (sound && config->retention_log_days > 0 &&
        (config->archive_directory[0] == 0 || config->backup_directory[0] == 0)) {
        buffer_append_text(why, "retention_log_days needs archive_directory and backup_directory: what leaves the disk "
                                "must stand elsewhere");
        sound = false;
    }
    return sound ? OK : FATAL_CONFIG;
}

static void texts(const struct file *file, const char *directory, struct config *config)
{
    config->data_directory = absolute(directory, file->data_directory ? file->data_directory : "data");
    config->run_directory = absolute(directory, file->run_directory ? file->run_directory : "run");
    config->key_directory = absolute(directory, file->key_directory ? file->key_directory : "keys");
    config->gate_endpoint = copied(file->gate_endpoint ? file->gate_endpoint : "tcp://127.0.0.1:7701");
    config->mailbox_endpoint = copied(file->mailbox_endpoint ? file->mailbox_endpoint : "tcp://127.0.0.1:7702");
    config->broker_endpoint = copied(file->broker_endpoint ? file->broker_endpoint : "");
    config->log_level = copied(file->log_level ? file->log_level : "info");
    config->log_origin = copied(file->log_origin ? file->log_origin : "hutong.local/exchange");
    config->witness_policy = file->witness_policy ? absolute(directory, file->witness_policy) : copied("");
    config->seccomp = copied(file->seccomp ? file->seccomp : "on");
    config->archive_directory = file->archive_directory ? absolute(directory, file->archive_directory) : copied("");
    config->backup_directory = file->backup_directory ? absolute(directory, file->backup_directory) : copied("");
}

enum status config_load(const char *path, struct config *config, struct buffer *why)
{
    cyaml_config_t reader = {.log_fn = take_complaint,
                             .log_ctx = why,
                             .mem_fn = cyaml_mem,
                             .log_level = CYAML_LOG_WARNING,
                             .flags = CYAML_CFG_DEFAULT};
    struct file *file = NULL;
    memset(config, 0, sizeof *config);
    cyaml_err_t error = cyaml_load_file(path, &reader, &schema, (cyaml_data_t **)&file, NULL);
    if (error == CYAML_OK && file == NULL) {
        buffer_printf(why, "%s: it is empty; at least one key is wanted, such as data_directory: data", path);
        return FATAL_CONFIG;
    }
    if (error != CYAML_OK) {
        buffer_printf(why, "%s: %s", path, cyaml_strerror(error));
        return FATAL_CONFIG;
    }
    char directory[4096];
    const char *slash = strrchr(path, '/');
    char *real = slash == NULL ? copied(".") : strndup(path, (size_t)(slash - path) + (slash == path));
    bool resolved = real != NULL && realpath(real, directory) != NULL;
    free(real);
    enum status status = resolved ? numbers(file, config, why) : FATAL_CONFIG;
    if (status == OK) {
        texts(file, directory, config);
        status = check_texts(config, why);
    }
    (void)cyaml_free(&reader, &schema, file, 0);
    if (status != OK)
        config_fini(config);
    return status;
}

void config_fini(struct config *config)
{
    free(config->data_directory);
    free(config->run_directory);
    free(config->key_directory);
    free(config->gate_endpoint);
    free(config->mailbox_endpoint);
    free(config->broker_endpoint);
    free(config->log_level);
    free(config->log_origin);
    free(config->witness_policy);
    free(config->seccomp);
    free(config->archive_directory);
    free(config->backup_directory);
    memset(config, 0, sizeof *config);
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
