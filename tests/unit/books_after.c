/* SPDX-License-Identifier: Apache-2.0
 * The books beside clearing: advance funds, investigations, supervision, the sum tree. */
#include "common/engines/advance/advance.h"
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

TEST(advance_funds_are_deposited_bound_and_freed)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    struct advance_deposit deposit = {BEIJING, TIANJIN, 100000, 20250310, false, 0};
    position_t number = rig_send(&rig, BEIJING, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = deposit});
    assert_int_equal(rig.said.advance->deposits, 100000);
    assert_int_equal(rig.said.advance->available, 0);
    assert_int_equal(rig.said.advance->in_transit, 100000); /* pending */
    deposit.deposit = number;
    deposit.amount--;
    rig_send(&rig, TIANJIN, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = deposit});
    assert_int_equal(rig_rule(&rig), RULE_DEPOSIT_UNKNOWN);
    deposit.amount++;
    rig_send(&rig, TIANJIN, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = deposit});
    assert_int_equal(rig.said.advance->available, 100000); /* final */
    rig_send(&rig, TIANJIN, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = deposit});
    assert_int_equal(rig_rule(&rig), RULE_DEPOSIT_UNKNOWN); /* once */
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    rig_at(&rig, 20250421);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    rig_at(&rig, 20250426);
    struct books *books = rig.harness.self;
    bool warned = false;
    do {
        rig_tick(&rig);
        if (rig.said.kind != BOOKS_ADVANCE)
            continue;
        warned = true;
        assert_int_equal(rig.said.advance->month_clearing, 75000);
        assert_int_equal(rig.said.advance->use_rate_bp, 7500);
        assert_int_equal(rig.said.advance->colour, ADVANCE_YELLOW);
        assert_int_equal(rig.said.advance->used, 75000);
        assert_int_equal(rig.said.advance->available, 25000);
    } while (books->first_due <= books->today);
    assert_true(warned);
    assert_int_equal(rig_balance(&rig, "advance:110000:120000") + rig_balance(&rig, "advance_used:110000:120000"),
                     100000);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

static void pay(struct rig *rig, const char *sender, const char *payee)
{
    struct payment payment = {202503, BEIJING, payee, 75000, 20250508, ""};
    rig_send(rig, sender, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig_rule(rig), 0);
}

