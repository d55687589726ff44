/* SPDX-License-Identifier: Apache-2.0
 * Transfers through validation and settlement: whole conversations, their limits to the day, their money, and what both
 * regions are told. 2025-03-10 is a Monday; the next holiday is 2025-04-04. */
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

#define TODAY 20250310

static void step(struct transfer_rig *rig, const char *person, uint32_t scheme, uint32_t kind, uint32_t state,
                 civil_date_t due)
{
    struct transfer_letter letter = letter_of(scheme, kind);
    bool source = kind == LETTER_INFORMATION || kind == LETTER_FUNDS_NOTICE || kind == LETTER_CLOSING;
    send_letter(rig, source ? BEIJING : TIANJIN, person, &letter);
    assert_moved(rig, state, due);
}

static const char *applicant(struct transfer_rig *rig, uint32_t scheme)
{
    static const char *const types[] = {"", "110", "310", "210"};
    const char *person = somebody(19850615, true, (unsigned)rig->validation.position);
    enrol_at(rig, TIANJIN, person, types[scheme], "1101", 20250201, 0);
    return person;
}

TEST(a_pension_moves_whole)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = applicant(&rig, SCHEME_PENSION);
    step(&rig, person, SCHEME_PENSION, LETTER_APPLICATION, TRANSFER_APPLIED, 20250331);
    assert_false(is_told(&rig, BEIJING)); /* not before the contact letter */
    assert_string_equal(rig.outcome.transfer->step_region, TIANJIN);
    rig.today = 20250312;
    step(&rig, person, SCHEME_PENSION, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250402);
    assert_true(is_told(&rig, BEIJING) && is_told(&rig, TIANJIN));
    assert_string_equal(rig.outcome.transfer->step_region, BEIJING);
    struct transfer_letter astray = letter_of(SCHEME_PENSION, LETTER_CORRECTION);
    astray.has_contact = true;
    astray.contact = (struct contact_letter){"office", "bank", "1", ""};
    astray.source_area = LANGFANG; /* the same number, other areas */
    send_letter(&rig, TIANJIN, person, &astray);
    assert_refused_by(&rig, RULE_TRP_AREAS);
    step(&rig, person, SCHEME_PENSION, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250402); /* shown again below */
    assert_string_equal(rig.outcome.transfer->person_id, person);
    struct transfer_letter shown; /* the other region reads the letter in its mailbox */
    assert_int_equal(transfer_decode(rig.outcome.transfer->letter, &rig.settlement.arena, &shown), OK);
    assert_string_equal(shown.contact.bank_account, "6222000000000001");
    rig.today = 20250314;
    step(&rig, person, SCHEME_PENSION, LETTER_INFORMATION, TRANSFER_INFORMATION_SENT, 20250402);
    assert_int_equal(rig.outcome.transfer->account_total, 334800);
    assert_int_equal(rig.outcome.transfer->pooled_total, 388800);
    assert_true(rig.outcome.step_count > 3); /* how the figures follow */
    rig.today = 20250318;
    step(&rig, person, SCHEME_PENSION, LETTER_FUNDS_NOTICE, TRANSFER_FUNDS_SENT, 20250409);
    assert_int_equal(transfer_balance(&rig, "transferred:110000:110"), 723600);
    assert_int_equal(transfer_balance(&rig, "transit:110000:120000:110"), -723600);
    step(&rig, person, SCHEME_PENSION, LETTER_FUNDS_RECEIPT, TRANSFER_MATCHED, 20250409);
    assert_int_equal(transfer_balance(&rig, "transit:110000:120000:110"), 0);
    assert_int_equal(transfer_balance(&rig, "held:120000:110"), -723600);
    step(&rig, person, SCHEME_PENSION, LETTER_JOINING, TRANSFER_JOINED, 20250409);
    assert_int_equal(transfer_balance(&rig, "held:120000:110"), 0);
    assert_int_equal(transfer_balance(&rig, "joined:120000:110"), -723600);
    struct transfer_letter early = letter_of(SCHEME_PENSION, LETTER_CLOSING);
    send_letter(&rig, BEIJING, person, &early);
    assert_refused_by(&rig, RULE_TRP_NOT_NOW); /* the source closes after the confirmation alone */
    step(&rig, person, SCHEME_PENSION, LETTER_CONFIRMATION, TRANSFER_CONFIRMED, 20250409);
    step(&rig, person, SCHEME_PENSION, LETTER_CLOSING, TRANSFER_CLOSED, 0);
    assert_string_equal(rig.outcome.transfer->step_region, "");
    assert_true(is_told(&rig, BEIJING) && is_told(&rig, TIANJIN));
    transfer_rig_stop(&rig);
}

