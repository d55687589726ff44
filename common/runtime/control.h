/* SPDX-License-Identifier: Apache-2.0
 * The control endpoint of one daemon (proto/hutong/v1/control.proto): ipc on this machine only. A digest may wait for a
 * position; meanwhile the runtime applies nothing beyond it, so that digests of all services speak of one cut. */
#ifndef HUTONG_COMMON_RUNTIME_CONTROL_H
#define HUTONG_COMMON_RUNTIME_CONTROL_H
#include "common/net/server.h"
#include "common/runtime/runtime.h"

enum { CONTROL_PROTOCOL = 1 }; /* version of ControlRequest and ControlReply */

struct control;

MUST_USE enum status control_open(struct loop *loop, struct runtime *runtime, const char *endpoint,
                                  struct control **control, struct buffer *why);
void control_close(struct control **control);
#endif
