/* SPDX-License-Identifier: Apache-2.0
 * Base64. */
#include "common/sign/base64.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "common/base/check.h"

void base64_put(struct buffer *out, struct span bytes)
{
    PRE(bytes.size <= INT32_MAX / 2);
    size_t size = (bytes.size + 2) / 3 * 4;
    unsigned char *text = malloc(size + 1);
    INVARIANT(text != NULL);
    INVARIANT(EVP_EncodeBlock(text, bytes.data, (int)bytes.size) == (int)size);
    buffer_append(out, text, size);
    free(text);
}

/* OpenSSL skips white space and takes bits behind the end: what was read is written again and compared. */
enum status base64_take(struct span text, struct buffer *out)
{
    if (text.size % 4 != 0 || text.size > INT32_MAX / 2)
        return REJECT_MALFORMED;
    if (text.size == 0)
        return OK;
    size_t padding = (text.data[text.size - 1] == '=') + (size_t)(text.data[text.size - 2] == '=');
    unsigned char *bytes = malloc(text.size / 4 * 3);
    struct buffer again;
    INVARIANT(bytes != NULL);
    buffer_init(&again);
    int size = EVP_DecodeBlock(bytes, text.data, (int)text.size);
    bool sound = size == (int)(text.size / 4 * 3);
    struct span read = span_of(bytes, sound ? (size_t)size - padding : 0);
    if (sound)
        base64_put(&again, read);
    sound = sound && span_equal(buffer_span(&again), text);
    if (sound)
        buffer_append(out, read.data, read.size);
    buffer_fini(&again);
    free(bytes);
    return sound ? OK : REJECT_MALFORMED;
}
