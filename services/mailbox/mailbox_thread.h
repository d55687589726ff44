/* SPDX-License-Identifier: Apache-2.0
 * The mailbox on a thread of its own. */
#ifndef HUTONG_SERVICES_MAILBOX_MAILBOX_THREAD_H
#define HUTONG_SERVICES_MAILBOX_MAILBOX_THREAD_H
#include "services/mailbox/mailbox.h"

struct mailbox_thread;
/* Starts the thread and waits until it serves or has failed. `stop`: the loop that is stopped when it ends. */
MUST_USE enum status mailbox_thread_open(const struct mailbox_options *options, struct loop *stop,
                                         struct mailbox_thread **thread, struct buffer *why);
/* Stops and joins it; returns how it ended. NULL: nothing. */
enum status mailbox_thread_close(struct mailbox_thread **thread, struct buffer *why);
bool mailbox_thread_is_ready(struct mailbox_thread *thread, const char **why_not); /* from any thread */
#endif
