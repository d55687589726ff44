/* SPDX-License-Identifier: Apache-2.0
 * Codes by tables: identity numbers, credit codes, dates, areas, working days, masks, shapes. */
#include "common/codes/area.h"
#include "common/codes/credit_code.h"
#include "common/codes/identity.h"
#include "common/codes/insurance.h"
#include "common/codes/rule.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/gazette/care_kinds.h"
#include "common/engines/gazette/item_shapes.h"
#include "common/engines/gazette/published.h"
#include "tests/support/test.h"

enum { STANDARDS_COUNT = 2 };

TEST(check_characters_are_those_of_the_standard)
{
    /* GB 11643-1999, annex: both of its examples */
    static const char *const examples[STANDARDS_COUNT] = {"11010519491231002X", "440524188001010014"};
    for (size_t i = 0; i < STANDARDS_COUNT; i++)
        assert_int_equal(identity_check_character(examples[i]), examples[i][17]);
}

TEST(identity_numbers)
{
    static const struct {
        const char *digits17;
        char check; /* 0: the right one */
        enum status status;
        civil_date_t birth_date;
        bool male;
    } rows[] = {
        {"11010519491231002", 'X', OK, 19491231, false}, /* the standard's example */
        {"11010519491231002", 'x', OK, 19491231, false}, /* a small x is accepted */
        {"11010519491231002", '0', REJECT_MALFORMED, 0, false},
        {"11010119900307001", 0, OK, 19900307, true},
        {"11010319850101002", 0, OK, 19850101, false}, /* Chongwen, abolished in 2010 */
        {"12011019880101001", 0, OK, 19880101, true},  /* the eastern suburb, renamed in 1992 */
        {"12011020200101001", 0, OK, 20200101, true},
        {"33010219900101001", 0, OK, 19900101, true}, /* another province */
        {"11010119200101001", 0, OK, 19200101, true}, /* born before the division was */
        {"81000019900101001", 0, OK, 19900101, true},
        {"82000019900101002", 0, OK, 19900101, false},
        {"83000019900101001", 0, OK, 19900101, true},
        {"81000119900101001", 0, OK, 19900101, true},
        {"71000119900101001", 0, OK, 19900101, true},
        {"00000019900101001", 0, OK, 19900101, true},
        {"99999919900101001", 0, OK, 19900101, true},
        {"13017119900101001", 0, OK, 19900101, true}, /* divisions do not decide on a number */
        {"11010120000229001", 0, OK, 20000229, true},
        {"11010119000229001", 0, REJECT_MALFORMED, 0, false}, /* 1900 was no leap year */
        {"11010120230229001", 0, REJECT_MALFORMED, 0, false},
        {"11010119901301001", 0, REJECT_MALFORMED, 0, false},
        {"11010119900001001", 0, REJECT_MALFORMED, 0, false},
        {"11010119900100001", 0, REJECT_MALFORMED, 0, false},
        {"11010118991231001", 0, REJECT_MALFORMED, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct identity identity = {.birth_date = 1};
        char number[19];
        char check = rows[i].check != 0 ? rows[i].check : identity_check_character(rows[i].digits17);
        (void)snprintf(number, sizeof number, "%s%c", rows[i].digits17, check);
        if (identity_parse(number, &identity) != rows[i].status)
            fail_msg("%s", number);
        if (rows[i].status != OK) {
            assert_int_equal(identity.birth_date, 1); /* untouched on error */
            continue;
        }
        assert_int_equal(identity.birth_date, rows[i].birth_date);
        assert_int_equal(identity.male, rows[i].male);
        assert_memory_equal(identity.number, rows[i].digits17, 17);
        assert_int_equal(identity.number[17], check == 'x' ? 'X' : check);
        assert_int_equal(identity.number[18], 0);
    }
}

TEST(texts_that_are_no_identity_number)
{
    static const char *const texts[] = {"",
                                        "1",
                                        "11010519491231002",
                                        "11010519491231002X ",
                                        " 11010519491231002X",
                                        "11010519491231002Y",
                                        "1101051949123100XX",
                                        "110105-94912310020",
                                        "\xe5\xbc\xa0\xe4\xb8\x89\xe5\xbc\xa0\xe4\xb8\x89\xe5\xbc\xa0\xe4\xb8\x89",
                                        "110105491231002"}; /* of 15 digits, as before 1999 */
    struct identity identity;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (identity_parse(texts[i], &identity) != REJECT_MALFORMED)
            fail_msg("%s", texts[i]);
}

/* MOD 11-2 finds every digit that is wrong, and every two neighbours that changed places. */
TEST(one_wrong_digit_or_one_swap_is_found)
{
    struct identity identity;
    char number[] = "11010519491231002X";
    for (int i = 0; i < 17; i++) {
        char right = number[i];
        for (char wrong = '0'; wrong <= '9'; wrong++) {
            number[i] = wrong;
            assert_int_equal(identity_parse(number, &identity), wrong == right ? OK : REJECT_MALFORMED);
        }
        number[i] = right;
    }
    for (int i = 0; i < 16; i++) {
        char left = number[i];
        number[i] = number[i + 1];
        number[i + 1] = left;
        if (number[i] != left)
            assert_int_equal(identity_parse(number, &identity), REJECT_MALFORMED);
        number[i + 1] = number[i];
        number[i] = left;
    }
    assert_int_equal(identity_parse(number, &identity), OK);
}

TEST(masks_hide_the_birth_date)
{
    char masked[IDENTITY_MASKED_SIZE];
    identity_mask("11010519491231002X", masked);
    assert_string_equal(masked, "110105********002X");
    identity_mask("", masked);
    assert_string_equal(masked, "******************");
    identity_mask("110105194912310", masked); /* what we do not know, we do not show */
    assert_string_equal(masked, "******************");
    identity_mask("11010519491231002XX", masked);
    assert_string_equal(masked, "******************");
}

TEST(ages)
{
    static const struct {
        civil_date_t born, day;
        uint32_t years;
    } rows[] = {{20000229, 20180228, 17}, {20000229, 20180301, 18}, {20000229, 20200228, 19}, {20000229, 20200229, 20},
                {19650310, 20250309, 59}, {19650310, 20250310, 60}, {20250310, 20250310, 0},  {20250311, 20250310, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(identity_age_on(rows[i].born, rows[i].day), rows[i].years);
}

TEST(credit_codes)
{
    static const struct {
        const char *code;
        bool shaped, holds;
    } rows[] = {{"91350100M000100Y43", true, true}, /* GB 32100-2015, the standard's example */
                {"91350100M000100Y44", true, false},   {"91350100M000100Y4", false, false},
                {"91350100M000100Y433", false, false}, {"91350100I000100Y43", false, false},
                {"91350100O000100Y43", false, false},  {"91350100S000100Y43", false, false},
                {"91350100V000100Y43", false, false},  {"91350100Z000100Y43", false, false},
                {"91350100m000100y43", false, false},  {"", false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (credit_code_is_shaped(rows[i].code) != rows[i].shaped)
            fail_msg("shape of %s", rows[i].code);
        if (rows[i].shaped && credit_code_check_holds(rows[i].code) != rows[i].holds)
            fail_msg("check of %s", rows[i].code);
    }
}

TEST(dates)
{
    static const struct {
        civil_date_t date;
        bool exists;
    } rows[] = {{20240229, true},  {20230229, false}, {19000228, true},  {19000229, false},
                {20000229, true},  {21000229, false}, {20250431, false}, {20251231, true},
                {20250001, false}, {20251301, false}, {20250100, false}, {0, false},
                {18991231, false}, {99981231, true},  {99990101, false}, {UINT32_MAX, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (civil_date_exists(rows[i].date) != rows[i].exists)
            fail_msg("%u", rows[i].date);
    assert_int_equal(civil_date_to_day(19700101), 0);
    assert_int_equal(civil_date_of_instant(INT64_C(1741622399999)), 20250310); /* 23:59:59.999 in Shanghai */
    assert_int_equal(civil_date_of_instant(INT64_C(1741622400000)), 20250311);
    assert_int_equal(civil_date_start(20250311), INT64_C(1741622400000));
    civil_date_t last = 0;
    for (int32_t day = civil_date_to_day(19000101); day <= civil_date_to_day(21001231); day++) {
        civil_date_t date = civil_date_from_day(day);
        assert_true(date > last && civil_date_exists(date) && civil_date_to_day(date) == day);
        assert_true(last == 0 || (civil_date_add_days(last, 1) == date && civil_date_add_days(date, -1) == last));
        last = date;
    }
}

TEST(areas)
{
    static const struct {
        const char *division, *area; /* NULL: none of ours */
    } rows[] = {{"110101", "110000"}, {"119999", "110000"},
                {"120118", "120000"}, {"130102", "130100"},
                {"130399", "130300"}, {"131082", "131000"},
                {"133100", "133100"}, {"133122", "133100"},
                {"130000", NULL},     {"139001", NULL},
                {"140100", NULL},     {"310000", NULL},
                {"1301", NULL},       {"", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct published_area *area = area_of_division(published_first(), rows[i].division);
        if (rows[i].area == NULL ? area != NULL : area == NULL || strcmp(area->code, rows[i].area) != 0)
            fail_msg("%s", rows[i].division);
    }
    const struct areas *table = &published_first()->areas;
    for (uint32_t i = 0; i < table->row_count; i++) {
        assert_ptr_equal(area_find(published_first(), table->rows[i].code), &table->rows[i]);
        assert_string_equal(region_of(table->rows[i].code), table->rows[i].region);
    }
    assert_int_equal(table->row_count, 14); /* Beijing, Tianjin, eleven prefectures, Xiong'an */
    assert_null(area_find(published_first(), "130000"));
    assert_null(area_find(published_first(), ""));
    assert_string_equal(region_of("133100"), "130000");
    assert_null(region_of("310000"));
    assert_true(region_is_known("130000"));
    assert_false(region_is_known("131000"));
    assert_false(region_is_known("operator"));
    assert_false(region_is_known(""));
}

TEST(working_days)
{
    static const struct {
        civil_date_t date;
        bool workday;
    } rows[] = {{20240101, false}, {20240102, true}, {20240106, false}, {20240204, true}, /* Sunday, made up */
                {20240210, false}, {20250126, true}, {20250208, true},  {20251011, true},  {20260214, true},
                {20260228, true},  {20261010, true}, {20261006, false}, {20261011, false}, {20261231, true}};
    bool workday = false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(workday_is(calendar_first(), rows[i].date, &workday), OK);
        if (workday != rows[i].workday)
            fail_msg("%u", rows[i].date);
    }
    assert_int_equal(workday_is(calendar_first(), 20231231, &workday), REJECT_RANGE);
    assert_int_equal(workday_is(calendar_first(), 20270101, &workday), REJECT_RANGE); /* no notice yet: no guess */
    assert_int_equal(workday_is(calendar_first(), 20250230, &workday), REJECT_RANGE);
}

TEST(deadlines)
{
    static const struct {
        civil_date_t from;
        uint32_t count;
        civil_date_t deadline;                                    /* 0: past the calendar */
    } rows[] = {{20250310, 0, 20250310},                          /* no day at all */
                {20250310, 1, 20250311}, {20250307, 1, 20250310}, /* over a week-end */
                {20250207, 1, 20250208},                          /* a Saturday that is worked */
                {20250127, 1, 20250205},                          /* over the Spring Festival */
                {20261230, 1, 20261231}, {20261231, 1, 0},        {20261201, 1000, 0}, {20250230, 1, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        civil_date_t deadline = 0;
        enum status status = workday_add(calendar_first(), rows[i].from, rows[i].count, &deadline);
        if (status != (rows[i].deadline != 0 ? OK : REJECT_RANGE) || deadline != rows[i].deadline)
            fail_msg("%u + %u: %u", rows[i].from, rows[i].count, deadline);
    }
}

TEST(published_codes)
{
    static const struct {
        bool (*holds)(const struct published *published, const char *code);
        const char *code;
        bool expected;
    } rows[] = {
        {item_code_is_shaped, "X00000000000000000000A", false}, /* one short of X and 22 */
        {item_code_is_shaped, "X000000000000000000000A", true},
        {item_code_is_shaped, "Z0000000000000000000", true},
        {item_code_is_shaped, "C0000000000000000000", true},
        {item_code_is_shaped, "C00000000000000000000000000", true},
        {item_code_is_shaped, "C000000000000000000000", false},
        {item_code_is_shaped, "001101000010000", true},
        {item_code_is_shaped, "00110100001000a", false},
        {item_code_is_shaped, "", false},
        {care_kind_is_inpatient, "21", true},
        {care_kind_is_inpatient, "52", true},
        {care_kind_is_inpatient, "25", false},
        {care_kind_is_inpatient, "211", false},
        {care_kind_is_inpatient, "", false},
        {care_kind_is_urgent, "13", true},
        {care_kind_is_urgent, "23", true},
        {care_kind_is_urgent, "22", false},
        {clearing_type_is_inpatient, "21", true},
        {clearing_type_is_inpatient, "41", false},
        {clearing_type_is_inpatient, "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].holds(published_first(), rows[i].code) != rows[i].expected)
            fail_msg("%s", rows[i].code);
}

TEST(shapes)
{
    static const struct {
        bool (*shaped)(const char *code);
        const char *code;
        bool expected;
    } rows[] = {
        {institution_code_is_shaped, "H12010100001", true},
        {institution_code_is_shaped, "P12010100001", true},
        {institution_code_is_shaped, "h12010100001", false},
        {institution_code_is_shaped, "H1201010000", false},
        {institution_code_is_shaped, "H120101000011", false},
        {institution_code_is_shaped, "H1201010000A", false},
        {institution_code_is_shaped, "", false},
        {diagnosis_is_shaped, "J18.900", true},
        {diagnosis_is_shaped, "I10.x00", true},
        {diagnosis_is_shaped, "I10.x00x002", true},
        {diagnosis_is_shaped, "J18", false},
        {diagnosis_is_shaped, "j18.900", false},
        {diagnosis_is_shaped, "J18900.", false},
        {diagnosis_is_shaped, "J18.9x0", false},
        {diagnosis_is_shaped, "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].shaped(rows[i].code) != rows[i].expected)
            fail_msg("%s", rows[i].code);
    assert_int_equal(person_class_of("1101"), PERSON_WORKING);
    assert_int_equal(person_class_of("1300"), PERSON_VETERAN);
    assert_int_equal(person_class_of("1601"), PERSON_ELDERLY);
    assert_int_equal(person_class_of("1001"), PERSON_UNKNOWN);
    assert_int_equal(person_class_of("1701"), PERSON_UNKNOWN);
    assert_int_equal(person_class_of("110"), PERSON_UNKNOWN);
    assert_int_equal(person_class_of("11a1"), PERSON_UNKNOWN);
    assert_int_equal(person_class_of(""), PERSON_UNKNOWN);
}

TEST(rules_ascend_and_are_found)
{
    const struct rule_text *rule;
    uint32_t last = 0;
    unsigned count = 0;
    for (; (rule = rule_at(count)) != NULL; count++) {
        assert_true(rule->number > last); /* rule_find looks by halves */
        assert_ptr_equal(rule_find(rule->number), rule);
        assert_int_equal(strlen(rule->code), 8);
        assert_true(rule->zh[0] != 0 && rule->en[0] != 0 && rule->source[0] != 0);
        for (unsigned i = 0; i < count; i++)
            assert_string_not_equal(rule_at(i)->code, rule->code);
        last = rule->number;
    }
    assert_true(count > 50);
    assert_null(rule_find(0));
    assert_null(rule_find(last + 1));
}
