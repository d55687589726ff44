/* SPDX-License-Identifier: Apache-2.0
 * Lookup in the versioned numbers of transfers. */
#include "common/engines/transfer/parameters.h"

#include <stddef.h>

#include "common/base/check.h"

static const struct parameter_row rows[] = {
#include "transfer_parameters.inc"
};

enum { ROWS_COUNT = sizeof rows / sizeof rows[0] };

const struct parameter_row *parameter_on(enum parameter parameter, civil_date_t day)
{
    const struct parameter_row *found = NULL;
    for (uint32_t i = 0; i < ROWS_COUNT; i++)
        if (rows[i].parameter == parameter && rows[i].valid_from <= day)
            found = &rows[i];
    return found;
}

civil_date_t parameter_next(enum parameter parameter, civil_date_t day)
{
    for (uint32_t i = 0; i < ROWS_COUNT; i++)
        if (rows[i].parameter == parameter && rows[i].valid_from > day)
            return rows[i].valid_from;
    return 0;
}

int32_t parameter_value(enum parameter parameter, civil_date_t day)
{
    const struct parameter_row *row = parameter_on(parameter, day);
    if (row == NULL)
        row = parameter_on(parameter, parameter_next(parameter, day));
    INVARIANT(row != NULL); /* the table test: every parameter has a row */
    return row->value;
}

const struct parameter_row *parameter_row_at(uint32_t index)
{
    return index < ROWS_COUNT ? &rows[index] : NULL;
}
