/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a file of a secret signing key. One that is taken signs what its own public key verifies. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/sign/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void use(struct sign_pair *pair)
{
    struct sign_public key;
    struct sign_verifier *verifier = NULL;
    struct buffer signature = {0};
    sign_pair_public(pair, &key);
    if (sign_verifier_new(&key, &verifier) == OK) {
        sign_make(pair, span_of("message", 7), &signature);
        (void)sign_verify(verifier, span_of("message", 7), buffer_span(&signature)); /* a pair may be forged */
    }
    sign_verifier_destroy(&verifier);
    buffer_fini(&signature);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sign_pair *pair = NULL;
    struct buffer why = {0};
    if (path[0] == 0) {
        strcpy(path, "/tmp/hutong-fuzz-key-XXXXXX");
        int made = mkstemp(path);
        INVARIANT(made >= 0);
        (void)close(made);
    }
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    INVARIANT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)close(fd);
    enum status status = sign_pair_load(path, &pair, &why);
    INVARIANT(status == OK || (status == FATAL_CONFIG && why.size > 0));
    if (status == OK)
        use(pair);
    sign_pair_destroy(&pair);
    buffer_fini(&why);
    return 0;
}
