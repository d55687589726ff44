/* SPDX-License-Identifier: Apache-2.0
 * The bus inside one process, for tests: the same contract as the broker's, nothing durable. Callbacks come in loop
 * turns. */
#ifndef HUTONG_COMMON_BUS_BUS_MEM_H
#define HUTONG_COMMON_BUS_BUS_MEM_H
#include "common/bus/bus.h"
#include "common/net/loop.h"

struct bus_mem_hub;

struct bus_mem_hub *bus_mem_hub_new(void);
/* After every bus on it has been closed. */
void bus_mem_hub_destroy(struct bus_mem_hub **hub);
struct bus *bus_mem_open(struct bus_mem_hub *hub, struct loop *loop, const struct bus_handlers *handlers);
/* A fault: refuses appends with RETRY_FULL while set. */
void bus_mem_set_full(struct bus_mem_hub *hub, bool full);
/* For assertions: end of a stream; the record at a position (borrowed from the hub). */
position_t bus_mem_end(struct bus_mem_hub *hub, const char *stream);
bool bus_mem_record(struct bus_mem_hub *hub, const char *stream, position_t position, struct span *record);
/* Plays a writer: appends one record and wakes readers. */
void bus_mem_put(struct bus_mem_hub *hub, const char *stream, struct span record);
#endif
