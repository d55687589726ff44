/* SPDX-License-Identifier: Apache-2.0
 * One engine of the bus and what its clients hear: mem, in this process, or zmq, a real broker that may be killed and
 * whose disk may be held. */
#ifndef HUTONG_TESTS_CONTRACT_BUS_RIG_H
#define HUTONG_TESTS_CONTRACT_BUS_RIG_H
#include "common/bus/bus_mem.h"
#include "tests/support/test.h"

extern const char *engine;
extern char directory[64];
extern struct bus_mem_hub *hub; /* NULL: zmq */
extern struct loop *loop;

void start_broker(void);
void kill_broker(int how);
/* While held, nothing that is written becomes durable. */
void hold(bool held);
bool cannot_hold(void);
int set_up(void **state);
int tear_down(void **state);

/* One client, and what it heard. */
struct heard {
    struct bus *bus;
    unsigned opened, appended, already, refused;
    enum status open_status, last_refusal;
    position_t opened_end, acked, next; /* next: the position that the reader must get */
    unsigned batches;
    size_t bytes_got;
    bool in_order;
    enum status reader_status;
    uint64_t token;
    position_t answer_first, answer_end;
    unsigned answers;
    char last_record[64];
};

void connect_bus(struct heard *heard);
/* Turn the loop until `*number` has reached `wanted`, some seconds at most. */
void wait_for_unsigned(const unsigned *number, unsigned wanted);
void wait_for_position(const position_t *number, position_t wanted);
void turn_a_while(void);
struct bus_writer *write_to(struct heard *heard, const char *stream);
/* `count` records, each `stem` and its position. */
enum status append(struct heard *heard, struct bus_writer *writer, position_t position, const char *stem,
                   uint32_t count);
#endif
