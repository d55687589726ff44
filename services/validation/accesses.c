/* SPDX-License-Identifier: Apache-2.0
 * Records of who looked at persons' records (docs/PRIVACY.md), and of what the operator's people do. */
#include <string.h>

#include "common/engines/signing/signing_keys.h"
#include "common/pb/act.h"
#include "services/validation/judging.h"

enum { WORD_SIZE_MAX = 64, PURPOSE_SIZE_MAX = 600, SUBJECT_SIZE_MAX = 200 }; /* bytes; 200 Chinese characters */

static void judge_words(struct judging *judging, const char *text, size_t size_max, enum rule rule, const char *field)
{
    judge_want(judging, text[0] != 0 && strlen(text) <= size_max, rule, field);
}

static void judge_size(struct judging *judging, const char *text, size_t size_max, const char *field)
{
    judge_want(judging, strlen(text) <= size_max, RULE_ACTION_INCOMPLETE, field);
}

/* Why an action is done is asked by the command where it matters; that a row says so of itself suffices here. */
void judge_operator_action(struct judging *judging)
{
    const struct operator_action *action = &judging->event->body.operator_action;
    judge_nobody(judging);
    judge_words(judging, action->action, WORD_SIZE_MAX, RULE_ACTION_INCOMPLETE, "action");
    judge_size(judging, action->subject, SUBJECT_SIZE_MAX, "subject");
    judge_size(judging, action->reason, PURPOSE_SIZE_MAX, "reason");
    judge_size(judging, action->command, PURPOSE_SIZE_MAX, "command");
    judge_size(judging, action->result, SUBJECT_SIZE_MAX, "result");
    judge_want(judging, action->of < judging->input->position, RULE_ACTION_INCOMPLETE, "of");
}

/* Not of signing keys: the gate takes those by the same function as validation (signing_take), and knows no version. A
 * drop's reason and an erasure's basis have their own judges. */
bool judge_act(struct judging *judging)
{
    struct act act;
    enum event_kind kind = judging->event->kind;
    if (!logic_has(judging->published->logic, LOGIC_ACTIONS_RECORDED) || kind == EVENT_PERSON_ACCESS ||
        signing_is_event(kind) || !act_of(judging->event, &act))
        return true;
    judge_words(judging, act.by, ACTOR_SIZE_MAX, RULE_ACTION_INCOMPLETE, "by");
    if (kind == EVENT_REQUEUE || kind == EVENT_LOGIC_VERSION)
        judge_words(judging, act.reason, PURPOSE_SIZE_MAX, RULE_ACTION_INCOMPLETE, "reason");
    return !judge_refused(judging);
}

/* Whoever is named may be anybody: records of numbers that are none are looked at, too. */
void judge_person_access(struct judging *judging)
{
    const struct person_access *access = &judging->event->body.person_access;
    judge_words(judging, access->accessor, ACTOR_SIZE_MAX, RULE_ACCESS_INCOMPLETE, "accessor");
    judge_words(judging, access->purpose, PURPOSE_SIZE_MAX, RULE_ACCESS_INCOMPLETE, "purpose");
    judge_words(judging, access->command, WORD_SIZE_MAX, RULE_ACCESS_INCOMPLETE, "command");
    judge_words(judging, access->scope, WORD_SIZE_MAX, RULE_ACCESS_INCOMPLETE, "scope");
}
