/* SPDX-License-Identifier: Apache-2.0
 * Files as people and spreadsheets write them: envelopes as JSON, rows of reference data, statements. */
#include <unistd.h>

#include "common/base/limits.h"
#include "common/codes/shape.h"
#include "common/pb/event.h"
#include "tests/support/test.h"
#include "tools/input.h"
#include "tools/statement_file.h"

static char complaint[8192]; /* all that was said since it was emptied */

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t size = strlen(complaint);
    (void)vsnprintf(complaint + size, sizeof complaint - size - 1, format, arguments);
    (void)strcat(complaint, "\n");
    va_end(arguments);
}

static void write_bytes(char path[32], const char *bytes, size_t size)
{
    (void)strcpy(path, "/tmp/hutong-files-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), size);
    (void)close(file);
}

static void write_file(char path[32], const char *text)
{
    write_bytes(path, text, strlen(text));
}

static bool read_text(struct input *input, const char *text)
{
    char path[32];
    complaint[0] = 0;
    write_file(path, text);
    bool read = input_read(input, path, false, "120000");
    (void)unlink(path);
    return read;
}

TEST(f01_the_same_file_gives_the_same_bytes)
{
    static const char *const texts[] = {
        "{\"messageId\":\"ca978112-ca1b-7dca-8ac2-31b39a23dc4d\",\"billTrial\":{\"billId\":\"A\"}}",
        "{\"message_id\":\"ca978112-ca1b-7dca-8ac2-31b39a23dc4d\",\"sentAtMs\":null,\"billTrial\":{\"billId\":\"A\"}}",
        "{\"messageId\":\"ca978112-ca1b-7dca-8ac2-31b39a23dc4d\",\"sent_at_ms\":\"7\",\"billTrial\":{}}"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct input first = {0}, second = {0};
        assert_true(read_text(&first, texts[i]));
        (void)usleep(2000);
        assert_true(read_text(&second, texts[i]));
        assert_int_equal(first.envelopes[0].size, second.envelopes[0].size);
        assert_memory_equal(first.envelopes[0].data, second.envelopes[0].data, first.envelopes[0].size);
        input_free(&first);
        input_free(&second);
    }
}

TEST(an_id_that_is_not_given_is_made_with_its_time)
{
    static const char *const texts[] = {"{\"billTrial\":{}}", "{\"messageId\":null,\"billTrial\":{}}",
                                        "{\"message_id\":null,\"billTrial\":{}}"};
    static uint8_t memory[65536];
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct input input = {0};
        struct arena arena;
        struct event event;
        arena_init(&arena, memory, sizeof memory);
        assert_true(read_text(&input, texts[i]));
        assert_int_equal(event_decode(span_of(input.envelopes[0].data, input.envelopes[0].size), &arena, &event), OK);
        assert_int_equal(strlen(event.message_id), 36);
        assert_true(event.sent_at > 0);
        input_free(&input);
    }
}

TEST(f15_a_mark_of_utf8_is_read_over)
{
    struct input input = {0};
    assert_true(read_text(
        &input,
        "\xEF\xBB\xBF{\"billTrial\":{\"totalFen\":2e5}}\n\xEF\xBB\xBF[{\"billTrial\":{},\"billSettle\":null}]"));
    assert_int_equal(input.count, 2);
    input_free(&input);
    assert_false(read_text(&input, "{\"personId\":\"1\",\"person_id\":\"2\",\"billTrial\":{}}"));
    assert_non_null(strstr(complaint, "person_id: FMT-0006"));
    assert_false(read_text(&input, "{\"messageId\":\"1\",\"message_id\":\"2\",\"billTrial\":{}}"));
    assert_non_null(strstr(complaint, "message_id: FMT-0006"));
    input_free(&input);
}

static bool read_statement(struct statement_file *file, const char *number)
{
    char path[32], text[256];
    complaint[0] = 0;
    (void)snprintf(text, sizeof text, "%s,2025-03-10,H12010199001,B1,0,110000,310,21,100.00,50.00,0\n", number);
    write_file(path, text);
    bool read = statement_file_read(path, file);
    (void)unlink(path);
    return read;
}

