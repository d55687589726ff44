/* SPDX-License-Identifier: Apache-2.0
 * Supervision of designated institutions: a status is told to all three regions once, its history goes by effective
 * date, flags begin just beyond their thresholds and block nothing. */
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

/* ---- what is told ---- */

static void suspend(struct rig *rig, civil_date_t day, const char *reason)
{
    rig_institution_status(rig, TIANJIN_HOSPITAL, 3, INSTITUTION_SUSPENDED, day, reason);
}

static void assert_told(const struct rig *rig, enum institution_status status, enum institution_status previous)
{
    assert_int_equal(rig_number(rig, 0, 5), BOOKS_INSTITUTION);
    assert_int_equal(message_count(buffer_span(&rig->harness.output), 6), 3);
    assert_true(rig_delivered_to(rig, BEIJING) && rig_delivered_to(rig, TIANJIN) && rig_delivered_to(rig, HEBEI));
    assert_true(span_equal(rig_bytes(rig, 24, 1), span_text(TIANJIN_HOSPITAL)));
    assert_int_equal(rig_number(rig, 24, 4), status);
    assert_int_equal(rig_number(rig, 24, 7), previous);
}

TEST(a_suspension_is_told_to_all_three_regions_once)
{
    struct rig rig;
    rig_start(&rig);
    rig_institution(&rig, TIANJIN_HOSPITAL, 3);
    assert_false(rig_said(&rig)); /* a list of active institutions fills no box */
    suspend(&rig, 20250301, "违规收费");
    assert_told(&rig, INSTITUTION_SUSPENDED, INSTITUTION_ACTIVE);
    assert_true(span_equal(rig_bytes(&rig, 24, 2), span_text("医院")));
    assert_true(span_equal(rig_bytes(&rig, 24, 3), span_text(TIANJIN)));
    assert_int_equal(rig_number(&rig, 24, 5), 20250301);
    assert_true(span_equal(rig_bytes(&rig, 24, 6), span_text("违规收费")));
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

static struct span ask_institutions(struct rig *rig, const char *after, bool not_active_only)
{
    struct buffer question;
    buffer_init(&question);
    wire_put_text(&question, 1, after);
    wire_put_uint(&question, 2, not_active_only);
    struct span answer = rig_ask(rig, ASK_INSTITUTIONS, buffer_span(&question));
    buffer_fini(&question);
    return answer;
}

TEST(a_history_goes_by_effective_date)
{
    struct rig rig;
    rig_start(&rig);
    rig_institution(&rig, TIANJIN_HOSPITAL, 3);
    rig_institution_status(&rig, TIANJIN_HOSPITAL, 2, INSTITUTION_ACTIVE, 20250601, "");
    suspend(&rig, 20250301, "违规收费"); /* stated late: what was stated last by its date still holds */
    assert_told(&rig, INSTITUTION_SUSPENDED, INSTITUTION_ACTIVE);
    struct span now = message_bytes(ask_institutions(&rig, "", false), 10, 0);
    assert_int_equal(message_number(now, 4), INSTITUTION_ACTIVE);
    assert_int_equal(message_number(now, 5), 20250601);
    assert_int_equal(message_number(now, 7), INSTITUTION_SUSPENDED); /* and it follows the suspension */
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
    struct span answer = ask_institutions(&rig, "", false);
    assert_int_equal(message_count(answer, 10), 500);
    (void)snprintf(code, sizeof code, "%.*s", 12, (const char *)message_bytes(answer, 15, 0).data);
    assert_string_equal(code, "H12010100499");
    answer = ask_institutions(&rig, code, false);
    assert_int_equal(message_count(answer, 10), 1);
    assert_int_equal(message_count(answer, 15), 0);
    answer = ask_institutions(&rig, "", true);
    assert_int_equal(message_count(answer, 10), 2);
    assert_true(span_equal(message_bytes(message_bytes(answer, 10, 1), 1, 0), span_text("H12010100499")));
    rig_stop(&rig);
}

/* ---- flags ---- */

/* March's figures of Tianjin's hospital. */
static struct span figures(struct rig *rig)
{
    struct buffer question;
    struct span found = span_of(NULL, 0);
    buffer_init(&question);
    wire_put_uint(&question, 1, 202503);
    struct span answer = rig_ask(rig, ASK_SUPERVISION, buffer_span(&question));
    buffer_fini(&question);
    for (unsigned i = 0; i < message_count(answer, 7); i++)
        if (span_equal(message_bytes(message_bytes(answer, 7, i), 1, 0), span_text(TIANJIN_HOSPITAL)))
            found = message_bytes(answer, 7, i);
    assert_true(found.size > 0);
    return found;
}

static void assert_flag(struct rig *rig, const char *flag)
{
    struct span of = figures(rig);
    assert_int_equal(message_count(of, 14), flag == NULL ? 0 : 1);
    if (flag != NULL)
        assert_true(span_equal(message_bytes(of, 14, 0), span_text(flag)));
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
        rig_refuse(rig, TIANJIN_HOSPITAL);
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
    rig_refuse(&rig, "Q12010100777"); /* nobody's figure */
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
    assert_int_equal(message_number(figures(&rig), 8), 4000);
    assert_int_equal(message_number(figures(&rig), 10), 2000);
    assert_flag(&rig, NULL); /* twice */
    settle_many(&rig, TIANJIN_HOSPITAL, 1, 4000 + 21);
    settle_many(&rig, HEBEI_HOSPITAL, 1, 989);
    settle_many(&rig, HEBEI_HOSPITAL, 1, 990);
    assert_int_equal(message_number(figures(&rig), 8), 4001);
    assert_int_equal(message_number(figures(&rig), 10), 2000);
    assert_flag(&rig, "mean cost");
    rig_stop(&rig);
}

TEST(a_mean_cost_is_flagged_below_half_its_levels)
{
    struct rig rig;
    start(&rig);
    settle_many(&rig, TIANJIN_HOSPITAL, 20, 1000);
    settle_many(&rig, HEBEI_HOSPITAL, 20, 3000);
    assert_int_equal(message_number(figures(&rig), 10), 2000);
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
    assert_int_equal(message_number(figures(&rig), 13),
                     LOOKED_AT * (LOOKED_AT - 1) / 2 + (BILLS_HERE - LOOKED_AT) * LOOKED_AT);
    for (unsigned i = 0; i < BILLS_HERE; i++)
        rig_reverse(&rig, first + i, &visit);
    assert_int_equal(message_number(figures(&rig), 13), 0);
    rig_stop(&rig);
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
    assert_int_equal(message_number(figures(&rig), 12), 2);
    assert_flag(&rig, "overlapping stays");
    rig_at(&rig, 20250402); /* what is taken back later leaves the month that it was in */
    rig_reverse(&rig, one, &first);
    assert_int_equal(message_number(figures(&rig), 12), 1);
    rig_reverse(&rig, three, &third);
    assert_int_equal(message_number(figures(&rig), 12), 0);
    assert_int_equal(message_number(figures(&rig), 6), 0);
    assert_flag(&rig, NULL);
    rig_stop(&rig);
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
    assert_int_equal(message_number(figures(&rig), 13), 0);
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
        struct buffer question;
        buffer_init(&question);
        wire_put_uint(&question, 1, months[month]);
        struct span answer = rig_ask(rig, ASK_SUPERVISION, buffer_span(&question));
        buffer_fini(&question);
        for (unsigned i = 0; i < message_count(answer, 7); i++) {
            told_overlaps += message_number(message_bytes(answer, 7, i), 12);
            told_duplicates += message_number(message_bytes(answer, 7, i), 13);
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
    struct span of = figures(&rig);
    assert_true(message_count(of, 14) > 0);
    assert_true(span_equal(message_bytes(of, 15, 0), span_text("医院")));
    assert_int_equal(message_number(of, 16), INSTITUTION_SUSPENDED);
    assert_true(span_equal(message_bytes(of, 17, 0), span_text("重复收费")));
    assert_int_equal(message_number(of, 18), 20250311);
    rig_at(&rig, 20250312);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    rig_both_state(&rig, 20250310, bill + 1, &beijinger_in_tianjin, 0);
    assert_int_equal(rig_clears_in(&rig, bill), 202503);
    assert_int_equal(rig_clears_in(&rig, bill + 1), 202503);
    rig_stop(&rig);
}
