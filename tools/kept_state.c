/* SPDX-License-Identifier: Apache-2.0
 * States by service.def, and the three that the ingest process keeps. */
#include "tools/kept_state.h"

#include <stdio.h>
#include <string.h>

#include "services/ingest/ids.h"
#include "services/mailbox/mailbox_core.h"

#define DAEMON(name, ...)
#define SERVICE(name, ...) extern const struct core name##_core;
#include "common/config/service.def"
#undef DAEMON
#undef SERVICE

/* By service; NULL: it is no core. */
static const struct core *const cores[SERVICE_COUNT] = {
#define DAEMON(name, ...) NULL,
#define SERVICE(name, ...) &name##_core,
#include "common/config/service.def"
#undef DAEMON
#undef SERVICE
};

/* Whose inputs are not in service.def, since they are parts of a process. */
static const struct {
    const char *name;
    const struct core *core;
    struct service_row reads;
} of_ingest[] = {
    {"ingest-0", &ids_core, {.inputs = {"submissions"}}},
    {"mailbox-0", &mailbox_core, {.inputs = {"outcomes.%*"}}},
    {"mailbox_books-0", &mailbox_books_core, {.inputs = {"books"}}},
};
enum { OF_INGEST_COUNT = sizeof of_ingest / sizeof *of_ingest };

bool kept_state_at(uint32_t partitions, unsigned index, struct kept_state *row)
{
    *row = (struct kept_state){.process = "ingest"};
    if (index < OF_INGEST_COUNT) {
        (void)snprintf(row->name, sizeof row->name, "%s", of_ingest[index].name);
        row->core = of_ingest[index].core;
        row->partition = (struct core_partition){0, 1};
        service_streams(&of_ingest[index].reads, 0, partitions, &row->streams);
        return true;
    }
    index -= OF_INGEST_COUNT;
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        unsigned states = cores[i] == NULL ? 0 : service_processes(&service_rows[i], partitions);
        if (index < states) {
            row->process = service_rows[i].name;
            row->process_number = index;
            row->core = cores[i];
            row->partition = (struct core_partition){index, partitions};
            service_state_name(row->process, index, row->name);
            service_streams(&service_rows[i], index, partitions, &row->streams);
            return true;
        }
        index -= states;
    }
    return false;
}

bool kept_state_named(uint32_t partitions, const char *name, uint32_t number, struct kept_state *row)
{
    char wanted[SERVICE_STATE_NAME_SIZE];
    (void)snprintf(wanted, sizeof wanted, "%s-%u", name, number);
    for (unsigned i = 0; kept_state_at(partitions, i, row); i++)
        if (strcmp(row->name, wanted) == 0)
            return true;
    return false;
}
