/* SPDX-License-Identifier: Apache-2.0
 * Segments in JSON. */
#include "tools/kept_segment.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

struct kept_segment *kept_segments_add(struct kept_segments *segments)
{
    if (segments->count == segments->room) {
        segments->room = segments->room == 0 ? 16 : 2 * segments->room;
        segments->list = realloc(segments->list, segments->room * sizeof *segments->list);
        INVARIANT(segments->list != NULL);
    }
    struct kept_segment *segment = &segments->list[segments->count++];
    memset(segment, 0, sizeof *segment);
    return segment;
}

const struct kept_segment *kept_segments_find(const struct kept_segments *segments, uint32_t number)
{
    for (unsigned i = 0; i < segments->count; i++)
        if (segments->list[i].number == number)
            return &segments->list[i];
    return NULL;
}

void kept_segments_fini(struct kept_segments *segments)
{
    free(segments->list);
    *segments = (struct kept_segments){0};
}

bool sha256_text(const json_t *value, char out[SHA256_TEXT_SIZE])
{
    const char *text = json_string_value(value);
    if (text == NULL || strspn(text, "0123456789abcdef") != SHA256_TEXT_SIZE - 1 || text[SHA256_TEXT_SIZE - 1] != 0)
        return false;
    memcpy(out, text, SHA256_TEXT_SIZE);
    return true;
}

json_t *kept_number_json(uint64_t number)
{
    return json_sprintf("%llu", (unsigned long long)number);
}

bool kept_number(const json_t *value, uint64_t *number)
{
    const char *text = json_string_value(value);
    size_t size = text == NULL ? 0 : strlen(text);
    if (size == 0 || size > 19 || strspn(text, "0123456789") != size) {
        if (size != 20 || strspn(text, "0123456789") != size || strcmp(text, "18446744073709551615") > 0)
            return false;
    }
    *number = strtoull(text, NULL, 10);
    return true;
}

static json_t *segment_json(const struct kept_segment *segment)
{
    json_t *streams = json_array();
    for (unsigned i = 0; i < segment->stream_count; i++)
        (void)json_array_append_new(streams, json_pack("{s:s,s:o,s:o}", "stream", segment->streams[i].name, "start",
                                                       kept_number_json(segment->streams[i].start), "end",
                                                       kept_number_json(segment->streams[i].end)));
    json_t *json = json_pack("{s:I,s:o,s:s,s:o,s:o,s:o}", "number", (json_int_t)segment->number, "size",
                             kept_number_json(segment->size), "sha256", segment->sha256, "changedNs",
                             kept_number_json(segment->changed_ns), "storedAtMs",
                             kept_number_json(segment->stored_at_ms), "streams", streams);
    if (segment->packed_size > 0) {
        (void)json_object_set_new(json, "packedSize", kept_number_json(segment->packed_size));
        (void)json_object_set_new(json, "packedSha256", json_string(segment->packed_sha256));
    }
    return json;
}

json_t *kept_segments_json(const struct kept_segments *segments)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < segments->count; i++)
        (void)json_array_append_new(list, segment_json(&segments->list[i]));
    return list;
}

static bool read_stream(const json_t *json, struct kept_segment *segment)
{
    const char *name = json_string_value(json_object_get(json, "stream"));
    unsigned i = segment->stream_count;
    if (name == NULL || i == KEPT_STREAMS_COUNT_MAX || name[0] == 0 || strlen(name) > STREAM_NAME_SIZE_MAX ||
        !kept_number(json_object_get(json, "start"), &segment->streams[i].start) ||
        !kept_number(json_object_get(json, "end"), &segment->streams[i].end) ||
        segment->streams[i].start > segment->streams[i].end)
        return false;
    memcpy(segment->streams[i].name, name, strlen(name) + 1);
    segment->stream_count++;
    return true;
}

static bool read_segment(const json_t *json, struct kept_segment *segment)
{
    size_t index;
    const json_t *stream;
    json_int_t number = json_integer_value(json_object_get(json, "number"));
    bool read = json_is_integer(json_object_get(json, "number")) && number >= 0 && number < KEPT_SEGMENTS_COUNT_MAX &&
                kept_number(json_object_get(json, "size"), &segment->size) &&
                sha256_text(json_object_get(json, "sha256"), segment->sha256) &&
                kept_number(json_object_get(json, "changedNs"), &segment->changed_ns) &&
                kept_number(json_object_get(json, "storedAtMs"), &segment->stored_at_ms) &&
                json_is_array(json_object_get(json, "streams"));
    segment->number = (uint32_t)number;
    const json_t *packed = json_object_get(json, "packedSize");
    if (read && packed != NULL)
        read = kept_number(packed, &segment->packed_size) &&
               sha256_text(json_object_get(json, "packedSha256"), segment->packed_sha256);
    json_array_foreach(json_object_get(json, "streams"), index, stream) read = read && read_stream(stream, segment);
    return read;
}

static bool follows(const struct kept_segment *before, const struct kept_segment *segment)
{
    bool goes_on = segment->number == before->number + 1;
    for (unsigned i = 0; i < before->stream_count; i++)
        for (unsigned k = 0; k < segment->stream_count; k++)
            if (strcmp(before->streams[i].name, segment->streams[k].name) == 0)
                goes_on = goes_on && segment->streams[k].start == before->streams[i].end;
    return goes_on;
}

bool kept_segments_read(const json_t *json, struct kept_segments *segments)
{
    size_t index;
    const json_t *each;
    if (!json_is_array(json) || json_array_size(json) > KEPT_SEGMENTS_COUNT_MAX)
        return false;
    json_array_foreach(json, index, each)
    {
        if (!read_segment(each, kept_segments_add(segments)))
            return false;
        if (index > 0 && !follows(&segments->list[index - 1], &segments->list[index]))
            return false;
    }
    return true;
}
