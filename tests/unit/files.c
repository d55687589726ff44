/* SPDX-License-Identifier: Apache-2.0
 * Files as people and spreadsheets write them: envelopes as JSON, rows of reference data, statements. */
#include <unistd.h>

#include "common/pb/event.h"
#include "tests/support/test.h"
#include "tools/input.h"
#include "tools/statement_file.h"

static char complaint[1024];

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(complaint, sizeof complaint, format, arguments);
    va_end(arguments);
}

static void write_file(char path[32], const char *text)
{
    (void)strcpy(path, "/tmp/hutong-files-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    (void)close(file);
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
    assert_non_null(strstr(complaint, "person_id: given twice"));
    assert_false(read_text(&input, "{\"messageId\":\"1\",\"message_id\":\"2\",\"billTrial\":{}}"));
    assert_non_null(strstr(complaint, "message_id: given twice"));
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
        "18446744073709551616", "99999999999999999999999", "1E+18", "1000000000000000000", "-1", "+1", " 1"};
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