static void to_funds_sent(struct transfer_rig *rig, const char *person, uint32_t scheme)
{
    static const uint32_t letters[] = {LETTER_APPLICATION, LETTER_CONTACT, LETTER_INFORMATION, LETTER_FUNDS_NOTICE};
    for (unsigned i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        struct transfer_letter letter = letter_of(scheme, letters[i]);
        send_letter(rig, i < 2 ? TIANJIN : BEIJING, person, &letter);
        assert_int_equal(rig->outcome.kind, OUTCOME_MOVED);
    }
}

TEST(a_mismatch_is_held_and_repaired)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = applicant(&rig, SCHEME_PENSION);
    to_funds_sent(&rig, person, SCHEME_PENSION);
    struct transfer_letter receipt = letter_of(SCHEME_PENSION, LETTER_FUNDS_RECEIPT);
    receipt.amount = 700000;
    send_letter(&rig, TIANJIN, person, &receipt);
    assert_moved(&rig, TRANSFER_MISMATCHED, 20250331);
    assert_string_equal(rig.outcome.transfer->step_region, BEIJING);
    assert_int_equal(transfer_balance(&rig, "held:120000:110"), -700000);
    assert_int_equal(transfer_balance(&rig, "transit:110000:120000:110"), -23600); /* what is missing */
    struct transfer_letter joining = letter_of(SCHEME_PENSION, LETTER_JOINING);
    send_letter(&rig, TIANJIN, person, &joining);
    assert_refused_by(&rig, RULE_TRP_NOT_NOW);
    assert_int_equal(transfer_balance(&rig, "joined:120000:110"), 0);
    struct transfer_letter back = letter_of(SCHEME_PENSION, LETTER_FUNDS_RETURN);
    back.amount = 700001;
    send_letter(&rig, TIANJIN, person, &back);
    assert_refused_by(&rig, RULE_TRP_AMOUNT);
    back.amount = 700000;
    send_letter(&rig, TIANJIN, person, &back);
    assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250331);
    assert_int_equal(transfer_balance(&rig, "transferred:110000:110"), 0);
    assert_int_equal(transfer_balance(&rig, "transit:110000:120000:110"), 0);
    assert_int_equal(transfer_balance(&rig, "held:120000:110"), 0);
    struct transfer_letter notice = letter_of(SCHEME_PENSION, LETTER_FUNDS_NOTICE);
    notice.reference = "B-2"; /* sent again: a payment of its own */
    send_letter(&rig, BEIJING, person, &notice);
    assert_moved(&rig, TRANSFER_FUNDS_SENT, 20250331);
    receipt.amount = 730000;
    receipt.reference = "B-2";
    send_letter(&rig, TIANJIN, person, &receipt);
    assert_moved(&rig, TRANSFER_MISMATCHED, 20250331);
    receipt.amount = 723600;
    receipt.reference = "B-3"; /* the surplus went back outside; what is held now is right */
    send_letter(&rig, TIANJIN, person, &receipt);
    assert_moved(&rig, TRANSFER_MATCHED, 20250331);
    assert_int_equal(transfer_balance(&rig, "held:120000:110"), -723600);
    transfer_rig_stop(&rig);
}

