/* SPDX-License-Identifier: Apache-2.0
 * Comparing outcomes. */
#include "tools/trace_compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/loop.h"
#include "tools/differences.h"

enum { DIFFERENCES_SHOWN_MAX = 100, VALUE_SHOWN_MAX = 160 };

struct comparison {
    struct cli *cli;
    const char *junit_path;
    FILE *junit;
    const struct comparison_fields *fields;
    struct buffer cases;    /* of the report */
    struct buffer position; /* differences of the one at hand, a line each */
    uint64_t number, compared, different, shown;
    unsigned taken; /* differences that count, at this position */
    bool stopped;
    int64_t started_us, since_us;
    char bill[64];
};

void comparison_fields_take(struct cli *cli, struct comparison_fields *fields)
{
    const char *name;
    *fields = (struct comparison_fields){0};
    while (fields->ignored_count < FIELDS_NAMED_MAX &&
           (name = cli_option_at(cli, "--ignore", fields->ignored_count)) != NULL)
        fields->ignored[fields->ignored_count++] = name;
    while (fields->only_count < FIELDS_NAMED_MAX && (name = cli_option_at(cli, "--only", fields->only_count)) != NULL)
        fields->only[fields->only_count++] = name;
}

/* The letters of a path, without its places in lists; '.' where a part begins. "amounts.fund_pay" is "amounts.fundPay".
 */
static void plain_path(const char *path, struct buffer *plain)
{
    for (; *path != 0; path++) {
        if (*path == '[')
            path += strcspn(path, "]");
        else if (*path != '_') {
            char letter = (char)(*path >= 'A' && *path <= 'Z' ? *path - 'A' + 'a' : *path);
            buffer_append(plain, &letter, 1);
        }
        if (*path == 0)
            break;
    }
}

/* Whole parts of the path, wherever they stand. */
static bool is_named(const char *path, const char *const names[], unsigned count)
{
    struct buffer whole = {0};
    bool named = false;
    buffer_append_text(&whole, ".");
    plain_path(path, &whole);
    buffer_append_text(&whole, ".");
    for (unsigned i = 0; i < count && !named; i++) {
        struct buffer part = {0};
        buffer_append_text(&part, ".");
        plain_path(names[i], &part);
        buffer_append_text(&part, ".");
        named = strstr(buffer_text(&whole), buffer_text(&part)) != NULL;
        buffer_fini(&part);
    }
    buffer_fini(&whole);
    return named;
}

/* An outcome that is not there differs whatever is named. */
static bool counts(const struct comparison_fields *fields, const char *path)
{
    return path[0] == 0 || (!is_named(path, fields->ignored, fields->ignored_count) &&
                            (fields->only_count == 0 || is_named(path, fields->only, fields->only_count)));
}

static int shown_size(const char *text)
{
    size_t size = strlen(text);
    if (size > VALUE_SHOWN_MAX)
        for (size = VALUE_SHOWN_MAX; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80;)
            size--;
    return (int)size;
}

static void take_difference(void *self, const char *path, const json_t *expected, const json_t *found)
{
    struct comparison *comparison = self;
    if (!counts(comparison->fields, path))
        return;
    char *left = difference_text(expected), *right = difference_text(found);
    const char *was = left == NULL ? "nothing" : left, *is = right == NULL ? "nothing" : right;
    comparison->taken++;
    buffer_printf(&comparison->position, "%s: expected %s, found %s\n", path[0] != 0 ? path : "outcome", was, is);
    if (comparison->shown++ < DIFFERENCES_SHOWN_MAX) {
        if (comparison->cli->json)
            cli_print_json(json_pack("{s:I,s:s,s:s,s:O?,s:O?}", "position", (json_int_t)comparison->number, "bill",
                                     comparison->bill, "field", path, "expected", expected, "found", found));
        else
            (void)printf("position %llu %s: expected %.*s%s, found %.*s%s%s%s\n",
                         (unsigned long long)comparison->number, path[0] != 0 ? path : "outcome", shown_size(was), was,
                         was[shown_size(was)] != 0 ? "…" : "", shown_size(is), is, is[shown_size(is)] != 0 ? "…" : "",
                         comparison->bill[0] != 0 ? "; bill " : "", comparison->bill);
    }
    free(left);
    free(right);
}

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

