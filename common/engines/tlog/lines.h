/* SPDX-License-Identifier: Apache-2.0
 * What the log's texts are made of: lines that end with a newline, numbers, hashes in base64. */
#ifndef HUTONG_COMMON_ENGINES_TLOG_LINES_H
#define HUTONG_COMMON_ENGINES_TLOG_LINES_H
#include "common/base/buffer.h"
#include "common/base/merkle.h"
#include "common/base/status.h"

/* Takes the next line off `rest`, without its newline. False: there is none that ends with one. */
bool lines_next(struct span *rest, struct span *line);
/* The next word, up to a blank. False: none is left. */
bool lines_word(struct span *line, struct span *word);
/* Takes the text off the front. False: it does not begin so. */
bool lines_take(struct span *line, const char *text);
/* Decimal, no leading zero, below 2^63: what every reader of these formats can hold. */
bool lines_number(struct span text, uint64_t *number);
bool lines_hash(struct span text, struct merkle_hash *hash);
void lines_put_hash(struct buffer *out, const struct merkle_hash *hash); /* and a newline */
/* Hashes, one a line, up to an empty line, which goes as well. */
bool lines_path(struct span *rest, struct merkle_hash path[MERKLE_PATH_MAX], unsigned *count);
/* As a text of `size` bytes with its NUL. False: it is longer, or holds a NUL. */
bool lines_copy(struct span text, char *to, size_t size);
#endif
