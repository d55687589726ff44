/* SPDX-License-Identifier: Apache-2.0
 * Synthetic persons, institutions and bills of the three regions: same seed, same bytes, on any machine. Nobody real:
 * the serial parts of the identity numbers come from the generator. */
#ifndef HUTONG_TOOLS_GEN_GEN_H
#define HUTONG_TOOLS_GEN_GEN_H
#include "tools/gen/world.h"

/* One encoded Envelope each, replacing what the buffer held. The sender is in it. */
void gen_institution(struct gen *gen, uint32_t index, struct buffer *envelope);
void gen_enrolment(struct gen *gen, uint32_t index, struct buffer *envelope);
/* Bill `index`, of any of the persons; its own random stream, so any bill can be made alone. */
void gen_bill(struct gen *gen, uint64_t index, struct buffer *envelope);
#endif