TEST(f17_a_number_that_64_bits_do_not_hold_is_no_number)
{
    static const char *const bad[] = {
        "18446744073709551616", "99999999999999999999999", "1E+18", "1000000000000000000", "-1", "+1", "1 1"};
    struct statement_file file;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(read_statement(&file, bad[i]));
        assert_non_null(strstr(complaint, bad[i])); /* the value is shown */
        statement_file_free(&file);
    }
    assert_true(read_statement(&file, "18446744073709551615"));
    assert_true(file.rows[0].tree.key.number == UINT64_MAX);
    statement_file_free(&file);
    assert_true(read_statement(&file, "1000000000000000100"));
    assert_true(file.rows[0].tree.key.number == UINT64_C(1000000000000000100));
    statement_file_free(&file);
}

/* What is wrong with a value is said in the words of whoever wrote it, all of a file at once. */
TEST(shapes_of_json_have_a_code_and_say_how_it_is_written)
{
    static const struct {
        const char *text, *said[3];
    } rows[] = {
        {"{\"billSettle\":{\"billID\":\"1\"}}", {":1: billSettle.billID: FMT-0005", "did you mean billId?"}},
        {"{\"billSettle\":{\"Bill_Id\":\"1\"}}", {"did you mean billId?"}},
        {"{\"billSettle\":{\"medfee_sumamt\":\"1\"}}", {"did you mean totalFen?"}},
        {"{\"billSettle\":{\"items\":[{},{\"feedetl_sn\":\"1\"}]}}", {"items[1].feedetl_sn", "did you mean lineId?"}},
        {"{\"billSettle\":{\"totalYuan\":\"1\"}}", {"did you mean totalFen?"}},
        {"{\"billSettle\":{\"personId\":\"1\"}}", {"stands at the top"}},
        {"{\"bill_setle\":{}}", {"did you mean billSettle?"}},
        {"{\"billSettle\":{\"admissionDate\":\"2025-3-1\"}}", {"FMT-0011", "found \"2025-3-1\"", "write 20250301"}},
        {"{\"billSettle\":{\"admissionDate\":\"2025/03/01 00:00:00\"}}", {"write 20250301"}},
        {"{\"billSettle\":{\"totalFen\":20000.00}}", {"FMT-0013", "20000.00", "write 2000000"}},
        {"{\"billSettle\":{\"totalFen\":\"20,000.5\"}}", {"FMT-0013", "write 2000050"}},
        {"{\"billSettle\":{\"items\":[{\"quantityE4\":1.5,\"unitPriceMicro\":12.5}]}}",
         {"write 15000", "FMT-0014", "write 12500000"}},
        {"{\"billSettle\":{\"items\":[{\"firstOwnShareBp\":\"15%\"}]}}", {"FMT-0016", "1500 for 15 %"}},
        {"{\"billSettle\":{\"insuredArea\":110000}}", {"FMT-0008", "write \"110000\""}},
        {"{\"institution\":{\"status\":\"ACTIVE\"}}", {"FMT-0017", "did you mean INSTITUTION_STATUS_ACTIVE?"}},
        {"{\"institution\":{\"municipal\":\"true\"}}", {"FMT-0009", "write true"}},
        {"[{\"billTrial\":{}},{\"messageId\":\"TJ-2025-0001\",\"billTrial\":{}}]",
         {"[1]: messageId: FMT-0019", "found TJ-2025-0001"}},
        {"{\"billTrial\":{\"x\":1,\"insuredArea\":1}}\n{\"y\":1}\n[3]", {":1: billTrial.x", ":2: y:", "[0]: FMT-0003"}},
        {"{\"a\":1,}", {":1: FMT-0001"}},
        {"{\"billTrial\":{},\"billSettle\":{}}", {"billSettle: FMT-0007", "bill_trial is given"}}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct input input = {0};
        if (read_text(&input, rows[i].text))
            fail_msg("taken: %s", rows[i].text);
        for (unsigned j = 0; j < 3 && rows[i].said[j] != NULL; j++)
            if (strstr(complaint, rows[i].said[j]) == NULL)
                fail_msg("%s: %s lacks %s", rows[i].text, complaint, rows[i].said[j]);
        input_free(&input);
    }
}

/* ---- a block after the other ---- */

