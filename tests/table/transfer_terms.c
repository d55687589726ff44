/* SPDX-License-Identifier: Apache-2.0
 * Who may move, from which age on, and where the pension is drawn: one row a case, to the day. */
#include "common/engines/transfer/pension_admission.h"
#include "common/engines/transfer/pension_place.h"
#include "tests/support/test.h"

static void expect(const char *name, const char *what, int64_t is, int64_t want)
{
    if (is != want)
        fail_msg("%s: %s is %lld, not %lld", name, what, (long long)is, (long long)want);
}

/* ---- the place of the pension ---- */

static const struct {
    const char *name;
    struct pension_stay stays[5];
    const char *home, *relation;
    enum rule rule;
    const char *want;
    enum pension_place_reason reason;
    uint32_t months;
} places[] = {
    {"Guangdong 10, Beijing 14, Shanghai 8, home Hangzhou",
     {{"440000", 199301, 200212, false}, {"110000", 200301, 201612, false}, {"310000", 201701, 202412, false}},
     "330100",
     "310000",
     RULE_NONE,
     "110000",
     PLACE_LAST_EARLIER_TEN_YEARS,
     168},
    {"the relation at home, a single month",
     {{"440000", 199301, 202412, false}, {"330100", 202501, 202501, false}},
     "330700",
     "330100",
     RULE_NONE,
     "330000",
     PLACE_RELATION_AT_HOME,
     1},
    {"ten years at the relation's place",
     {{"440000", 199301, 200212, false}, {"310000", 201501, 202412, false}},
     "330100",
     "310000",
     RULE_NONE,
     "310000",
     PLACE_RELATION_TEN_YEARS,
     120},
    {"a month less: the earlier one",
     {{"440000", 199301, 200212, false}, {"310000", 201502, 202412, false}},
     "330100",
     "310000",
     RULE_NONE,
     "440000",
     PLACE_LAST_EARLIER_TEN_YEARS,
     120},
    {"ten years in two parts",
     {{"310000", 200001, 200412, false}, {"440000", 200501, 201912, false}, {"310000", 202001, 202412, false}},
     "330100",
     "310000",
     RULE_NONE,
     "310000",
     PLACE_RELATION_TEN_YEARS,
     120},
    {"overlapping rows of one place count once",
     {{"310000", 201001, 201512, false}, {"310000", 201401, 201911, false}},
     "330100",
     "310000",
     RULE_NONE,
     "330000",
     PLACE_HOME_NOWHERE_TEN_YEARS,
     0},
    {"the later of two earlier places, whatever the order",
     {{"110000", 200301, 201212, false}, {"440000", 199301, 200212, false}, {"310000", 201301, 202012, false}},
     "330100",
     "310000",
     RULE_NONE,
     "110000",
     PLACE_LAST_EARLIER_TEN_YEARS,
     120},
    {"ten years nowhere: home",
     {{"440000", 200001, 200912 - 1, false}, {"310000", 201501, 202411, false}},
     "330100",
     "310000",
     RULE_NONE,
     "330000",
     PLACE_HOME_NOWHERE_TEN_YEARS,
     0},
    {"a temporary account is no place",
     {{"310000", 200001, 202012, true}, {"440000", 200001, 201012, false}},
     "330100",
     "440000",
     RULE_NONE,
     "440000",
     PLACE_RELATION_TEN_YEARS,
     132},
    {"nor an earlier one",
     {{"310000", 200001, 202012, true}, {"440000", 202101, 202112, false}},
     "330100",
     "440000",
     RULE_NONE,
     "330000",
     PLACE_HOME_NOWHERE_TEN_YEARS,
     0},
    {"two prefectures of Hebei are one place",
     {{"130100", 200001, 200412, false}, {"131000", 200501, 200912, false}},
     "110101",
     "131000",
     RULE_NONE,
     "130000",
     PLACE_RELATION_TEN_YEARS,
     120},
    {"never contributed",
     {{"", 0, 0, false}},
     "110101",
     "130000",
     RULE_NONE,
     "110000",
     PLACE_HOME_NOWHERE_TEN_YEARS,
     0},
    {"no such province",
     {{"110000", 200001, 200412, false}},
     "190000",
     "110000",
     RULE_TRANSFER_PROVINCE_UNKNOWN,
     "",
     0,
     0},
    {"a relation nowhere", {{"110000", 200001, 200412, false}}, "110000", "", RULE_TRANSFER_PROVINCE_UNKNOWN, "", 0, 0},
    {"a stay nowhere",
     {{"990000", 200001, 200412, false}},
     "110000",
     "110000",
     RULE_TRANSFER_PROVINCE_UNKNOWN,
     "",
     0,
     0},
    {"a stay backwards",
     {{"110000", 200012, 200011, false}},
     "110000",
     "110000",
     RULE_CONTRIBUTION_MONTH_INVALID,
     "",
     0,
     0},
    {"a month 13", {{"110000", 200001, 200013, false}}, "110000", "110000", RULE_CONTRIBUTION_MONTH_INVALID, "", 0, 0},
};

