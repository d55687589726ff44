/* SPDX-License-Identifier: Apache-2.0
 * Steps of an explanation. */
#include "common/engines/transfer/steps.h"

#include <stddef.h>

const struct transfer_step_text *transfer_step_find(uint32_t number)
{
    static const struct transfer_step_text texts[] = {
#define STEP(step, name, unit, source, zh, en) {step, unit, source, zh, en},
#include "common/engines/transfer/step.def"
#undef STEP
    };
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].number == number)
            return &texts[i];
    return NULL;
}

/* What finds no place is counted in the one STEP_MORE, for which the last place is kept. */
static void append(struct transfer_steps *steps, struct step step, uint32_t places)
{
    if (steps->count < places) {
        steps->items[steps->count++] = step;
        return;
    }
    for (uint32_t i = 0; i < steps->count; i++)
        if (steps->items[i].rule == STEP_MORE) {
            steps->items[i].parameter++;
            return;
        }
    steps->items[steps->count++] = (struct step){.rule = STEP_MORE, .parameter = 1};
}

static struct step step_of(enum transfer_step step, fen_t before, int64_t parameter, fen_t after, uint32_t index)
{
    return (struct step){
        .rule = (uint32_t)step, .before = before, .parameter = parameter, .after = after, .index = index};
}

void transfer_steps_add(struct transfer_steps *steps, enum transfer_step step, fen_t before, int64_t parameter,
                        fen_t after, uint32_t index)
{
    append(steps, step_of(step, before, parameter, after, index), STEPS_COUNT_MAX - STEPS_TOTALS_COUNT);
}

void transfer_steps_total(struct transfer_steps *steps, enum transfer_step step, fen_t before, int64_t parameter,
                          fen_t after)
{
    append(steps, step_of(step, before, parameter, after, 0), STEPS_COUNT_MAX - 1);
}
