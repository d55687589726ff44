/* SPDX-License-Identifier: Apache-2.0
 * Supervision of designated institutions: a status is told to all three regions once, its history goes by effective
 * date, flags begin just beyond their thresholds and block nothing. */
#include "tests/support/gazettes.h"
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

/* ---- what is told ---- */

static void suspend(struct rig *rig, civil_date_t day, const char *reason)
{
    rig_institution_status(rig, TIANJIN_HOSPITAL, 3, INSTITUTION_SUSPENDED, day, reason);
}

static void assert_told(const struct rig *rig, enum institution_status status, enum institution_status previous)
{
    assert_int_equal(rig->said.kind, BOOKS_INSTITUTION);
    assert_int_equal(rig->said.deliver_count, 3);
    assert_true(rig_delivered_to(rig, BEIJING) && rig_delivered_to(rig, TIANJIN) && rig_delivered_to(rig, HEBEI));
    assert_string_equal(rig->said.institution->code, TIANJIN_HOSPITAL);
    assert_int_equal(rig->said.institution->status, status);
    assert_int_equal(rig->said.institution->previous_status, previous);
}

TEST(a_suspension_is_told_to_all_three_regions_once)
{
    struct rig rig;
    rig_start(&rig);
    rig_institution(&rig, TIANJIN_HOSPITAL, 3);
    assert_false(rig_said(&rig)); /* a list of active institutions fills no box */
    suspend(&rig, 20250301, "违规收费");
    assert_told(&rig, INSTITUTION_SUSPENDED, INSTITUTION_ACTIVE);
    assert_string_equal(rig.said.institution->name, "医院");
    assert_string_equal(rig.said.institution->area, TIANJIN);
    assert_int_equal(rig.said.institution->effective_date, 20250301);
    assert_string_equal(rig.said.institution->reason, "违规收费");
    suspend(&rig, 20250301, "违规收费");
    assert_false(rig_said(&rig));
    suspend(&rig, 20250301, "虚假住院"); /* another reason is news */
    assert_told(&rig, INSTITUTION_SUSPENDED, INSTITUTION_SUSPENDED);
    rig_institution_status(&rig, TIANJIN_HOSPITAL, 3, INSTITUTION_TERMINATED, 20250501, "虚假住院");
    assert_told(&rig, INSTITUTION_TERMINATED, INSTITUTION_SUSPENDED);
    rig_institution_status(&rig, TIANJIN_HOSPITAL, 3, INSTITUTION_ACTIVE, 20250601, "");
    assert_told(&rig, INSTITUTION_ACTIVE, INSTITUTION_TERMINATED);
    rig_institution_status(&rig, TIANJIN_HOSPITAL, 2, INSTITUTION_ACTIVE, 20250701, "");
    assert_false(rig_said(&rig)); /* its level is no status */
    rig_stop(&rig);
}

TEST(one_first_stated_as_suspended_is_told)
{
    struct rig rig;
    rig_start(&rig);
    suspend(&rig, 20250301, "违规收费");
    assert_told(&rig, INSTITUTION_SUSPENDED, INSTITUTION_NONE);
    rig_stop(&rig);
}

/* ---- the history ---- */

static const struct books_reply *ask_institutions(struct rig *rig, const char *after, bool not_active_only)
{
    return rig_ask(rig, &(struct books_query){
                            .kind = ASK_INSTITUTIONS,
                            .body.institutions = {.after = span_text(after), .not_active_only = not_active_only}});
}

TEST(a_history_goes_by_effective_date)
{
    struct rig rig;
    rig_start(&rig);
    rig_institution(&rig, TIANJIN_HOSPITAL, 3);
    rig_institution_status(&rig, TIANJIN_HOSPITAL, 2, INSTITUTION_ACTIVE, 20250601, "");
    suspend(&rig, 20250301, "违规收费"); /* stated late: what was stated last by its date still holds */
    assert_told(&rig, INSTITUTION_SUSPENDED, INSTITUTION_ACTIVE);
    const struct institution_change *now = ask_institutions(&rig, "", false)->institutions;
    assert_int_equal(now->status, INSTITUTION_ACTIVE);
    assert_int_equal(now->effective_date, 20250601);
    assert_int_equal(now->previous_status, INSTITUTION_SUSPENDED); /* and it follows the suspension */
    rig_institution_status(&rig, TIANJIN_HOSPITAL, 2, INSTITUTION_ACTIVE, 20250601, "");
    assert_false(rig_said(&rig)); /* as it stands */
    rig_institution_status(&rig, TIANJIN_HOSPITAL, 3, INSTITUTION_ACTIVE, 20250401, "");
    assert_told(&rig, INSTITUTION_ACTIVE, INSTITUTION_SUSPENDED); /* between the two */
    rig_institution_status(&rig, TIANJIN_HOSPITAL, 3, INSTITUTION_ACTIVE, 20250301, "");
    assert_told(&rig, INSTITUTION_ACTIVE, INSTITUTION_SUSPENDED); /* corrected: it never was */
    rig_stop(&rig);
}

