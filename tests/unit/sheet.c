/* SPDX-License-Identifier: Apache-2.0
 * Spreadsheets' files, as they are saved and as they are meant: F16, F20. */
#include <iconv.h>

#include "common/pb/json.h"
#include "tests/support/test.h"
#include "tools/reference_row.h"
#include "tools/sheet.h"
#include "tools/written.h"

#define ENROLMENT "person_id,area,insurance_type,category,effective_date,end_date,account_balance,civil_servant\n"
#define MEANT "110101198001011478,110000,310,1101,2024-01-01,,100.00,true\n"

/* All rows of a file as envelopes, one after the other; false: `why` says what is wrong with the last that was read. */
static bool read_all(const char *text, size_t size, struct buffer *envelopes, struct buffer *why)
{
    struct buffer bytes = {0}, envelope = {0};
    struct sheet sheet;
    struct reference_header header;
    char *fields[CSV_FIELDS_MAX];
    unsigned count, line;
    buffer_reset(envelopes);
    buffer_reset(why);
    buffer_append(&bytes, text, size);
    bool good = sheet_open(&sheet, &bytes, why);
    if (good) {
        buffer_reset(why); /* what it was read as */
        good = sheet_next(&sheet, fields, &count, &line) == CSV_ROW &&
               reference_header_read(fields, count, REFERENCE_NONE, &header, why);
    }
    while (good && sheet_next(&sheet, fields, &count, &line) == CSV_ROW) {
        good = reference_row_encode(&header, fields, count, "110000", "", &envelope, why);
        buffer_append(envelopes, envelope.data, envelope.size);
    }
    buffer_fini(&bytes);
    buffer_fini(&envelope);
    return good;
}

static void is_read_as(const char *text, size_t size, const char *meant)
{
    struct buffer found = {0}, expected = {0}, why = {0};
    assert_true(read_all(meant, strlen(meant), &expected, &why));
    assert_true(expected.size > 0);
    if (!read_all(text, size, &found, &why))
        fail_msg("%s: %s", text, buffer_text(&why));
    if (!span_equal(buffer_span(&found), buffer_span(&expected)))
        fail_msg("read as something else: %s", text);
    buffer_fini(&found);
    buffer_fini(&expected);
    buffer_fini(&why);
}

TEST(f16_a_spreadsheets_file_is_what_was_meant)
{
    static const char *const texts[] = {
        ENROLMENT MEANT ",,,,,,,\n,,,,,,,\n",
        "\xEF\xBB\xBF" ENROLMENT "\n\r\n , ,\t,,,,,\n" MEANT,
        "person_id,area,insurance_type,category,effective_date,end_date,account_balance,civil_servant,,\n"
        "110101198001011478,110000,310,1101,2024-01-01,,100.00,true,,\n",
        "person_id,,area,insurance_type,category,effective_date,end_date,account_balance,civil_servant\n"
        "110101198001011478,,110000,310,1101,2024-01-01,,100.00,true\n",
        ENROLMENT "\"110101198001011478\t\",\" 110000\",310,1101,2024-01-01,,100.00,true\n",
        ENROLMENT "\t110101198001011478,'110000,'310','1101, 2024-01-01 ,,100.00,true\n",
        ENROLMENT "=\"110101198001011478\",\"=\"\"110000\"\"\",310,1101,2024-01-01,,100.00,true\n",
        ENROLMENT "110101198001011478,110000\xC2\xA0,310\xE3\x80\x80,1101,2024-01-01,,100.00,true\n",
        ENROLMENT "110101198001011478,110000,310,1101,2024-01-01,9999-12-31,100.00,true\n",
        ENROLMENT "110101198001011478,110000,310,1101,2024/1/1,9999/12/31,100,TRUE\n",
        ENROLMENT "110101198001011478,110000,310,1101,20240101,99991231,100.0,1\n",
        ENROLMENT "110101198001011478,110000,310,1101,2024-1-1,,100.00,是\n",
        ENROLMENT "110101198001011478,110000,310,1101,2024/01/01,,100.00,True\n",
        ENROLMENT "110101198001011478,110000,310,1101,2024.1.1,,100.00,true\n",
        ENROLMENT "110101198001011478,110000,310,1101,2024年1月1日,9999年12月31日,100.00,true\n",
        ENROLMENT "110101198001011478,110000,310,1101,2024-01-01 00:00:00,9999-12-31 00:00:00,100.00,true\n",
        ENROLMENT "110101198001011478,110000,310,1101,2024/1/1 0:00,,100.00,true\n",
        "person_id;area;insurance_type;category;effective_date;end_date;account_balance;civil_servant\r\n"
        "110101198001011478;110000;310;1101;2024-01-01;;100.00;true\r\n",
        "sep=;\r\nperson_id;area;insurance_type;category;effective_date;end_date;account_balance;civil_servant\r\n"
        "110101198001011478;110000;310;1101;2024-01-01;;100.00;true\r\n",
        "person_id\tarea\tinsurance_type\tcategory\teffective_date\tend_date\taccount_balance\tcivil_servant\n"
        "110101198001011478\t110000\t310\t1101\t2024-01-01\t\t100.00\ttrue\n",
    };
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        is_read_as(texts[i], strlen(texts[i]), ENROLMENT MEANT);
    static const char grouped[] = ENROLMENT "110101198001011478,110000,310,1101,2024-01-01,,\"1,234,100.00\",false\n";
    is_read_as(grouped, strlen(grouped), ENROLMENT "110101198001011478,110000,310,1101,2024-01-01,,1234100.00,FALSE\n");
}

