/* SPDX-License-Identifier: Apache-2.0
 * Coding of single reference messages, for event.c and event_encode.c. */
#ifndef HUTONG_COMMON_PB_REFERENCE_INTERNAL_H
#define HUTONG_COMMON_PB_REFERENCE_INTERNAL_H
#include "common/pb/reference.h"

MUST_USE enum status institution_decode(struct span bytes, struct arena *arena, struct institution *institution);
void institution_encode(struct buffer *out, const struct institution *institution);
MUST_USE enum status enrolment_decode(struct span bytes, struct arena *arena, struct enrolment *enrolment);
void enrolment_encode(struct buffer *out, const struct enrolment *enrolment);
MUST_USE enum status filing_decode(struct span bytes, struct arena *arena, struct filing *filing);
void filing_encode(struct buffer *out, const struct filing *filing);
MUST_USE enum status qualification_decode(struct span bytes, struct arena *arena, struct qualification *qualification);
void qualification_encode(struct buffer *out, const struct qualification *qualification);
MUST_USE enum status catalogue_item_decode(struct span bytes, struct arena *arena,
                                           struct catalogue_item *catalogue_item);
void catalogue_item_encode(struct buffer *out, const struct catalogue_item *catalogue_item);
MUST_USE enum status local_care_decode(struct span bytes, struct arena *arena, struct local_care *local_care);
void local_care_encode(struct buffer *out, const struct local_care *local_care);
#endif
