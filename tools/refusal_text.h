/* SPDX-License-Identifier: Apache-2.0
 * A refusal or a warning as whoever gets it reads it: what, what was found, and what to do. */
#ifndef HUTONG_TOOLS_REFUSAL_TEXT_H
#define HUTONG_TOOLS_REFUSAL_TEXT_H
#include "common/base/buffer.h"
#include "common/codes/rule.h"

/* The number of "BIL-0009"; 0: there is no such rule. */
uint32_t rule_number(const char *code);
/* Appends one line without its end: the code, both sentences, `found` and `detail` (each may be ""), the remedies, and
 * whether the same content can pass later. */
void refusal_describe(uint32_t rule, const char *found, const char *detail, struct buffer *out);
/* Appends what to do alone: remedies, severity, whether the same content can pass later. */
void refusal_describe_remedy(const struct rule_text *rule, struct buffer *out);
#endif
