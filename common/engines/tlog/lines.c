/* SPDX-License-Identifier: Apache-2.0
 * Lines. */
#include "common/engines/tlog/lines.h"

#include "common/base/text.h"
#include "common/sign/base64.h"

static struct span behind(struct span whole, size_t at)
{
    return span_of(whole.data + at, whole.size - at);
}

bool lines_next(struct span *rest, struct span *line)
{
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    if (end == NULL)
        return false;
    *line = span_of(rest->data, (size_t)(end - rest->data));
    *rest = behind(*rest, line->size + 1);
    return true;
}

bool lines_word(struct span *line, struct span *word)
{
    while (line->size > 0 && line->data[0] == ' ')
        *line = behind(*line, 1);
    size_t size = 0;
    while (size < line->size && line->data[size] != ' ')
        size++;
    *word = span_of(line->data, size);
    *line = behind(*line, size);
    return size > 0;
}

bool lines_take(struct span *line, const char *text)
{
    size_t size = strlen(text);
    if (line->size < size || memcmp(line->data, text, size) != 0)
        return false;
    *line = behind(*line, size);
    return true;
}

bool lines_number(struct span text, uint64_t *number)
{
    uint64_t read = 0;
    if (text.size == 0 || text.size > 19 || (text.size > 1 && text.data[0] == '0'))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!text_is_digit((char)text.data[i]))
            return false;
        read = read * 10 + (uint64_t)(text.data[i] - '0');
    }
    if (read > INT64_MAX)
        return false;
    *number = read;
    return true;
}

bool lines_hash(struct span text, struct merkle_hash *hash)
{
    struct buffer bytes = {0};
    bool read = base64_take(text, &bytes) == OK && bytes.size == sizeof hash->bytes;
    if (read)
        memcpy(hash->bytes, bytes.data, sizeof hash->bytes);
    buffer_fini(&bytes);
    return read;
}

void lines_put_hash(struct buffer *out, const struct merkle_hash *hash)
{
    base64_put(out, span_of(hash->bytes, sizeof hash->bytes));
    buffer_append_text(out, "\n");
}

bool lines_path(struct span *rest, struct merkle_hash path[MERKLE_PATH_MAX], unsigned *count)
{
    struct span line;
    for (*count = 0; lines_next(rest, &line); (*count)++) {
        if (line.size == 0)
            return true;
        if (*count == MERKLE_PATH_MAX || !lines_hash(line, &path[*count]))
            return false;
    }
    return false;
}

bool lines_copy(struct span text, char *to, size_t size)
{
    if (text.size >= size || (text.size > 0 && memchr(text.data, 0, text.size) != NULL))
        return false;
    if (text.size > 0)
        memcpy(to, text.data, text.size);
    to[text.size] = 0;
    return true;
}
