/* SPDX-License-Identifier: Apache-2.0
 * Rows of service.def, and what follows from their order. */
#include "common/config/service.h"

#include <stdio.h>
#include <string.h>

#include "common/base/check.h"

enum { ONE = false, EACH = true };

const struct service_row service_rows[SERVICE_COUNT] = {
#define DAEMON(name, instances, states, ...) {#name, instances, states, {NULL}, NULL, false},
#define SERVICE(name, instances, input, second, output, unhurried, ...)                                                \
    {#name, instances, 1, {input, second}, output, unhurried},
#include "common/config/service.def"
#undef DAEMON
#undef SERVICE
};

const struct service_row *service_named(const char *name)
{
    unsigned i = 0;
    while (i < SERVICE_COUNT && strcmp(service_rows[i].name, name) != 0)
        i++;
    INVARIANT(i < SERVICE_COUNT);
    return &service_rows[i];
}

uint32_t service_processes(const struct service_row *row, uint32_t partitions)
{
    return row->partitioned ? partitions : 1;
}

static void name_stream(const char *pattern, uint32_t partition, char name[STREAM_NAME_SIZE_MAX + 1])
{
    size_t stem = strcspn(pattern, "%");
    INVARIANT(stem < STREAM_NAME_SIZE_MAX - 4);
    int size = snprintf(name, STREAM_NAME_SIZE_MAX + 1, "%.*s", (int)stem, pattern);
    if (pattern[stem] != 0)
        (void)snprintf(name + size, (size_t)(STREAM_NAME_SIZE_MAX + 1 - size), "%u", partition);
}

void service_streams(const struct service_row *row, uint32_t partition, uint32_t partitions,
                     struct service_streams *streams)
{
    *streams = (struct service_streams){0};
    for (unsigned i = 0; i < 2 && row->inputs[i] != NULL; i++) {
        bool all = strchr(row->inputs[i], '*') != NULL;
        for (uint32_t p = 0; p < (all ? partitions : 1); p++)
            name_stream(row->inputs[i], all ? p : partition, streams->inputs[streams->input_count++]);
    }
    if (row->output != NULL)
        name_stream(row->output, partition, streams->output);
}

bool service_state_at(uint32_t partitions, unsigned index, const char **service, uint32_t *number)
{
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        unsigned states = service_processes(&service_rows[i], partitions) * service_rows[i].states;
        *service = service_rows[i].name;
        *number = index;
        if (index < states)
            return true;
        index -= states;
    }
    return false;
}

void service_state_name(const char *service, uint32_t number, char name[SERVICE_STATE_NAME_SIZE])
{
    if (strcmp(service, "ingest") == 0) /* its two states are the boxes */
        (void)snprintf(name, SERVICE_STATE_NAME_SIZE, "%s-0", number == 0 ? "mailbox" : "mailbox_books");
    else
        (void)snprintf(name, SERVICE_STATE_NAME_SIZE, "%s-%u", service, number);
}
