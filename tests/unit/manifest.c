/* SPDX-License-Identifier: Apache-2.0
 * A manifest says what was written; one that leads elsewhere, or has a hole, is none. */
#include "tools/manifest.h"

#include "tests/support/test.h"

static const char sum[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void fill_segment(struct manifest *manifest, uint32_t number, uint64_t start, uint64_t end)
{
    struct kept_segment *segment = kept_segments_add(&manifest->segments);
    segment->number = number;
    segment->size = 4096;
    segment->changed_ns = UINT64_MAX;
    memcpy(segment->sha256, sum, sizeof sum);
    (void)snprintf(segment->streams[0].name, sizeof segment->streams[0].name, "submissions");
    segment->streams[0].start = start;
    segment->streams[0].end = end;
    segment->stream_count = 1;
}

static void fill(struct manifest *manifest)
{
    struct manifest_file file = {.path = "states/settlement-0-12/data.mdb", .size = 99, .mode = 0600};
    *manifest = (struct manifest){.position = 12, .log = UINT64_MAX - 1, .at_ms = 7, .partitions = 2, .keys = true};
    fill_segment(manifest, 3, 5, 9);
    fill_segment(manifest, 4, 9, 14);
    memcpy(file.sha256, sum, sizeof sum);
    manifest_add_file(manifest, &file);
    (void)snprintf(manifest->states[0].name, sizeof manifest->states[0].name, "settlement-0");
    memcpy(manifest->states[0].digest, sum, sizeof sum);
    manifest->state_count = 1;
}

static enum status read_text(struct buffer *text, struct manifest *manifest)
{
    struct buffer why = {0};
    enum status status = manifest_read(buffer_span(text), manifest, &why);
    assert_true(status == OK || why.size > 0);
    buffer_fini(&why);
    return status;
}

TEST(is_read_as_it_was_written)
{
    struct manifest written, read;
    struct buffer text = {0}, again = {0};
    (void)state;
    fill(&written);
    manifest_write(&written, &text);
    assert_int_equal(read_text(&text, &read), OK);
    manifest_write(&read, &again);
    assert_true(span_equal(buffer_span(&text), buffer_span(&again)));
    assert_true(read.log == UINT64_MAX - 1 && manifest_end(&read, "submissions") == 14);
    assert_true(manifest_end(&read, "books") == 0);
    manifest_fini(&written);
    manifest_fini(&read);
    buffer_fini(&text);
    buffer_fini(&again);
}

/* The first `was` of the text becomes `is`. */
static void replaced(struct buffer *text, const char *was, const char *is)
{
    struct buffer out = {0};
    const char *whole = buffer_text(text), *at = strstr(whole, was);
    assert_non_null(at);
    buffer_append(&out, whole, (size_t)(at - whole));
    buffer_append_text(&out, is);
    buffer_append_text(&out, at + strlen(was));
    buffer_fini(text);
    *text = out;
}

TEST(what_does_not_hold_is_refused)
{
    static const struct {
        const char *was, *is;
    } rows[] = {
        {"states/settlement-0-12/data.mdb", "states/../../etc/passwd"},
        {"states/settlement-0-12/data.mdb", "/etc/passwd"},
        {"states/settlement-0-12/data.mdb", "states//data.mdb"},
        {"states/settlement-0-12/data.mdb", "states/"},
        {"states/settlement-0-12/data.mdb", ".hidden"},
        {"states/settlement-0-12/data.mdb", "states/a b"},
        {"\"state\": \"settlement-0\"", "\"state\": \"../keys\""},
        {"\"state\": \"settlement-0\"", "\"state\": \"a/b\""},
        {"\"format\": 1", "\"format\": 2"},
        {"\"partitions\": 2", "\"partitions\": 0"},
        {"\"partitions\": 2", "\"partitions\": 2, \"partitions\": 2"},
        {"\"number\": 4", "\"number\": 5"},
        {"\"number\": 4", "\"number\": -4"},
        {"\"start\": \"9\"", "\"start\": \"8\""},
        {"\"end\": \"14\"", "\"end\": \"8\""},
        {"\"end\": \"14\"", "\"end\": 14"},
        {"\"position\": \"12\"", "\"position\": \"18446744073709551616\""},
        {"\"position\": \"12\"", "\"position\": \"-12\""},
        {"\"mode\": 384", "\"mode\": 2560"},
        {"0123456789abcdef", "0123456789ABCDEF"},
        {"\"sha256\": \"0", "\"sha256\": \""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct manifest written, read;
        struct buffer text = {0};
        fill(&written);
        manifest_write(&written, &text);
        replaced(&text, rows[i].was, rows[i].is);
        if (read_text(&text, &read) != REJECT_MALFORMED)
            fail_msg("row %zu: %s was taken", i, rows[i].is);
        manifest_fini(&written);
        buffer_fini(&text);
    }
}

TEST(every_cut_is_refused)
{
    struct manifest written, read;
    struct buffer text = {0};
    (void)state;
    fill(&written);
    manifest_write(&written, &text);
    for (size_t size = text.size - 2; size > 0; size--) {
        struct buffer cut = {text.data, size, size};
        assert_int_equal(read_text(&cut, &read), REJECT_MALFORMED);
    }
    manifest_fini(&written);
    buffer_fini(&text);
}
