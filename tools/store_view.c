/* SPDX-License-Identifier: Apache-2.0
 * Rows by their tables' layouts. Rows are read a page a transaction and given out after it: whoever takes them slowly
 * holds no page of a running service. */
#include "tools/store_view.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/bytes.h"
#include "common/observe/diary.h"
#include "tools/masked.h"

enum { PAGE_ROWS = 1000, NAME_SIZE = 48 };

/* ---- a row by its layout ---- */

/* One part: what stands before " (", and the bytes that it takes. */
struct part {
    char name[NAME_SIZE];
    char kind; /* 't'ext, 'b'ig-endian, 'l'ittle-endian, 's'igned, 'f'alling, 'h'ex, 'm'essage, '\'': these bytes */
    unsigned width;
    bool repeated;
};

/* The part at the beginning of `layout`, which ends with `size`. */
static struct part part_of(const char *layout, size_t size)
{
    struct part part = {.kind = 't'};
    const char *open = memchr(layout, '(', size);
    const char *name = layout[0] == '\'' ? layout + 1 : layout;
    size_t length = layout[0] == '\'' ? size - 2 : open != NULL ? (size_t)(open - layout) - 1 : size;
    (void)snprintf(part.name, sizeof part.name, "%.*s", (int)length, name);
    if (layout[0] == '\'' || isupper((unsigned char)layout[0])) {
        bool message = layout[0] != '\'' && open == NULL;
        part.kind = layout[0] == '\'' ? '\'' : message ? 'm' : 't';
    }
    if (layout[0] == '\'' || open == NULL)
        return part;
    char *end;
    part.width = (unsigned)strtoul(open + 1, &end, 10);
    if (*end == ',')
        part.kind = (char)tolower((unsigned char)end[2]);
    part.repeated = layout[size - 1] == '.';
    return part;
}

static json_t *number(const struct part *part, const uint8_t *bytes)
{
    uint64_t value =
        part->kind == 'b' || part->kind == 'f' ? bytes_get_be(bytes, part->width) : bytes_get_le(bytes, part->width);
    if (part->kind == 'f')
        value = UINT32_MAX - value;
    return cli_json_number(value);
}

static json_t *hex(struct span bytes)
{
    struct buffer text;
    buffer_init(&text);
    for (size_t i = 0; i < bytes.size; i++)
        buffer_printf(&text, "%02x", bytes.data[i]);
    json_t *value = json_string(buffer_text(&text));
    buffer_fini(&text);
    return value;
}

static bool names_a_person(struct span bytes)
{
    unsigned digits = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        digits = isdigit(bytes.data[i]) ? digits + 1 : 0;
        if (digits == 18 || (digits == 17 && i + 1 < bytes.size && toupper(bytes.data[i + 1]) == 'X'))
            return true;
    }
    return false;
}

/* Whole fields of bytes, in a text of JSON, that hold identity numbers. */
static void mask(char *text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    struct buffer bytes;
    buffer_init(&bytes);
    for (char *at = strchr(text, '"'); at != NULL; at = strchr(at, '"')) {
        size_t size = strspn(++at, alphabet);
        char after = at[size];
        if (after != '"' || size < 24)
            continue;
        at[size] = 0;
        buffer_reset(&bytes);
        cli_base64(at, &bytes);
        at[size] = after;
        if (names_a_person(buffer_span(&bytes)))
            memset(at, '*', size);
    }
    buffer_fini(&bytes);
}

static json_t *message(const struct store_view *view, const char *name, struct span bytes)
{
    enum wire_message which;
    if (!json_message_named(name, &which))
        return NULL;
    json_t *shown = view->unmasked ? cli_message(which, bytes) : message_masked(which, bytes), *value = shown;
    char *text = view->unmasked || shown == NULL ? NULL : json_dumps(shown, JSON_COMPACT);
    if (text != NULL) {
        mask(text);
        value = json_loads(text, 0, NULL);
        json_decref(shown);
    }
    free(text);
    return value;
}

