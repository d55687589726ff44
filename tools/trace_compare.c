/* SPDX-License-Identifier: Apache-2.0
 * Comparing outcomes. */
#include "tools/trace_compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/loop.h"
#include "tools/differences.h"
#include "tools/trace_report.h"

enum { DIFFERENCES_SHOWN_MAX = 100, VALUE_SHOWN_MAX = 160, STOP_SIZE_MAX = 1024 };

struct comparison {
    struct cli *cli;
    FILE *junit;
    const struct reporting *reporting;
    struct buffer cases; /* of JUnit's report */
    json_t *differences; /* of the position at hand */
    uint64_t number, compared, different, tolerated, shown;
    int64_t started_us, since_us;
    char bill[64], stopped[STOP_SIZE_MAX];
};

/* ---- options ---- */

static bool name_is_known(const char *option, const char *name, enum trace_name least)
{
    char nearest[TRACE_PATH_SIZE_MAX];
    enum trace_name is = trace_name_look_up(name, nearest);
    if (is >= least)
        return true;
    if (is == TRACE_NAME_FIELD)
        complain(said("%s %s：不是数", "%s %s: it is no number"), option, name);
    else
        complain(said("%s %s：结果中没有这个字段%s%s", "%s %s: an outcome has no such field%s%s"), option, name,
                 nearest[0] != 0 ? said("；是否指 ", "; did you mean ")
                                 : said("；字段见 proto/hutong/v1/outcome.proto",
                                        "; its fields stand in proto/hutong/v1/outcome.proto"),
                 nearest);
    return false;
}

/* Any more than there is room for would not count, so they are refused. */
static bool names_take(struct cli *cli, const char *option, const char *names[], unsigned *count)
{
    const char *name;
    for (*count = 0; (name = cli_option_at(cli, option, *count)) != NULL; names[(*count)++] = name) {
        if (*count == FIELDS_NAMED_MAX) {
            complain(said("%s 至多 %d 次", "%s: at most %d times"), option, FIELDS_NAMED_MAX);
            return false;
        }
        if (!name_is_known(option, name, TRACE_NAME_FIELD))
            return false;
    }
    return true;
}

static bool tolerances_take(struct cli *cli, struct trace_fields *fields)
{
    const char *text;
    while ((text = cli_option_at(cli, "--tolerate", fields->tolerated_count)) != NULL) {
        if (!trace_tolerance_take(fields, text)) {
            complain(said("--tolerate %s：应为 字段=N，至多 %d 次", "--tolerate %s: wants FIELD=N, at most %d times"),
                     text, FIELDS_NAMED_MAX);
            return false;
        }
        if (!name_is_known("--tolerate", fields->tolerated[fields->tolerated_count - 1].name, TRACE_NAME_NUMBER))
            return false;
    }
    return true;
}

static bool format_take(struct cli *cli, enum report_format *format)
{
    static const char *const names[] = {"text", "tap", "junit"};
    const char *given = cli_option(cli, "--format");
    for (*format = REPORT_TEXT; given != NULL && *format <= REPORT_JUNIT; ++*format)
        if (strcmp(given, names[*format]) == 0)
            break;
    if (given == NULL || (*format <= REPORT_JUNIT && (!cli->json || *format == REPORT_TEXT)))
        return true;
    complain(said("--format %s：应为 text、tap 或 junit，且不与 --json 同用",
                  "--format %s: wants text, tap or junit, and not --json with it"),
             given);
    return false;
}

bool reporting_take(struct cli *cli, struct reporting *reporting)
{
    struct trace_fields *fields = &reporting->fields;
    *reporting = (struct reporting){.junit = cli_option(cli, "--junit")};
    return format_take(cli, &reporting->format) &&
           names_take(cli, "--ignore", fields->ignored, &fields->ignored_count) &&
           names_take(cli, "--only", fields->only, &fields->only_count) && tolerances_take(cli, fields) &&
           trace_filter_take(cli, &reporting->filter);
}

/* ---- one position ---- */

/* int64 as the mapping writes it, or a number; one that is not there is 0 (proto3). */
static bool whole_number(const json_t *value, int64_t *number)
{
    char *end = NULL;
    const char *text = json_string_value(value);
    *number = json_is_integer(value) ? (int64_t)json_integer_value(value) : 0;
    if (text == NULL)
        return value == NULL || json_is_integer(value);
    errno = 0;
    *number = strtoll(text, &end, 10);
    return *text != 0 && *end == 0 && errno == 0;
}