TEST(the_pension_is_drawn_where_the_ladder_says)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct transfer_steps steps = {0};
        struct pension_place is = {.months = 9999};
        uint32_t count = 0;
        while (count < 5 && places[i].stays[count].from != 0)
            count++;
        expect(places[i].name, "rule",
               pension_place_find(published_first(), places[i].stays, count, places[i].home, places[i].relation,
                                  20250601, &is, &steps),
               places[i].rule);
        if (places[i].rule != RULE_NONE) {
            expect(places[i].name, "untouched", is.months, 9999);
            expect(places[i].name, "untouched steps", steps.count, 0);
            continue;
        }
        if (strcmp(is.province, places[i].want) != 0)
            fail_msg("%s: %s, not %s", places[i].name, is.province, places[i].want);
        expect(places[i].name, "reason", is.reason, places[i].reason);
        expect(places[i].name, "months", is.months, places[i].months);
        expect(places[i].name, "last step's place", steps.items[steps.count - 1].parameter,
               strtol(places[i].want, NULL, 10));
    }
    assert_string_equal(pension_place_reason_name(PLACE_LAST_EARLIER_TEN_YEARS), "last_earlier_ten_years");
}

/* ---- admission ---- */

#define AWAY .household = "130100", .target = "110000", .enrolled_at_target = true

