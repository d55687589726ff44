/* SPDX-License-Identifier: Apache-2.0
 * A message with what it tells of persons told otherwise. What that is stands in the schema, field by field:
 * (personal), proto/hutong/v1/options.proto. */
#ifndef HUTONG_COMMON_PB_PERSONAL_H
#define HUTONG_COMMON_PB_PERSONAL_H
#include "common/pb/wire.h"

/* Numbers of `Personal` in the schema. */
enum personal { PERSONAL_NONE, PERSONAL_IDENTITY, PERSONAL_TEXT, PERSONAL_DIAGNOSIS, PERSONAL_ENVELOPE };

/* Appends what takes the text's place; called for every text that is not empty, PERSONAL_NONE too: a number that a
 * party chose may hold an identity number. What it appends must not be empty, and must be UTF-8. */
typedef void personal_replace_t(void *self, enum personal kind, struct span text, struct buffer *out);

/* Appends the message rewritten, canonical as it was: texts as `replace` says, envelopes within likewise, fields that
 * this build does not know blanked out (bytes of the same size, numbers 1), all else as it is.
 * PRE: `bytes` passed wire_check, or an encoder of ours made them; REJECT_MALFORMED otherwise, `out` as before. */
MUST_USE enum status personal_rewrite(enum wire_message message, struct span bytes, personal_replace_t *replace,
                                      void *self, struct buffer *out);
#endif