static bool is_tolerated(const struct trace_fields *fields, const char *path, const json_t *expected,
                         const json_t *found)
{
    int64_t was, is;
    uint64_t most = fields->tolerated_count > 0 ? trace_fields_tolerance(fields, path) : 0;
    if (most == 0 || !whole_number(expected, &was) || !whole_number(found, &is))
        return false;
    return (was > is ? (uint64_t)was - (uint64_t)is : (uint64_t)is - (uint64_t)was) <= most;
}

static int shown_size(const char *text)
{
    size_t size = strlen(text);
    if (size > VALUE_SHOWN_MAX)
        for (size = VALUE_SHOWN_MAX; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80;)
            size--;
    return (int)size;
}

static void show_difference(struct comparison *comparison, const char *path, const json_t *expected,
                            const json_t *found)
{
    if (comparison->reporting->format != REPORT_TEXT || comparison->shown++ >= DIFFERENCES_SHOWN_MAX)
        return;
    if (comparison->cli->json) {
        cli_print_json(json_pack("{s:I,s:s,s:s,s:O?,s:O?}", "position", (json_int_t)comparison->number, "bill",
                                 comparison->bill, "field", path, "expected", expected, "found", found));
        return;
    }
    char *left = difference_text(expected), *right = difference_text(found);
    const char *was = left == NULL ? "nothing" : left, *is = right == NULL ? "nothing" : right;
    (void)printf("position %llu %s: expected %.*s%s, found %.*s%s%s%s\n", (unsigned long long)comparison->number, path,
                 shown_size(was), was, was[shown_size(was)] != 0 ? "…" : "", shown_size(is), is,
                 is[shown_size(is)] != 0 ? "…" : "", comparison->bill[0] != 0 ? "; bill " : "", comparison->bill);
    free(left);
    free(right);
}

static void take_difference(void *self, const char *path, const json_t *expected, const json_t *found)
{
    struct comparison *comparison = self;
    bool whole = json_is_object(expected) || json_is_array(expected) || json_is_object(found) || json_is_array(found);
    if (!trace_fields_count(&comparison->reporting->fields, path, whole))
        return;
    if (is_tolerated(&comparison->reporting->fields, path, expected, found)) {
        comparison->tolerated++;
        return;
    }
    path = path[0] != 0 ? path : "outcome";
    (void)json_array_append_new(comparison->differences,
                                json_pack("{s:s,s:O*,s:O*}", "field", path, "expected", expected, "found", found));
    show_difference(comparison, path, expected, found);
}

/* Its fields, where each side can be read; else that the bytes differ. */
static void compare_position(struct comparison *comparison, struct span expected, const json_t *left, struct span found,
                             const json_t *right)
{
    bool unread = (left == NULL && expected.size > 0) || (right == NULL && found.size > 0);
    if (!unread && differences_walk("", left, right, take_difference, comparison) > 0)
        return;
    const char *why = unread ? "bytes differ that this build cannot read" : "same fields, other bytes";
    (void)json_array_append_new(comparison->differences, json_string(why));
    if (comparison->reporting->format == REPORT_TEXT && !comparison->cli->json)
        (void)printf(unread ? said("位置 %llu：字节不同，本版本读不出\n",
                                   "position %llu: bytes differ that this build cannot read\n")
                            : said("位置 %llu：字段相同，字节不同\n", "position %llu: same fields, other bytes\n"),
                     (unsigned long long)comparison->number);
}

static void put_case(struct comparison *comparison)
{
    int64_t now_us = loop_monotonic_us();
    struct report_case reported = {comparison->compared, comparison->number, comparison->bill,
                                   now_us - comparison->since_us, comparison->differences};
    comparison->since_us = now_us;
    if (comparison->junit != NULL || comparison->reporting->format == REPORT_JUNIT)
        report_junit_case(&comparison->cases, &reported);
    if (comparison->reporting->format != REPORT_TAP)
        return;
    struct buffer text = {0};
    report_tap_case(&text, &reported);
    (void)fwrite(text.data, 1, text.size, stdout);
    buffer_fini(&text);
}