TEST(institutions_are_listed_by_pages)
{
    enum { INSTITUTIONS_COUNT = 501 };
    struct rig rig;
    char code[13];
    rig_start(&rig);
    for (unsigned i = 0; i < INSTITUTIONS_COUNT; i++) {
        (void)snprintf(code, sizeof code, "H1201010%04u", i);
        rig_institution_status(&rig, code, 1, INSTITUTION_ACTIVE, 20200101, "");
        rig_institution_status(&rig, code, 1, i % 250 == 249 ? INSTITUTION_SUSPENDED : INSTITUTION_ACTIVE, 20250101,
                               "违规收费");
    }
    assert_int_equal(ask_institutions(&rig, "", false)->institution_count, 500);
    assert_true(span_equal(rig.answer.next, span_text("H12010100499")));
    assert_int_equal(ask_institutions(&rig, "H12010100499", false)->institution_count, 1);
    assert_int_equal(rig.answer.next.size, 0);
    assert_int_equal(ask_institutions(&rig, "", true)->institution_count, 2);
    assert_string_equal(rig.answer.institutions[1].code, "H12010100499");
    rig_stop(&rig);
}

/* ---- flags ---- */

static const struct books_reply *ask_figures(struct rig *rig, uint32_t month)
{
    return rig_ask(rig, &(struct books_query){.kind = ASK_SUPERVISION, .body.supervision.month = month});
}

/* March's figures of Tianjin's hospital. */
static const struct institution_figures *figures(struct rig *rig)
{
    const struct books_reply *answer = ask_figures(rig, 202503);
    for (uint32_t i = 0; i < answer->figure_count; i++)
        if (strcmp(answer->figures[i].institution, TIANJIN_HOSPITAL) == 0)
            return &answer->figures[i];
    fail_msg("no figures");
    return NULL;
}

static void assert_flag(struct rig *rig, const char *flag)
{
    const struct institution_figures *of = figures(rig);
    assert_int_equal(of->unusual_count, flag == NULL ? 0 : 1);
    if (flag != NULL)
        assert_string_equal(of->unusual[0], flag);
}

/* So many stays, each of somebody else; the position of the first. */
static position_t settle_many(struct rig *rig, const char *institution, unsigned count, fen_t total)
{
    static unsigned serial;
    struct rig_bill bill = beijinger_in_tianjin;
    char person[24];
    position_t first = rig->harness.position;
    bill.institution = institution;
    bill.total = total;
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(person, sizeof person, "1101011990%08u", serial++ % 100000000);
        bill.person = person;
        rig_settle(rig, &bill);
    }
    return first;
}

static void start(struct rig *rig)
{
    rig_start_with_policy(rig);
    rig_at(rig, 20250310);
    rig_institution(rig, TIANJIN_HOSPITAL, 3);
    rig_institution(rig, HEBEI_HOSPITAL, 3);
}

static void refuse(struct rig *rig, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        rig_refuse(rig, TIANJIN_HOSPITAL, RULE_ENROLMENT_UNKNOWN);
}

