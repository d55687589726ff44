/* SPDX-License-Identifier: Apache-2.0
 * The manifest, written and read. */
#include "tools/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

enum { FORMAT = 1 };

void manifest_add_file(struct manifest *manifest, const struct manifest_file *file)
{
    if (manifest->file_count == manifest->file_room) {
        manifest->file_room = manifest->file_room == 0 ? 64 : 2 * manifest->file_room;
        manifest->files = realloc(manifest->files, manifest->file_room * sizeof *manifest->files);
        INVARIANT(manifest->files != NULL);
    }
    manifest->files[manifest->file_count++] = *file;
}

void manifest_fini(struct manifest *manifest)
{
    kept_segments_fini(&manifest->segments);
    free(manifest->files);
    *manifest = (struct manifest){0};
}

uint64_t manifest_end(const struct manifest *manifest, const char *stream)
{
    const struct kept_segments *segments = &manifest->segments;
    const struct kept_segment *newest = segments->count > 0 ? &segments->list[segments->count - 1] : NULL;
    for (unsigned i = 0; newest != NULL && i < newest->stream_count; i++)
        if (strcmp(newest->streams[i].name, stream) == 0)
            return newest->streams[i].end;
    return 0;
}

void manifest_write(const struct manifest *manifest, struct buffer *out)
{
    json_t *states = json_array(), *files = json_array();
    for (unsigned i = 0; i < manifest->state_count; i++)
        (void)json_array_append_new(
            states, json_pack("{s:s,s:s}", "state", manifest->states[i].name, "digest", manifest->states[i].digest));
    for (unsigned i = 0; i < manifest->file_count; i++)
        (void)json_array_append_new(files,
                                    json_pack("{s:s,s:o,s:i,s:s}", "path", manifest->files[i].path, "size",
                                              kept_number_json(manifest->files[i].size), "mode",
                                              (int)manifest->files[i].mode, "sha256", manifest->files[i].sha256));
    json_t *json = json_pack("{s:i,s:o,s:o,s:I,s:i,s:b,s:s,s:s,s:o,s:o,s:o}", "format", FORMAT, "position",
                             kept_number_json(manifest->position), "log", kept_number_json(manifest->log), "atMs",
                             (json_int_t)manifest->at_ms, "partitions", (int)manifest->partitions, "secretKeys",
                             (int)manifest->keys, "version", manifest->version, "build", manifest->build, "segments",
                             kept_segments_json(&manifest->segments), "states", states, "files", files);
    char *text = json_dumps(json, JSON_INDENT(1));
    INVARIANT(text != NULL);
    buffer_append_text(out, text);
    buffer_append_text(out, "\n");
    free(text);
    json_decref(json);
}

/* ---- reading ---- */

static bool take_text(const json_t *json, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, key));
    if (text == NULL || strlen(text) >= size)
        return false;
    (void)snprintf(out, size, "%s", text);
    return true;
}

/* Letters, digits and "-_.@+", in parts that are neither empty nor begin with a dot. */
static bool is_path(const char *path)
{
    for (const char *part = path; part != NULL; part = strchr(part, '/') == NULL ? NULL : strchr(part, '/') + 1) {
        size_t size = strcspn(part, "/");
        if (size == 0 || part[0] == '.' ||
            strspn(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@+") != size)
            return false;
    }
    return true;
}

static bool read_state(const json_t *json, struct manifest *manifest)
{
    if (manifest->state_count == MANIFEST_STATES_MAX)
        return false;
    struct manifest_state *state = &manifest->states[manifest->state_count++];
    return take_text(json, "state", state->name, sizeof state->name) && is_path(state->name) &&
           strchr(state->name, '/') == NULL && sha256_text(json_object_get(json, "digest"), state->digest);
}

static bool read_file(const json_t *json, struct manifest *manifest)
{
    struct manifest_file file = {0};
    const json_t *mode = json_object_get(json, "mode");
    json_int_t bits = json_integer_value(mode);
    if (!take_text(json, "path", file.path, sizeof file.path) || !is_path(file.path) ||
        !kept_number(json_object_get(json, "size"), &file.size) || !json_is_integer(mode) || bits < 0 || bits > 0777 ||
        !sha256_text(json_object_get(json, "sha256"), file.sha256))
        return false;
    file.mode = (mode_t)bits;
    manifest_add_file(manifest, &file);
    return true;
}

static const char *read_lists(const json_t *json, struct manifest *manifest)
{
    size_t index;
    const json_t *each;
    const json_t *states = json_object_get(json, "states"), *files = json_object_get(json, "files");
    if (!kept_segments_read(json_object_get(json, "segments"), &manifest->segments) || manifest->segments.count == 0)
        return "segments";
    if (!json_is_array(states) || !json_is_array(files))
        return "states, files";
    json_array_foreach(states, index, each) if (!read_state(each, manifest)) return "states";
    json_array_foreach(files, index, each) if (!read_file(each, manifest)) return "files";
    return NULL;
}

/* What is wrong; NULL: nothing. */
static const char *read_all(const json_t *json, struct manifest *manifest)
{
    json_int_t format = json_integer_value(json_object_get(json, "format")),
               partitions = json_integer_value(json_object_get(json, "partitions"));
    if (format != FORMAT)
        return "format";
    if (!kept_number(json_object_get(json, "position"), &manifest->position))
        return "position";
    if (!kept_number(json_object_get(json, "log"), &manifest->log))
        return "log";
    if (partitions < 1 || partitions > PARTITION_COUNT_MAX)
        return "partitions";
    if (!take_text(json, "version", manifest->version, sizeof manifest->version) ||
        !take_text(json, "build", manifest->build, sizeof manifest->build))
        return "version, build";
    manifest->partitions = (uint32_t)partitions;
    manifest->at_ms = json_integer_value(json_object_get(json, "atMs"));
    manifest->keys = json_is_true(json_object_get(json, "secretKeys"));
    return read_lists(json, manifest);
}

enum status manifest_read(struct span text, struct manifest *manifest, struct buffer *why)
{
    json_error_t error;
    *manifest = (struct manifest){0};
    json_t *json = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        buffer_printf(why, "line %d: %s", error.line, error.text);
        return REJECT_MALFORMED;
    }
    const char *wrong = json_is_object(json) ? read_all(json, manifest) : "no object";
    json_decref(json);
    if (wrong == NULL)
        return OK;
    buffer_printf(why, "not as this build writes it: %s", wrong);
    manifest_fini(manifest);
    return REJECT_MALFORMED;
}
