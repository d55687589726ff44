/* SPDX-License-Identifier: Apache-2.0
 * A broken check: say where on standard error, then abort so that a core dump and the supervisor see it. */
#include "common/base/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *kind, const char *text, const char *file, int line)
{
    fprintf(stderr,
            "{\"level\":\"fatal\",\"event\":\"check_failed\",\"kind\":\"%s\",\"file\":\"%s\",\"line\":%d}\n%s\n", kind,
            file, line, text);
    abort();
}
