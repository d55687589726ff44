/* SPDX-License-Identifier: Apache-2.0
 * What the operator's people do, whichever event says it: one way to read it. */
#ifndef HUTONG_COMMON_PB_ACT_H
#define HUTONG_COMMON_PB_ACT_H
#include "common/pb/event.h"

enum { ACT_SUBJECT_SIZE = 224 };
/* Actions whose subject is an alert, which stands acknowledged between the two. */
#define ACT_ACKNOWLEDGE "actions acknowledge"
#define ACT_CLEAR "actions clear"

/* Texts are the event's. */
struct act {
    const char *action; /* "dead requeue", "access", or what an OperatorAction says */
    const char *by, *reason, *command;
    char subject[ACT_SUBJECT_SIZE];
};

/* Kinds that only the operator may send (event.def) are acts. */
bool act_is(uint32_t kind);
/* False: the event is none. Before LOGIC_ACTIONS_RECORDED `by` may be "". */
bool act_of(const struct event *event, struct act *act);
#endif
