/* SPDX-License-Identifier: Apache-2.0
 * A core of mailboxes, its place in its stream, and the connection that feeds it. */
#ifndef HUTONG_SERVICES_MAILBOX_BOX_H
#define HUTONG_SERVICES_MAILBOX_BOX_H
#include "common/config/config.h"
#include "common/runtime/runtime.h"

struct box {
    struct bus *bus;
    struct runtime *runtime;
};

/* `runtime`: core, inputs and callbacks; the rest is filled in. `name`: of its state's directory. */
MUST_USE enum status box_open(struct box *box, const struct config *config, struct metrics *metrics, struct loop *loop,
                              struct runtime_options *runtime, const char *name, struct buffer *why);
void box_close(struct box *box);
#endif
