/* SPDX-License-Identifier: Apache-2.0
 * Rows and words of an answer. */
#include "services/console/said.h"

#include <jansson.h>
#include <stdlib.h>

/* Bytes that are no UTF-8 are no text: a question mark for each. */
static void write_text(const uint8_t *bytes, size_t size, struct buffer *out)
{
    json_t *text = json_stringn((const char *)bytes, size);
    if (text == NULL) {
        struct buffer plain = {0};
        for (size_t i = 0; i < size; i++)
            buffer_append(&plain, bytes[i] < 0x80 ? (const char *)&bytes[i] : "?", 1);
        text = json_stringn((const char *)plain.data, plain.size);
        buffer_fini(&plain);
    }
    char *written = json_dumps(text, JSON_COMPACT | JSON_ENCODE_ANY);
    buffer_append_text(out, written == NULL ? "\"\"" : written);
    free(written);
    json_decref(text);
}

static void write_row(const uint8_t *line, size_t size, struct buffer *out)
{
    json_t *value = json_loadb((const char *)line, size, JSON_DECODE_ANY, NULL);
    if (value != NULL)
        buffer_append(out, line, size);
    else
        write_text(line, size, out);
    json_decref(value);
}

void said_write(const struct child *child, struct buffer *out)
{
    const uint8_t *at = child->out.data, *end = at + child->out.size;
    bool first = true;
    buffer_append_text(out, "\"rows\":[");
    while (at < end) {
        const uint8_t *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL && child->cut)
            break;
        size_t size = (size_t)((stop == NULL ? end : stop) - at);
        if (size > 0) {
            buffer_append_text(out, first ? "" : ",");
            write_row(at, size, out);
            first = false;
        }
        at += size + 1;
    }
    buffer_append_text(out, "],\"said\":");
    write_text(child->error.data, child->error.size, out);
}
