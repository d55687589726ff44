/* SPDX-License-Identifier: Apache-2.0
 * The daemons of an exchange, by the table service.def, which says what each column means. */
#ifndef HUTONG_COMMON_CONFIG_SERVICE_H
#define HUTONG_COMMON_CONFIG_SERVICE_H
#include <stdbool.h>
#include <stdint.h>

#include "common/base/limits.h"

struct service_row {
    const char *name;
    bool partitioned;
    unsigned states; /* of one instance, at control endpoints 0, 1, ...; a partition's endpoint has its own number */
    const char *inputs[2]; /* NULL: none */
    const char *output;    /* NULL: none */
    bool unhurried;
};

enum {
#define DAEMON(name, instances, ...) SERVICE_ROW_##name,
#define SERVICE(name, instances, ...) SERVICE_ROW_##name,
#include "common/config/service.def"
#undef DAEMON
#undef SERVICE
    SERVICE_COUNT,
    SERVICE_PROCESSES_MAX = SERVICE_COUNT * PARTITION_COUNT_MAX
};

struct service_streams {
    char inputs[1 + PARTITION_COUNT_MAX][STREAM_NAME_SIZE_MAX + 1];
    unsigned input_count;
    char output[STREAM_NAME_SIZE_MAX + 1]; /* "": none */
};

/* In the order of ports. Row 0 is the broker, for which all others wait. */
extern const struct service_row service_rows[SERVICE_COUNT];
/* A broken invariant where no row has that name. */
const struct service_row *service_named(const char *name);
/* Processes of it on one machine. */
uint32_t service_processes(const struct service_row *row, uint32_t partitions);
/* By name, what one instance reads and writes. */
void service_streams(const struct service_row *row, uint32_t partition, uint32_t partitions,
                     struct service_streams *streams);
/* The i-th control endpoint of an exchange: the service and its number. False past the end. */
bool service_state_at(uint32_t partitions, unsigned index, const char **service, uint32_t *number);
/* Its state's directory, below data_directory: "settlement-3", "mailbox_books-0". */
enum { SERVICE_STATE_NAME_SIZE = 64 };
void service_state_name(const char *service, uint32_t number, char name[SERVICE_STATE_NAME_SIZE]);
#endif
