/* SPDX-License-Identifier: Apache-2.0
 * Sending envelopes until each has a receipt, and printing what became of them: a part after the other, so that the
 * memory for it is a part's whatever the input's length (of positions that were accepted: see repeats.h). */
#ifndef HUTONG_TOOLS_SUBMIT_H
#define HUTONG_TOOLS_SUBMIT_H
#include "common/base/instant.h"
#include "tools/awaiting.h"
#include "tools/input.h"

struct submit_options {
    bool await, quiet, progress;
    uint32_t deadline_ms; /* of a part */
    instant_ms_t at;      /* on a trace's clock; 0: now */
    const char *receipts; /* where signed receipts are kept; NULL: nowhere */
};

struct submit_summary {
    size_t submitted, accepted, refused, none, decided, business_refused, superseded;
};

struct sending {
    struct cli *cli;
    struct submit_options options;
    struct ht_client *client; /* NULL: not begun */
    struct repeats repeats;
    struct awaiting awaiting;
    struct submit_summary summary;
    enum ht_result result;
    uint32_t left_ms; /* for the part at hand */
    int64_t told_us;  /* progress */
    size_t told;
    FILE *receipts;
    bool unkept; /* some could not be written there */
};

/* --timeout and --at; false: said what is wrong. */
bool submit_options_read(struct cli *cli, struct submit_options *options);

/* False: no connection, said why; nothing to end. */
bool sending_begin(struct sending *sending, struct cli *cli, const struct submit_options *options);
/* Receipts are printed in order. False: one has none, or was refused as a whole (said), and what comes after is not
 * sent any more. */
bool sending_input(struct sending *sending, const struct input *input);
/* Waits for outcomes, prints the sum; an exit code of the tool. What went wrong was said. */
int sending_end(struct sending *sending);
#endif
