/* SPDX-License-Identifier: Apache-2.0
 * Signatures of what hutong-load sends, by keys that were registered (bench/signing.py). */
#ifndef HUTONG_BENCH_LOAD_SIGNING_H
#define HUTONG_BENCH_LOAD_SIGNING_H
#include "common/pb/outcome.h"

struct load_signing;

/* The key KEYS/clients/REGION-NAME.pem_secret; ends the process where it cannot be used. */
struct load_signing *load_signing_open(const char *key_directory, const char *region, const char *name);
/* What the submit borrows is valid until the next one. NULL: unsigned. */
void load_signing_sign(struct load_signing *signing, struct submit *submit);
#endif