TEST(f16_last_cells_that_are_empty_may_be_missing)
{
    static const char text[] = "code,name,area,level,municipal,community,status,effective_date,reason,credit_code\n"
                               "H12010100088,某院,120000,3,FALSE,TRUE,active,2024-01-01\n";
    is_read_as(text, strlen(text),
               "code,name,area,level,municipal,community,status,effective_date\n"
               "H12010100088,某院,120000,3,false,true,active,2024-01-01\n");
    static const char catalogue[] = "region,code,level,first_own_share,effective_date\n120000,A,2,10.00%,2024/1/1\n";
    is_read_as(catalogue, strlen(catalogue),
               "region,code,level,first_own_share,effective_date\n120000,A,02,10,2024-01-01\n");
}

static size_t saved_as(const char *encoding, const char *text, char *to, size_t size)
{
    iconv_t converter = iconv_open(encoding, "UTF-8");
    char *in = (char *)(uintptr_t)text, *out = to;
    size_t in_left = strlen(text), out_left = size;
    assert_true(converter != (iconv_t)-1);
    assert_int_equal(iconv(converter, &in, &in_left, &out, &out_left), 0);
    (void)iconv_close(converter);
    return size - out_left;
}

TEST(f16_other_encodings_are_read_or_named)
{
    static const char text[] = "code,name,area,status\nH12010100088,天津市滨海第一医院,120000,active\n";
    static const struct {
        const char *bytes, *code;
    } bad[] = {{"PK\3\4\x14", "FMT-0021"},
               {"\xD0\xCF\x11\xE0\xA1", "FMT-0021"},
               {"code,name,area,status\nH12010100088,天津市\xE6\xBB,120000,active\n", "FMT-0020"},
               {"code;name\tarea\n", "FMT-0022"}};
    char saved[512];
    is_read_as(saved, saved_as("GB18030", text, saved, sizeof saved), text);
    is_read_as(saved, saved_as("GBK", text, saved, sizeof saved), text);
    is_read_as(saved, saved_as("UTF-16", text, saved, sizeof saved), text);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buffer found = {0}, why = {0};
        assert_false(read_all(bad[i].bytes, strlen(bad[i].bytes), &found, &why));
        assert_non_null(strstr(buffer_text(&why), bad[i].code));
        buffer_fini(&found);
        buffer_fini(&why);
    }
}

