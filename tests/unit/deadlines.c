/* SPDX-License-Identifier: Apache-2.0
 * Limits that come near and pass: who is told, of what, how often; and pensions certified away from home. */
#include "services/settlement/deadlines.h"
#include "services/settlement/settled.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

#define TODAY 20250310

static void apply_for(struct transfer_rig *rig, unsigned index, const char *target)
{
    struct transfer_letter letter = letter_of(SCHEME_UNEMPLOYMENT, LETTER_APPLICATION);
    char id[16];
    (void)snprintf(id, sizeof id, "T-%u", index);
    letter.transfer_id = id;
    letter.target_area = target;
    send_letter(rig, target[1] == '2' ? TIANJIN : HEBEI, somebody(19850615, true, index), &letter);
    assert_moved(rig, TRANSFER_APPLIED, 20250317);
}

static void assert_notice(const struct transfer_rig *rig, const char *region, uint32_t count, bool overdue)
{
    assert_true(rig->answered);
    assert_int_equal(rig->outcome.kind, OUTCOME_NOTICE);
    assert_int_equal(rig->outcome.deliver_count, 1);
    assert_string_equal(rig->outcome.deliver_to[0], region);
    assert_int_equal(rig->outcome.due_count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(rig->outcome.due[i].overdue, overdue);
}

static void assert_nothing_told(const struct transfer_rig *rig)
{
    assert_true(rig->answered); /* partition 0 answers every tick */
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
    assert_int_equal(rig->outcome.deliver_count, 0);
}

/* As the metrics show it: limits that run; passed ones by region, and those beyond a look. */
static void assert_shown(struct transfer_rig *rig, int64_t running, int64_t beijing, int64_t tianjin)
{
    const struct {
        const char *labels;
        int64_t value;
    } wanted[] = {{"", running},
                  {"party=\"110000\"", beijing},
                  {"party=\"120000\"", tianjin},
                  {"party=\"130000\"", 0},
                  {"party=\"\"", 0}};
    struct harness *harness = &rig->settlement;
    struct core_figure figures[CORE_FIGURES_COUNT_MAX];
    assert_int_equal(harness->core->figures(harness->self, harness->txn, figures), sizeof wanted / sizeof wanted[0]);
    for (unsigned i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_string_equal(figures[i].labels, wanted[i].labels);
        assert_int_equal(figures[i].value, wanted[i].value);
    }
}

TEST(each_limit_is_told_soon_once_and_overdue_once)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    apply_for(&rig, 1, TIANJIN);
    send_tick(&rig);
    assert_nothing_told(&rig);
    rig.today = 20250313;
    send_tick(&rig);
    assert_nothing_told(&rig);
    rig.today = 20250314; /* three days before */
    send_tick(&rig);
    assert_notice(&rig, TIANJIN, 1, false);
    assert_string_equal(rig.outcome.due[0].transfer_id, "T-1");
    assert_int_equal(rig.outcome.due[0].scheme, SCHEME_UNEMPLOYMENT);
    assert_int_equal(rig.outcome.due[0].state, TRANSFER_APPLIED);
    assert_int_equal(rig.outcome.due[0].due_date, 20250317);
    assert_string_equal(rig.outcome.due[0].person_id, somebody(19850615, true, 1));
    send_tick(&rig);
    assert_nothing_told(&rig);
    rig.today = 20250317; /* the last day is in time */
    send_tick(&rig);
    assert_nothing_told(&rig);
    assert_shown(&rig, 1, 0, 0);
    rig.today = 20250318;
    send_tick(&rig);
    assert_notice(&rig, TIANJIN, 1, true);
    assert_shown(&rig, 1, 0, 1);
    harness_restart(&rig.settlement);
    send_tick(&rig);
    assert_nothing_told(&rig);
    rig.today = 20250601;
    send_tick(&rig);
    assert_nothing_told(&rig);
    transfer_rig_stop(&rig);
}

