/* SPDX-License-Identifier: Apache-2.0
 * The exchange's judgement without an exchange: validation's own core over an empty state, by the tables that are
 * shipped and the newest version of logic, as an exchange goes from its first start on. Where an older log goes by an
 * older version, its own answer is what counts. */
#ifndef HUTONG_TOOLS_JUDGE_H
#define HUTONG_TOOLS_JUDGE_H
#include "common/engines/gazette/published.h"
#include "common/pb/outcome.h"

struct judge;
/* NULL: said why. */
struct judge *judge_new(void);
void judge_destroy(struct judge **judge);
/* Takes the shipped tables and the newest logic; before, it goes by version 1. False: said why. */
bool judge_learn(struct judge *judge);
/* NULL: it cannot be judged; borrowed until the next. */
const struct findings *judge_envelope(struct judge *judge, struct span envelope);
/* The tables in force. */
const struct published *judge_published(const struct judge *judge);
#endif