TEST(the_same_letter_twice_changes_nothing)
{
    struct transfer_rig rig;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = applicant(&rig, SCHEME_PENSION);
    to_funds_sent(&rig, person, SCHEME_PENSION);
    position_t first = rig.outcome.position;
    harness_digest(&rig.settlement, before);
    rig.today = 20250320;
    step(&rig, person, SCHEME_PENSION, LETTER_FUNDS_NOTICE, TRANSFER_FUNDS_SENT, 20250331); /* the first one's limit */
    assert_int_equal(rig.outcome.original_position, first);
    assert_int_equal(rig.outcome.posting_count, 0);
    assert_int_equal(rig.outcome.transfer->sent, 723600);
    assert_int_equal(rig.outcome.deliver_count, 1);
    step(&rig, person, SCHEME_PENSION, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250331); /* an earlier one */
    assert_int_equal(rig.outcome.transfer->sent, 0);
    assert_int_equal(rig.outcome.transfer->account_total, 0); /* nor what a later form stated */
    assert_int_equal(rig.outcome.transfer->pooled_total, 0);
    step(&rig, person, SCHEME_PENSION, LETTER_APPLICATION, TRANSFER_APPLIED, 20250331);
    harness_digest(&rig.settlement, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    enrol_at(&rig, TIANJIN, person, "110", "1201", 20250301, 0); /* retired since: it was answered before */
    harness_digest(&rig.settlement, before);
    step(&rig, person, SCHEME_PENSION, LETTER_APPLICATION, TRANSFER_APPLIED, 20250331);
    assert_int_equal(rig.outcome.findings->count, 0);
    assert_int_equal(rig.outcome.deliver_count, 1);
    struct transfer_letter foreign = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
    send_letter(&rig, HEBEI, person, &foreign); /* the same bytes, from a region that it does not concern */
    assert_refused_by(&rig, RULE_TRP_SENDER);
    assert_null(rig.outcome.transfer);
    harness_digest(&rig.settlement, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    transfer_rig_stop(&rig);
}

TEST(one_open_transfer_of_a_person_and_scheme)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = applicant(&rig, SCHEME_PENSION);
    step(&rig, person, SCHEME_PENSION, LETTER_APPLICATION, TRANSFER_APPLIED, 20250331);
    position_t first = rig.outcome.position;
    struct transfer_letter second = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
    second.transfer_id = "T-2";
    send_letter(&rig, TIANJIN, person, &second);
    assert_refused_by(&rig, RULE_TRP_OPEN);
    assert_int_equal(rig.outcome.original_position, first);
    enrol_at(&rig, TIANJIN, person, "310", "1101", 20250201, 0);
    step(&rig, person, SCHEME_MEDICAL, LETTER_APPLICATION, TRANSFER_APPLIED, 20250317); /* another scheme */
    step(&rig, person, SCHEME_PENSION, LETTER_WITHDRAWAL, TRANSFER_WITHDRAWN, 0);
    send_letter(&rig, TIANJIN, person, &second);
    assert_moved(&rig, TRANSFER_APPLIED, 20250331);
    transfer_rig_stop(&rig);
}

/* Both on their way at once: the log decides, and each region hears the same. */
TEST(a_withdrawal_crosses_the_form)
{
    for (int withdrawal_first = 0; withdrawal_first < 2; withdrawal_first++) {
        struct transfer_rig rig;
        transfer_rig_start(&rig, TODAY, 0, 1);
        const char *person = applicant(&rig, SCHEME_PENSION);
        step(&rig, person, SCHEME_PENSION, LETTER_APPLICATION, TRANSFER_APPLIED, 20250331);
        step(&rig, person, SCHEME_PENSION, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250331);
        if (withdrawal_first) {
            step(&rig, person, SCHEME_PENSION, LETTER_WITHDRAWAL, TRANSFER_WITHDRAWN, 0);
            assert_true(is_told(&rig, BEIJING) && is_told(&rig, TIANJIN));
            struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
            send_letter(&rig, BEIJING, person, &form);
            assert_refused_by(&rig, RULE_TRP_CLOSED);
            assert_int_equal(rig.outcome.transfer->state, TRANSFER_WITHDRAWN); /* and it says why */
        } else {
            step(&rig, person, SCHEME_PENSION, LETTER_INFORMATION, TRANSFER_INFORMATION_SENT, 20250331);
            assert_true(is_told(&rig, BEIJING) && is_told(&rig, TIANJIN));
            step(&rig, person, SCHEME_PENSION, LETTER_WITHDRAWAL, TRANSFER_WITHDRAWN, 0);
            assert_true(is_told(&rig, BEIJING) && is_told(&rig, TIANJIN));
        }
        struct transfer_letter notice = letter_of(SCHEME_PENSION, LETTER_FUNDS_NOTICE);
        send_letter(&rig, BEIJING, person, &notice);
        assert_refused_by(&rig, RULE_TRP_CLOSED);
        assert_int_equal(transfer_balance(&rig, "transferred:110000:110"), 0);
        transfer_rig_stop(&rig);
    }
}

TEST(both_send_corrections)
{
    for (int target_first = 0; target_first < 2; target_first++) {
        struct transfer_rig rig;
        transfer_rig_start(&rig, TODAY, 0, 1);
        const char *person = applicant(&rig, SCHEME_MEDICAL);
        step(&rig, person, SCHEME_MEDICAL, LETTER_APPLICATION, TRANSFER_APPLIED, 20250317);
        step(&rig, person, SCHEME_MEDICAL, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250324);
        step(&rig, person, SCHEME_MEDICAL, LETTER_INFORMATION, TRANSFER_INFORMATION_SENT, 20250324);
        struct transfer_letter contact = letter_of(SCHEME_MEDICAL, LETTER_CORRECTION);
        contact.has_contact = true;
        contact.contact = (struct contact_letter){"Tianjin office", "Bank", "6222000000000002", ""};
        struct transfer_letter form = letter_of(SCHEME_MEDICAL, LETTER_INFORMATION);
        form.kind = LETTER_CORRECTION;
        form.reason = "the balance";
        form.form.transfer_total = 160000;
        for (int turn = 0; turn < 2; turn++) {
            bool target = (turn == 0) == (target_first != 0);
            send_letter(&rig, target ? TIANJIN : BEIJING, person, target ? &contact : &form);
            assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250324);
            assert_true(is_told(&rig, BEIJING) && is_told(&rig, TIANJIN));
        }
        assert_int_equal(rig.outcome.transfer->transfer_total, 160000);
        struct transfer_letter notice = letter_of(SCHEME_MEDICAL, LETTER_FUNDS_NOTICE);
        send_letter(&rig, BEIJING, person, &notice);
        assert_refused_by(&rig, RULE_TRM_AMOUNT); /* the form's old figure */
        notice.amount = 160000;
        send_letter(&rig, BEIJING, person, &notice);
        assert_moved(&rig, TRANSFER_FUNDS_SENT, 20250317);
        transfer_rig_stop(&rig);
    }
}

