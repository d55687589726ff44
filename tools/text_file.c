/* SPDX-License-Identifier: Apache-2.0
 * Encodings of text files. */
#include "tools/text_file.h"

#include <iconv.h>
#include <string.h>

#include "common/codes/shape.h"

/* Bytes of a character of UTF-8 at the beginning of these; 0: it is none. */
static size_t character_size(const uint8_t *at, size_t left)
{
    size_t size = at[0] < 0x80                    ? 1
                  : at[0] >= 0xc2 && at[0] < 0xe0 ? 2
                  : at[0] >= 0xe0 && at[0] < 0xf0 ? 3
                  : at[0] >= 0xf0 && at[0] < 0xf5 ? 4
                                                  : 0;
    if (size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool twisted = size == 3 && ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0));
    return twisted || (size == 4 && ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] >= 0x90))) ? 0 : size;
}

/* Wholly UTF-8: neither of them counts. Bytes that are none, and characters of three bytes, which Chinese text is made
 * of and which GB18030 gives by accident alone: what there is more of decides. */
static void count_characters(struct span text, size_t *chinese, size_t *foreign)
{
    *chinese = *foreign = 0;
    for (size_t at = 0, size; at < text.size; at += size == 0 ? 1 : size) {
        size = character_size(text.data + at, text.size - at);
        *chinese += size == 3;
        *foreign += size == 0;
    }
}

bool text_file_is_utf8(struct span text)
{
    size_t chinese, foreign;
    count_characters(text, &chinese, &foreign);
    return foreign == 0;
}

static bool convert(struct buffer *bytes, const char *from)
{
    iconv_t converter = iconv_open("UTF-8", from);
    struct buffer text = {0};
    char *in = (char *)bytes->data, *out = (char *)buffer_reserve(&text, bytes->size * 4 + 1);
    size_t in_left = bytes->size, out_left = bytes->size * 4;
    if (converter == (iconv_t)-1) { /* this machine has no table for it */
        buffer_fini(&text);
        return false;
    }
    bool converted = iconv(converter, &in, &in_left, &out, &out_left) == 0 && in_left == 0;
    text.size = converted ? bytes->size * 4 - out_left : 0;
    (void)iconv_close(converter);
    if (converted) {
        buffer_fini(bytes);
        *bytes = text;
    } else
        buffer_fini(&text);
    return converted;
}

static bool begins(const struct buffer *bytes, const char *mark, size_t size)
{
    return bytes->size >= size && memcmp(bytes->data, mark, size) == 0;
}

bool text_file_read(struct buffer *bytes, struct buffer *why)
{
    size_t chinese, foreign;
    if (begins(bytes, "PK\3\4", 4) || begins(bytes, "\xD0\xCF\x11\xE0", 4)) {
        shape_describe(SHAPE_WORKBOOK, NULL, NULL, why);
        return false;
    }
    if ((begins(bytes, "\xFF\xFE", 2) || begins(bytes, "\xFE\xFF", 2)) && convert(bytes, "UTF-16")) {
        buffer_append_text(why, "按 UTF-16 读取; read as UTF-16");
        return true;
    }
    count_characters(buffer_span(bytes), &chinese, &foreign);
    if (foreign == 0)
        return true;
    if (foreign > chinese && !begins(bytes, "\xEF\xBB\xBF", 3) && convert(bytes, "GB18030")) {
        buffer_append_text(why, "按 GB18030(GBK)读取; read as GB18030 (GBK)");
        return true;
    }
    shape_describe(SHAPE_ENCODING, NULL, NULL, why);
    return false;
}
