/* SPDX-License-Identifier: Apache-2.0
 * Messages from the command line: which there are, what they ask for, and how it is written. */
#include "tools/verb.h"
#include "tests/support/test.h"

static bool has_verb(const char *path)
{
    const struct verb *verb;
    for (unsigned i = 0; (verb = verb_at(i)) != NULL; i++)
        if (strcmp(verb->path, path) == 0)
            return true;
    return false;
}

/* Every step of a conversation, whatever the schema gains; a correction has a verb for each letter that it corrects. */
TEST(every_letter_has_a_verb)
{
    static const char *const conversations[] = {"transfer", "certification", "transfer.correction"};
    unsigned steps = 0;
    for (unsigned i = 0; i < sizeof conversations / sizeof conversations[0]; i++) {
        const void *message = fields_message(conversations[i]);
        struct field field;
        assert_non_null(message);
        for (unsigned at = 0; fields_at(message, at, &field); at++) {
            char path[128];
            (void)snprintf(path, sizeof path, "%s.%s", conversations[i], field.name);
            if (field.shape != FIELD_MESSAGE || strcmp(path, "transfer.correction") == 0)
                continue;
            if (!has_verb(path))
                fail_msg("no verb sends %s", path);
            steps++;
        }
    }
    assert_int_equal(steps, 12 + 2 + 2);
    assert_true(has_verb("clearing_reply") && has_verb("payment") && has_verb("advance_deposit"));
    assert_true(has_verb("investigation_request") && has_verb("investigation_answer"));
    assert_true(has_verb("investigation_finding"));
}

/* The form that a field's name and shape ask for: money in yuan, days and months as such. */
static void check_form(const struct verb_option *option)
{
    size_t size = strlen(option->field.name);
    bool money = size > 4 && strcmp(option->field.name + size - 4, "_fen") == 0;
    bool rate = size > 3 && strcmp(option->field.name + size - 3, "_bp") == 0;
    bool day =
        (size > 3 && strcmp(option->field.name + size - 3, "_on") == 0) || strstr(option->field.name, "date") != NULL;
    if (money != (option->form == VERB_YUAN) || rate != (option->form == VERB_PER_CENT) ||
        day != (option->form == VERB_DAY) || (option->field.shape == FIELD_MESSAGE) != (option->form == VERB_ROWS))
        fail_msg("%s is written in another form", option->field.name);
}

TEST(every_option_of_a_verb_is_told_apart_and_written_in_its_form)
{
    static const char *const others[] = {"person",  "print", "yes", "sender", "message-id",
                                         "timeout", "at",    "as",  "json"};
    const struct verb *verb;
    for (unsigned i = 0; (verb = verb_at(i)) != NULL; i++) {
        struct verb_options options;
        bool place = verb->place[0] == 0;
        verb_list(verb, &options);
        for (unsigned a = 0; a < options.count; a++) {
            check_form(&options.option[a]);
            place |= strcmp(options.option[a].field.name, verb->place) == 0;
            for (unsigned b = 0; b < a; b++)
                assert_string_not_equal(options.option[a].name, options.option[b].name);
            for (unsigned b = 0; b < sizeof others / sizeof others[0]; b++)
                assert_string_not_equal(options.option[a].name, others[b]);
        }
        assert_true(place);
        assert_ptr_equal(verb_find(verb->command, verb->word), verb);
    }
    assert_null(verb_find("transfer", "show"));
}

static const struct verb_option *option_of(const char *command, const char *word, const char *name,
                                           struct verb_options *options)
{
    verb_list(verb_find(command, word), options);
    for (unsigned i = 0; i < options->count; i++)
        if (strcmp(options->option[i].name, name) == 0)
            return &options->option[i];
    fail_msg("no option %s", name);
    return NULL;
}

