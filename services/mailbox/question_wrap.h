/* SPDX-License-Identifier: Apache-2.0
 * A question's way in and its answer's way out. Pure. */
#ifndef HUTONG_SERVICES_MAILBOX_QUESTION_WRAP_H
#define HUTONG_SERVICES_MAILBOX_QUESTION_WRAP_H
#include "common/codes/rule.h"
#include "common/net/server.h"

/* The ControlRequest for the books: the question with its viewer, who is the peer itself unless it is the operator.
 * RULE_NOT_YOUR_BOOKS: it names another. */
enum rule question_wrap(const struct peer *peer, struct span question, struct buffer *out);
/* The GateReply to request `number` out of the books' ControlReply. */
void question_unwrap(uint64_t number, struct span control_reply, struct buffer *reply);
#endif
