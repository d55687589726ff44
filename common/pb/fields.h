/* SPDX-License-Identifier: Apache-2.0
 * The schema's fields by name, for what is built out of it: a command line's options, a file's columns. Pure; what it
 * gives lives for ever. */
#ifndef HUTONG_COMMON_PB_FIELDS_H
#define HUTONG_COMMON_PB_FIELDS_H
#include <stdbool.h>
#include <stddef.h>

enum field_shape { FIELD_TEXT, FIELD_NUMBER, FIELD_TRUTH, FIELD_CHOICE, FIELD_BYTES, FIELD_MESSAGE };
enum { FIELD_WORD_SIZE = 64 };

struct field {
    const char *name; /* "amount_fen" */
    enum field_shape shape;
    bool repeated;
    bool one_of; /* at most one of its like is given */
    const void *inner;
};

/* The message that a path of field names leads to from an Envelope, "transfer.application"; NULL: there is none. */
const void *fields_message(const char *path);
/* Field `index` of a message, in the order of their numbers; false: no more. */
bool fields_at(const void *message, unsigned index, struct field *field);
/* Choice `index` of a FIELD_CHOICE, its zero left out: the schema's name, and the short word for people,
 * "TRANSFER_SCHEME_PENSION" and "pension"; false: no more. */
bool fields_choice(const struct field *field, unsigned index, const char **name, char word[FIELD_WORD_SIZE]);
#endif
