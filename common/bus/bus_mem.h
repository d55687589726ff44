/* SPDX-License-Identifier: Apache-2.0
 * The bus inside one process, for tests: the same contract as the broker's; what is written counts as durable at once
 * unless a test holds it. Callbacks come in loop turns. */
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
/* While held nothing that is written becomes durable; then all of it does. */
void bus_mem_hold(struct bus_mem_hub *hub, bool held);
/* A crash: what of this stream is not durable is gone, for readers who had got it. PRE: nobody has an append to it in
 * flight. */
void bus_mem_lose(struct bus_mem_hub *hub, const char *stream);
/* For assertions: end of a stream; the record at a position (borrowed from the hub). */
position_t bus_mem_end(struct bus_mem_hub *hub, const char *stream);
bool bus_mem_record(struct bus_mem_hub *hub, const char *stream, position_t position, struct span *record);
/* Whether this record was appended to be durable first, in a batch of its own. */
bool bus_mem_is_alone(struct bus_mem_hub *hub, const char *stream, position_t position);
/* Plays a writer: appends one record and wakes readers. */
void bus_mem_put(struct bus_mem_hub *hub, const char *stream, struct span record);
#endif
