/* SPDX-License-Identifier: Apache-2.0
 * Base64 with padding (RFC 4648, 4), by OpenSSL. */
#ifndef HUTONG_COMMON_SIGN_BASE64_H
#define HUTONG_COMMON_SIGN_BASE64_H
#include "common/base/buffer.h"
#include "common/base/span.h"
#include "common/base/status.h"

void base64_put(struct buffer *out, struct span bytes);
/* Appends what `text` stands for. REJECT_MALFORMED, nothing appended: another character, no padding, bits behind the
 * end that are not zero (so that each value has one text). */
MUST_USE enum status base64_take(struct span text, struct buffer *out);
#endif