enum { VALUES = 40 };

static void make_values(struct buffer *text, const char *between)
{
    for (int i = 0; i < VALUES; i++)
        buffer_printf(text,
                      "{\"messageId\":\"ca978112-ca1b-7dca-8ac2-31b39a23dc%02d\",\n\"sentAtMs\":7,%s \"billTrial\":"
                      "{\"billId\":\"北京 %d\",\"totalFen\":2e6}}%s",
                      i, i % 3 == 0 ? "\n\n" : "", i, between);
}

static bool read_in_blocks(struct input *input, const char *bytes, size_t count, bool binary, size_t block)
{
    char path[32];
    struct input_file file;
    complaint[0] = 0;
    write_bytes(path, bytes, count);
    bool read = input_open(&file, path, binary, "120000");
    while (read && !file.ended)
        read = input_more(&file, input, block);
    input_close(&file);
    (void)unlink(path);
    return read;
}

static void assert_same(const struct input *one, const struct input *other)
{
    assert_int_equal(one->count, other->count);
    for (size_t i = 0; i < one->count; i++) {
        assert_int_equal(one->envelopes[i].size, other->envelopes[i].size);
        assert_memory_equal(one->envelopes[i].data, other->envelopes[i].data, one->envelopes[i].size);
    }
}

TEST(what_is_read_does_not_depend_on_where_blocks_end)
{
    static const char *const betweens[] = {"\n", "", "\n\n \n"};
    for (unsigned b = 0; b < 3; b++) {
        struct buffer text = {0}, binary = {0};
        struct input whole = {0};
        make_values(&text, betweens[b]);
        assert_true(read_in_blocks(&whole, buffer_text(&text), text.size, false, SIZE_MAX));
        assert_int_equal(whole.count, VALUES);
        for (size_t i = 0; i < whole.count; i++)
            delimited_put(&binary, span_of(whole.envelopes[i].data, whole.envelopes[i].size));
        for (size_t block = 1; block < 400; block++) {
            struct input parts = {0}, records = {0};
            assert_true(read_in_blocks(&parts, buffer_text(&text), text.size, false, block));
            assert_same(&parts, &whole);
            assert_true(read_in_blocks(&records, (const char *)binary.data, binary.size, true, block));
            assert_same(&records, &whole);
            input_free(&parts);
            input_free(&records);
        }
        input_free(&whole);
        buffer_fini(&text);
        buffer_fini(&binary);
    }
}

TEST(a_fault_in_a_later_block_has_its_line)
{
    struct buffer text = {0};
    for (int i = 0; i < 100; i++)
        buffer_printf(&text, "{\"billTrial\":\n{}}\n");
    buffer_printf(&text, "\n{\"billTrial\":{\"totalFen\":1.50}}\n");
    for (size_t block = 1; block < 300; block += 7) {
        struct input input = {0};
        assert_false(read_in_blocks(&input, buffer_text(&text), text.size, false, block));
        assert_non_null(strstr(complaint, ":202: "));
        assert_int_equal(input.count, 100);
        input_free(&input);
    }
    buffer_printf(&text, "{\"billTrial\":");
    for (size_t block = 100; block < 10000; block += 4900) {
        struct input input = {0};
        assert_false(read_in_blocks(&input, buffer_text(&text), text.size, false, block));
        input_free(&input);
    }
    buffer_fini(&text);
}

TEST(another_encoding_is_read_as_a_whole)
{
    static const char gbk[] = "{\"billTrial\":{\"billId\":\"A\"}}\n{\"billTrial\":{\"billId\":\"\xb1\xb1\xbe\xa9\"}}\n"
                              "{\"billTrial\":{\"billId\":\"\xc9\xcf\xba\xa3\"}}\n";
    struct input input = {0};
    const char *second = strchr(gbk, '\n') + 1;
    assert_true(read_in_blocks(&input, second, strlen(second), false, 40));
    assert_int_equal(input.count, 2);
    assert_non_null(strstr(complaint, "GB18030"));
    input_free(&input);
    assert_false(read_in_blocks(&input, gbk, strlen(gbk), false, 33)); /* one that was taken for UTF-8 stays it */
    assert_non_null(strstr(complaint, shape_at(SHAPE_ENCODING)->code));
    assert_int_equal(input.count, 1);
    input_free(&input);
}

