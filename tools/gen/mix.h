/* SPDX-License-Identifier: Apache-2.0
 * The mix: bills of every kind of care, and the papers that they need. */
#ifndef HUTONG_TOOLS_GEN_MIX_H
#define HUTONG_TOOLS_GEN_MIX_H
#include "tools/gen/world.h"

/* Of the mix, what a person has beside the enrolment: a filing (0), a qualification for a chronic disease (1), an
 * enrolment in maternity insurance (2). False, and nothing written: not this person. */
enum { GEN_PAPERS = 3 };
bool gen_paper(struct gen *gen, uint32_t person, unsigned paper, struct buffer *envelope);
/* A bill of any kind of care. */
void gen_mixed_bill(struct gen *gen, uint64_t index, struct buffer *envelope);
#endif