TEST(f16_what_is_wrong_is_shown_with_how_it_is_written)
{
    static const struct {
        const char *text, *said[3];
    } rows[] = {
        {ENROLMENT "1,110000,310,1101,3/1/2024,,,\n", {"effective_date: FMT-0037", "found 3/1/2024", "2025-03-01"}},
        {ENROLMENT "1,110000,310,1101,2024-02-30,,,\n", {"effective_date: FMT-0037", "found 2024-02-30"}},
        {ENROLMENT "1,110000,310,1101,9999-12-31,,,\n", {"effective_date: FMT-0037", "found 9999-12-31"}},
        {ENROLMENT "1,110000,310,1101,2024/01-01,,,\n", {"effective_date: FMT-0037", "found 2024/01-01"}},
        {ENROLMENT "1,110000,310,1101,45292,,,\n", {"effective_date: FMT-0037", "found 45292"}},
        {ENROLMENT "1,110000,310,1101,,open,,\n", {"end_date: FMT-0038", "found open", "9999-12-31"}},
        {ENROLMENT "1,110000,310,1101,,9999-99-99,,\n", {"end_date: FMT-0038", "an open end: leave it empty"}},
        {ENROLMENT "1.10101E+17,110000,310,1101,,,,\n", {"person_id: FMT-0034", "found 1.10101E+17"}},
        {ENROLMENT "1,110000,310,1101,,,1.005,perhaps\n",
         {"account_balance: FMT-0039", "found 1.005", "\ncivil_servant: FMT-0036"}},
        {ENROLMENT "1,110000,310,1101,,,\"1,23.00\",\n", {"account_balance: FMT-0039", "found 1,23.00"}},
        {ENROLMENT "1,110000,310,1101,,,,,x\n", {"column 9: FMT-0030", "found x"}},
        {"person_id,area,categori,poverty\n", {"FMT-0027"}},
        {"category,person,area\n", {"enrolment: FMT-0028", "found person", "did you mean person_id?"}},
        {"category,area,area,x\n", {"area: FMT-0029", "\nenrolment: FMT-0028"}},
        {"category,poverty\n1101,subsistance\n",
         {"poverty: FMT-0042", "found subsistance", "did you mean subsistence?"}},
        {"parameter,value,valid_from\naccount_rate,3.5,\n", {"value: FMT-0035", "found 3.5"}},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer found = {0}, why = {0};
        if (read_all(rows[i].text, strlen(rows[i].text), &found, &why))
            fail_msg("taken: %s", rows[i].text);
        for (unsigned j = 0; j < 3 && rows[i].said[j] != NULL; j++)
            if (strstr(buffer_text(&why), rows[i].said[j]) == NULL)
                fail_msg("%s: %s lacks %s", rows[i].text, buffer_text(&why), rows[i].said[j]);
        buffer_fini(&found);
        buffer_fini(&why);
    }
}

/* What csv_put writes of a text; what sheet_cell makes of it again. */
static void neutral(const char *text, const char *written)
{
    struct buffer row = {0};
    char *fields[CSV_FIELDS_MAX];
    unsigned count, line;
    csv_put(&row, ',', true, text);
    if (written != NULL)
        assert_string_equal(buffer_text(&row), written);
    (void)buffer_reserve(&row, 1);
    struct csv csv = csv_read((char *)row.data, row.size);
    assert_int_equal(csv_next(&csv, fields, &count, &line), CSV_ROW);
    assert_int_equal(count, 1);
    assert_string_equal(sheet_cell(fields[0]), text);
    buffer_fini(&row);
}

TEST(f20_no_cell_is_a_formula_and_each_is_read_back)
{
    neutral("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"");
    neutral("+1+1", "'+1+1");
    neutral("-2+3", "'-2+3");
    neutral("@SUM(A1)", "'@SUM(A1)");
    neutral("\t=1", "'\t=1");
    neutral("\r=1", "\"'\r=1\"");
    neutral("'=1", "''=1");
    neutral("'x'", "''x'");
    neutral("''", "'''");
    neutral("=\"1\"", "\"'=\"\"1\"\"\"");
    neutral("\xEF\xBC\x9D"
            "1",
            "'\xEF\xBC\x9D"
            "1");
    neutral("-12.50", "-12.50"); /* numbers stay numbers */
    neutral("-3.00 %", "-3.00 %");
    neutral("-", "-");
    neutral("1000000000000000100", "1000000000000000100");
    neutral("B-1=2", "B-1=2");
    for (int a = 0x21; a < 0x7f; a++) /* every beginning and end that a bill's number may have */
        for (int b = 0x21; b < 0x7f; b++)
            neutral((char[]){(char)a, 'x', (char)b, 0}, NULL);
}

TEST(yuan_with_groups_are_what_they_look_like)
{
    static const struct {
        const char *text;
        int64_t fen;
    } rows[] = {{"20,000.00", 2000000}, {"1,234,567", 123456700}, {"-1,000.5", -100050}, {"999", 99900}};
    static const char *const bad[] = {"1,00", "1,0000", ",100", "1,000,", "1000,000", "1.000,00", "1,000.005", "", "-"};
    int64_t fen;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(written_yuan(rows[i].text, &fen));
        assert_true(fen == rows[i].fen);
    }
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (written_yuan(bad[i], &fen))
            fail_msg("taken: %s", bad[i]);
}
