/* SPDX-License-Identifier: Apache-2.0
 * Salts of records: 16 random bytes each, from the kernel by the pool, so that a record costs no call of its own. */
#ifndef HUTONG_SERVICES_INGEST_SALTS_H
#define HUTONG_SERVICES_INGEST_SALTS_H
#include "common/base/span.h"

enum { SALT_SIZE = 16, SALTS_SIZE = 4096 };

/* Zeros: empty. */
struct salts {
    size_t left;
    uint8_t pool[SALTS_SIZE];
};
/* Valid until the next one. */
struct span salts_next(struct salts *salts);
#endif