static json_t *text_of(const struct store_view *view, struct span bytes)
{
    struct buffer text;
    while (bytes.size > 0 && bytes.data[bytes.size - 1] == 0)
        bytes.size--;
    buffer_init(&text);
    buffer_append(&text, bytes.data, bytes.size);
    if (!view->unmasked)
        diary_mask_text((char *)(uintptr_t)buffer_text(&text));
    json_t *value = json_string(buffer_text(&text));
    buffer_fini(&text);
    return value;
}

/* NULL: the bytes are not such a part. */
static json_t *value_of(const struct store_view *view, const struct part *part, struct span bytes)
{
    if (part->kind == 'm')
        return message(view, part->name, bytes);
    if (part->kind == 't')
        return text_of(view, bytes);
    return part->kind == 'h' ? hex(bytes) : number(part, bytes.data);
}

/* Takes one part off `left` into `row`; false: the bytes are not such a part. */
static bool take(const struct store_view *view, const struct part *part, struct span *left, json_t *row)
{
    size_t size = part->kind == '\'' ? strlen(part->name) : part->width > 0 ? part->width : left->size;
    if (size > left->size)
        return false;
    struct span bytes = span_of(left->data, size);
    *left = span_of(left->data + size, left->size - size);
    if (part->kind == '\'')
        return span_equal(bytes, span_text(part->name));
    json_t *value = value_of(view, part, bytes);
    if (value == NULL)
        return false;
    if (!part->repeated)
        return json_object_set_new(row, part->name, value) == 0;
    if (json_object_get(row, part->name) == NULL)
        (void)json_object_set_new(row, part->name, json_array());
    return json_array_append_new(json_object_get(row, part->name), value) == 0;
}

/* All of `bytes` by the parts of `layout`, which ends with `size`. NULL: they do not fit. */
static json_t *side(const struct store_view *view, const char *layout, size_t size, struct span bytes)
{
    const char *end = layout + size;
    json_t *row = json_object();
    bool fits = true;
    while (fits && layout < end && strncmp(layout, "nothing", 7) != 0) {
        const char *bar = strstr(layout, " | ");
        const char *stop = bar != NULL && bar < end ? bar : end;
        struct part part = part_of(layout, (size_t)(stop - layout));
        do
            fits = take(view, &part, &bytes, row);
        while (fits && part.repeated && bytes.size > 0);
        layout = stop == end ? end : stop + 3;
    }
    if (fits && bytes.size == 0)
        return row;
    json_decref(row);
    return NULL;
}

static json_t *row_of(struct store_view *view, const char *layout, struct span key, struct span value)
{
    for (const char *at = layout; at != NULL;) {
        const char *arrow = strstr(at, " -> "), *end = strchr(at, ';');
        const char *kind = memchr(at, ':', (size_t)(arrow - at));
        at = kind != NULL ? kind + 2 : at; /* "bill: person (18) | ...": what this kind of rows is called */
        size_t rest = end != NULL ? (size_t)(end - arrow) - 4 : strlen(arrow + 4);
        json_t *left = side(view, at, (size_t)(arrow - at), key), *right = NULL;
        if (left != NULL)
            right = side(view, arrow + 4, rest, value);
        if (right != NULL)
            return json_pack("{s:o,s:o}", "key", left, "value", right);
        json_decref(left);
        at = end != NULL ? end + 2 : NULL;
    }
    view->unread++;
    if (!view->unmasked)
        return json_pack("{s:i,s:i}", "keySize", (int)key.size, "valueSize", (int)value.size);
    return json_pack("{s:o,s:o}", "keyBytes", hex(key), "valueBytes", hex(value));
}

/* Of one side of a row, up to its first part without a width. */
static unsigned numbers_of_side(const char *layout, const char *end, struct span bytes, uint64_t numbers[],
                                unsigned count_max)
{
    static const char *const names[] = {"position", "number", "original", "settlement", "subject"};
    unsigned count = 0;
    while (layout < end) {
        const char *bar = strstr(layout, " | ");
        const char *stop = bar != NULL && bar < end ? bar : end;
        struct part part = part_of(layout, (size_t)(stop - layout));
        size_t width = part.kind == '\'' ? strlen(part.name) : part.width;
        if (width == 0 || width > bytes.size)
            break;
        bool named = false;
        for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
            named = named || strcmp(part.name, names[i]) == 0;
        if (named && (width == 8 || width == 6) && (part.kind == 'b' || part.kind == 'l') && count < count_max)
            numbers[count++] = part.kind == 'b' ? bytes_get_be(bytes.data, (unsigned)width)
                                                : bytes_get_le(bytes.data, (unsigned)width);
        bytes = span_of(bytes.data + width, bytes.size - width);
        layout = stop == end ? end : stop + 3;
    }
    return count;
}

