/* SPDX-License-Identifier: Apache-2.0
 * A row of a file of reference data as an event: reference_column.def says which columns there are. Pure. */
#ifndef HUTONG_TOOLS_REFERENCE_ROW_H
#define HUTONG_TOOLS_REFERENCE_ROW_H
#include <jansson.h>

#include "common/base/buffer.h"
#include "tools/sheet.h"

enum reference_kind {
    REFERENCE_NONE,
    REFERENCE_INSTITUTION,
    REFERENCE_ENROLMENT,
    REFERENCE_FILING,
    REFERENCE_QUALIFICATION,
    REFERENCE_CATALOGUE_ITEM,
    REFERENCE_LOCAL_CARE,
    REFERENCE_CALENDAR, /* from here on a file is a table that authorities publish: gazette_file.h */
    REFERENCE_DIVISIONS,
    REFERENCE_AREAS,
    REFERENCE_UNEMPLOYMENT_STANDARD,
    REFERENCE_TRANSFER_PARAMETERS,
    REFERENCE_CARE_KINDS,
    REFERENCE_ITEM_SHAPES,
    REFERENCE_KINDS
};
const char *reference_kind_name(enum reference_kind kind);                     /* "catalogue_item" */
enum reference_kind reference_kind_of(const char *name);                       /* REFERENCE_NONE: no such name */
const char *reference_path_column(enum reference_kind kind, const char *path); /* "enrolment.area" -> "area"; "" */
/* The column of a field of the schema, "monthly_fen" -> "monthly_benefit"; "". */
const char *reference_field_column(enum reference_kind kind, const char *field);

struct reference_header {
    enum reference_kind kind;
    unsigned count;
    int column[CSV_FIELDS_MAX]; /* of the file -> row of the table; below 0: it has no name */
};
/* False: `why` says which names are not known or stand twice, a line each, or that the kind cannot be told. `kind`
 * NONE: by the names. */
bool reference_header_read(char *const fields[], unsigned count, enum reference_kind kind,
                           struct reference_header *header, struct buffer *why);
/* What a row has in this column; "". */
const char *reference_found(const struct reference_header *header, char *const fields[], unsigned count,
                            const char *column);

/* The envelope of a row. Its message id is made from sender, batch and content: the same row again is the same message.
 * False: `why` has a line for each column that is wrong: what was found, and what is wanted. */
bool reference_row_encode(const struct reference_header *header, char *const fields[], unsigned count,
                          const char *sender, const char *batch, struct buffer *envelope, struct buffer *why);

/* The named fields of a row, as members of `body` (a person's number: of `envelope`). False: `why`, as above. */
bool reference_row_body(const struct reference_header *header, char *const fields[], unsigned count, json_t *envelope,
                        json_t *body, struct buffer *why);
/* A UUID of version 8 (RFC 9562) from the content: what is stated again in the same words is the same message, unless
 * `batch` tells it apart. */
void reference_id(const char *sender, const char *batch, struct span content, char id[37]);
/* The envelope of this body, with version, sender and the id made from content. */
bool reference_envelope(json_t *whole, const char *sender, const char *batch, struct buffer *envelope,
                        struct buffer *why);
#endif
