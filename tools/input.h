/* SPDX-License-Identifier: Apache-2.0
 * Envelopes from files: JSON of the proto3 mapping (one object, an array, or one object a line), or length-delimited
 * binary. */
#ifndef HUTONG_TOOLS_INPUT_H
#define HUTONG_TOOLS_INPUT_H
#include "tools/cli.h"

struct input {
    struct ht_bytes *envelopes; /* owned */
    size_t count;
    size_t capacity;
};

void input_add(struct input *input, struct span envelope);
/* `path` "-" is stdin. Fills in version, sender (`sender` may be NULL), message id and time where JSON leaves them out.
 * False: said all that is wrong, with file and line or index and one of shape.def. */
bool input_read(struct input *input, const char *path, bool binary, const char *sender);
void input_free(struct input *input);
/* The whole of a file, or stdin. */
bool input_slurp(const char *path, struct buffer *bytes);
/* One length-delimited record: its varint length and its bytes. */
void delimited_put(struct buffer *out, struct span record);
/* Next record of `rest`, which advances; false at the end, or where the bytes break off (then rest->size > 0). */
bool delimited_next(struct span *rest, struct span *record);
#endif
