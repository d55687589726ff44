/* SPDX-License-Identifier: Apache-2.0
 * All that a message's page shows beside where it has been: what was sent, masked; what was found, with remedies; how
 * each amount came about, with its sources. In both languages, for a program that shows it. */
#ifndef HUTONG_TOOLS_MESSAGE_DETAIL_H
#define HUTONG_TOOLS_MESSAGE_DETAIL_H
#include "common/pb/outcome.h"
#include "tools/cli.h"

/* [{"code", "severity", "path", "detail", "zh", "en", "remedyZh", "remedyEn", "source", "retryHelps"}]. */
json_t *findings_json(const struct findings *findings);
/* Adds "envelope", "envelopeSha256", and of an outcome (empty: there is none) "findings", and "explained" of a bill or
 * "steps" of a transfer. */
void message_detail_add(struct cli *cli, json_t *to, struct span envelope, struct span outcome);
#endif
