/* SPDX-License-Identifier: Apache-2.0
 * Rates, thresholds and ages of transfers: data with effective dates and their source (data/transfers/parameters.csv,
 * turned into a table when building). The rules' shape is code, their numbers are not. */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_PARAMETERS_H
#define HUTONG_COMMON_ENGINES_TRANSFER_PARAMETERS_H
#include "common/base/instant.h"
#include "common/base/status.h"

/* Names of the CSV's first column, in lower case there; parameter.def gives each its unit and meaning. */
enum parameter {
#define PARAMETER(name, unit, zh, en) PARAMETER_##name,
#include "common/engines/transfer/parameter.def"
#undef PARAMETER
    PARAMETERS_COUNT
};

struct parameter_row {
    enum parameter parameter;
    civil_date_t valid_from; /* until the next row of the same parameter */
    int32_t value;           /* in the parameter's unit */
    char grade;              /* O, R, P, S, M: DOMAIN's grades */
    const char *source;      /* document and article */
};

/* The row in force on a day. NULL: the day lies before the first one, the rule did not exist yet. */
const struct parameter_row *parameter_on(enum parameter parameter, civil_date_t day);
/* The first day of the version after the one in force on `day`; 0: none follows. */
civil_date_t parameter_next(enum parameter parameter, civil_date_t day);
/* The value on a day; before the first one, the first one: for thresholds, which a form older than the rule must meet
 * as well. Rates use parameter_on: before the first one nothing is due. */
int32_t parameter_value(enum parameter parameter, civil_date_t day);
const struct parameter_row *parameter_row_at(uint32_t index); /* NULL past the end; days ascend within a parameter */
#endif
