/* SPDX-License-Identifier: Apache-2.0
 * The explanation of every amount and term of a transfer: steps of step.def, in the order of the calculation. They are
 * `struct step` of the outcome, so that they travel with it as they are; numbers from 101 up, never a benefit step's.
 */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_STEPS_H
#define HUTONG_COMMON_ENGINES_TRANSFER_STEPS_H
#include "common/pb/outcome.h"

enum transfer_step {
#define STEP(number, name, unit, source, zh, en) name = number,
#include "common/engines/transfer/step.def"
#undef STEP
};

/* What the parameter of a step is. */
enum transfer_unit {
    TRANSFER_NONE,
    TRANSFER_NUMBER,
    TRANSFER_FEN,
    TRANSFER_BASIS_POINTS,
    TRANSFER_DAY,
    TRANSFER_PROVINCE
};
struct transfer_step_text {
    uint32_t number;
    enum transfer_unit unit;
    const char *source; /* document and article */
    const char *zh;
    const char *en;
};
const struct transfer_step_text *transfer_step_find(uint32_t number); /* NULL: none */

struct transfer_steps {
    struct step items[STEPS_COUNT_MAX];
    uint32_t count;
};
/* Appends. Of STEPS_COUNT_MAX places the last STEPS_TOTALS_COUNT are kept for transfer_steps_total: a long record loses
 * rows of its explanation (STEP_MORE says how many), never its sums. */
enum { STEPS_TOTALS_COUNT = 20 };
void transfer_steps_add(struct transfer_steps *steps, enum transfer_step step, fen_t before, int64_t parameter,
                        fen_t after, uint32_t index);
void transfer_steps_total(struct transfer_steps *steps, enum transfer_step step, fen_t before, int64_t parameter,
                          fen_t after);
#endif
