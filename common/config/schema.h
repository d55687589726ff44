/* SPDX-License-Identifier: Apache-2.0
 * A YAML file read by a table into a struct. Numbers are read digit by digit, never as floating point, and may carry
 * the grade of their source and the source itself: "1300", "87.5 [S]", "90 [M 津医保发〔2023〕1号]". What the table
 * does not know, what is there twice and what is needed and missing is an error; errors name file, line and key.
 * libyaml, which keeps the line of each node. */
#ifndef HUTONG_COMMON_CONFIG_SCHEMA_H
#define HUTONG_COMMON_CONFIG_SCHEMA_H
#include <stddef.h>

#include "common/base/buffer.h"
#include "common/base/status.h"

enum schema_kind {
    SCHEMA_TEXT,    /* char[] */
    SCHEMA_DATE,    /* civil_date_t: 2025-01-01 */
    SCHEMA_WHOLE,   /* uint32_t */
    SCHEMA_PERCENT, /* basis_points_t */
    SCHEMA_YUAN,    /* fen_t */
    SCHEMA_TRUTH,   /* bool: true, false */
    SCHEMA_WORD,    /* uint32_t or an enum: which of `words`, the first is `first` */
    SCHEMA_GROUP,   /* keys of the same struct, in a mapping of their own */
    SCHEMA_ROWS     /* an array and its uint32_t count; rows of one key may be written as its value */
};

/* Rows of a table end with key NULL. */
struct schema_field {
    const char *key;
    enum schema_kind kind;
    bool needed; /* where its mapping is there */
    size_t offset, size;
    const char *const *words; /* NULL-terminated */
    uint32_t first;
    const struct schema_field *below; /* of a group, of each row */
    size_t count_offset;
    unsigned rows_max;
};
#define SCHEMA_SIZE(type, member) sizeof(((type *)0)->member)
#define SCHEMA_FIELD(type, name, member, kind_, needed_)                                                               \
    {                                                                                                                  \
        .key = name, .kind = kind_, .needed = needed_, .offset = offsetof(type, member),                               \
        .size = SCHEMA_SIZE(type, member)                                                                              \
    }
#define SCHEMA_WORD_OF(type, name, member, words_, first_, needed_)                                                    \
    {                                                                                                                  \
        .key = name, .kind = SCHEMA_WORD, .needed = needed_, .offset = offsetof(type, member), .words = words_,        \
        .first = first_                                                                                                \
    }
#define SCHEMA_ROWS_OF(type, name, member, count, fields)                                                              \
    {                                                                                                                  \
        .key = name, .kind = SCHEMA_ROWS, .offset = offsetof(type, member), .size = SCHEMA_SIZE(type, member[0]),      \
        .below = fields, .count_offset = offsetof(type, count),                                                        \
        .rows_max = SCHEMA_SIZE(type, member) / SCHEMA_SIZE(type, member[0])                                           \
    }
#define SCHEMA_GROUP_OF(name, fields)                                                                                  \
    {                                                                                                                  \
        .key = name, .kind = SCHEMA_GROUP, .below = fields                                                             \
    }

struct schema_reading {
    const char *path;   /* of the file */
    const char *root;   /* before each key in what is said, "policy" */
    struct buffer *why; /* gets a line for each fault: FILE:LINE: root.key: what */
    /* Each number's and date's key, grade (0: none) and source (not terminated; size 0: none). False: no more fit. May
     * be NULL. */
    bool (*note)(void *self, const char *key, char grade, const char *source, size_t source_size);
    void *note_self;
};

struct schema_file; /* kept open, so that later findings get their line */
/* REJECT_MALFORMED: `why` says what. `out` is zeroed by the caller; `file` is NULL where there is no YAML. */
MUST_USE enum status schema_read(const struct schema_reading *reading, const struct schema_field *fields, void *out,
                                 struct schema_file **file);
/* The line of "root.inpatient[0].level", or of the nearest that is there; a unit (_fen, _bp, _max) behind a key is left
 * out where the file does without. */
size_t schema_line(const struct schema_file *file, const char *where);
void schema_close(struct schema_file **file);

/* The same table the other way: a file that says what the struct holds. What is 0 and neither needed nor noted is left
 * out. */
struct schema_writing {
    struct buffer *out;
    /* Grade and source ("": none) of a key; false: it has none. */
    bool (*source)(void *self, const char *key, char *grade, const char **source);
    void *source_self;
};
void schema_write(const struct schema_writing *writing, const struct schema_field *fields, const void *from);
#endif
