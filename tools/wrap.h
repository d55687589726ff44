/* SPDX-License-Identifier: Apache-2.0
 * Text on a terminal: how wide it is there, and its lines broken so that they fit. UTF-8; Chinese characters are two
 * columns wide, and a line may break between any two of them. */
#ifndef HUTONG_TOOLS_WRAP_H
#define HUTONG_TOOLS_WRAP_H
#include "common/base/buffer.h"

enum { WRAP_WIDTH = 80 };

/* In columns of a terminal. */
int wrap_columns(const char *text);
/* One paragraph, appended where `column` columns of its first line are taken; the other lines begin after `indent`
 * blanks. Blanks and line ends are one blank; "[...]" stays whole where it fits on a line. Ends without a line end. */
void wrap_words(struct buffer *out, const char *text, int column, int indent);
/* Paragraphs, each `indent` from the left; lines that begin with two blanks, and empty ones, stay as they are. */
void wrap_page(struct buffer *out, const char *text, int indent);
/* A word, `gap` columns wide with what is left blank, and its text beside it. Ends the line. */
void wrap_beside(struct buffer *out, const char *word, int gap, const char *text);
#endif
