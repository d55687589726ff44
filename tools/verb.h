/* SPDX-License-Identifier: Apache-2.0
 * Messages that people send from the command line: verb.def says which, the schema what they hold, verb_field.def how
 * it is written. Pure. */
#ifndef HUTONG_TOOLS_VERB_H
#define HUTONG_TOOLS_VERB_H
#include <jansson.h>

#include "common/base/buffer.h"
#include "common/pb/fields.h"

enum verb_form { VERB_PLAIN, VERB_YUAN, VERB_PER_CENT, VERB_DAY, VERB_MONTH, VERB_ROWS };
enum { VERB_OPTIONS_MAX = 40, VERB_DEPTH_MAX = 4 };

struct verb {
    const char *command, *word, *path;
    bool person;
    const char *place, *speaker, *fixed, *value, *without, *zh, *en;
};

struct verb_option {
    struct field field;
    const char *name; /* without its dashes */
    enum verb_form form;
    const char *zh, *en;
    unsigned depth; /* of its message on the verb's path; the body is 0 */
};

struct verb_options {
    struct verb_option option[VERB_OPTIONS_MAX];
    unsigned count;
};

/* NULL: no such verb. */
const struct verb *verb_find(const char *command, const char *word);
/* Verb `index` of all; NULL: no more. */
const struct verb *verb_at(unsigned index);
/* Its options, those of the outer messages first. */
void verb_list(const struct verb *verb, struct verb_options *options);

/* What is to stand behind an option: "YUAN", "pension|medical|unemployment", "" for a flag. */
void verb_wanted(const struct verb_option *option, struct buffer *text);
/* What was written, as a value of the proto3 mapping; `spreadsheet`: with fewer decimals, and words for true and false.
 * NULL: `why` says what was wanted. */
json_t *verb_value(const struct verb_option *option, const char *text, bool spreadsheet, struct buffer *why);
/* The rows of a file, its text (which is written to): a heading of columns, then a row each. NULL: `why`. */
json_t *verb_rows(const struct verb_option *option, struct buffer *text, struct buffer *why);

/* The messages along the verb's path, the fixed value in the innermost; owned by `envelope`. */
void verb_begin(const struct verb *verb, json_t *envelope, json_t *levels[VERB_DEPTH_MAX]);
/* Puts a value, which is taken, where the option belongs; the options of a list add to it. */
void verb_put(const struct verb_option *option, json_t *levels[VERB_DEPTH_MAX], json_t *value);
/* The region that speaks, by the field that says so ("131000" speaks for 130000); false: either side may. */
bool verb_speaker(const struct verb *verb, json_t *levels[VERB_DEPTH_MAX], char region[7]);
#endif