void comparison_add(struct comparison *comparison, uint64_t position, struct span expected, struct span found)
{
    const struct trace_filter *filter = &comparison->reporting->filter;
    bool equal = span_equal(expected, found), reads = !equal || trace_filter_asks(filter);
    json_t *left = !reads || expected.size == 0 ? NULL : cli_message(WIRE_OUTCOME, expected);
    json_t *right = !reads || found.size == 0 ? NULL : cli_message(WIRE_OUTCOME, found);
    const json_t *read = left != NULL ? left : right;
    if (trace_filter_holds(filter, position, read)) {
        comparison->number = position;
        comparison->compared++;
        (void)snprintf(comparison->bill, sizeof comparison->bill, "%s", cli_text(read, "billId"));
        (void)json_array_clear(comparison->differences);
        if (!equal)
            compare_position(comparison, expected, left, found, right);
        comparison->different += json_array_size(comparison->differences) > 0;
        put_case(comparison);
    }
    json_decref(left);
    json_decref(right);
}

uint64_t comparison_count(const struct comparison *comparison)
{
    return comparison->compared;
}

/* ---- all of it ---- */

struct comparison *comparison_new(struct cli *cli, const struct reporting *reporting)
{
    struct comparison *comparison = calloc(1, sizeof *comparison);
    INVARIANT(comparison != NULL);
    comparison->cli = cli;
    comparison->reporting = reporting;
    comparison->started_us = comparison->since_us = loop_monotonic_us();
    if (reporting->junit != NULL && (comparison->junit = fopen(reporting->junit, "w")) == NULL) {
        complain("%s: %s", reporting->junit, strerror(errno));
        free(comparison);
        return NULL;
    }
    comparison->differences = json_array();
    INVARIANT(comparison->differences != NULL);
    if (reporting->format == REPORT_TAP)
        (void)fputs(REPORT_TAP_HEAD, stdout);
    return comparison;
}

void comparison_stop(struct comparison *comparison, const char *format, ...)
{
    char text[STOP_SIZE_MAX];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    complain("%s", text);
    if (comparison->stopped[0] == 0)
        (void)snprintf(comparison->stopped, sizeof comparison->stopped, "%s", text);
}

static struct report_sums sums_of(const struct comparison *comparison)
{
    return (struct report_sums){comparison->compared, comparison->different,
                                loop_monotonic_us() - comparison->started_us,
                                comparison->stopped[0] != 0 ? comparison->stopped : NULL};
}

/* The sums stand in front, so it is written at the end. */
static bool write_junit(struct comparison *comparison, FILE *file)
{
    struct report_sums sums = sums_of(comparison);
    struct buffer whole = {0};
    report_junit_begin(&whole, &sums);
    if (comparison->cases.size > 0)
        buffer_append(&whole, comparison->cases.data, comparison->cases.size);
    report_junit_end(&whole, &sums);
    bool written = fwrite(whole.data, 1, whole.size, file) == whole.size && fflush(file) == 0;
    buffer_fini(&whole);
    return written;
}

static bool write_reports(struct comparison *comparison)
{
    bool written = comparison->junit == NULL || write_junit(comparison, comparison->junit);
    written = (comparison->junit == NULL || fclose(comparison->junit) == 0) && written;
    if (!written)
        complain("%s: %s", comparison->reporting->junit, strerror(errno));
    return written && (comparison->reporting->format != REPORT_JUNIT || write_junit(comparison, stdout));
}

static void print_sums(struct comparison *comparison)
{
    struct report_sums sums = sums_of(comparison);
    if (comparison->reporting->format == REPORT_TAP) {
        struct buffer text = {0};
        report_tap_end(&text, &sums);
        (void)fwrite(text.data, 1, text.size, stdout);
        buffer_fini(&text);
        return;
    }
    if (comparison->cli->json) {
        cli_print_json(json_pack("{s:I,s:I,s:I}", "compared", (json_int_t)sums.compared, "different",
                                 (json_int_t)sums.different, "tolerated", (json_int_t)comparison->tolerated));
        return;
    }
    if (comparison->reporting->format == REPORT_JUNIT || (sums.stopped != NULL && sums.compared == 0))
        return;
    if (comparison->tolerated > 0)
        (void)printf(said("容许的差异 %llu 处\n", "%llu differences are within what is tolerated\n"),
                     (unsigned long long)comparison->tolerated);
    (void)printf(said("已比较 %llu 个结果，%llu 个不同\n", "%llu outcomes compared, %llu differ\n"),
                 (unsigned long long)sums.compared, (unsigned long long)sums.different);
}

int comparison_end(struct comparison **comparison_)
{
    struct comparison *comparison = *comparison_;
    bool written = write_reports(comparison);
    int code = !written ? CLI_FAILED : comparison->different > 0 ? CLI_DIFFERENT : CLI_OK;
    print_sums(comparison);
    buffer_fini(&comparison->cases);
    json_decref(comparison->differences);
    free(comparison);
    *comparison_ = NULL;
    return code;
}
