/* SPDX-License-Identifier: Apache-2.0
 * The words of the command line that answers a question: a template gives an argv. No shell takes part, and no
 * argument can become an option. */
#ifndef HUTONG_SERVICES_CONSOLE_WORDS_H
#define HUTONG_SERVICES_CONSOLE_WORDS_H
#include "common/base/buffer.h"
#include "common/base/status.h"
#include "services/console/question.h"

enum { QUESTION_WORDS_MAX = 64, QUESTION_VALUE_SIZE_MAX = 500, QUESTION_INPUT_SIZE_MAX = 48 * 1024 };

/* The words behind "hutong", each ended by NUL, and what goes to its standard input. */
struct question_words {
    struct buffer text;
    unsigned count;
    struct buffer input;
};

/* `arguments`: a JSON object. REJECT_MALFORMED: `why` says what is wrong, in both languages. */
MUST_USE enum status question_make(const struct question *question, struct span arguments, struct question_words *words,
                                   struct buffer *why);
void question_words_fini(struct question_words *words);
#endif
