/* SPDX-License-Identifier: Apache-2.0
 * Differences. */
#include "tools/differences.h"

#include <stdio.h>

char *difference_text(const json_t *value)
{
    return value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY);
}

struct walk {
    struct buffer path;
    difference_fn *each;
    void *self;
};

static unsigned compare(struct walk *walk, const json_t *a, const json_t *b);

/* A member of the two, `key` in their path. */
static unsigned compare_member(struct walk *walk, const char *key, const json_t *a, const json_t *b)
{
    size_t size = walk->path.size;
    buffer_printf(&walk->path, "%s%s", size > 0 && key[0] != '[' ? "." : "", key);
    unsigned count = compare(walk, a, b);
    walk->path.size = size;
    return count;
}

/* As deep as they are: what the schema bounds. */
static unsigned compare(struct walk *walk, const json_t *a, const json_t *b)
{
    unsigned count = 0;
    const char *key;
    json_t *value;
    size_t index;
    char place[24];
    if (json_is_object(a) && json_is_object(b)) {
        json_object_foreach((json_t *)(uintptr_t)a, key, value) count +=
            compare_member(walk, key, value, json_object_get(b, key));
        json_object_foreach((json_t *)(uintptr_t)b, key, value) if (json_object_get(a, key) == NULL) count +=
            compare_member(walk, key, NULL, value);
        return count;
    }
    if (json_is_array(a) && json_is_array(b) && json_array_size(a) == json_array_size(b)) {
        json_array_foreach((json_t *)(uintptr_t)a, index, value)
        {
            (void)snprintf(place, sizeof place, "[%zu]", index);
            count += compare_member(walk, place, value, json_array_get(b, index));
        }
        return count;
    }
    if (json_equal(a, b))
        return 0;
    walk->each(walk->self, buffer_text(&walk->path), a, b);
    return 1;
}

unsigned differences_walk(const char *path, const json_t *a, const json_t *b, difference_fn *each, void *self)
{
    struct walk walk = {.each = each, .self = self};
    buffer_append_text(&walk.path, path);
    unsigned count = compare(&walk, a, b);
    buffer_fini(&walk.path);
    return count;
}
