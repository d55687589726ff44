/* SPDX-License-Identifier: Apache-2.0
 * Which field a name names, what counts, and what the reports say of it. */
#include "tools/trace_path.h"

#include <jansson.h>

#include "common/base/buffer.h"
#include "tests/support/test.h"
#include "tools/trace_report.h"

TEST(names_a_field_in_either_spelling_and_all_that_it_holds)
{
    static const struct {
        const char *name, *path;
        bool names;
    } rows[] = {
        {"amounts", "amounts.fundPayTotalFen", true},
        {"fundPayTotalFen", "amounts.fundPayTotalFen", true},
        {"fund_pay_total_fen", "reversed.fundPayTotalFen", true},
        {"outcome.amounts", "amounts.fundPayTotalFen", true},
        {"outcome.fundPayTotalFen", "amounts.fundPayTotalFen", false},
        {"amounts.*", "amounts.fundPayTotalFen", true},
        {"amounts.*", "amounts", false},
        {"outcome.*.fundPayTotalFen", "reversed.fundPayTotalFen", true},
        {"outcome.*.fundPayTotalFen", "fundPayTotalFen", false},
        {"steps.text", "steps[3].text", true},
        {"steps[1].text", "steps[3].text", true},
        {"steps.text", "steps[3].amountFen", false},
        {"amount", "amounts.fundPayTotalFen", false},
        {"amounts.fundPay", "amounts.fundPayTotalFen", false},
        {"amounts.fundPayTotalFen.x", "amounts.fundPayTotalFen", false},
        {"steps", "steps", true},
        {"steps[", "steps[3].text", true},
        {"", "steps", false},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (trace_path_names(rows[i].name, rows[i].path) != rows[i].names)
            fail_msg("%s, %s", rows[i].name, rows[i].path);
}

TEST(a_name_is_looked_up_in_the_schema)
{
    char nearest[TRACE_PATH_SIZE_MAX];
    assert_int_equal(trace_name_look_up("outcome.amounts.cashPayFen", nearest), TRACE_NAME_NUMBER);
    assert_int_equal(trace_name_look_up("amounts.*", nearest), TRACE_NAME_NUMBER);
    assert_int_equal(trace_name_look_up("bill_id", nearest), TRACE_NAME_FIELD);
    assert_int_equal(trace_name_look_up("kind", nearest), TRACE_NAME_FIELD); /* an enumeration is no number */
    assert_int_equal(trace_name_look_up("amounts.cashPayFne", nearest), TRACE_NAME_UNKNOWN);
    assert_string_equal(nearest, "amounts.cashPayFen");
    assert_int_equal(trace_name_look_up("stpes", nearest), TRACE_NAME_UNKNOWN);
    assert_string_equal(nearest, "steps");
    assert_int_equal(trace_name_look_up("frobnicationOfTheWhole", nearest), TRACE_NAME_UNKNOWN);
    assert_string_equal(nearest, "");
    assert_int_equal(trace_name_look_up("outcome.cashPayFen", nearest), TRACE_NAME_UNKNOWN);
}

TEST(what_counts_is_not_ignored_and_among_those_that_alone_count)
{
    struct trace_fields fields = {.ignored = {"steps"}, .ignored_count = 1};
    assert_false(trace_fields_count(&fields, "steps[0].text", false));
    assert_true(trace_fields_count(&fields, "amounts.cashPayFen", false));
    assert_true(trace_fields_count(&fields, "", true)); /* no outcome at all */
    fields = (struct trace_fields){.only = {"cashPayFen"}, .only_count = 1};
    assert_true(trace_fields_count(&fields, "amounts.cashPayFen", false));
    assert_false(trace_fields_count(&fields, "amounts.fundPayTotalFen", false));
    assert_true(trace_fields_count(&fields, "amounts", true)); /* all of it is gone, with what counts */
    assert_false(trace_fields_count(&fields, "policy", true));
}

TEST(a_tolerance_is_of_numbers_alone)
{
    static const char *const wrong[] = {"", "a", "=1", "a=", "a=-1", "a=1x", "a= 1", "a=18446744073709551616"};
    struct trace_fields fields = {0};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (trace_tolerance_take(&fields, wrong[i]))
            fail_msg("%s", wrong[i]);
    assert_int_equal(fields.tolerated_count, 0);
    assert_true(trace_tolerance_take(&fields, "outcome.*=5"));
    assert_true(trace_tolerance_take(&fields, "amounts.cashPayFen=7"));
    assert_int_equal(trace_fields_tolerance(&fields, "amounts.cashPayFen"), 7);
    assert_int_equal(trace_fields_tolerance(&fields, "amounts.fundPayTotalFen"), 5);
    assert_int_equal(trace_fields_tolerance(&fields, "position"), 5);
    assert_int_equal(trace_fields_tolerance(&fields, "billId"), 0); /* text, whatever its letters */
    assert_int_equal(trace_fields_tolerance(&fields, "amounts"), 0);
}

/* One that is equal, one that differs; their names would break a report that does not escape. */
static json_t *differing(void)
{
    return json_pack("[{s:s,s:s,s:s},s]", "field", "amounts.cashPayFen", "expected", "1\"<", "found", "2",
                     "other bytes");
}

TEST(tap_14_has_a_line_a_case_values_in_yaml_and_its_plan_at_the_end)
{
    struct buffer out = {0};
    json_t *none = json_array(), *some = differing();
    report_tap_case(&out, &(struct report_case){1, 7, "B#1\\", 0, none});
    report_tap_case(&out, &(struct report_case){2, 8, "", 0, some});
    report_tap_end(&out, &(struct report_sums){2, 1, 0, NULL});
    report_tap_end(&out, &(struct report_sums){2, 1, 0, "torn\nhere"});
    assert_string_equal(buffer_text(&out), "ok 1 - position 7 bill B\\#1\\\\\n"
                                           "not ok 2 - position 8\n"
                                           "  ---\n"
                                           "  differences:\n"
                                           "    - field: \"amounts.cashPayFen\"\n"
                                           "      expected: \"1\\\"<\"\n"
                                           "      found: \"2\"\n"
                                           "    - field: \"\"\n"
                                           "      message: \"other bytes\"\n"
                                           "  ...\n"
                                           "1..2\n"
                                           "Bail out! torn here\n");
    json_decref(none);
    json_decref(some);
    buffer_fini(&out);
}

TEST(junit_has_sums_in_front_and_values_in_its_failures)
{
    struct buffer out = {0};
    json_t *none = json_array(), *some = differing();
    struct report_sums sums = {2, 1, 1500000, "torn & gone"};
    report_junit_begin(&out, &sums);
    report_junit_case(&out, &(struct report_case){1, 7, "B<1>", 42, none});
    report_junit_case(&out, &(struct report_case){2, 8, "", 1000001, some});
    report_junit_end(&out, &sums);
    assert_string_equal(
        buffer_text(&out),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"hutong trace\" tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"0\" time=\"1.500000\">\n"
        "  <testcase classname=\"trace\" name=\"position 7 bill B&lt;1&gt;\" time=\"0.000042\"/>\n"
        "  <testcase classname=\"trace\" name=\"position 8\" time=\"1.000001\"><failure type=\"difference\" "
        "message=\"amounts.cashPayFen: expected &quot;1\\&quot;&lt;&quot;, found &quot;2&quot; (and 1 more)\">"
        "amounts.cashPayFen: expected &quot;1\\&quot;&lt;&quot;, found &quot;2&quot;\nother "
        "bytes\n</failure></testcase>\n"
        "  <testcase classname=\"trace\" name=\"to the end\" time=\"0\"><error message=\"torn &amp; "
        "gone\"/></testcase>\n"
        "</testsuite>\n");
    json_decref(none);
    json_decref(some);
    buffer_fini(&out);
}
