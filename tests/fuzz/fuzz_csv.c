/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as CSV: every row ends, fields lie within the bytes, lines do not run backwards. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "tools/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size + 1), *fields[CSV_FIELDS_MAX];
    unsigned count, line, before = 1;
    INVARIANT(bytes != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    struct csv csv = csv_read(bytes, size);
    for (enum csv_result result; (result = csv_next(&csv, fields, &count, &line)) != CSV_END; before = line) {
        INVARIANT(line >= before && count <= CSV_FIELDS_MAX);
        for (unsigned i = 0; result == CSV_ROW && i < count; i++)
            INVARIANT(fields[i] >= bytes && fields[i] + strlen(fields[i]) <= bytes + size);
    }
    free(bytes);
    return 0;
}
