/* SPDX-License-Identifier: Apache-2.0
 * Where a pension is drawn, in a conversation from Beijing to Tianjin: who has reached pension age moves to that place
 * or not at all. One row a person; the form's figures are those of its rows. */
#include "common/engines/transfer/paid.h"
#include "common/engines/transfer/pension_funds.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

#define TODAY 20250310
#define ROWS_MAX 40
#define HOME_HEBEI "130102"
#define HOME_TIANJIN "120101"
#define HOME_BEIJING "110101"

/* Whole years with one base; 0: at the sender's area. */
struct years {
    uint32_t from, to, division;
};

static const struct place_case {
    const char *name;
    civil_date_t birth;
    const char *home;
    bool said;                   /* the target says that the pension is drawn there */
    bool temporary, posted;      /* of the application */
    struct years form[4];        /* by the source */
    struct years at_target;      /* by the target */
    enum rule application, rule; /* RULE_NONE: moves */
    const char *detail;
} cases[] = {
    {.name = "ten years at the relation's place",
     .birth = 19600101,
     .home = HOME_HEBEI,
     .said = true,
     .form = {{2005, 2019, 0}},
     .rule = RULE_PENSION_PLACE,
     .detail = "drawn in 110000: relation_ten_years, 180 months there"},
    {.name = "back to the last earlier place with ten years, whose months had moved along",
     .birth = 19600101,
     .home = HOME_HEBEI,
     .said = true,
     .form = {{2000, 2013, 120000}, {2014, 2019, 0}}},
    {.name = "or still lie there",
     .birth = 19600101,
     .home = HOME_HEBEI,
     .said = true,
     .form = {{2014, 2019, 0}},
     .at_target = {2000, 2009, 0}},
    {.name = "a month's year less is no place",
     .birth = 19600101,
     .home = HOME_HEBEI,
     .said = true,
     .form = {{2005, 2013, 120101}, {2014, 2019, 0}},
     .rule = RULE_PENSION_PLACE,
     .detail = "drawn in 130000: home_nowhere_ten_years, 0 months there"},
    {.name = "the relation is at home",
     .birth = 19600101,
     .home = HOME_BEIJING,
     .said = true,
     .form = {{2000, 2013, 120000}, {2014, 2019, 0}},
     .rule = RULE_PENSION_PLACE,
     .detail = "drawn in 110000: relation_at_home, 72 months there"},
    {.name = "a later place with ten years in a third province",
     .birth = 19600101,
     .home = HOME_HEBEI,
     .said = true,
     .form = {{1998, 2007, 120000}, {2008, 2017, 440100}, {2018, 2019, 0}},
     .rule = RULE_PENSION_PLACE,
     .detail = "drawn in 440000: last_earlier_ten_years, 120 months there"},
    {.name = "ten years nowhere: home",
     .birth = 19600101,
     .home = HOME_TIANJIN,
     .form = {{2004, 2011, 440100}, {2012, 2019, 0}}},
    {.name = "goes home, though the relation's place pays",
     .birth = 19600101,
     .home = HOME_TIANJIN,
     .form = {{2005, 2019, 0}},
     .rule = RULE_PENSION_PLACE,
     .detail = "drawn in 110000: relation_ten_years, 180 months there"},
    {.name = "posted, though the relation's place pays",
     .birth = 19600101,
     .home = HOME_HEBEI,
     .posted = true,
     .form = {{2005, 2019, 0}},
     .rule = RULE_PENSION_PLACE,
     .detail = "drawn in 110000: relation_ten_years, 180 months there"},
    {.name = "goes home a day before pension age", /* 60 years and a month: 11 March */
     .birth = 19650211,
     .home = HOME_TIANJIN,
     .form = {{2005, 2019, 0}}},
    {.name = "goes home without the months for a pension",
     .birth = 19600101,
     .home = HOME_TIANJIN,
     .form = {{2006, 2019, 0}}},
    {.name = "nobody says that it is drawn there: the relation stays",
     .birth = 19600101,
     .home = HOME_HEBEI,
     .form = {{2000, 2013, 120000}, {2014, 2019, 0}},
     .application = RULE_PENSION_TEMPORARY_ACCOUNT},
    {.name = "said before pension age",
     .birth = 19700101,
     .home = HOME_HEBEI,
     .said = true,
     .form = {{2000, 2013, 120000}, {2014, 2019, 0}},
     .application = RULE_PENSION_TEMPORARY_ACCOUNT},
    {.name = "a temporary account is collected",
     .birth = 19600101,
     .home = HOME_HEBEI,
     .said = true,
     .temporary = true,
     .form = {{2005, 2019, 0}}},
    {.name = "a young man moves, whatever the places",
     .birth = 19850615,
     .home = HOME_HEBEI,
     .form = {{2005, 2019, 0}}},
    {.name = "nor does the target's word hold him to the ladder",
     .birth = 19850615,
     .home = HOME_HEBEI,
     .said = true,
     .form = {{2005, 2019, 0}}},
    {.name = "a place that does not exist",
     .birth = 19850615,
     .home = HOME_HEBEI,
     .form = {{2019, 2019, 990000}},
     .rule = RULE_TRANSFER_PROVINCE_UNKNOWN,
     .detail = ""},
};