TEST(what_is_done_in_time_is_not_told)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    apply_for(&rig, 1, TIANJIN);
    apply_for(&rig, 2, TIANJIN);
    struct transfer_letter letter = letter_of(SCHEME_UNEMPLOYMENT, LETTER_CONTACT);
    send_letter(&rig, TIANJIN, somebody(19850615, true, 1), &letter); /* the source's step now, from today */
    letter = letter_of(SCHEME_UNEMPLOYMENT, LETTER_WITHDRAWAL);
    letter.transfer_id = "T-2";
    send_letter(&rig, TIANJIN, somebody(19850615, true, 2), &letter);
    assert_moved(&rig, TRANSFER_WITHDRAWN, 0);
    rig.today = 20250318;
    send_tick(&rig);
    assert_notice(&rig, BEIJING, 1, false); /* reminded late, since no tick came before */
    send_tick(&rig);
    assert_notice(&rig, BEIJING, 1, true);
    assert_int_equal(rig.outcome.due[0].state, TRANSFER_ACCEPTED);
    send_tick(&rig);
    assert_nothing_told(&rig);
    transfer_rig_stop(&rig);
}

/* The form comes late: the limit stays the same, and so does what was told of it. */
TEST(a_kept_limit_is_not_told_again)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = somebody(19850615, true, 1);
    enrol_at(&rig, TIANJIN, person, "110", "1101", 20250201, 0);
    static const uint32_t letters[] = {LETTER_APPLICATION, LETTER_CONTACT};
    for (unsigned i = 0; i < 2; i++) {
        struct transfer_letter letter = letter_of(SCHEME_PENSION, letters[i]);
        send_letter(&rig, TIANJIN, person, &letter);
    }
    rig.today = 20250401; /* due on 2025-03-31 */
    send_tick(&rig);
    assert_notice(&rig, BEIJING, 1, false);
    send_tick(&rig);
    assert_notice(&rig, BEIJING, 1, true);
    struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
    send_letter(&rig, BEIJING, person, &form);
    assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20250331);
    send_tick(&rig);
    assert_nothing_told(&rig);
    struct transfer_letter notice = letter_of(SCHEME_PENSION, LETTER_FUNDS_NOTICE);
    send_letter(&rig, BEIJING, person, &notice);
    assert_moved(&rig, TRANSFER_FUNDS_SENT, 20250423);
    assert_int_equal(store_count(rig.settlement.txn, DEADLINES), 1);
    transfer_rig_stop(&rig);
}

/* A step within the same limit: its line says where the transfer stands now. */
TEST(a_kept_limit_names_the_new_state)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    const char *person = somebody(19850615, true, 1);
    enrol_at(&rig, TIANJIN, person, "110", "1101", 20250201, 0);
    static const uint32_t letters[] = {LETTER_APPLICATION, LETTER_CONTACT, LETTER_INFORMATION};
    for (unsigned i = 0; i < 3; i++) {
        struct transfer_letter letter = letter_of(SCHEME_PENSION, letters[i]);
        send_letter(&rig, i < 2 ? TIANJIN : BEIJING, person, &letter);
    }
    rig.today = 20250328;
    send_tick(&rig);
    assert_notice(&rig, BEIJING, 1, false);
    assert_int_equal(rig.outcome.due[0].state, TRANSFER_INFORMATION_SENT);
    transfer_rig_stop(&rig);
}

TEST(a_notice_is_for_one_region_and_bounded)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    const unsigned many = DUE_ITEMS_MAX > 100 ? 6 : DUE_ITEMS_MAX + 2; /* the preset `tiny` fills a notice */
    for (unsigned i = 1; i <= many; i++)
        apply_for(&rig, i, i % 2 ? TIANJIN : LANGFANG);
    rig.today = 20250314;
    uint32_t told = 0;
    unsigned notices = 0;
    for (;; notices++) {
        send_tick(&rig);
        if (rig.outcome.kind != OUTCOME_NOTICE)
            break;
        assert_int_equal(rig.outcome.deliver_count, 1);
        assert_true(rig.outcome.due_count <= DUE_ITEMS_MAX);
        told += rig.outcome.due_count;
    }
    assert_int_equal(told, many);
    assert_true(notices >= 2);
    transfer_rig_stop(&rig);
}

