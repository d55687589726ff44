/* SPDX-License-Identifier: Apache-2.0
 * Steps of the calculation, for the explanation: step.def. */
#ifndef HUTONG_COMMON_ENGINES_BENEFIT_STEP_H
#define HUTONG_COMMON_ENGINES_BENEFIT_STEP_H
#include "common/pb/outcome.h"

enum benefit_step {
#define STEP(number, name, form, unit, path, source, zh, en) name = number,
#include "common/engines/benefit/step.def"
#undef STEP
};
/* How a step's amount before and its parameter give the amount after; products and quotients are rounded half-up. */
enum step_form {
    FORM_SHOWN,     /* version 1's: more went into it than it says */
    FORM_STATED,    /* after alone */
    FORM_PARAMETER, /* the parameter alone, for steps that follow */
    FORM_SUM,       /* after is what the bands since the last sum come to */
    FORM_TIMES,
    FORM_DIVIDED,
    FORM_PLUS,
    FORM_LESS, /* never below zero */
    FORM_AT_MOST,
    FORM_AT_LEAST,
    /* Before and after are ratios, 10^-8. */
    FORM_OWN_SHARE,   /* 100 % - (100 % - before) x parameter */
    FORM_POINTS_MORE, /* never above 100 % */
    FORM_POINTS_LESS  /* never below zero */
};
struct benefit_step_text {
    uint32_t number;
    enum step_form form;
    const char *source; /* document and article */
    const char *zh;
    const char *en;
};
const struct benefit_step_text *benefit_step_find(uint32_t number); /* NULL: none */

/* Where a step's parameter stands in the policy's file: "inpatient[0].bands[1].ratio"; "" for a step without one. `row`
 * and `outpatient` are the result's. */
void benefit_step_path(const struct step *step, uint32_t row, bool outpatient,
                       char path[PARAMETER_SOURCE_PATH_MAX + 1]);
/* What the parameter of a step is. */
enum step_unit { UNIT_NONE, UNIT_NUMBER, UNIT_FEN, UNIT_BASIS_POINTS, UNIT_RATIO /* 10^-8 */ };
enum step_unit benefit_step_unit(uint32_t number);
#endif
