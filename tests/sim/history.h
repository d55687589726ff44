/* SPDX-License-Identifier: Apache-2.0
 * The reference run: the cores over a whole log, one after the other, each with a state of its own and nothing of what
 * runs them: no runtime, no bus, no broker, no crash. What they say there is what the log must hold, byte for byte, and
 * their states' digests are those that the processes must have come to, whatever befell them. */
#ifndef HUTONG_TESTS_SIM_HISTORY_H
#define HUTONG_TESTS_SIM_HISTORY_H
#include "common/runtime/replay.h"
#include "tests/sim/checks.h"

enum { HISTORY_PARTITIONS_MAX = 3 };
/* By what stands in front of ".P". */
enum history_stream { HISTORY_SUBMISSIONS, HISTORY_VERDICTS, HISTORY_OUTCOMES, HISTORY_BOOKS, HISTORY_STREAMS };
extern const char *const history_names[HISTORY_STREAMS];

struct history;
struct history *history_new(unsigned partitions);
void history_free(struct history **history);
unsigned history_partitions(const struct history *history, enum history_stream stream);
/* The next record of a stream; copied. */
void history_add(struct history *history, enum history_stream stream, unsigned partition, struct span record);
uint64_t history_count(const struct history *history, enum history_stream stream, unsigned partition);
struct span history_at(const struct history *history, enum history_stream stream, unsigned partition,
                       uint64_t position);

/* Runs one core over its inputs. Records that its output stream lacks are added to it; one that differs fails the world
 * (NULL: it is not asked for). `digest`: of its state at the end. */
void history_run(struct history *history, struct world *world, const struct core *core, unsigned partition,
                 uint8_t digest[DIGEST_SIZE]);
/* All the checks of the log (checks.h). PRE: its streams are of one length. */
void history_check(const struct history *history, struct checks *checks);
#endif
