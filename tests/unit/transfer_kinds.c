/* SPDX-License-Identifier: Apache-2.0
 * The kinds of transfers beside the plain ones (DOMAIN 4): between employees' and residents' pensions, the three
 * regions' unemployment standards, refusals by the source, and until when a withdrawal is taken. */
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

#define TODAY 20250310

static void accept(struct transfer_rig *rig, const char *person, const struct transfer_letter *application)
{
    struct transfer_letter contact = letter_of(application->scheme, LETTER_CONTACT);
    contact.source_area = application->source_area;
    contact.target_area = application->target_area;
    send_letter(rig, application->target_area[1] == '2' ? TIANJIN : HEBEI, person, application);
    assert_int_equal(rig->outcome.kind, OUTCOME_MOVED);
    send_letter(rig, application->target_area[1] == '2' ? TIANJIN : HEBEI, person, &contact);
    assert_int_equal(rig->outcome.kind, OUTCOME_MOVED);
}

/* 人社部发〔2014〕17号: after pension age alone; the account moves, the pooled money stays. */
TEST(to_the_residents_no_pooled_money_moves)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    struct transfer_letter application = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
    application.application.target_type = "170";
    application.application.employees_months = 30;
    const char *young = somebody(19850615, true, 1), *old = somebody(19620615, true, 2);
    enrol_at(&rig, TIANJIN, young, "170", "1501", 20250201, 0);
    enrol_at(&rig, TIANJIN, old, "170", "1601", 20250201, 0);
    send_letter(&rig, TIANJIN, young, &application);
    assert_refused_by(&rig, RULE_PENSION_AGE_NOT_REACHED);
    application.application.employees_months = 180;
    send_letter(&rig, TIANJIN, old, &application);
    assert_refused_by(&rig, RULE_PENSION_EMPLOYEES_YEARS); /* fifteen years give the employees' pension */
    application.application.employees_months = 30;
    accept(&rig, old, &application);
    struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
    send_letter(&rig, BEIJING, old, &form);
    assert_refused_by(&rig, RULE_PENSION_FUNDS_DIFFER);
    form.form.pooled_total = 0;
    form.form.transfer_total = 334800;
    send_letter(&rig, BEIJING, old, &form);
    assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250331);
    assert_int_equal(rig.outcome.transfer->pooled_total, 0);
    transfer_rig_stop(&rig);
}

TEST(from_the_residents_the_account_alone_moves)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *old = somebody(19620615, true, 1);
    enrol_at(&rig, TIANJIN, old, "110", "1101", 20250201, 0);
    struct transfer_letter application = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
    application.application.source_type = "170";
    application.application.employees_months = 179;
    send_letter(&rig, TIANJIN, old, &application);
    assert_refused_by(&rig, RULE_PENSION_EMPLOYEES_YEARS);
    application.application.employees_months = 180;
    accept(&rig, old, &application);
    struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
    form.form = (struct information_form){.account_to_last_year = 500000,
                                          .account_total = 500000,
                                          .transfer_total = 500000,
                                          .contribution_months = 30,
                                          .paid = {domain_rows, 3}};
    send_letter(&rig, BEIJING, old, &form);
    assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250331);
    assert_int_equal(rig.outcome.transfer->transfer_total, 500000);
    transfer_rig_stop(&rig);
}

/* Years paid, months due, and what they come to at the source's standard with the half. */
TEST(each_regions_standard)
{
    static struct paid_row years[24];
    static const struct {
        const char *source, *target;
        uint32_t class, years, months;
        fen_t total;
    } cases[] = {
        {BEIJING, TIANJIN, 0, 2, 6, 6 * 318600},
        {BEIJING, TIANJIN, 0, 12, 20, 12 * 326700 + 8 * 318600}, /* 12 years: 20 months, 2178 then 2124 */
        {TIANJIN, LANGFANG, 0, 12, 20, 12 * 240000 + 8 * 234000},
        {LANGFANG, TIANJIN, 1, 3, 9, 9 * 228000},
        {LANGFANG, TIANJIN, 4, 24, 24, 24 * 189600}, /* at most 24 months */
    };
    for (unsigned i = 0; i < 24; i++)
        years[i] = (struct paid_row){
            .from_month = (2001 + i) * 100 + 1, .to_month = (2001 + i) * 100 + 12, .months = 12, .document = ""};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct transfer_rig rig;
        transfer_rig_start(&rig, TODAY, 0, 1);
        const char *person = somebody(19800615, true, i);
        struct transfer_letter application = letter_of(SCHEME_UNEMPLOYMENT, LETTER_APPLICATION);
        application.source_area = cases[i].source;
        application.target_area = cases[i].target;
        accept(&rig, person, &application);
        struct transfer_letter form = letter_of(SCHEME_UNEMPLOYMENT, LETTER_INFORMATION);
        form.source_area = cases[i].source;
        form.target_area = cases[i].target;
        form.form = (struct information_form){.contribution_months = cases[i].years * 12,
                                              .benefit_months = cases[i].months,
                                              .standard_class = cases[i].class,
                                              .transfer_total = cases[i].total,
                                              .paid = {years, cases[i].years}};
        send_letter(&rig,
                    cases[i].source[1] == '1'   ? BEIJING
                    : cases[i].source[1] == '2' ? TIANJIN
                                                : HEBEI,
                    person, &form);
        assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250410);
        transfer_rig_stop(&rig);
    }
}

TEST(the_source_refuses_and_a_new_application_follows)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = somebody(19800615, true, 1);
    struct transfer_letter application = letter_of(SCHEME_UNEMPLOYMENT, LETTER_APPLICATION);
    accept(&rig, person, &application);
    struct transfer_letter refusal = letter_of(SCHEME_UNEMPLOYMENT, LETTER_REFUSAL);
    send_letter(&rig, BEIJING, person, &refusal);
    assert_moved(&rig, TRANSFER_REFUSED, 0);
    assert_true(is_told(&rig, TIANJIN) && is_told(&rig, BEIJING));
    application.application.posted = true; /* the number stays used, whatever it says now */
    send_letter(&rig, TIANJIN, person, &application);
    assert_refused_by(&rig, RULE_TRU_CLOSED);
    application.transfer_id = "T-2";
    send_letter(&rig, TIANJIN, person, &application);
    assert_moved(&rig, TRANSFER_APPLIED, 20250317);
    transfer_rig_stop(&rig);
}

TEST(once_the_money_is_sent_it_is_too_late_to_withdraw)
{
    static const uint32_t letters[] = {LETTER_APPLICATION, LETTER_CONTACT, LETTER_INFORMATION, LETTER_FUNDS_NOTICE,
                                       LETTER_FUNDS_RECEIPT};
    for (unsigned sent = 1; sent <= sizeof letters / sizeof letters[0]; sent++) {
        struct transfer_rig rig;
        transfer_rig_start(&rig, TODAY, 0, 1);
        const char *person = somebody(19800615, true, sent);
        for (unsigned i = 0; i < sent; i++) {
            struct transfer_letter letter = letter_of(SCHEME_UNEMPLOYMENT, letters[i]);
            send_letter(&rig, i == 2 || i == 3 ? BEIJING : TIANJIN, person, &letter);
            assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
        }
        struct transfer_letter withdrawal = letter_of(SCHEME_UNEMPLOYMENT, LETTER_WITHDRAWAL);
        send_letter(&rig, TIANJIN, person, &withdrawal);
        if (sent <= 3)
            assert_moved(&rig, TRANSFER_WITHDRAWN, 0);
        else
            assert_refused_by(&rig, RULE_TRU_NOT_NOW);
        transfer_rig_stop(&rig);
    }
}