TEST(F12_care_after_a_death_is_flagged_whether_it_was_settled_or_not)
{
    struct rig rig;
    struct rig_bill bill = beijinger_in_tianjin;
    start(&rig);
    position_t first = rig_settle(&rig, &bill);
    assert_flag(&rig, NULL);
    rig_certify_death(&rig, (const struct other_settlement[]){{first, "B", TIANJIN_HOSPITAL, 20250301, 20250310}}, 1);
    assert_flag(&rig, "care after death");
    assert_int_equal(figures(&rig)->care_after_death, 1);
    rig_refuse(&rig, TIANJIN_HOSPITAL, RULE_BILL_AFTER_DEATH);
    rig_refuse(&rig, TIANJIN_HOSPITAL, RULE_ENROLMENT_UNKNOWN);
    rig_refuse(&rig, HEBEI_HOSPITAL, RULE_BILL_AFTER_DEATH);
    assert_int_equal(figures(&rig)->care_after_death, 2);
    rig_at(&rig, 20250402); /* told in the month that tells of it */
    rig_certify_death(&rig, (const struct other_settlement[]){{first, "B", BEIJING_HOSPITAL, 20250301, 20250310}}, 1);
    const struct books_reply *april = ask_figures(&rig, 202504);
    assert_int_equal(april->figure_count, 1);
    assert_string_equal(april->figures[0].institution, BEIJING_HOSPITAL);
    assert_string_equal(april->figures[0].unusual[0], "care after death");
    assert_int_equal(figures(&rig)->care_after_death, 2);
    rig_stop(&rig);
}

/* The policy's: 20 bills at least; above 20 % refused, above 10 % reversed, above twice the level's mean. */
TEST(refusals_are_flagged_beyond_their_share)
{
    struct rig rig;
    start(&rig);
    settle_many(&rig, TIANJIN_HOSPITAL, 15, 100000);
    refuse(&rig, 4);
    assert_flag(&rig, NULL); /* 21 % of 19 bills: too few to say */
    settle_many(&rig, TIANJIN_HOSPITAL, 1, 100000);
    assert_flag(&rig, NULL); /* 20 % of 20 */
    refuse(&rig, 1);
    assert_flag(&rig, "refusals");
    rig_refuse(&rig, "Q12010100777", RULE_ENROLMENT_UNKNOWN); /* nobody's figure */
    assert_flag(&rig, "refusals");
    rig_stop(&rig);
}

TEST(reversals_are_flagged_beyond_their_share)
{
    struct rig rig;
    start(&rig);
    position_t first = settle_many(&rig, TIANJIN_HOSPITAL, 20, 100000);
    rig_reverse(&rig, first, &beijinger_in_tianjin);
    rig_reverse(&rig, first + 1, &beijinger_in_tianjin);
    assert_flag(&rig, NULL); /* 10 % */
    rig_reverse(&rig, first + 2, &beijinger_in_tianjin);
    assert_flag(&rig, "reversals");
    rig_stop(&rig);
}

TEST(a_mean_cost_is_flagged_beyond_twice_its_levels)
{
    struct rig rig;
    start(&rig);
    settle_many(&rig, HEBEI_HOSPITAL, 40, 1000);
    settle_many(&rig, TIANJIN_HOSPITAL, 19, 4000);
    assert_flag(&rig, NULL); /* more than twice, but too few */
    settle_many(&rig, TIANJIN_HOSPITAL, 1, 4000);
    assert_int_equal(figures(&rig)->mean_cost, 4000);
    assert_int_equal(figures(&rig)->level_mean_cost, 2000);
    assert_flag(&rig, NULL); /* twice */
    settle_many(&rig, TIANJIN_HOSPITAL, 1, 4000 + 21);
    settle_many(&rig, HEBEI_HOSPITAL, 1, 989);
    settle_many(&rig, HEBEI_HOSPITAL, 1, 990);
    assert_int_equal(figures(&rig)->mean_cost, 4001);
    assert_int_equal(figures(&rig)->level_mean_cost, 2000);
    assert_flag(&rig, "mean cost");
    rig_stop(&rig);
}

TEST(a_mean_cost_is_flagged_below_half_its_levels)
{
    struct rig rig;
    start(&rig);
    settle_many(&rig, TIANJIN_HOSPITAL, 20, 1000);
    settle_many(&rig, HEBEI_HOSPITAL, 20, 3000);
    assert_int_equal(figures(&rig)->level_mean_cost, 2000);
    assert_flag(&rig, NULL); /* half */
    settle_many(&rig, HEBEI_HOSPITAL, 1, 3100);
    assert_flag(&rig, "low mean cost");
    rig_stop(&rig);
}

/* One person's bills, all alike: so many are looked at for each, and no figure falls below zero when all are reversed.
 */
