/* SPDX-License-Identifier: Apache-2.0
 * The table of steps: words, units, and where a parameter stands. */
#include "common/engines/benefit/step.h"

#include <stdio.h>
#include <string.h>

static const struct {
    struct benefit_step_text text;
    enum step_unit unit;
    const char *path;
} table[] = {
#define STEP(step, name, form, unit, path, source, zh, en) {{step, form, source, zh, en}, unit, path},
#include "common/engines/benefit/step.def"
#undef STEP
};

static unsigned place_of(uint32_t number)
{
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].text.number == number)
            return i;
    return sizeof table / sizeof table[0];
}

const struct benefit_step_text *benefit_step_find(uint32_t number)
{
    unsigned place = place_of(number);
    return place < sizeof table / sizeof table[0] ? &table[place].text : NULL;
}

enum step_unit benefit_step_unit(uint32_t number)
{
    unsigned place = place_of(number);
    return place < sizeof table / sizeof table[0] ? table[place].unit : UNIT_NUMBER;
}

/* What a capital of the path stands for; NULL: for itself. */
static const char *word_of(char letter, const struct step *step, uint32_t row, bool outpatient, char number[12])
{
    switch (letter) {
    case 'C':
        return outpatient ? "outpatient" : "inpatient";
    case 'R':
        (void)snprintf(number, 12, "%u", row - 1);
        return number;
    case 'I':
        (void)snprintf(number, 12, "%u", step->index - 1);
        return number;
    case 'F':
        return step->parameter > 1 ? "later" : "first";
    case 'S':
        return step->index > 1 ? "later" : "first";
    case 'L':
        return step->index > 0 ? "retired.large_amount_ratio" : "large_amount.ratio";
    case 'A':
        return step->index > 0 ? "referral_cut" : "other_cut";
    default:
        return NULL;
    }
}

void benefit_step_path(const struct step *step, uint32_t row, bool outpatient, char path[PARAMETER_SOURCE_PATH_MAX + 1])
{
    unsigned place = place_of(step->rule);
    const char *from = place < sizeof table / sizeof table[0] ? table[place].path : "";
    size_t size = 0;
    char number[12];
    for (; *from != 0; from++) {
        const char *word = word_of(*from, step, row, outpatient, number);
        size_t length = word == NULL ? 1 : strlen(word);
        if (size + length > PARAMETER_SOURCE_PATH_MAX)
            break;
        memcpy(path + size, word == NULL ? from : word, length);
        size += length;
    }
    path[size] = 0;
}