TEST(one_off_contributions_are_carved_out)
{
    struct transfer_rig rig;
    static const struct paid_row rows[] = {
        {.from_month = 200001, .to_month = 200012, .months = 12, .base = 50000, .one_off = true, .document = ""},
        {.from_month = 200101, .to_month = 200112, .months = 12, .base = 50000, .one_off = true, .document = ""},
        {.from_month = 200201, .to_month = 200212, .months = 12, .base = 50000, .one_off = true, .document = ""},
        {.from_month = 200401, .to_month = 200412, .months = 12, .base = 100000, .document = ""},
        {.from_month = 200501, .to_month = 200512, .months = 12, .base = 110000, .document = ""},
        {.from_month = 200601, .to_month = 200606, .months = 6, .base = 120000, .document = ""},
    };
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = applicant(&rig, SCHEME_PENSION);
    step(&rig, person, SCHEME_PENSION, LETTER_APPLICATION, TRANSFER_APPLIED, 20250331);
    step(&rig, person, SCHEME_PENSION, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250331);
    struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
    form.form.paid = (struct paid_rows){rows, 6};
    form.form.contribution_months = 66;
    send_letter(&rig, BEIJING, person, &form);
    assert_moved(&rig, TRANSFER_CARVE_OUT_DUE, 20250324); /* told within 10 working days */
    assert_string_equal(rig.outcome.transfer->step_region, TIANJIN);
    step(&rig, person, SCHEME_PENSION, LETTER_CARVE_OUT, TRANSFER_CARVED_OUT, 20250331);
    form.kind = LETTER_CORRECTION;
    form.reason = "without them";
    send_letter(&rig, BEIJING, person, &form);
    assert_refused_by(&rig, RULE_TRP_ONE_OFF);
    form.form.paid = (struct paid_rows){rows + 3, 3};
    form.form.contribution_months = 30;
    send_letter(&rig, BEIJING, person, &form);
    assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250331); /* the rest moves */
    assert_int_equal(rig.outcome.transfer->transfer_total, 723600);
    transfer_rig_stop(&rig);
}