TEST(a_person_of_very_many_bills_is_looked_at_in_part)
{
    enum { BILLS_HERE = 300, LOOKED_AT = 200 };
    struct rig rig;
    struct rig_bill visit = beijinger_in_tianjin;
    start(&rig);
    visit.care_kind = "11";
    position_t first = rig_settle(&rig, &visit);
    for (unsigned i = 1; i < BILLS_HERE; i++)
        rig_settle(&rig, &visit);
    assert_int_equal(figures(&rig)->same_day_duplicates,
                     LOOKED_AT * (LOOKED_AT - 1) / 2 + (BILLS_HERE - LOOKED_AT) * LOOKED_AT);
    for (unsigned i = 0; i < BILLS_HERE; i++)
        rig_reverse(&rig, first + i, &visit);
    assert_int_equal(figures(&rig)->same_day_duplicates, 0);
    rig_stop(&rig);
}

/* The bills that a flag of Tianjin's hospital counts in March. */
static const struct books_reply *flagged(struct rig *rig, const char *flag, const char *viewer)
{
    struct books_query query = {.kind = ASK_FLAGGED,
                                .body.flagged = {202503, SPAN_OF(TIANJIN_HOSPITAL), span_text(flag), {NULL, 0}, 0},
                                .viewer = span_text(viewer)};
    return rig_ask(rig, &query);
}

TEST(stays_that_overlap_are_flagged_until_one_is_reversed)
{
    struct rig rig;
    struct rig_bill first = beijinger_in_tianjin, second = first, third = first;
    start(&rig);
    position_t one = rig_settle(&rig, &first);
    second.institution = HEBEI_HOSPITAL;
    second.admission = first.discharge; /* a transfer */
    second.discharge = 20250312;
    rig_settle(&rig, &second);
    assert_flag(&rig, NULL);
    third.admission = 20250308; /* the day before the first's discharge: it overlaps both */
    third.discharge = 20250310;
    position_t three = rig_settle(&rig, &third);
    assert_int_equal(figures(&rig)->overlapping_stays, 2);
    assert_flag(&rig, "overlapping stays");
    const struct books_reply *bills = flagged(&rig, "overlapping stays", "");
    assert_int_equal(bills->row_count, 2); /* as many as the figure counts */
    assert_int_equal(bills->rows[0].number, three);
    assert_true(bills->rows[0].other == one || bills->rows[1].other == one);
    assert_int_equal(flagged(&rig, "overlapping stays", HEBEI)->row_count, 0);
    assert_int_equal(flagged(&rig, "mean cost", "")->row_count, 2); /* the stays of the mean */
    rig_at(&rig, 20250402); /* what is taken back later leaves the month that it was in */
    rig_reverse(&rig, one, &first);
    assert_int_equal(figures(&rig)->overlapping_stays, 1);
    assert_int_equal(flagged(&rig, "overlapping stays", "")->row_count, 1);
    assert_int_equal(flagged(&rig, "reversals", "")->row_count, 0); /* which counts in April */
    rig_reverse(&rig, three, &third);
    assert_int_equal(figures(&rig)->overlapping_stays, 0);
    assert_int_equal(figures(&rig)->stays, 0);
    assert_flag(&rig, NULL);
    rig_stop(&rig);
}

static void publish(void *rig, const struct gazette *gazette)
{
    rig_send(rig, "operator", EVENT_GAZETTE, (union event_body){.gazette = gazette});
}

TEST(the_nearest_stays_are_looked_at_first)
{
    enum { BEFORE = 220 };
    struct rig rig;
    struct rig_bill stay = beijinger_in_tianjin;
    for (unsigned from_four = 0; from_four < 2; from_four++) {
        start(&rig);
        gazettes_publish(publish, &rig);
        if (from_four)
            rig_send(&rig, "operator", EVENT_LOGIC_VERSION, (union event_body){.logic = {.version = 4, .reason = ""}});
        for (unsigned i = 0; i < BEFORE; i++) { /* each ended before the next began */
            stay.admission = civil_date_add_days(20250308, -(int32_t)(BEFORE - i));
            stay.discharge = civil_date_add_days(stay.admission, 1);
            rig_settle(&rig, &stay);
        }
        stay.admission = 20250309;
        stay.discharge = 20250320;
        rig_settle(&rig, &stay);
        stay.admission = 20250308;
        stay.discharge = 20250312;
        position_t last = rig_settle(&rig, &stay);
        assert_int_equal(figures(&rig)->overlapping_stays, from_four ? 1 : 0); /* else 200 lie before it */
        rig_reverse(&rig, last, &stay);
        assert_int_equal(figures(&rig)->overlapping_stays, 0);
        rig_stop(&rig);
    }
}

