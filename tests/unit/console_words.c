/* SPDX-License-Identifier: Apache-2.0
 * Words of questions: what a template makes of arguments, and what it never makes. */
#include "services/console/words.h"
#include "tests/support/test.h"

/* The words joined by "|", the input behind "<"; "!" and what was said where it is refused. */
static const char *made(const char *line, const char *arguments)
{
    static char text[4096];
    struct question question = {.name = "q", .line = line};
    struct question_words words = {0};
    struct buffer why = {0};
    enum status status = question_make(&question, span_text(arguments), &words, &why);
    size_t size = 0;
    if (status != OK) {
        (void)snprintf(text, sizeof text, "!%s", buffer_text(&why));
    } else {
        const char *at = (const char *)words.text.data;
        for (unsigned i = 0; i < words.count; i++, at += strlen(at) + 1)
            size += (size_t)snprintf(text + size, sizeof text - size, "%s%s", i > 0 ? "|" : "", at);
        if (words.input.size > 0)
            (void)snprintf(text + size, sizeof text - size, "<%s", buffer_text(&words.input));
    }
    question_words_fini(&words);
    buffer_fini(&why);
    return text;
}

#define MAKES(line, arguments, wanted) assert_string_equal(made(line, arguments), wanted)
#define REFUSES(line, arguments, said)                                                                                 \
    do {                                                                                                               \
        const char *text_ = made(line, arguments);                                                                     \
        assert_int_equal(text_[0], '!');                                                                               \
        assert_non_null(strstr(text_, said));                                                                          \
    } while (0)

TEST(arguments_take_their_places)
{
    MAKES("status", "{}", "status");
    MAKES("status", "{\"language\":\"zh\"}", "status|--language|zh");
    MAKES("dead show {position}", "{\"position\":12}", "dead|show|12");
    MAKES("dead show {position}", "{\"position\":\"12\"}", "dead|show|12");
    MAKES("a {x} [--to {y}] z", "{\"x\":\"1\"}", "a|1|z");
    MAKES("a {x} [--to {y}] z", "{\"y\":\"b c\",\"x\":\"1\"}", "a|1|--to|b c|z");
    MAKES("a [--to {y}]", "{\"y\":null}", "a");
    MAKES("a [--open]", "{\"open\":true}", "a|--open");
    MAKES("a [--open]", "{\"open\":false}", "a");
    MAKES("a [--not-active]", "{\"not-active\":true}", "a|--not-active");
    MAKES("a --reason={reason}", "{\"reason\":\"--unmasked; rm -rf / | 'x'\"}",
          "a|--reason=--unmasked; rm -rf / | 'x'");
}

TEST(lists_repeat_their_part)
{
    MAKES("a [--number {n...}]", "{\"n\":[1,\"2\"]}", "a|--number|1|--number|2");
    MAKES("a [--number {n...}]", "{\"n\":[]}", "a");
    MAKES("a {n...}", "{\"n\":[\"x\",\"y\"]}", "a|x|y");
    REFUSES("a {n...}", "{\"n\":\"x\"}", "must be a list");
    REFUSES("a {n...}", "{\"n\":[\"x\",{}]}", "must be a text");
    REFUSES("a {n...}", "{\"n\":[\"x\",\"-y\"]}", "must not begin with -");
    REFUSES("a {n...}",
            "{\"n\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
            "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
            "too many");
}

TEST(no_argument_becomes_an_option_or_names_a_file)
{
    REFUSES("track {message}", "{\"message\":\"--unmasked\"}", "must not begin with -");
    REFUSES("track {message}", "{\"message\":\"-\"}", "must not begin with -");
    REFUSES("a [--to {y}]", "{\"y\":\"--json\"}", "must not begin with -");
    REFUSES("dump {x}", "{\"x\":\"/etc/passwd\"}", "nor have a /");
    REFUSES("keys new {x}", "{\"x\":\"../x\"}", "nor have a /");
}

TEST(what_is_wrong_is_said)
{
    REFUSES("a {x}", "{}", "x: this argument is missing");
    REFUSES("a {x}", "{\"x\":\"\"}", "1 to 500 bytes");
    REFUSES("a {x}", "{\"x\":\"a\\nb\"}", "control characters");
    REFUSES("a {x}", "{\"x\":\"a\\u0000b\"}", "");
    REFUSES("a {x}", "{\"x\":1.5}", "whole number");
    REFUSES("a {x}", "{\"x\":{\"y\":1}}", "whole number");
    REFUSES("a [--open]", "{\"open\":\"yes\"}", "true or false");
    REFUSES("a", "{\"x\":1}", "does not have");
    REFUSES("a {x}", "{\"x\":1,\"x\":2}", "JSON");
    REFUSES("a", "[]", "JSON object");
    REFUSES("a", "", "JSON object");
    REFUSES("a", "{", "JSON object");
}

TEST(input_goes_to_standard_input)
{
    MAKES("calc - <{bill}", "{\"bill\":{\"a\":1}}", "calc|-<{\"a\":1}");
    MAKES("calc - <{bill}", "{\"bill\":\"text\"}", "calc|-<text");
    REFUSES("calc - <{bill}", "{}", "bill: this argument is missing");
}

/* ---- the table ---- */

TEST(no_question_shows_unmasked_or_names_a_file)
{
    static const char *const forbidden[] = {"unmasked",   "unrecorded", "--config", "--out",     "--key", "--receipts",
                                            "--snapshot", "--archive",  "--as",     "--gate",    "--log", "--directory",
                                            "person",     "--party",    "mailbox",  "--without", "|",     "\""};
    for (unsigned i = 0; i < question_count; i++) {
        for (unsigned k = 0; k < sizeof forbidden / sizeof forbidden[0]; k++)
            if (strstr(questions[i].line, forbidden[k]) != NULL)
                fail_msg("%s: %s", questions[i].name, forbidden[k]);
        assert_true(questions[i].roles != 0 && questions[i].zh[0] != 0 && questions[i].en[0] != 0);
        assert_int_equal(question_named(questions[i].name), i);
    }
}

TEST(each_line_of_the_table_is_read_and_each_action_has_a_reason)
{
    for (unsigned i = 0; i < question_count; i++) {
        struct question_words words = {0};
        struct buffer why = {0};
        enum status status = question_make(&questions[i], span_text("{}"), &words, &why); /* an invariant: no line */
        assert_true(status == OK || why.size > 0);
        question_words_fini(&words);
        buffer_fini(&why);
        bool said = strstr(questions[i].line, "={reason}") != NULL;
        if (questions[i].action && !said)
            fail_msg("%s has no reason", questions[i].name);
        assert_true(!questions[i].action || (questions[i].roles & ROLE_VIEWER) == 0);
    }
}
