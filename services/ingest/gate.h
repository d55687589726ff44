/* SPDX-License-Identifier: Apache-2.0
 * The gate's shell: requests in, receipts out, over tcp (CURVE) and this machine's ipc. A reply is made at once and
 * held back until every position that it speaks of is on disk. */
#ifndef HUTONG_SERVICES_INGEST_GATE_H
#define HUTONG_SERVICES_INGEST_GATE_H
#include "services/ingest/gating.h"

struct gate;

MUST_USE enum status gate_open(const struct gate_options *options, struct gate **gate, struct buffer *why);
void gate_close(struct gate **gate);
/* False also where it answers, and accepts nothing. */
bool gate_is_ready(const struct gate *gate, const char **why_not);
enum status gate_status(const struct gate *gate, const char **why);
#endif
