/* SPDX-License-Identifier: Apache-2.0
 * The engine over our broker. One DEALER connection; reconnects after 10 s of silence, opens its readers again at the
 * next position they have not delivered, and resends what was not completed with the same epoch. */
#ifndef HUTONG_COMMON_BUS_BUS_ZMQ_H
#define HUTONG_COMMON_BUS_BUS_ZMQ_H
#include "common/bus/bus.h"
#include "common/net/loop.h"

enum { BUS_INFLIGHT_SIZE_MAX = 16 * 1024 * 1024 };

MUST_USE enum status bus_zmq_open(struct loop *loop, const char *endpoint, const struct bus_handlers *handlers,
                                  struct bus **bus);
#endif
