/* SPDX-License-Identifier: Apache-2.0
 * Findings as verdicts and outcomes both carry them. */
#ifndef HUTONG_COMMON_PB_FINDINGS_INTERNAL_H
#define HUTONG_COMMON_PB_FINDINGS_INTERNAL_H
#include "common/pb/outcome.h"

void findings_encode(const struct findings *findings, uint32_t number, struct buffer *out);
/* Decodes one finding into the list, which is taken from the arena at the first. */
MUST_USE enum status findings_take(struct arena *arena, struct span bytes, const struct findings **findings);
const struct findings *findings_none(void);
/* Appends one decoded finding. */
MUST_USE enum status finding_decode(struct span bytes, struct findings *findings);
#endif
