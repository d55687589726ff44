/* SPDX-License-Identifier: Apache-2.0
 * What the generated coders are made of, beside common/pb/wire.h. */
#ifndef HUTONG_COMMON_PB_CODING_INTERNAL_H
#define HUTONG_COMMON_PB_CODING_INTERNAL_H
#include "common/pb/wire.h"
#include "hutong/v1/messages_internal.h"

/* A NUL-terminated copy in the arena. `max`: bytes; 0: as many as fit. */
MUST_USE enum status field_text_take(struct arena *arena, struct span bytes, uint32_t max, const char **text);
/* A copy inside a struct; false when it does not fit. */
bool field_copy(char *to, size_t size, struct span bytes);
/* How many fields `number` there are with the `had` before, the one just read and those right behind it. */
MUST_USE enum status field_run(const struct wire_reader *reader, uint32_t number, uint32_t max, uint32_t had,
                               uint32_t *count);
/* What of a message stands before its fields `number`, these themselves, and what stands behind: encoded fields
 * ascend. */
MUST_USE enum status field_run_around(struct span message, uint32_t number, struct span *before, struct span *run,
                                      struct span *behind);
/* A packed list of numbers. */
MUST_USE enum status field_numbers_take(struct arena *arena, struct span bytes, uint32_t max, const uint64_t **numbers,
                                        uint32_t *count);
void field_numbers_put(struct buffer *out, uint32_t number, const uint64_t *numbers, uint32_t count);

/* Catalogue levels travel as "01", "02", "03"; anything else becomes 0, which validation refuses. */
MUST_USE enum status level_take(struct arena *arena, struct span bytes, uint8_t *level);
void level_put(uint8_t level, uint32_t number, struct buffer *out);

/* The list is taken from the arena at its first finding. */
const struct findings *findings_none(void);
MUST_USE enum status findings_take(struct arena *arena, struct span bytes, const struct findings **findings);
void findings_put(const struct findings *findings, uint32_t number, struct buffer *out);
#endif
