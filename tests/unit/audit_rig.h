/* SPDX-License-Identifier: Apache-2.0
 * An audit core, records one after the other, questions over the wire. */
#pragma once

#include "common/pb/outcome.h"
#include "tests/support/core_harness.h"

#define ACCEPTED INT64_C(1741579200000)

struct rig {
    struct harness harness;
};

void rig_start(struct rig *rig);
void rig_stop(struct rig *rig);
/* What ingest and settlement would have written for a tick at `position`. */
void prepare(struct rig *rig, position_t position, enum outcome_kind kind, const struct findings *findings);
/* The next tick, with that outcome. */
void record(struct rig *rig, enum outcome_kind kind, const struct findings *findings);
struct audit_answer ask(struct rig *rig, const struct audit_query *query);
