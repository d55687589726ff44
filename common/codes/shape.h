/* SPDX-License-Identifier: Apache-2.0
 * What is wrong with the shape of a file, in words of those who write it: shape.def. Beside the rules, not among them:
 * what has no shape was never sent. docs/ERRORS.md lists both. Pure. */
#ifndef HUTONG_COMMON_CODES_SHAPE_H
#define HUTONG_COMMON_CODES_SHAPE_H
#include "common/base/buffer.h"

enum shape {
#define SHAPE(code, name, zh, en, expected_zh, expected_en) SHAPE_##name,
#include "common/codes/shape.def"
#undef SHAPE
    SHAPES_COUNT
};

struct shape_text {
    const char *code; /* "FMT-0011" */
    const char *zh, *en;
    const char *expected_zh, *expected_en; /* how it is written right: the remedy */
};

const struct shape_text *shape_at(unsigned index); /* NULL past the end; by enum shape */
/* Appends one line without its end: code, both sentences, what was `found` (NULL: nothing to show), how to write it,
 * and a `note` of this case, a suggestion say (NULL: none). */
void shape_describe(enum shape shape, const char *found, const char *note, struct buffer *out);

/* The likeliest of `count` names for one that is not known: the same letters, few slips, or the same beginning. NULL:
 * none is near. */
const char *shape_nearest(const char *name, const char *const names[], unsigned count);
#endif