TEST(a_record_that_breaks_off_or_never_ends_is_told)
{
    struct input input = {0};
    assert_false(read_in_blocks(&input, "\1A\3BC", 5, true, 1));
    assert_int_equal(input.count, 1);
    assert_non_null(strstr(complaint, "[1]: "));
    input_free(&input);
    struct buffer endless = {0};
    buffer_append(&endless, "\xff\xff\xff\xff\x0f", 5);
    memset(buffer_reserve(&endless, 3 * FRAME_SIZE_MAX), 'A', 3 * FRAME_SIZE_MAX);
    endless.size += 3 * FRAME_SIZE_MAX;
    struct input_file file = {.path = "endless", .binary = true};
    file.file = fmemopen(endless.data, endless.size, "rb");
    while (input_more(&file, &input, 1 << 16))
        assert_false(file.ended);
    assert_false(file.ended);
    assert_true(file.raw.size <= 2 * FRAME_SIZE_MAX + 65536);
    (void)fclose(file.file);
    file.file = NULL;
    input_close(&file);
    input_free(&input);
    buffer_fini(&endless);
}

TEST(a_point_is_read_where_it_means_no_other_unit)
{
    struct input input = {0};
    assert_true(read_text(
        &input, "{\"billTrial\":{\"admissionDate\":20250301.0,\"totalFen\":2e5,\"diagnosis\":\"1.5\\\"2.5\"}}"));
    input_free(&input);
}

TEST(f16_json_of_an_older_editor_is_read)
{
    struct input input = {0};
    assert_true(read_text(&input, "{\"institution\":{\"name\":\"\xCC\xEC\xBD\xF2\"}}")); /* 天津 in GBK */
    assert_non_null(strstr(complaint, "GB18030"));
    assert_non_null(memmem(input.envelopes[0].data, input.envelopes[0].size, "天津", 6));
    input_free(&input);
}

static bool read_rows(struct statement_file *file, const char *text)
{
    char path[32];
    complaint[0] = 0;
    write_file(path, text);
    bool read = statement_file_read(path, file);
    (void)unlink(path);
    return read;
}

TEST(f16_a_statement_out_of_a_spreadsheet)
{
    static const char *const good[] = {
        "number,day,institution,bill_id,original,insured_area,insurance_type,clearing_type,total,fund,account,,\n"
        "101,2025/3/10,H12010199001,B1,0,110000,310,21,\"1,100.00\",50.00,,,\n,,,,,,,,,,,,\n",
        "\xEF\xBB\xBFnumber;day;institution;bill_id;original;insured_area;insurance_type;clearing_type;total;fund;"
        "account\n"
        "'101;20250310;\tH12010199001;B1;0;110000;310;21;1100;50.00;0\n",
        "101\t2025-03-10\tH12010199001\tB1\t0\t110000\t310\t21\t1100.00\t50.00\t0\n"};
    struct statement_file file;
    for (unsigned i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!read_rows(&file, good[i]))
            fail_msg("%s: %s", good[i], complaint);
        assert_int_equal(file.count, 1);
        assert_true(file.rows[0].tree.key.number == 101 && file.rows[0].tree.key.day == 20250310);
        assert_true(file.rows[0].tree.total == 110000 && file.rows[0].tree.fund == 5000);
        statement_file_free(&file);
    }
    assert_false(read_rows(&file, "1.0E+18,10.3.2025,H12010199001,B1,0,1100,310,21,1100.00,50.00,0\n"));
    assert_non_null(strstr(complaint, ":1: number: FMT-0034"));
    assert_non_null(strstr(complaint, ":1: day: FMT-0037"));
    assert_non_null(strstr(complaint, "found 10.3.2025"));
    assert_non_null(strstr(complaint, ":1: insured_area: FMT-0043"));
    statement_file_free(&file);
    assert_true(read_rows(&file, "101,2025-03-10,H12010199001,'=B1,0,110000,310,21,1100.00,50.00,0\n"));
    assert_string_equal(file.rows[0].bill_id, "=B1"); /* F20: as hutong clearing rows writes it */
    statement_file_free(&file);
}