/* Nets settle many pairs at once: nothing is free before all of a month is paid. */
TEST(an_advance_is_free_when_the_whole_month_is_paid)
{
    struct rig rig;
    struct rig_bill other = beijinger_in_tianjin;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    other.institution = HEBEI_HOSPITAL;
    position_t first = rig_settle(&rig, &beijinger_in_tianjin), second = rig_settle(&rig, &other);
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, first, &beijinger_in_tianjin, 0);
    rig_state_row(&rig, HEBEI, SIDE_CARE, 20250310, second, &other, 0, 0);
    rig_state_row(&rig, BEIJING, SIDE_INSURED, 20250310, second, &other, 0, 0);
    rig_at(&rig, 20250426);
    assert_int_equal(rig_do_due(&rig, BOOKS_PAYMENT_NOTICE), 2);
    pay(&rig, BEIJING, TIANJIN);
    pay(&rig, TIANJIN, TIANJIN);
    assert_int_equal(rig_balance(&rig, "advance_used:110000:120000"), 75000);
    pay(&rig, BEIJING, HEBEI);
    assert_int_equal(rig_balance(&rig, "advance_used:110000:130000"), 75000);
    pay(&rig, HEBEI, HEBEI);
    assert_int_equal(rig_balance(&rig, "advance_used:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "advance_used:110000:130000"), 0);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

/* Either region disputes one of the two; the reversal's dispute is rolled back first. */
TEST(a_reversal_never_returns_to_a_table_without_its_original)
{
    for (int settled = 0; settled < 2; settled++) {
        struct rig rig;
        rig_start_with_policy(&rig);
        rig_at(&rig, 20250310);
        position_t bill = rig_settle(&rig, &beijinger_in_tianjin),
                   reversal = rig_reverse(&rig, bill, &beijinger_in_tianjin);
        rig_at(&rig, 20250401);
        rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
        rig_both_state(&rig, 20250310, reversal, &beijinger_in_tianjin, bill);
        rig_at(&rig, 20250421);
        (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
        assert_int_equal(rig_clears_in(&rig, reversal), 202503);
        position_t first = rig.harness.position, second = first + 1;
        rig_reply(&rig, TIANJIN, ACTION_DISPUTE, reversal, 0);
        rig_reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0);
        if (settled) /* after all it is as we have it, and clears with April */
            rig_state_row(&rig, BEIJING, SIDE_INSURED, 20250310, bill, &beijinger_in_tianjin, 0, 0);
        rig_reply(&rig, TIANJIN, ACTION_ROLL_BACK, 0, first);
        assert_int_equal(rig_rule(&rig), 0);
        assert_int_equal(rig_clears_in(&rig, bill), settled ? 202504 : 0);
        assert_int_equal(rig_clears_in(&rig, reversal), settled ? 202504 : 0);
        rig_reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, second);
        assert_int_equal(rig_clears_in(&rig, bill), settled ? 202504 : 202503);
        assert_int_equal(rig_clears_in(&rig, reversal), settled ? 202504 : 202503);
        rig_stop(&rig);
    }
}

TEST(an_investigation_holds_answers_and_adjusts)
{
    struct rig rig;
    struct investigation ask = {.text = "两次手术?"}, answer = {.text = "一次"}, finding = {.text = "多计一次"};
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250311);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(rig_clears_in(&rig, bill), 202503);
    ask.about = bill;
    rig_send(&rig, HEBEI, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = ask});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_NOT_PARTY);
    position_t request = rig_send(&rig, BEIJING, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = ask});
    assert_int_equal(rig.said.investigation->answer_by, 20250409); /* 20 working days, Qingming not counted */
    assert_int_equal(rig.said.investigation->held, 1);
    assert_int_equal(rig_load(&rig, bill).reason, OPEN_INVESTIGATED);
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = ask});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_OPEN);
    finding.about = answer.about = request;
    finding.verdict = VERDICT_WRONG_PART;
    finding.amount = 20000;
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = finding});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_STEP);
    rig_at(&rig, 20250410);
    rig_tick(&rig);
    assert_int_equal(rig.said.kind, BOOKS_OVERDUE);
    rig_tick(&rig);
    assert_false(rig_said(&rig)); /* once */
    rig_send(&rig, BEIJING, EVENT_INVESTIGATION_ANSWER, (union event_body){.investigation = answer});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_NOT_PARTY); /* its own question */
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_ANSWER, (union event_body){.investigation = answer});
    assert_int_equal(rig_rule(&rig), 0);
    rig_send(&rig, BEIJING, EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = finding});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_NOT_PARTY);
    finding.amount = 75001;
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = finding});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_AMOUNT);
    finding.amount = 20000;
    position_t adjustment =
        rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = finding});
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(rig_clears_in(&rig, bill), 202503); /* free again, and still in time */
    assert_int_equal(rig_clears_in(&rig, adjustment), 202504);
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), -55000);
    assert_int_equal(rig_balance(&rig, "adjusted:110000:310"), -20000);
    assert_books_sum_to_zero(&rig);
    position_t reversal = rig_reverse(&rig, bill, &beijinger_in_tianjin); /* takes back what is left */
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "adjusted:110000:310"), 0);
    struct book_bill item = rig_load(&rig, reversal);
    assert_int_equal(book_bill_amount(&item), -55000);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

/* One fen a finding: after so many the bill is to be reversed and settled again. */
TEST(findings_against_one_bill_are_bounded)
{
    struct rig rig;
    struct investigation event = {.text = "?"};
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    for (unsigned i = 0; i <= ADJUSTMENTS_A_BILL_MAX; i++) {
        event = (struct investigation){.about = bill, .text = "?"};
        event.about = rig_send(&rig, BEIJING, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = event});
        assert_int_equal(rig_rule(&rig), i < ADJUSTMENTS_A_BILL_MAX ? 0 : RULE_INVESTIGATION_TOO_MANY);
        if (i == ADJUSTMENTS_A_BILL_MAX)
            break;
        rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_ANSWER, (union event_body){.investigation = event});
        event.verdict = VERDICT_WRONG_PART;
        event.amount = 1;
        rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = event});
        assert_int_equal(rig_rule(&rig), 0);
    }
    rig_reverse(&rig, bill, &beijinger_in_tianjin);
    rig_at(&rig, 20250311);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0); /* everything that depends on it is looked at */
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), 0);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

TEST(an_investigation_is_offered_for_costly_stays)
{
    struct rig rig;
    struct rig_bill bill = beijinger_in_tianjin;
    rig_start_with_policy(&rig);
    bill.total = 3000000;
    rig_settle(&rig, &bill);
    assert_false(rig_said(&rig)); /* 30,000 yuan is not above */
    bill.total++;
    rig_settle(&rig, &bill);
    assert_int_equal(rig.said.kind, BOOKS_INVESTIGATION);
    assert_int_equal(rig.said.investigation->stage, 1);
    bill.care_kind = "11";
    rig_settle(&rig, &bill);
    assert_false(rig_said(&rig)); /* no stay */
    rig_stop(&rig);
}

