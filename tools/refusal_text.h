/* SPDX-License-Identifier: Apache-2.0
 * A refusal or a warning as whoever gets it reads it: what, what was found, and what to do. */
#ifndef HUTONG_TOOLS_REFUSAL_TEXT_H
#define HUTONG_TOOLS_REFUSAL_TEXT_H
#include "common/base/buffer.h"
#include "common/codes/rule.h"

/* The number of "BIL-0009"; 0: there is no such rule. */
uint32_t rule_number(const char *code);
/* Appends one line without its end: the code and where, both sentences, `found` and `detail`, the remedies, and whether
 * the same content can pass later. Where, `found` and `detail` may be "". */
void refusal_describe(uint32_t rule, const char *path, const char *found, const char *detail, struct buffer *out);
/* Two lines on stdout, so far from the left, the second without its end: what is refused and where; what to do. */
void refusal_print(int indent, uint32_t rule, const char *path, const char *detail);
/* Appends what to do alone: remedies, severity, whether the same content can pass later. */
void refusal_describe_remedy(const struct rule_text *rule, struct buffer *out);
#endif
