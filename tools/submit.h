/* SPDX-License-Identifier: Apache-2.0
 * Sending envelopes until each has a receipt, and printing what became of them (cmd_submit.c). */
#ifndef HUTONG_TOOLS_SUBMIT_H
#define HUTONG_TOOLS_SUBMIT_H
#include "common/base/instant.h"
#include "tools/input.h"

struct submit_options {
    bool await, quiet;
    uint32_t deadline_ms;
    instant_ms_t at; /* on a trace's clock; 0: now */
};

/* --timeout and --at; false: said what is wrong. */
bool submit_options_read(struct cli *cli, struct submit_options *options);
/* An exit code of the tool; what went wrong was said. */
int submit_all(struct cli *cli, const struct input *input, const struct submit_options *options);
#endif