/* The target began first, so the source's months go back before the rest moves. */
TEST(months_paid_in_both_places_are_kept_once)
{
    struct transfer_rig rig;
    static const struct paid_row at_target[] = {
        {.from_month = 200301, .to_month = 200312, .months = 12, .base = 90000, .document = ""},
        {.from_month = 200401, .to_month = 200403, .months = 3, .base = 90000, .document = ""}};
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = applicant(&rig, SCHEME_PENSION);
    struct transfer_letter application = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
    application.application.paid = (struct paid_rows){at_target, 2};
    send_letter(&rig, TIANJIN, person, &application);
    assert_moved(&rig, TRANSFER_APPLIED, 20250331);
    step(&rig, person, SCHEME_PENSION, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250331);
    struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
    send_letter(&rig, BEIJING, person, &form);
    assert_refused_by(&rig, RULE_PENSION_FUNDS_DIFFER);
    assert_string_equal(rig.outcome.findings->items[rig.outcome.findings->count - 1].path,
                        "transfer.information_form.transfer_total_fen");
    assert_refused_by(&rig, RULE_TRP_PAID_TWICE); /* and why they differ */
    form.form.account_to_last_year = form.form.account_total = 334800 - 3 * 11000;
    form.form.pooled_total = 388800 - 3 * 12000;
    form.form.transfer_total = 723600 - 3 * 23000;
    send_letter(&rig, BEIJING, person, &form);
    assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250331);
    assert_int_equal(rig.outcome.findings->count, 1);
    assert_int_equal(rig.outcome.findings->items[0].rule, RULE_TRP_PAID_TWICE);
    assert_string_equal(rig.outcome.transfer->refund_area, BEIJING);
    assert_int_equal(rig.outcome.transfer->refund, 33000);
    assert_int_equal(rig.outcome.transfer->paid_twice_count, 1);
    assert_int_equal(rig.outcome.transfer->paid_twice[0].from_month, 200401);
    assert_int_equal(rig.outcome.transfer->paid_twice[0].to_month, 200403);
    transfer_rig_stop(&rig);
}

TEST(medical_runs_through_a_short_gap)
{
    static const struct {
        uint32_t covered_to;
        bool paid_up;
        uint32_t target_waiting, waiting;
        civil_date_t from;
    } cases[] = {
        {202502, false, 6, 0, 20250301}, /* no gap */
        {202411, true, 6, 0, 20241201},  /* three months, paid up: the gap's own months are covered */
        {202410, true, 6, 6, 20250901},  /* four */
        {202411, false, 2, 2, 20250501}, /* not paid up */
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct transfer_rig rig;
        transfer_rig_start(&rig, TODAY, 0, 1);
        const char *person = applicant(&rig, SCHEME_MEDICAL);
        struct transfer_letter application = letter_of(SCHEME_MEDICAL, LETTER_APPLICATION);
        application.application.gap_paid_up = cases[i].paid_up;
        application.application.target_waiting_months = cases[i].target_waiting;
        send_letter(&rig, TIANJIN, person, &application);
        assert_moved(&rig, TRANSFER_APPLIED, 20250317);
        step(&rig, person, SCHEME_MEDICAL, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250324);
        struct transfer_letter form = letter_of(SCHEME_MEDICAL, LETTER_INFORMATION);
        form.form.covered_to_month = cases[i].covered_to;
        form.form.transfer_total = 0; /* an empty account: nothing to send */
        send_letter(&rig, BEIJING, person, &form);
        assert_moved(&rig, TRANSFER_MATCHED, 20250317);
        assert_int_equal(rig.outcome.transfer->waiting_months, cases[i].waiting);
        assert_int_equal(rig.outcome.transfer->benefits_from, cases[i].from);
        transfer_rig_stop(&rig);
    }
}

