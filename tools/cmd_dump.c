/* SPDX-License-Identifier: Apache-2.0
 * hutong dump: what lies in a service's store. A row is cut by its table's layout (common/store/store.def). Rows are
 * read a page a transaction and written after it: whoever reads them slowly holds no page of a running service. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/bytes.h"
#include "common/observe/diary.h"
#include "common/store/described.h"
#include "tools/cli.h"

enum { PAGE_ROWS = 1000, NAME_SIZE = 48 };

struct dump {
    const char *directory;
    struct store_described described;
    struct store *store;
    bool unmasked;
    uint64_t unread; /* rows that fit no layout */
};

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

/* Identity numbers in a text of JSON, and whole fields of bytes that hold some. */
static void mask(char *text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    struct buffer bytes;
    buffer_init(&bytes);
    diary_mask_text(text);
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

static json_t *message(const struct dump *dump, const char *name, struct span bytes)
{
    enum wire_message which;
    struct buffer text;
    json_t *value = NULL;
    buffer_init(&text);
    if (json_message_named(name, &which) && message_to_json(which, bytes, true, &text) == OK) {
        if (!dump->unmasked)
            mask((char *)(uintptr_t)buffer_text(&text));
        value = json_loads(buffer_text(&text), 0, NULL);
    }
    buffer_fini(&text);
    return value;
}

static json_t *text_of(const struct dump *dump, struct span bytes)
{
    struct buffer text;
    while (bytes.size > 0 && bytes.data[bytes.size - 1] == 0)
        bytes.size--;
    buffer_init(&text);
    buffer_append(&text, bytes.data, bytes.size);
    if (!dump->unmasked)
        diary_mask_text((char *)(uintptr_t)buffer_text(&text));
    json_t *value = json_string(buffer_text(&text));
    buffer_fini(&text);
    return value;
}

/* NULL: the bytes are not such a part. */
static json_t *value_of(const struct dump *dump, const struct part *part, struct span bytes)
{
    if (part->kind == 'm')
        return message(dump, part->name, bytes);
    if (part->kind == 't')
        return text_of(dump, bytes);
    return part->kind == 'h' ? hex(bytes) : number(part, bytes.data);
}

/* Takes one part off `left` into `row`; false: the bytes are not such a part. */
static bool take(const struct dump *dump, const struct part *part, struct span *left, json_t *row)
{
    size_t size = part->kind == '\'' ? strlen(part->name) : part->width > 0 ? part->width : left->size;
    if (size > left->size)
        return false;
    struct span bytes = span_of(left->data, size);
    *left = span_of(left->data + size, left->size - size);
    if (part->kind == '\'')
        return span_equal(bytes, span_text(part->name));
    json_t *value = value_of(dump, part, bytes);
    if (value == NULL)
        return false;
    if (!part->repeated)
        return json_object_set_new(row, part->name, value) == 0;
    if (json_object_get(row, part->name) == NULL)
        (void)json_object_set_new(row, part->name, json_array());
    return json_array_append_new(json_object_get(row, part->name), value) == 0;
}

/* All of `bytes` by the parts of `layout`, which ends with `size`. NULL: they do not fit. */
static json_t *side(const struct dump *dump, const char *layout, size_t size, struct span bytes)
{
    const char *end = layout + size;
    json_t *row = json_object();
    bool fits = true;
    while (fits && layout < end && strncmp(layout, "nothing", 7) != 0) {
        const char *bar = strstr(layout, " | ");
        const char *stop = bar != NULL && bar < end ? bar : end;
        struct part part = part_of(layout, (size_t)(stop - layout));
        do
            fits = take(dump, &part, &bytes, row);
        while (fits && part.repeated && bytes.size > 0);
        layout = stop == end ? end : stop + 3;
    }
    if (fits && bytes.size == 0)
        return row;
    json_decref(row);
    return NULL;
}

static json_t *row_of(struct dump *dump, const char *layout, struct span key, struct span value)
{
    for (const char *at = layout; at != NULL;) {
        const char *arrow = strstr(at, " -> "), *end = strchr(at, ';');
        const char *kind = memchr(at, ':', (size_t)(arrow - at));
        at = kind != NULL ? kind + 2 : at; /* "bill: person (18) | ...": what this kind of rows is called */
        size_t rest = end != NULL ? (size_t)(end - arrow) - 4 : strlen(arrow + 4);
        json_t *left = side(dump, at, (size_t)(arrow - at), key), *right = NULL;
        if (left != NULL)
            right = side(dump, arrow + 4, rest, value);
        if (right != NULL)
            return json_pack("{s:o,s:o}", "key", left, "value", right);
        json_decref(left);
        at = end != NULL ? end + 2 : NULL;
    }
    dump->unread++;
    if (!dump->unmasked)
        return json_pack("{s:i,s:i}", "keySize", (int)key.size, "valueSize", (int)value.size);
    return json_pack("{s:o,s:o}", "keyBytes", hex(key), "valueBytes", hex(value));
}

/* ---- the store ---- */

/* Up to PAGE_ROWS rows behind `from` as lines; where it stopped. False: there are no more. */
static bool page(struct dump *dump, unsigned table, struct buffer *from, struct buffer *lines, enum status *status)
{
    struct store_txn *txn;
    struct store_walk walk;
    unsigned rows = 0;
    *status = store_begin(dump->store, false, &txn);
    if (*status != OK)
        return false;
    bool more = store_walk_start(&walk, txn, table, buffer_span(from));
    if (more && from->size > 0 && span_equal(walk.key, buffer_span(from)))
        more = store_walk_next(&walk);
    for (; more && rows < PAGE_ROWS; rows++, more = store_walk_next(&walk)) {
        json_t *row = row_of(dump, dump->described.layouts[table], walk.key, walk.value);
        char *line = json_dumps(row, JSON_COMPACT);
        buffer_append_text(lines, line);
        buffer_append_text(lines, "\n");
        free(line);
        json_decref(row);
        buffer_reset(from);
        buffer_append(from, walk.key.data, walk.key.size);
    }
    store_walk_end(&walk);
    *status = store_status(txn);
    store_abort(&txn);
    return more;
}

static int print_rows(struct dump *dump, const char *name)
{
    struct buffer from, lines;
    enum status status = OK;
    unsigned table = 0;
    while (table < dump->described.table_count && strcmp(dump->described.tables[table].name, name) != 0)
        table++;
    if (table == dump->described.table_count) {
        complain(said("%s 没有表 %s", "%s has no table %s"), dump->described.name, name);
        return CLI_USAGE;
    }
    buffer_init(&from);
    buffer_init(&lines);
    for (bool more = true; more;) {
        buffer_reset(&lines);
        more = page(dump, table, &from, &lines, &status);
        (void)fwrite(lines.data, 1, lines.size, stdout);
    }
    buffer_fini(&from);
    buffer_fini(&lines);
    if (status != OK)
        complain("%s: %s", dump->directory, status_text(status));
    if (dump->unread > 0)
        complain(said("%llu 行不合表 %s", "%llu rows of %s are not what the table says"),
                 (unsigned long long)dump->unread, name);
    return status != OK ? CLI_FAILED : dump->unread > 0 ? CLI_DIFFERENT : CLI_OK;
}

static int print_tables(struct cli *cli, struct dump *dump)
{
    struct store_txn *txn;
    if (store_begin(dump->store, false, &txn) != OK)
        return CLI_FAILED;
    if (!cli->json)
        (void)printf(said("%s，格式 %u，位置 %llu\n", "%s, format %u, at %llu\n"), dump->described.name,
                     dump->described.format, (unsigned long long)store_cursor(txn));
    for (unsigned i = 0; i < dump->described.table_count; i++) {
        const struct store_table *table = &dump->described.tables[i];
        unsigned long long rows = store_count(txn, i);
        if (cli->json)
            cli_print_json(json_pack("{s:s,s:I,s:b,s:s,s:s}", "table", table->name, "rows", (json_int_t)rows,
                                     "observed", table->kind == OBSERVED, "layout", dump->described.layouts[i], "holds",
                                     dump->described.holds[i]));
        else
            (void)printf("%-15s %12llu  %s%s\n", table->name, rows, dump->described.holds[i],
                         table->kind == OBSERVED ? " (observed)" : "");
    }
    store_abort(&txn);
    return CLI_OK;
}

static int run(struct cli *cli)
{
    struct dump dump = {.unmasked = cli_flag(cli, "--unmasked")};
    const char *table = cli_option(cli, "--table");
    struct buffer why;
    if (!cli_arguments(cli, &command_dump, 1, 1))
        return CLI_USAGE;
    dump.directory = cli->argv[0];
    if (!store_described(dump.directory, &dump.described)) {
        complain("%s is no service's state: docs/STORES.md names them; the log is read by hutong-broker --dump",
                 dump.directory);
        return CLI_BAD_INPUT;
    }
    struct store_options options = {.directory = dump.directory,
                                    .tables = dump.described.tables,
                                    .table_count = dump.described.table_count,
                                    .format = dump.described.format,
                                    .read_only = true,
                                    .older_format = FORMAT_BEFORE_OVERLAYS};
    buffer_init(&why);
    int code = CLI_BAD_INPUT;
    enum status status = store_open(&options, &dump.store, &why);
    for (; status == REJECT_NOT_FOUND && options.table_count > 1;
         dump.described.table_count--) { /* an older build lacked the last */
        options.table_count--;
        buffer_reset(&why);
        status = store_open(&options, &dump.store, &why);
    }
    if (status != OK)
        complain("%s", buffer_text(&why));
    else
        code = table != NULL ? print_rows(&dump, table) : print_tables(cli, &dump);
    store_close(&dump.store);
    buffer_fini(&why);
    return code;
}

const struct command command_dump = {
    .name = "dump",
    .usage = "dump DIR [--table NAME [--unmasked]]",
    .summary = "what lies in a service's state: its tables, or the rows of one, as JSON lines",
    .summary_zh = "服务状态的内容：有哪些表，或一张表的各行（JSON 行）",
    .help =
        "Read-only, of a running service (what it has committed) or of a copy. Which tables there are, and what their\n"
        "keys and values are, is in docs/STORES.md. Identity numbers are masked, and so are fields of bytes that hold\n"
        "some; --unmasked shows them. Exit code 1: a row is not what its table says.\n\n"
        "  hutong dump hutong-data/settlement-0\n"
        "  hutong dump hutong-data/settlement-0 --table persons | head",
    .help_zh = "只读；可读运行中的服务（已提交的部分）或副本。有哪些表、键与值为何，见 "
               "docs/STORES.md。身份号码连同字节字段中的都被遮掩。退出码 1：有一行与表的定义不符。\n"
               "\n"
               "  hutong dump hutong-data/settlement-0\n"
               "  hutong dump hutong-data/settlement-0 --table persons | head",
    .options = (const struct command_option[]){{"--table", "NAME", "输出这张表的各行", "prints the rows of this table"},
                                               {"--unmasked", NULL, "不遮掩身份号码", "shows identity numbers"},
                                               {0}},
    .run = run,
};