static const struct {
    const char *name;
    struct pension_applicant applicant;
    civil_date_t day;
    enum pension_admission want;
    enum rule rules[2];
} admissions[] = {
    {"a man of 49", {19750602, true, AWAY}, 20250601, ADMISSION_MOVES, {0}},
    {"a man on his fiftieth birthday",
     {19750601, true, AWAY},
     20250601,
     ADMISSION_TEMPORARY_ACCOUNT,
     {RULE_PENSION_TEMPORARY_ACCOUNT}},
    {"a woman of 39", {19850602, false, AWAY}, 20250601, ADMISSION_MOVES, {0}},
    {"a woman on her fortieth birthday",
     {19850601, false, AWAY},
     20250601,
     ADMISSION_TEMPORARY_ACCOUNT,
     {RULE_PENSION_TEMPORARY_ACCOUNT}},
    {"born on 29 February: 28 February of a common year is not yet",
     {19760229, true, AWAY},
     20260228,
     ADMISSION_MOVES,
     {0}},
    {"but 1 March is", {19760229, true, AWAY}, 20260301, ADMISSION_TEMPORARY_ACCOUNT, {RULE_PENSION_TEMPORARY_ACCOUNT}},
    {"29 February of a leap year is",
     {19840229, false, AWAY},
     20240229,
     ADMISSION_TEMPORARY_ACCOUNT,
     {RULE_PENSION_TEMPORARY_ACCOUNT}},
    {"a man of 59 who goes home",
     {19660101, true, .household = "130100", .target = "131000", .enrolled_at_target = true},
     20250601,
     ADMISSION_MOVES,
     {0}},
    {"a man of 59 with an approved posting",
     {19660101, true, AWAY, .approved_posting = true},
     20250601,
     ADMISSION_MOVES,
     {0}},
    {"a man past pension age, to where the pension is drawn",
     {19600101, true, AWAY, .target_holds_relation = true},
     20250601,
     ADMISSION_MOVES,
     {0}},
    {"on the first day of pension age", /* 60 years and a month */
     {19650401, true, AWAY, .target_holds_relation = true},
     20250501,
     ADMISSION_MOVES,
     {0}},
    {"not a day before",
     {19650401, true, AWAY, .target_holds_relation = true},
     20250430,
     ADMISSION_TEMPORARY_ACCOUNT,
     {RULE_PENSION_TEMPORARY_ACCOUNT}},
    {"a man past pension age, elsewhere",
     {19600101, true, AWAY},
     20250601,
     ADMISSION_TEMPORARY_ACCOUNT,
     {RULE_PENSION_TEMPORARY_ACCOUNT}},
    {"draws a pension",
     {19560101, true, AWAY, .draws_pension = true},
     20250601,
     ADMISSION_REFUSED,
     {RULE_PENSION_DRAWN}},
    {"draws a pension, at home as well",
     {19560101, true, .household = "110000", .target = "110000", .enrolled_at_target = true, .draws_pension = true},
     20250601,
     ADMISSION_REFUSED,
     {RULE_PENSION_DRAWN}},
    {"not enrolled at the target",
     {19900101, true, .household = "130100", .target = "110000"},
     20250601,
     ADMISSION_REFUSED,
     {RULE_PENSION_NOT_ENROLLED}},
    {"both at once",
     {19560101, true, .household = "130100", .target = "110000", .draws_pension = true},
     20250601,
     ADMISSION_REFUSED,
     {RULE_PENSION_DRAWN, RULE_PENSION_NOT_ENROLLED}},
    {"born later than today", {99981231, true, AWAY}, 20250601, ADMISSION_REFUSED, {RULE_PERSON_BORN_LATER}},
    {"a temporary account moves on: sealed",
     {19700101, true, AWAY, .source_is_temporary = true},
     20250601,
     ADMISSION_SEALED,
     {RULE_PENSION_ACCOUNT_SEALED}},
    {"sealed in spite of a posting",
     {19700101, true, AWAY, .source_is_temporary = true, .approved_posting = true},
     20250601,
     ADMISSION_SEALED,
     {RULE_PENSION_ACCOUNT_SEALED}},
    {"a temporary account is collected where the relation is",
     {19700101, true, AWAY, .source_is_temporary = true, .target_holds_relation = true},
     20250601,
     ADMISSION_MOVES,
     {0}},
    {"and at home",
     {19700101, true, .household = "110101", .target = "110000", .enrolled_at_target = true,
      .source_is_temporary = true},
     20250601,
     ADMISSION_MOVES,
     {0}},
};

TEST(a_relation_moves_or_stays)
{
    for (size_t i = 0; i < sizeof admissions / sizeof admissions[0]; i++) {
        struct findings findings = {0};
        struct transfer_steps steps = {0};
        uint32_t count = admissions[i].rules[1] != 0 ? 2 : admissions[i].rules[0] != 0;
        expect(admissions[i].name, "admission",
               pension_admit(published_first(), &admissions[i].applicant, admissions[i].day, "transfer", &findings,
                             &steps),
               admissions[i].want);
        expect(admissions[i].name, "findings", findings.count, count);
        for (uint32_t f = 0; f < count; f++)
            expect(admissions[i].name, "rule", findings.items[f].rule, admissions[i].rules[f]);
    }
}

/* The annex's own tables: first and last rows of each, and their neighbours. */
static const struct {
    civil_date_t birth;
    bool male, management;
    civil_date_t reached;
} ages[] = {
    {19641231, true, false, 20241231},  {19650101, true, false, 20250201},  {19650430, true, false, 20250530},
    {19650501, true, false, 20250701},  {19760831, true, false, 20390731},  {19760901, true, false, 20390901},
    {19900615, true, false, 20530615},  {19691231, false, true, 20241231},  {19700101, false, true, 20250201},
    {19810901, false, true, 20390901},  {19741231, false, false, 20241231}, {19750101, false, false, 20250201},
    {19750228, false, false, 20250328}, {19750301, false, false, 20250501}, {19841101, false, false, 20391101},
    {19841001, false, false, 20390901}, {19900101, false, false, 20450101}, {19490101, true, false, 20090101},
    {19720229, false, false, 20220301}, {19800229, true, false, 20430301},  {19651031, true, false, 20260131},
    {19650831, true, false, 20251031},  {19640229, true, false, 20240229},  {19680131, true, false, 20281130},
};