TEST(same_day_duplicates_are_flagged_unless_one_replaces_the_other)
{
    struct rig rig;
    struct rig_bill bill = beijinger_in_tianjin;
    start(&rig);
    bill.care_kind = "11";
    bill.discharge = bill.admission;
    position_t one = rig_settle(&rig, &bill);
    position_t two = rig_replace(&rig, one, &bill, &bill);
    assert_int_equal(figures(&rig)->same_day_duplicates, 0);
    bill.total++;
    rig_settle(&rig, &bill); /* another amount */
    assert_flag(&rig, NULL);
    bill.total--;
    rig_settle(&rig, &bill);
    assert_flag(&rig, "same-day duplicates");
    rig_reverse(&rig, two, &bill);
    assert_flag(&rig, NULL);
    rig_stop(&rig);
}

/* ---- pairs that clash, counted again from what stands ---- */

enum { RANDOM_BILLS = 200 };
struct standing_bill {
    struct rig_bill bill;
    position_t number;
    bool stands;
};

static uint32_t any(uint64_t *state, uint32_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33) % below;
}

static void assert_clashes(struct rig *rig, const struct standing_bill bills[RANDOM_BILLS], unsigned count)
{
    static const uint32_t months[] = {202503, 202504};
    uint64_t overlaps = 0, duplicates = 0, told_overlaps = 0, told_duplicates = 0;
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < i; j++) {
            const struct rig_bill *one = &bills[i].bill, *other = &bills[j].bill;
            if (!bills[i].stands || !bills[j].stands)
                continue;
            overlaps += one->admission < other->discharge && other->admission < one->discharge;
            duplicates += one->admission == other->admission && one->total == other->total &&
                          strcmp(one->institution, other->institution) == 0;
        }
    for (unsigned month = 0; month < 2; month++) {
        const struct books_reply *answer = ask_figures(rig, months[month]);
        for (uint32_t i = 0; i < answer->figure_count; i++) {
            told_overlaps += answer->figures[i].overlapping_stays;
            told_duplicates += answer->figures[i].same_day_duplicates;
        }
    }
    assert_int_equal(told_overlaps, overlaps);
    assert_int_equal(told_duplicates, duplicates);
}

TEST(clashes_are_those_of_the_bills_that_stand)
{
    static struct standing_bill bills[RANDOM_BILLS];
    struct rig rig;
    uint64_t random = 20250310;
    start(&rig);
    for (unsigned i = 0; i < RANDOM_BILLS; i++) {
        struct rig_bill bill = beijinger_in_tianjin;
        if (i == RANDOM_BILLS / 2)
            rig_at(&rig, 20250401);
        bill.institution = any(&random, 2) == 0 ? TIANJIN_HOSPITAL : HEBEI_HOSPITAL;
        bill.admission = 20250301 + any(&random, 20);
        bill.discharge = bill.admission + any(&random, 5);
        bill.total += any(&random, 2);
        bills[i] = (struct standing_bill){bill, rig_settle(&rig, &bill), true};
        struct standing_bill *back = &bills[any(&random, i + 1)];
        if (back->stands && any(&random, 2) == 0) {
            rig_reverse(&rig, back->number, &back->bill);
            back->stands = false;
        }
        if (i % 20 == 19) {
            harness_restart(&rig.harness);
            assert_clashes(&rig, bills, i + 1);
        }
    }
    rig_stop(&rig);
}

TEST(a_flag_and_a_suspension_block_nothing)
{
    struct rig rig;
    start(&rig);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_settle(&rig, &beijinger_in_tianjin);
    suspend(&rig, 20250311, "重复收费");
    const struct institution_figures *of = figures(&rig);
    assert_true(of->unusual_count > 0);
    assert_string_equal(of->name, "医院");
    assert_int_equal(of->status, INSTITUTION_SUSPENDED);
    assert_string_equal(of->reason, "重复收费");
    assert_int_equal(of->status_since, 20250311);
    rig_at(&rig, 20250312);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    rig_both_state(&rig, 20250310, bill + 1, &beijinger_in_tianjin, 0);
    assert_int_equal(rig_clears_in(&rig, bill), 202503);
    assert_int_equal(rig_clears_in(&rig, bill + 1), 202503);
    rig_stop(&rig);
}