static uint32_t rows_of(const struct years *years, unsigned count, struct paid_row *rows)
{
    uint32_t taken = 0;
    for (unsigned i = 0; i < count; i++)
        for (uint32_t year = years[i].from; year != 0 && year <= years[i].to; year++)
            rows[taken++] = (struct paid_row){.from_month = year * 100 + 1,
                                              .to_month = year * 100 + 12,
                                              .months = 12,
                                              .base = 100000,
                                              .division = years[i].division,
                                              .document = ""};
    return taken;
}

static void compute(struct information_form *form)
{
    static struct contribution_rows rows;
    static struct transfer_steps steps;
    struct pension_funds funds = {0};
    paid_rows_take(&form->paid, &rows);
    struct pension_funds_input input = {
        .direction = PENSION_EMPLOYEES_TO_EMPLOYEES, .rows = &rows, .running_year = TODAY / 10000};
    steps.count = 0;
    assert_int_equal(pension_funds_compute(published_first(), &input, &funds, &steps), RULE_NONE);
    form->contribution_months = form->paid.count * 12;
    form->account_to_last_year = funds.account_closed;
    form->account_total = funds.account_total;
    form->pooled_total = funds.pooled;
    form->transfer_total = funds.total;
}

static void judge(const struct place_case *each)
{
    struct transfer_rig rig;
    struct paid_row rows[ROWS_MAX], at_target[ROWS_MAX];
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = somebody(each->birth, true, 1);
    enrol_at(&rig, TIANJIN, person, "110", "1101", 20250201, 0);
    struct transfer_letter application = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
    application.application.household_division = each->home;
    application.application.target_holds_relation = each->said;
    application.application.source_is_temporary = each->temporary;
    application.application.posted = each->posted;
    application.application.paid = (struct paid_rows){at_target, rows_of(&each->at_target, 1, at_target)};
    send_letter(&rig, TIANJIN, person, &application);
    if (each->application != RULE_NONE) {
        assert_refused_by(&rig, each->application);
        transfer_rig_stop(&rig);
        return;
    }
    assert_moved(&rig, TRANSFER_APPLIED, 20250331);
    struct transfer_letter contact = letter_of(SCHEME_PENSION, LETTER_CONTACT);
    send_letter(&rig, TIANJIN, person, &contact);
    struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
    form.form.paid = (struct paid_rows){rows, rows_of(each->form, 4, rows)};
    compute(&form.form);
    send_letter(&rig, BEIJING, person, &form);
    if (each->rule == RULE_NONE) {
        assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250331);
    } else {
        assert_refused_by(&rig, each->rule);
        assert_int_equal(rig.outcome.findings->count, 1);
        assert_string_equal(rig.outcome.findings->items[0].detail, each->detail);
    }
    transfer_rig_stop(&rig);
}

TEST(a_pension_that_is_due_moves_to_its_place_alone)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("%s\n", cases[i].name);
        judge(&cases[i]);
    }
}