TEST(words_become_values)
{
    static const struct {
        const char *command, *word, *option, *text, *value; /* NULL: it is none */
    } rows[] = {
        {"books", "pay", "amount", "1234.50", "\"123450\""},
        {"books", "pay", "amount", "-0.01", "\"-1\""},
        {"books", "pay", "amount", "723600", NULL},
        {"books", "pay", "amount", "7236.0", NULL},
        {"books", "pay", "amount", "7236.000", NULL},
        {"books", "pay", "amount", "7,236.00", NULL},
        {"books", "pay", "amount", ".00", NULL},
        {"books", "pay", "amount", "99999999999999999999.00", NULL},
        {"books", "pay", "paid-on", "2025-07-08", "20250708"},
        {"books", "pay", "paid-on", "20250708", "20250708"},
        {"books", "pay", "paid-on", "2025-02-30", NULL},
        {"books", "pay", "month", "2025-05", "202505"},
        {"books", "pay", "month", "202505", "202505"},
        {"books", "pay", "month", "2025-13", NULL},
        {"books", "pay", "month", "20250501", NULL},
        {"investigate", "find", "verdict", "wrong-part", "\"INVESTIGATION_VERDICT_WRONG_PART\""},
        {"investigate", "find", "verdict", "INVESTIGATION_VERDICT_WRONG_PART", "\"INVESTIGATION_VERDICT_WRONG_PART\""},
        {"investigate", "find", "verdict", "unspecified", NULL},
        {"transfer", "apply", "scheme", "pension", "\"TRANSFER_SCHEME_PENSION\""},
        {"clearing", "confirm", "number", "18446744073709551615", "\"18446744073709551615\""},
        {"clearing", "confirm", "number", "18446744073709551616", NULL},
        {"clearing", "confirm", "number", "-1", NULL},
        {"clearing", "dispute", "reason", "\xff", NULL},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct verb_options options;
        struct buffer why = {0};
        json_t *value =
            verb_value(option_of(rows[i].command, rows[i].word, rows[i].option, &options), rows[i].text, false, &why);
        char *text = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY);
        if ((text == NULL) != (rows[i].value == NULL) || (text != NULL && strcmp(text, rows[i].value) != 0))
            fail_msg("%s %s: %s", rows[i].option, rows[i].text, text != NULL ? text : "none");
        assert_true(value != NULL || why.size > 0);
        free(text);
        json_decref(value);
        buffer_fini(&why);
    }
}

/* Dumped, or "" and `why`. */
static void rows_of(const char *text, char found[512], char fault[256])
{
    struct verb_options options;
    struct buffer bytes = {0}, why = {0};
    buffer_append_text(&bytes, text);
    json_t *rows = verb_rows(option_of("transfer", "information", "rows", &options), &bytes, &why);
    char *dumped = rows == NULL ? NULL : json_dumps(rows, JSON_COMPACT | JSON_SORT_KEYS);
    (void)snprintf(found, 512, "%s", dumped != NULL ? dumped : "");
    (void)snprintf(fault, 256, "%s", buffer_text(&why));
    free(dumped);
    json_decref(rows);
    buffer_fini(&bytes);
    buffer_fini(&why);
}

TEST(rows_of_contributions_are_read_from_a_spreadsheet)
{
    char found[512], fault[256];
    rows_of("from_month,to-month,months,base,kind,unit_rate,one_off\r\n2004-01,200412,12,1000,,20,\n200501,200501,1,"
            "1000.5,flexible,8.5,TRUE\n",
            found, fault);
    assert_string_equal(fault, "");
    assert_string_equal(found, "[{\"base_fen\":\"100000\",\"from_month\":200401,\"months\":\"12\",\"to_month\":200412,"
                               "\"unit_rate_bp\":2000},{\"base_fen\":\"100050\",\"from_month\":200501,\"kind\":"
                               "\"CONTRIBUTION_KIND_FLEXIBLE\",\"months\":\"1\",\"one_off\":true,\"to_month\":200501,"
                               "\"unit_rate_bp\":850}]");
    static const char *const faults[][2] = {
        {"from_month,office\n200401,x\n", "line 1: no such column: office"},
        {"from_month,months\n200401\n", "line 2: 2 columns are wanted, not 1"},
        {"from_month,months\n200401,1\n200402,x\n", "line 3: months: a whole number is wanted, not x"},
        {"base\n1.001\n", "line 2: base: an amount in yuan with two decimals is wanted, as 1234.50, not 1.001"},
        {"from_month,months\n", "it holds no row"},
        {"", "it holds no row"},
    };
    for (unsigned i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        rows_of(faults[i][0], found, fault);
        assert_string_equal(found, "");
        assert_string_equal(fault, faults[i][1]);
    }
}

TEST(the_region_that_speaks_is_the_fields_own)
{
    json_t *envelope = json_object(), *levels[VERB_DEPTH_MAX];
    struct verb_options options;
    char region[7];
    const struct verb *verb = verb_find("transfer", "contact");
    verb_begin(verb, envelope, levels);
    assert_false(verb_speaker(verb, levels, region));
    verb_put(option_of("transfer", "contact", "target", &options), levels, json_string("131000"));
    assert_true(verb_speaker(verb, levels, region));
    assert_string_equal(region, "130000");
    json_decref(envelope);
}
