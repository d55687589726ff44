/* SPDX-License-Identifier: Apache-2.0
 * Salts. */
#include "services/ingest/salts.h"

#include <errno.h>
#include <sys/random.h>

#include "common/base/check.h"

static void fill(struct salts *salts)
{
    for (size_t had = 0; had < SALTS_SIZE;) {
        ssize_t more = getrandom(salts->pool + had, SALTS_SIZE - had, 0);
        INVARIANT(more > 0 || errno == EINTR); /* a kernel without randomness */
        had += more > 0 ? (size_t)more : 0;
    }
    salts->left = SALTS_SIZE;
}

struct span salts_next(struct salts *salts)
{
    if (salts->left == 0)
        fill(salts);
    salts->left -= SALT_SIZE;
    return span_of(salts->pool + salts->left, SALT_SIZE);
}