/* Any partition may answer a tick with a notice; without one it is partition 0's alone. */
TEST(another_partition_writes_notices_only)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 1, 2);
    unsigned index = 0;
    while (person_hash(span_text(somebody(19850615, true, index))) % 2 != 1)
        index++;
    apply_for(&rig, index, TIANJIN);
    send_tick(&rig);
    assert_false(rig.answered);
    rig.today = 20250318;
    send_tick(&rig);
    assert_notice(&rig, TIANJIN, 1, false);
    send_tick(&rig);
    assert_notice(&rig, TIANJIN, 1, true);
    send_tick(&rig);
    assert_false(rig.answered);
    transfer_rig_stop(&rig);
}

/* ---- certifications ---- */

static struct certification_letter request_of(const char *id, civil_date_t due)
{
    return (struct certification_letter){.certification_id = id,
                                         .paying_area = BEIJING,
                                         .residence_area = LANGFANG,
                                         .kind = CERTIFICATION_REQUEST,
                                         .due_date = due,
                                         .monthly_pension = 400000,
                                         .method = ""};
}

static struct certification_letter result_of(const char *id, enum pensioner_status status, civil_date_t date)
{
    struct certification_letter letter = request_of(id, 0);
    letter.kind = CERTIFICATION_RESULT;
    letter.monthly_pension = 0;
    letter.status = status;
    letter.method = "face";
    letter.date = date;
    return letter;
}

static void ask(struct transfer_rig *rig, const char *person, const char *id, civil_date_t due)
{
    struct certification_letter letter = request_of(id, due);
    send_certification(rig, BEIJING, person, &letter);
}

static void answer(struct transfer_rig *rig, const char *person, const char *id, enum pensioner_status status,
                   civil_date_t date)
{
    struct certification_letter letter = result_of(id, status, date);
    send_certification(rig, HEBEI, person, &letter);
}

TEST(a_certificate_opens_twelve_months)
{
    struct transfer_rig rig;
    const char *person = somebody(19490101, true, 1);
    transfer_rig_start(&rig, TODAY, 0, 1);
    ask(&rig, person, "C-1", 20250510);
    assert_refused_by(&rig, RULE_TRP_CERTIFICATION_EARLY); /* 61 days ahead */
    ask(&rig, person, "C-1", 20250509);
    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
    assert_true(is_told(&rig, BEIJING) && is_told(&rig, HEBEI));
    rig.today = 20250401;
    answer(&rig, person, "C-1", PENSIONER_ALIVE, 20250331);
    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
    assert_int_equal(rig.outcome.certification->certified_until, 20260331);
    assert_int_equal(rig.outcome.certification->resumed_from_month, 0); /* it never stopped */
    answer(&rig, person, "C-1", PENSIONER_ALIVE, 20250331);
    assert_int_equal(rig.outcome.original_position, rig.outcome.position - 1);
    assert_int_equal(rig.outcome.certification->certified_until, 20260331);
    answer(&rig, person, "C-1", PENSIONER_DEAD, 20250331);
    assert_refused_by(&rig, RULE_TRP_CERTIFICATION_ANSWERED);
    rig.today = 20250601;
    send_tick(&rig);
    assert_nothing_told(&rig);
    transfer_rig_stop(&rig);
}

TEST(past_due_is_suspended_and_resumed_with_back_pay)
{
    struct transfer_rig rig;
    const char *person = somebody(19490101, true, 1);
    transfer_rig_start(&rig, TODAY, 0, 1);
    ask(&rig, person, "C-1", 20250331);
    rig.today = 20250610;
    send_tick(&rig);
    assert_notice(&rig, HEBEI, 1, false);
    send_tick(&rig);
    assert_notice(&rig, HEBEI, 1, true);
    assert_int_equal(rig.outcome.due[0].scheme, SCHEME_CERTIFICATION);
    answer(&rig, person, "C-1", PENSIONER_NOT_FOUND, 20250610);
    assert_int_equal(rig.outcome.certification->suspended_from_month, 202504);
    answer(&rig, person, "C-1", PENSIONER_ALIVE, 20250610);
    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
    assert_int_equal(rig.outcome.certification->resumed_from_month, 202507);
    assert_int_equal(rig.outcome.certification->back_pay_months, 3); /* April, May, June */
    assert_int_equal(rig.outcome.certification->back_pay, 1200000);
    assert_int_equal(rig.outcome.certification->suspended_from_month, 0);
    assert_int_equal(rig.outcome.certification->certified_until, 20260610);
    transfer_rig_stop(&rig);
}

