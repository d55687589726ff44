/* SPDX-License-Identifier: Apache-2.0
 * Acts. */
#include "common/pb/act.h"

#include <stdio.h>
#include <string.h>

#include "common/base/digest.h"

enum { KEY_ID_SIZE = 8 };

bool act_is(uint32_t kind)
{
    const bool PARTY = false, OPERATOR = true, EXCHANGE = false;
    switch (kind) {
#define EVENT(kind, whom, who, judge, settles, books)                                                                  \
    case EVENT_##kind:                                                                                                 \
        return who;
#include "common/codes/event.def"
#undef EVENT
    default:
        return false;
    }
}

static void say(struct act *act, const char *action, const char *by, const char *reason)
{
    act->action = action;
    act->by = by;
    act->reason = reason;
}

static void concerns(struct act *act, const char *what, uint64_t number)
{
    (void)snprintf(act->subject, sizeof act->subject, "%s %llu", what, (unsigned long long)number);
}

static void of_access(struct act *act, const struct person_access *access)
{
    say(act, "access", access->accessor, access->purpose);
    act->command = access->command;
    if (strcmp(access->scope, "message") == 0)
        concerns(act, access->scope, access->position);
    else
        (void)snprintf(act->subject, sizeof act->subject, "%s", access->scope);
}

static void of_action(struct act *act, const struct operator_action *action)
{
    say(act, action->action, action->by, action->reason);
    act->command = action->command;
    (void)snprintf(act->subject, sizeof act->subject, "%s", action->subject);
}

static void of_revocation(struct act *act, const struct signing_key_revocation *revocation)
{
    char id[2 * KEY_ID_SIZE + 1] = "";
    if (revocation->key_id.size == KEY_ID_SIZE)
        digest_hex(revocation->key_id.data, KEY_ID_SIZE, id);
    say(act, "signing revoke", revocation->by, revocation->reason);
    (void)snprintf(act->subject, sizeof act->subject, "%s %s", revocation->party, id);
}

bool act_of(const struct event *event, struct act *act)
{
    const union event_body *body = &event->body;
    *act = (struct act){.action = "", .by = "", .reason = "", .command = ""};
    switch (event->kind) {
    case EVENT_LOGIC_VERSION:
        say(act, "logic", body->logic.by, body->logic.reason);
        concerns(act, "version", body->logic.version);
        return true;
    case EVENT_REQUEUE:
        say(act, "dead requeue", body->requeue.by, body->requeue.reason);
        concerns(act, "position", body->requeue.position);
        return true;
    case EVENT_DEAD_LETTER_DROP:
        say(act, "dead drop", body->drop.by, body->drop.reason);
        concerns(act, body->drop.service, body->drop.position);
        return true;
    case EVENT_SIGNING_KEY:
        say(act, "signing new", body->signing_key.by, body->signing_key.reason);
        (void)snprintf(act->subject, sizeof act->subject, "%s", body->signing_key.party);
        return true;
    case EVENT_SIGNING_KEY_REVOCATION:
        of_revocation(act, &body->signing_key_revocation);
        return true;
    case EVENT_SIGNING_POLICY:
        say(act, "signing demand", body->signing_policy.by, body->signing_policy.reason);
        (void)snprintf(act->subject, sizeof act->subject, "%s %u", body->signing_policy.party,
                       (unsigned)body->signing_policy.demand);
        return true;
    case EVENT_PERSON_ERASURE:
        say(act, "person erase", body->person_erasure.by, body->person_erasure.legal_basis);
        return true;
    case EVENT_PERSON_ACCESS:
        of_access(act, &body->person_access);
        return true;
    case EVENT_OPERATOR_ACTION:
        of_action(act, &body->operator_action);
        return true;
    default:
        return false;
    }
}