TEST(pension_age_rises_by_birth_month)
{
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        civil_date_t is = pension_age_reached(published_first(), ages[i].birth, ages[i].male, ages[i].management);
        if (is != ages[i].reached)
            fail_msg("born %u: %u, not %u", ages[i].birth, is, ages[i].reached);
    }
}

static const struct {
    const char *name;
    struct pension_applicant applicant;
    enum pension_direction direction;
    civil_date_t day;
    enum rule rules[3];
} between[] = {
    {"to employees with 15 years",
     {19600101, true, .employees_months = 180},
     PENSION_RESIDENTS_TO_EMPLOYEES,
     20250601,
     {0}},
    {"to employees, a month less",
     {19600101, true, .employees_months = 179},
     PENSION_RESIDENTS_TO_EMPLOYEES,
     20250601,
     {RULE_PENSION_EMPLOYEES_YEARS}},
    {"to residents, a month less",
     {19600101, true, .employees_months = 179},
     PENSION_EMPLOYEES_TO_RESIDENTS,
     20250601,
     {0}},
    {"to residents with 15 years",
     {19600101, true, .employees_months = 180},
     PENSION_EMPLOYEES_TO_RESIDENTS,
     20250601,
     {RULE_PENSION_EMPLOYEES_YEARS}},
    {"in 2030 it takes half a year more",
     {19600101, true, .employees_months = 185},
     PENSION_RESIDENTS_TO_EMPLOYEES,
     20300101,
     {RULE_PENSION_EMPLOYEES_YEARS}},
    {"and no more", {19600101, true, .employees_months = 186}, PENSION_RESIDENTS_TO_EMPLOYEES, 20300101, {0}},
    {"twenty years from 2039 on",
     {19600101, true, .employees_months = 239},
     PENSION_RESIDENTS_TO_EMPLOYEES,
     20450101,
     {RULE_PENSION_EMPLOYEES_YEARS}},
    {"on the first day of pension age",
     {19650101, true, .employees_months = 180},
     PENSION_RESIDENTS_TO_EMPLOYEES,
     20250201,
     {0}},
    {"the day before",
     {19650101, true, .employees_months = 180},
     PENSION_RESIDENTS_TO_EMPLOYEES,
     20250131,
     {RULE_PENSION_AGE_NOT_REACHED}},
    {"born later than today",
     {99981231, true, .employees_months = 180},
     PENSION_RESIDENTS_TO_EMPLOYEES,
     20250601,
     {RULE_PERSON_BORN_LATER}},
    {"all at once",
     {19800101, true, .employees_months = 10, .draws_pension = true},
     PENSION_RESIDENTS_TO_EMPLOYEES,
     20250601,
     {RULE_PENSION_DRAWN, RULE_PENSION_AGE_NOT_REACHED, RULE_PENSION_EMPLOYEES_YEARS}},
};

TEST(schemes_are_changed_after_pension_age)
{
    for (size_t i = 0; i < sizeof between / sizeof between[0]; i++) {
        struct findings findings = {0};
        struct transfer_steps steps = {0};
        uint32_t count = 0;
        while (count < 3 && between[i].rules[count] != 0)
            count++;
        expect(between[i].name, "may move",
               pension_admit_between(published_first(), &between[i].applicant, between[i].direction, between[i].day,
                                     "transfer", &findings, &steps),
               count == 0);
        expect(between[i].name, "findings", findings.count, count);
        for (uint32_t f = 0; f < count; f++)
            expect(between[i].name, "rule", findings.items[f].rule, between[i].rules[f]);
    }
}