unsigned store_view_numbers(const char *layout, struct span key, struct span value, uint64_t numbers[],
                            unsigned count_max)
{
    unsigned count = 0;
    for (const char *at = layout; at != NULL;) {
        const char *arrow = strstr(at, " -> "), *end = strchr(at, ';');
        const char *kind = memchr(at, ':', (size_t)(arrow - at));
        at = kind != NULL ? kind + 2 : at;
        const char *stop = end != NULL ? end : arrow + strlen(arrow);
        count += numbers_of_side(at, arrow, key, numbers + count, count_max - count);
        count += numbers_of_side(arrow + 4, stop, value, numbers + count, count_max - count);
        at = end != NULL ? end + 2 : NULL;
    }
    return count;
}

/* ---- the store ---- */

/* A page's rows that are wanted, and where it stopped. */
struct page {
    store_view_wanted_t *wanted;
    void *self;
    struct buffer from;
    json_t *rows;
};

/* Up to PAGE_ROWS rows behind `from`. False: there are no more. */
static bool read_page(struct store_view *view, unsigned table, struct page *page, enum status *status)
{
    struct store_txn *txn;
    struct store_walk walk;
    unsigned rows = 0;
    *status = store_begin(view->store, false, &txn);
    if (*status != OK)
        return false;
    bool more = store_walk_start(&walk, txn, table, buffer_span(&page->from));
    if (more && page->from.size > 0 && span_equal(walk.key, buffer_span(&page->from)))
        more = store_walk_next(&walk);
    for (; more && rows < PAGE_ROWS; rows++, more = store_walk_next(&walk)) {
        if (page->wanted == NULL || page->wanted(page->self, view->described.layouts[table], walk.key, walk.value))
            (void)json_array_append_new(page->rows, row_of(view, view->described.layouts[table], walk.key, walk.value));
        buffer_reset(&page->from);
        buffer_append(&page->from, walk.key.data, walk.key.size);
    }
    store_walk_end(&walk);
    *status = store_status(txn);
    store_abort(&txn);
    return more;
}

enum status store_view_rows(struct store_view *view, unsigned table, store_view_wanted_t *wanted,
                            store_view_take_t *take_row, void *self)
{
    struct page page = {.wanted = wanted, .self = self};
    enum status status = OK;
    for (bool more = true; more;) {
        size_t index;
        json_t *row;
        page.rows = json_array();
        more = read_page(view, table, &page, &status);
        json_array_foreach(page.rows, index, row) take_row(self, row);
        json_decref(page.rows);
    }
    buffer_fini(&page.from);
    return status;
}

unsigned store_view_table(const struct store_view *view, const char *name)
{
    unsigned table = 0;
    while (table < view->described.table_count && strcmp(view->described.tables[table].name, name) != 0)
        table++;
    return table;
}

enum status store_view_open(const char *directory, struct store_view *view, struct buffer *why)
{
    view->directory = directory;
    if (!store_described(directory, &view->described)) {
        buffer_printf(why,
                      "%s is no service's state: docs/STORES.md names them; the log is read by hutong-broker --dump",
                      directory);
        return REJECT_MALFORMED;
    }
    struct store_options options = {.directory = directory,
                                    .tables = view->described.tables,
                                    .table_count = view->described.table_count,
                                    .format = view->described.format,
                                    .read_only = true,
                                    .older_format = FORMAT_BEFORE_OVERLAYS};
    enum status status = store_open(&options, &view->store, why);
    for (; status == REJECT_NOT_FOUND && options.table_count > 1;
         view->described.table_count--) { /* an older build lacked the last */
        options.table_count--;
        buffer_reset(why);
        status = store_open(&options, &view->store, why);
    }
    return status;
}

void store_view_close(struct store_view *view)
{
    store_close(&view->store);
}
