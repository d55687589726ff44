/* SPDX-License-Identifier: Apache-2.0
 * How a field of an outcome is named where it counts, does not, or may be off by some (docs/TRACES.md):
 *
 *   name = [ "outcome." ] part ( "." part )*
 *   part = a field's name, as in JSON or in the schema, or "*": any one field
 *
 * Behind "outcome." the parts stand from the outcome on; without it wherever they stand together.
 * Places in lists are left out ("steps[3].text" is "steps.text"). Who names a field names all that it holds. */
#ifndef HUTONG_TOOLS_TRACE_PATH_H
#define HUTONG_TOOLS_TRACE_PATH_H
#include <stdbool.h>
#include <stdint.h>

enum { FIELDS_NAMED_MAX = 32, TRACE_PATH_SIZE_MAX = 128 };

/* Which fields count: all but `ignored`; of these, if any is named, `only` those. A number of
 * `tolerated` may be off. */
struct trace_fields {
    const char *ignored[FIELDS_NAMED_MAX], *only[FIELDS_NAMED_MAX];
    struct {
        char name[TRACE_PATH_SIZE_MAX];
        uint64_t most;
    } tolerated[FIELDS_NAMED_MAX];
    unsigned ignored_count, only_count, tolerated_count;
};

/* Whether `name` names the field at `path`, or one that it lies in. */
bool trace_path_names(const char *name, const char *path);
/* What a name is in the schema of outcomes. */
enum trace_name { TRACE_NAME_UNKNOWN, TRACE_NAME_FIELD, TRACE_NAME_NUMBER /* a number, or what holds some */ };
/* Of an unknown one `nearest` gets the field that it could stand for, or "". */
enum trace_name trace_name_look_up(const char *name, char nearest[TRACE_PATH_SIZE_MAX]);
/* "amounts.cashPayFen=1". False: it is none. */
bool trace_tolerance_take(struct trace_fields *fields, const char *text);
/* Whether a difference at `path` counts. `whole`: all of the field is on one side alone, or a list has another length;
 * then what lies in it counts too. An outcome that is not there ("") differs whatever is named. */
bool trace_fields_count(const struct trace_fields *fields, const char *path, bool whole);
/* By how much the number at `path` may be off; 0: not at all, or it is no number. */
uint64_t trace_fields_tolerance(const struct trace_fields *fields, const char *path);
#endif