TEST(a_death_stops_and_later_payments_are_a_claim)
{
    struct transfer_rig rig;
    const char *person = somebody(19490101, true, 1);
    transfer_rig_start(&rig, TODAY, 0, 1);
    ask(&rig, person, "C-1", 20250415);
    rig.today = 20250410;
    answer(&rig, person, "C-1", PENSIONER_DEAD, 20250117);
    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
    assert_int_equal(rig.outcome.certification->stopped_from_month, 202502);
    assert_int_equal(rig.outcome.certification->claim_months, 3); /* February, March, April */
    assert_int_equal(rig.outcome.certification->claim, 1200000);
    assert_int_equal(transfer_balance(&rig, "claim:110000:110"), 1200000);
    ask(&rig, person, "C-2", 20250415);
    assert_refused_by(&rig, RULE_TRP_PENSIONER_DEAD);
    answer(&rig, person, "C-9", PENSIONER_ALIVE, 20250117);
    assert_refused_by(&rig, RULE_TRP_CERTIFICATION_UNKNOWN);
    transfer_rig_stop(&rig);
}

/* The due day itself is in time; December is followed by January. */
TEST(days_and_months_at_their_edges)
{
    struct transfer_rig rig;
    const char *person = somebody(19490101, true, 1);
    transfer_rig_start(&rig, 20251201, 0, 1);
    ask(&rig, person, "C-1", 20251215);
    rig.today = 20251215;
    answer(&rig, person, "C-1", PENSIONER_ALIVE, 20251215);
    assert_int_equal(rig.outcome.certification->resumed_from_month, 0);
    assert_int_equal(rig.outcome.certification->certified_until, 20261215);
    person = somebody(19490101, true, 2);
    ask(&rig, person, "C-1", 20251215);
    rig.today = 20260110;
    answer(&rig, person, "C-1", PENSIONER_MISSING, 20260110);
    assert_int_equal(rig.outcome.certification->suspended_from_month, 202601); /* since it ran out, not from today */
    ask(&rig, person, "C-2", 20260110);
    rig.today = 20260228;
    answer(&rig, person, "C-2", PENSIONER_ALIVE, 20260228);
    assert_int_equal(rig.outcome.certification->back_pay_months, 2);
    assert_int_equal(rig.outcome.certification->resumed_from_month, 202603);
    person = somebody(19490101, true, 3);
    ask(&rig, person, "C-1", 20260301);
    answer(&rig, person, "C-1", PENSIONER_IMPRISONED, 20260228);
    assert_int_equal(rig.outcome.certification->suspended_from_month, 202603);
    rig.today = 20280229; /* a leap day's certificate ends on the 28th */
    person = somebody(19490101, true, 4);
    ask(&rig, person, "C-1", 20280301);
    answer(&rig, person, "C-1", PENSIONER_ALIVE, 20280229);
    assert_int_equal(rig.outcome.certification->certified_until, 20290228);
    transfer_rig_stop(&rig);
}

TEST(only_the_right_region_speaks)
{
    struct transfer_rig rig;
    const char *person = somebody(19490101, true, 1);
    struct certification_letter letter = request_of("C-1", 20250331);
    transfer_rig_start(&rig, TODAY, 0, 1);
    send_certification(&rig, HEBEI, person, &letter);
    assert_refused_by(&rig, RULE_TRP_CERTIFICATION_SENDER);
    ask(&rig, person, "C-1", 20250331);
    letter = result_of("C-1", PENSIONER_ALIVE, 20250310);
    send_certification(&rig, BEIJING, person, &letter);
    assert_refused_by(&rig, RULE_TRP_CERTIFICATION_SENDER);
    answer(&rig, person, "C-1", PENSIONER_ALIVE, 20250311);
    assert_refused_by(&rig, RULE_TRP_CERTIFICATION); /* tomorrow */
    transfer_rig_stop(&rig);
}
