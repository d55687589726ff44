/* SPDX-License-Identifier: Apache-2.0
 * Reports of a comparison. */
#include "tools/trace_report.h"

#include <stdlib.h>
#include <string.h>

/* Text within an attribute or an element. */
static void put_escaped(struct buffer *out, const char *text)
{
    static const char *const names[256] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};
    for (const char *at = text; *at != 0; at++) {
        unsigned char byte = (unsigned char)*at;
        if (names[byte] != NULL)
            buffer_append_text(out, names[byte]);
        else if (byte >= 0x20 || byte == '\n' || byte == '\t') /* XML has no others */
            buffer_append(out, at, 1);
    }
}

static void put_value(struct buffer *out, const json_t *value, const char *none)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    buffer_append_text(out, text != NULL ? text : none);
    free(text);
}

void report_difference(struct buffer *out, const json_t *difference)
{
    if (json_is_string(difference)) {
        buffer_append_text(out, json_string_value(difference));
        return;
    }
    buffer_printf(out, "%s: expected ", json_string_value(json_object_get(difference, "field")));
    put_value(out, json_object_get(difference, "expected"), "nothing");
    buffer_append_text(out, ", found ");
    put_value(out, json_object_get(difference, "found"), "nothing");
}

static void put_seconds(struct buffer *out, int64_t took_us)
{
    buffer_printf(out, "%lld.%06lld", (long long)took_us / 1000000, (long long)took_us % 1000000);
}

/* ---- JUnit ---- */

static void put_failure(struct buffer *out, const json_t *differences)
{
    struct buffer line = {0};
    const json_t *difference;
    size_t index;
    report_difference(&line, json_array_get(differences, 0));
    buffer_append_text(out, "<failure type=\"difference\" message=\"");
    put_escaped(out, buffer_text(&line));
    if (json_array_size(differences) > 1)
        buffer_printf(out, " (and %zu more)", json_array_size(differences) - 1);
    buffer_append_text(out, "\">");
    json_array_foreach(differences, index, difference)
    {
        buffer_reset(&line);
        report_difference(&line, difference);
        put_escaped(out, buffer_text(&line));
        buffer_append_text(out, "\n");
    }
    buffer_append_text(out, "</failure>");
    buffer_fini(&line);
}

void report_junit_case(struct buffer *out, const struct report_case *reported)
{
    buffer_printf(out, "  <testcase classname=\"trace\" name=\"position %llu%s", (unsigned long long)reported->position,
                  reported->bill[0] != 0 ? " bill " : "");
    put_escaped(out, reported->bill);
    buffer_append_text(out, "\" time=\"");
    put_seconds(out, reported->took_us);
    if (json_array_size(reported->differences) == 0) {
        buffer_append_text(out, "\"/>\n");
        return;
    }
    buffer_append_text(out, "\">");
    put_failure(out, reported->differences);
    buffer_append_text(out, "</testcase>\n");
}

void report_junit_begin(struct buffer *out, const struct report_sums *sums)
{
    unsigned stopped = sums->stopped != NULL;
    buffer_printf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"hutong trace\" tests=\"%llu\" failures=\"%llu\" errors=\"%u\" skipped=\"0\" time=\"",
        (unsigned long long)sums->compared + stopped, (unsigned long long)sums->different, stopped);
    put_seconds(out, sums->took_us);
    buffer_append_text(out, "\">\n");
}

void report_junit_end(struct buffer *out, const struct report_sums *sums)
{
    if (sums->stopped != NULL) {
        buffer_append_text(out, "  <testcase classname=\"trace\" name=\"to the end\" time=\"0\"><error message=\"");
        put_escaped(out, sums->stopped);
        buffer_append_text(out, "\"/></testcase>\n");
    }
    buffer_append_text(out, "</testsuite>\n");
}

/* ---- TAP 14 ---- */

/* Of a description: '#' begins a directive, '\\' escapes, a line ends it. */
static void put_description(struct buffer *out, const char *text)
{
    for (; *text != 0; text++) {
        if (*text == '#' || *text == '\\')
            buffer_append_text(out, "\\");
        if ((unsigned char)*text >= 0x20)
            buffer_append(out, text, 1);
        else
            buffer_append_text(out, " ");
    }
}

/* A value as JSON writes it is one as YAML does. */
static void put_yaml(struct buffer *out, const json_t *differences)
{
    const json_t *difference;
    size_t index;
    buffer_append_text(out, "  ---\n  differences:\n");
    json_array_foreach(differences, index, difference)
    {
        if (json_is_string(difference)) {
            buffer_append_text(out, "    - field: \"\"\n      message: ");
            put_value(out, difference, "");
            buffer_append_text(out, "\n");
            continue;
        }
        buffer_append_text(out, "    - field: ");
        put_value(out, json_object_get(difference, "field"), "\"\"");
        buffer_append_text(out, "\n      expected: ");
        put_value(out, json_object_get(difference, "expected"), "null");
        buffer_append_text(out, "\n      found: ");
        put_value(out, json_object_get(difference, "found"), "null");
        buffer_append_text(out, "\n");
    }
    buffer_append_text(out, "  ...\n");
}

void report_tap_case(struct buffer *out, const struct report_case *reported)
{
    bool failed = json_array_size(reported->differences) > 0;
    buffer_printf(out, "%sok %llu - position %llu%s", failed ? "not " : "", (unsigned long long)reported->number,
                  (unsigned long long)reported->position, reported->bill[0] != 0 ? " bill " : "");
    put_description(out, reported->bill);
    buffer_append_text(out, "\n");
    if (failed)
        put_yaml(out, reported->differences);
}

void report_tap_end(struct buffer *out, const struct report_sums *sums)
{
    if (sums->stopped == NULL) {
        buffer_printf(out, "1..%llu\n", (unsigned long long)sums->compared);
        return;
    }
    buffer_append_text(out, "Bail out! ");
    put_description(out, sums->stopped);
    buffer_append_text(out, "\n");
}
