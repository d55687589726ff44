/* SPDX-License-Identifier: Apache-2.0
 * Names of fields. */
#include "tools/trace_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/guess.h"
#include "common/pb/paths.h"

enum { PART_SIZE = 64 };

/* The next part in the letters that both spellings share; false: there is none. */
static bool part_next(const char **at, char part[PART_SIZE])
{
    size_t size = 0;
    if (**at == 0)
        return false;
    bool within = false; /* a place in a list */
    for (; **at != 0 && (within || **at != '.'); ++*at) {
        char letter = **at;
        if (letter == '[' || letter == ']')
            within = letter == '[';
        else if (!within && letter != '_' && size + 1 < PART_SIZE)
            part[size++] = (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
    }
    part[size] = 0;
    *at += **at == '.';
    return true;
}

/* From the beginning of both. */
static bool begins_with(const char *path, const char *name)
{
    char wanted[PART_SIZE], there[PART_SIZE];
    while (part_next(&name, wanted))
        if (!part_next(&path, there) || (strcmp(wanted, "*") != 0 && strcmp(wanted, there) != 0))
            return false;
    return true;
}

static const char *after_outcome(const char *name)
{
    return strncmp(name, "outcome.", 8) == 0 ? name + 8 : NULL;
}

bool trace_path_names(const char *name, const char *path)
{
    char skipped[PART_SIZE];
    const char *from_top = after_outcome(name);
    if (name[0] == 0)
        return false;
    if (from_top != NULL)
        return begins_with(path, from_top);
    do
        if (begins_with(path, name))
            return true;
    while (part_next(&path, skipped));
    return false;
}

/* ---- against the schema ---- */

struct search {
    const char *name, *leaf; /* leaf: guesses are made among single names */
    enum trace_name found;
    struct guess guess;
    char nearest[TRACE_PATH_SIZE_MAX];
};

static void search_one(void *self, const char *path, bool is_number)
{
    struct search *search = self;
    if (trace_path_names(search->name, path) && search->found != TRACE_NAME_NUMBER)
        search->found = is_number ? TRACE_NAME_NUMBER : TRACE_NAME_FIELD;
    const char *last = strrchr(path, '.');
    const char *candidate = search->leaf != NULL && last != NULL ? last + 1 : path;
    guess_consider(&search->guess, candidate);
    if (search->guess.name == candidate) { /* which does not last */
        (void)snprintf(search->nearest, sizeof search->nearest, "%s", candidate);
        search->guess.name = search->nearest;
    }
}

enum trace_name trace_name_look_up(const char *name, char nearest[TRACE_PATH_SIZE_MAX])
{
    const char *from_top = after_outcome(name), *given = from_top != NULL ? from_top : name;
    struct search search = {.name = name, .leaf = strchr(given, '.') == NULL ? given : NULL};
    guess_start(&search.guess, given);
    json_paths(WIRE_OUTCOME, search_one, &search);
    (void)snprintf(nearest, TRACE_PATH_SIZE_MAX, "%s", search.guess.name != NULL ? search.guess.name : "");
    return search.found;
}

bool trace_tolerance_take(struct trace_fields *fields, const char *text)
{
    const char *equals = strchr(text, '=');
    char *end = NULL;
    if (equals == NULL || equals == text || equals - text >= TRACE_PATH_SIZE_MAX || equals[1] < '0' ||
        equals[1] > '9' || fields->tolerated_count == FIELDS_NAMED_MAX)
        return false;
    errno = 0;
    uint64_t most = strtoull(equals + 1, &end, 10);
    if (*end != 0 || errno != 0)
        return false;
    unsigned i = fields->tolerated_count++;
    (void)snprintf(fields->tolerated[i].name, TRACE_PATH_SIZE_MAX, "%.*s", (int)(equals - text), text);
    fields->tolerated[i].most = most;
    return true;
}

/* ---- differences ---- */

struct beneath {
    const char *path;
    const struct trace_fields *fields;
    bool counts, is_number;
};

static bool any_names(const char *const names[], unsigned count, const char *path)
{
    for (unsigned i = 0; i < count; i++)
        if (trace_path_names(names[i], path))
            return true;
    return false;
}

static void look_beneath(void *self, const char *path, bool is_number)
{
    struct beneath *beneath = self;
    const struct trace_fields *fields = beneath->fields;
    if (!begins_with(path, beneath->path))
        return;
    beneath->counts = beneath->counts || (any_names(fields->only, fields->only_count, path) &&
                                          !any_names(fields->ignored, fields->ignored_count, path));
    beneath->is_number = beneath->is_number || (is_number && begins_with(beneath->path, path));
}

bool trace_fields_count(const struct trace_fields *fields, const char *path, bool whole)
{
    if (path[0] == 0)
        return true;
    if (any_names(fields->ignored, fields->ignored_count, path))
        return false;
    if (fields->only_count == 0 || any_names(fields->only, fields->only_count, path))
        return true;
    struct beneath beneath = {.path = path, .fields = fields};
    if (whole)
        json_paths(WIRE_OUTCOME, look_beneath, &beneath);
    return beneath.counts;
}

uint64_t trace_fields_tolerance(const struct trace_fields *fields, const char *path)
{
    uint64_t most = 0;
    struct beneath beneath = {.path = path, .fields = fields};
    for (unsigned i = 0; i < fields->tolerated_count; i++)
        if (fields->tolerated[i].most > most && trace_path_names(fields->tolerated[i].name, path))
            most = fields->tolerated[i].most;
    if (most > 0)
        json_paths(WIRE_OUTCOME, look_beneath, &beneath);
    return beneath.is_number ? most : 0;
}