static void put_case(struct comparison *comparison, bool failed)
{
    struct buffer *out = &comparison->cases;
    int64_t now_us = loop_monotonic_us();
    buffer_printf(out, "  <testcase classname=\"trace\" name=\"position %llu%s", (unsigned long long)comparison->number,
                  comparison->bill[0] != 0 ? " bill " : "");
    put_escaped(out, comparison->bill);
    int64_t took_us = now_us - comparison->since_us;
    buffer_printf(out, "\" time=\"%lld.%06lld\"", (long long)took_us / 1000000, (long long)took_us % 1000000);
    comparison->since_us = now_us;
    if (!failed) {
        buffer_append_text(out, "/>\n");
        return;
    }
    const char *text = buffer_text(&comparison->position);
    struct buffer first = {0};
    buffer_append(&first, text, strcspn(text, "\n"));
    buffer_append_text(out, "><failure type=\"difference\" message=\"");
    put_escaped(out, buffer_text(&first));
    if (comparison->taken > 1)
        buffer_printf(out, " (and %u more)", comparison->taken - 1);
    buffer_append_text(out, "\">");
    put_escaped(out, text);
    buffer_append_text(out, "</failure></testcase>\n");
    buffer_fini(&first);
}

void comparison_add(struct comparison *comparison, uint64_t position, struct span expected, struct span found)
{
    comparison->number = position;
    comparison->compared++;
    comparison->taken = 0;
    comparison->bill[0] = 0;
    buffer_reset(&comparison->position);
    if (!span_equal(expected, found)) {
        json_t *left = expected.size == 0 ? NULL : cli_message(WIRE_OUTCOME, expected);
        json_t *right = found.size == 0 ? NULL : cli_message(WIRE_OUTCOME, found);
        (void)snprintf(comparison->bill, sizeof comparison->bill, "%s",
                       cli_text(left != NULL ? left : right, "billId"));
        if (differences_walk("", left, right, take_difference, comparison) == 0) {
            comparison->taken = 1;
            buffer_append_text(&comparison->position, "same fields, other bytes\n");
            if (!comparison->cli->json)
                (void)printf(said("位置 %llu：字段相同，字节不同\n", "position %llu: same fields, other bytes\n"),
                             (unsigned long long)position);
        }
        json_decref(left);
        json_decref(right);
    }
    comparison->different += comparison->taken > 0;
    if (comparison->junit != NULL)
        put_case(comparison, comparison->taken > 0);
}

uint64_t comparison_count(const struct comparison *comparison)
{
    return comparison->compared;
}

struct comparison *comparison_new(struct cli *cli, const char *junit, const struct comparison_fields *fields)
{
    struct comparison *comparison = calloc(1, sizeof *comparison);
    INVARIANT(comparison != NULL);
    comparison->cli = cli;
    comparison->fields = fields;
    comparison->junit_path = junit;
    comparison->started_us = comparison->since_us = loop_monotonic_us();
    if (junit != NULL && (comparison->junit = fopen(junit, "w")) == NULL) {
        complain("%s: %s", junit, strerror(errno));
        free(comparison);
        return NULL;
    }
    return comparison;
}

void comparison_stop(struct comparison *comparison, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    complain("%s", text);
    if (comparison->stopped)
        return;
    comparison->stopped = true;
    buffer_append_text(&comparison->cases,
                       "  <testcase classname=\"trace\" name=\"to the end\" time=\"0\"><error message=\"");
    put_escaped(&comparison->cases, text);
    buffer_append_text(&comparison->cases, "\"/></testcase>\n");
}

/* With its counts in front, so it is written at the end. */
static bool write_report(struct comparison *comparison)
{
    unsigned stopped = comparison->stopped;
    int64_t took_us = loop_monotonic_us() - comparison->started_us;
    bool written =
        fprintf(comparison->junit,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<testsuite name=\"hutong trace\" tests=\"%llu\" failures=\"%llu\" errors=\"%u\" skipped=\"0\" "
                "time=\"%lld.%06lld\">\n",
                (unsigned long long)comparison->compared + stopped, (unsigned long long)comparison->different, stopped,
                (long long)took_us / 1000000, (long long)took_us % 1000000) > 0;
    written = fwrite(comparison->cases.data, 1, comparison->cases.size, comparison->junit) == comparison->cases.size &&
              fputs("</testsuite>\n", comparison->junit) >= 0 && written;
    written = fclose(comparison->junit) == 0 && written;
    if (!written)
        complain("%s: %s", comparison->junit_path, strerror(errno));
    return written;
}

int comparison_end(struct comparison **comparison_)
{
    struct comparison *comparison = *comparison_;
    bool written = comparison->junit == NULL || write_report(comparison);
    int code = !written ? CLI_FAILED : comparison->different > 0 ? CLI_DIFFERENT : CLI_OK;
    if (comparison->cli->json)
        cli_print_json(json_pack("{s:I,s:I}", "compared", (json_int_t)comparison->compared, "different",
                                 (json_int_t)comparison->different));
    else if (!comparison->stopped || comparison->compared > 0)
        (void)printf(said("已比较 %llu 个结果，%llu 个不同\n", "%llu outcomes compared, %llu differ\n"),
                     (unsigned long long)comparison->compared, (unsigned long long)comparison->different);
    buffer_fini(&comparison->cases);
    buffer_fini(&comparison->position);
    free(comparison);
    *comparison_ = NULL;
    return code;
}
