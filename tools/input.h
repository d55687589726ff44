/* SPDX-License-Identifier: Apache-2.0
 * Envelopes from files: JSON of the proto3 mapping (one object, an array, or one object a line), or length-delimited
 * binary. */
#ifndef HUTONG_TOOLS_INPUT_H
#define HUTONG_TOOLS_INPUT_H
#include <stdio.h>

#include "tools/cli.h"

struct input {
    struct ht_bytes *envelopes; /* owned */
    size_t count;
    size_t capacity;
};

void input_add(struct input *input, struct span envelope);
/* Empties it; its memory is kept. */
void input_clear(struct input *input);
/* `path` "-" is stdin. Fills in version, sender (`sender` may be NULL), message id and time where JSON leaves them out.
 * False: said all that is wrong, with file and line or index and one of shape.def. */
bool input_read(struct input *input, const char *path, bool binary, const char *sender);

/* The same, a block after the other, so that a file may be longer than memory, or without end: of one that is neither
 * UTF-8 nor binary, and of one value (an array), all is read at once. */
struct input_file {
    const char *path, *sender;
    FILE *file;
    bool binary, ended;
    size_t size;        /* read so far */
    struct buffer raw;  /* read, and no whole line or record yet */
    struct buffer text; /* lines that end within a value */
    size_t records;
    unsigned line;
};

/* False: said why. To be closed either way. */
bool input_open(struct input_file *file, const char *path, bool binary, const char *sender);
/* Reads so much more, or to the end, and adds to `input` what is whole in it. False: said what is wrong. */
bool input_more(struct input_file *file, struct input *input, size_t size);
void input_close(struct input_file *file);
void input_free(struct input *input);
/* The whole of a file, or stdin. */
bool input_slurp(const char *path, struct buffer *bytes);
/* One length-delimited record: its varint length and its bytes. */
void delimited_put(struct buffer *out, struct span record);
/* Next record of `rest`, which advances; false at the end, or where the bytes break off (then rest->size > 0). */
bool delimited_next(struct span *rest, struct span *record);
#endif