TEST(institutions_are_supervised_by_their_figures)
{
    struct rig rig;
    struct rig_bill bill = beijinger_in_tianjin;
    const struct books_query question = {.kind = ASK_SUPERVISION, .body.supervision = {.month = 202503}};
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    rig_institution(&rig, TIANJIN_HOSPITAL, 3);
    rig_institution(&rig, BEIJING_HOSPITAL, 3);
    position_t first = rig_settle(&rig, &bill);
    bill.admission = 20250308; /* before the discharge on the 9th */
    bill.discharge = 20250312;
    bill.bill_id = "B-2";
    rig_settle(&rig, &bill);
    bill.admission = 20250312; /* on the day of discharge: a transfer */
    bill.discharge = 20250313;
    rig_settle(&rig, &bill);
    bill.care_kind = "11";
    bill.admission = bill.discharge = 20250320;
    rig_settle(&rig, &bill);
    rig_settle(&rig, &bill); /* the same again */
    rig_refuse(&rig, TIANJIN_HOSPITAL, RULE_ENROLMENT_UNKNOWN);
    rig_reverse(&rig, first, &beijinger_in_tianjin);
    bill = beijinger_in_tianjin;
    bill.institution = BEIJING_HOSPITAL;
    bill.insured_area = TIANJIN;
    bill.person = "120101199003070013";
    for (int i = 0; i < 30; i++) {
        bill.admission = bill.discharge = 20250310 + (civil_date_t)i % 3;
        bill.total = 1 + i;
        rig_settle(&rig, &bill);
    }
    assert_int_equal(rig_ask(&rig, &question)->figure_count, 2);
    const struct institution_figures *there = &rig.answer.figures[0], *here = &rig.answer.figures[1];
    assert_string_equal(here->institution, TIANJIN_HOSPITAL);
    assert_int_equal(here->settled, 5);           /* settled */
    assert_int_equal(here->reversed, 1);          /* reversed */
    assert_int_equal(here->refused, 1);           /* refused */
    assert_int_equal(here->stays, 2);             /* stays that stand */
    assert_int_equal(here->overlapping_stays, 0); /* the first, which it overlapped, was reversed */
    assert_int_equal(here->same_day_duplicates, 1);
    assert_int_equal(here->unusual_count, 1); /* six bills are too few for rates */
    assert_int_equal(there->stays, 30);
    assert_int_equal(there->unusual_count, 1);
    assert_string_equal(there->unusual[0], "low mean cost"); /* some fen a stay */
    for (int i = 0; i < 20; i++) {
        bill = beijinger_in_tianjin;
        bill.person = "130102199003070015";
        bill.admission = bill.discharge = 20250301 + (civil_date_t)i;
        bill.total = 500000 + i;
        rig_settle(&rig, &bill);
        rig_refuse(&rig, TIANJIN_HOSPITAL, RULE_ENROLMENT_UNKNOWN);
    }
    here = &rig_ask(&rig, &question)->figures[1];
    assert_string_equal(here->unusual[0], "refusals");
    assert_string_equal(here->unusual[1], "mean cost");
    rig_stop(&rig);
}

/* What the books' tree has where this side of this region has nothing; "": of everything. */
static const struct tree_range *cut_of(struct rig *rig, uint32_t side, const char *region)
{
    static struct tree_exchange answer;
    struct tree_exchange nothing = {.range_count = 1, .side = side};
    struct buffer body;
    nothing.ranges[0].tile_count = 1;
    (void)snprintf(nothing.region, sizeof nothing.region, "%s", region);
    buffer_init(&body);
    tree_exchange_encode(&nothing, &body);
    struct span tree = rig_ask(rig, &(struct books_query){.kind = ASK_TREE, .body.tree = buffer_span(&body)})->tree;
    assert_int_equal(tree_exchange_decode(tree, &rig->answered, &answer), OK);
    buffer_fini(&body);
    return &answer.ranges[0];
}

TEST(the_sum_tree_is_answered_from_the_bills)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    for (int i = 0; i < 100; i++) {
        struct rig_bill bill = beijinger_in_tianjin;
        bill.institution = i % 2 == 0 ? TIANJIN_HOSPITAL : HEBEI_HOSPITAL;
        rig_at(&rig, 20250310 + (civil_date_t)i / 25);
        rig_settle(&rig, &bill);
    }
    const struct tree_range *cut = cut_of(&rig, 0, ""); /* everything, and we say that there is nothing */
    assert_int_equal(cut->tile_count, 4);               /* four days */
    assert_int_equal(cut->tiles[0].sum.count, 25);
    assert_int_equal(cut_of(&rig, SIDE_CARE, TIANJIN)->tiles[0].sum.count, 13);
    rig_stop(&rig);
}