TEST(unemployment_is_due_at_the_sources_standard)
{
    static const struct paid_row five_years[] = {
        {.from_month = 201901, .to_month = 201912, .months = 12, .document = ""},
        {.from_month = 202001, .to_month = 202012, .months = 12, .document = ""},
        {.from_month = 202101, .to_month = 202112, .months = 12, .document = ""},
        {.from_month = 202201, .to_month = 202212, .months = 12, .document = ""},
        {.from_month = 202301, .to_month = 202312, .months = 12, .document = ""}};
    static const struct {
        uint32_t rows, months, benefit;
        fen_t total;
    } cases[] = {
        {1, 12, 3, 3 * 318600},            /* 2124 x 1.5 */
        {5, 60, 13, 12 * 322650 + 318600}, /* 60 months: 13 at 2151, from the 13th month at 2124 */
    };
    for (unsigned i = 0; i < 2; i++) {
        struct transfer_rig rig;
        transfer_rig_start(&rig, TODAY, 0, 1);
        const char *person = somebody(19850615, true, i);
        step(&rig, person, SCHEME_UNEMPLOYMENT, LETTER_APPLICATION, TRANSFER_APPLIED, 20250317);
        step(&rig, person, SCHEME_UNEMPLOYMENT, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250317);
        struct transfer_letter form = letter_of(SCHEME_UNEMPLOYMENT, LETTER_INFORMATION);
        form.form.paid = (struct paid_rows){five_years, cases[i].rows};
        form.form.contribution_months = cases[i].months;
        form.form.benefit_months = cases[i].benefit;
        form.form.transfer_total = cases[i].total + 1;
        send_letter(&rig, BEIJING, person, &form);
        assert_refused_by(&rig, RULE_TRU_FORM);
        form.form.transfer_total = cases[i].total;
        send_letter(&rig, BEIJING, person, &form);
        assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250410); /* money within a month */
        struct transfer_letter refusal = letter_of(SCHEME_UNEMPLOYMENT, LETTER_REFUSAL);
        send_letter(&rig, TIANJIN, person, &refusal);
        assert_refused_by(&rig, RULE_TRU_NOT_NOW); /* benefits are owed though the money is late */
        transfer_rig_stop(&rig);
    }
}

TEST(under_a_year_the_relation_moves_alone)
{
    struct transfer_rig rig;
    static const struct paid_row months[] = {{.from_month = 202401, .to_month = 202411, .months = 11, .document = ""}};
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = somebody(19850615, true, 1);
    step(&rig, person, SCHEME_UNEMPLOYMENT, LETTER_APPLICATION, TRANSFER_APPLIED, 20250317);
    step(&rig, person, SCHEME_UNEMPLOYMENT, LETTER_CONTACT, TRANSFER_ACCEPTED, 20250317);
    struct transfer_letter form = letter_of(SCHEME_UNEMPLOYMENT, LETTER_INFORMATION);
    form.form = (struct information_form){.contribution_months = 11, .paid = {months, 1}};
    send_letter(&rig, BEIJING, person, &form);
    assert_moved(&rig, TRANSFER_MATCHED, 20250317);
    step(&rig, person, SCHEME_UNEMPLOYMENT, LETTER_JOINING, TRANSFER_JOINED, 20250317);
    assert_int_equal(rig.outcome.posting_count, 0);
    transfer_rig_stop(&rig);
}

TEST(past_the_age_the_relation_stays)
{
    static const struct {
        civil_date_t birth;
        bool male, posted;
        const char *household;
        bool moves;
    } cases[] = {
        {19750311, true, false, "130102", true},  /* 50 tomorrow */
        {19750310, true, false, "130102", false}, /* 50 today: the birthday itself counts */
        {19750310, true, false, "120101", true},  /* home */
        {19750310, true, true, "130102", true},   /* an approved posting */
        {19850310, false, false, "130102", false} /* a woman of 40 */
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct transfer_rig rig;
        transfer_rig_start(&rig, TODAY, 0, 1);
        const char *person = somebody(cases[i].birth, cases[i].male, i);
        enrol_at(&rig, TIANJIN, person, "110", "1101", 20250201, 0);
        struct transfer_letter application = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
        application.application.household_division = cases[i].household;
        application.application.posted = cases[i].posted;
        send_letter(&rig, TIANJIN, person, &application);
        if (cases[i].moves)
            assert_moved(&rig, TRANSFER_APPLIED, 20250331);
        else
            assert_refused_by(&rig, RULE_PENSION_TEMPORARY_ACCOUNT);
        transfer_rig_stop(&rig);
    }
}

/* A restart in the middle of a conversation is not seen. */
TEST(state_is_what_the_log_made_of_it)
{
    struct transfer_rig rig;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = applicant(&rig, SCHEME_PENSION);
    to_funds_sent(&rig, person, SCHEME_PENSION);
    harness_digest(&rig.settlement, before);
    harness_restart(&rig.settlement);
    harness_digest(&rig.settlement, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    step(&rig, person, SCHEME_PENSION, LETTER_FUNDS_RECEIPT, TRANSFER_MATCHED, 20250331);
    transfer_rig_stop(&rig);
}
