/* SPDX-License-Identifier: Apache-2.0
 * Before an exchange is stopped: the gate takes nothing new and goes on answering for what was taken. It is asked by a
 * file in the run directory (who may write there is the operator), which lasts for as long as this gate: one that
 * starts takes. `hutong drain` makes the file, and knows by what stands in it that the gate has heard. */
#ifndef HUTONG_SERVICES_INGEST_DRAIN_H
#define HUTONG_SERVICES_INGEST_DRAIN_H
#include <stdbool.h>

struct drain {
    char path[4096 + 64];
    bool on;
};

enum drain_state { DRAIN_NOT_ASKED, DRAIN_ASKED, DRAIN_HEARD };

void drain_path(const char *run_directory, char path[4096 + 64]);
enum drain_state drain_state(const char *path);
/* Of the gate: what an earlier one was asked is over. */
void drain_open(struct drain *drain, const char *run_directory);
/* Now and then; true: nothing new is taken. */
bool drain_look(struct drain *drain);
#endif
