/* SPDX-License-Identifier: Apache-2.0
 * When all is at rest: the whole log against what clients heard, and against the reference run. */
#ifndef HUTONG_TESTS_SIM_FINAL_H
#define HUTONG_TESTS_SIM_FINAL_H
#include "tests/sim/checks.h"
#include "tests/sim/sim_internal.h"

/* `digests`: of the states, at the log's end. PRE: every process has come to it, and no tick is due. */
void final_check(struct world *world, struct checks *checks, const struct digests *digests);
#endif
