/* SPDX-License-Identifier: Apache-2.0
 * F02: limits of transfers at 2026-12-01 to 2027-02-28, with and without a calendar of 2027 that comes on
  * 2027-01-10. No
 * letter is refused for want of one. */

#include "services/settlement/deadlines.h"
#include "services/settlement/settled.h"
#include "tests/support/gazettes.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

static void publish(void *rig, const struct gazette *gazette)
{
    send_event(rig, &(struct event){.sender = "operator", .kind = EVENT_GAZETTE, .body.gazette = gazette});
}

static void publish_2027(struct transfer_rig *rig)
{
    struct gazette gazette = gazette_calendar_2027();
    publish(rig, &gazette);
}

static void switch_logic(struct transfer_rig *rig)
{
    gazettes_publish(publish, rig);
    send_event(rig, &(struct event){.sender = "operator",
                                    .kind = EVENT_LOGIC_VERSION,
                                    .body.logic = {.version = 2, .reason = "F02"}});
}

static void start(struct transfer_rig *rig, civil_date_t today, uint32_t partition, uint32_t partitions)
{
    transfer_rig_start(rig, today, partition, partitions);
    switch_logic(rig);
    rig->today = today;
}

static const char *pensioner(struct transfer_rig *rig, unsigned index)
{
    const char *person = somebody(19850615, true, index);
    enrol_at(rig, TIANJIN, person, "110", "1101", 20250201, 0);
    return person;
}

static bool warns(const struct transfer_rig *rig, enum rule rule)
{
    for (uint32_t i = 0; rig->outcome.findings != NULL && i < rig->outcome.findings->count; i++)
        if (rig->outcome.findings->items[i].rule == (uint32_t)rule)
            return true;
    return false;
}

static void assert_provisional(const struct transfer_rig *rig, bool provisional)
{
    assert_int_equal(rig->outcome.transfer->due_is_provisional, provisional);
    assert_int_equal(warns(rig, RULE_TRP_LIMIT_PROVISIONAL) || warns(rig, RULE_TRM_LIMIT_PROVISIONAL) ||
                         warns(rig, RULE_TRU_LIMIT_PROVISIONAL),
                     provisional);
}

static void apply_for_pension(struct transfer_rig *rig, const char *person, civil_date_t due, bool provisional)
{
    struct transfer_letter letter = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
    send_letter(rig, TIANJIN, person, &letter);
    assert_moved(rig, TRANSFER_APPLIED, due);
    assert_provisional(rig, provisional);
}

static void assert_restated(const struct transfer_rig *rig, civil_date_t was, civil_date_t is, uint32_t count)
{
    assert_true(rig->answered);
    assert_int_equal(rig->outcome.kind, OUTCOME_NOTICE);
    assert_int_equal(rig->outcome.due_count, count);
    assert_int_equal(rig->outcome.due[0].previous_due_date, was);
    assert_int_equal(rig->outcome.due[0].due_date, is);
    assert_false(rig->outcome.due[0].overdue);
}

/* ---- before the switch, and after ---- */

TEST(F02_a_letter_is_refused_before_the_switch_and_provisional_after)
{
    static struct transfer_rig rig;
    transfer_rig_start(&rig, 20261211, 0, 1);
    const char *person = pensioner(&rig, 1);
    struct transfer_letter letter = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
    send_letter(&rig, TIANJIN, person, &letter);
    assert_refused_by(&rig, RULE_TRP_CALENDAR);
    switch_logic(&rig);
    apply_for_pension(&rig, person, 20270101, true);
    letter = letter_of(SCHEME_PENSION, LETTER_APPLICATION); /* the same again is answered the same */
    send_letter(&rig, TIANJIN, person, &letter);
    assert_moved(&rig, TRANSFER_APPLIED, 20270101);
    assert_provisional(&rig, true);
    transfer_rig_stop(&rig);
}

/* The first day of each kind of letter that version 1 refused, and the day before it. */
TEST(F02_each_scheme_goes_on)
{
    static struct transfer_rig rig;
    static const struct {
        uint32_t scheme;
        civil_date_t last, first, due_first;
    } rows[] = {{SCHEME_PENSION, 20261210, 20261211, 20270101},
                {SCHEME_MEDICAL, 20261224, 20261225, 20270101},
                {SCHEME_UNEMPLOYMENT, 20261224, 20261225, 20270101}};
    for (size_t i = 0; i < 3; i++) {
        start(&rig, rows[i].last, 0, 1);
        const char *person = somebody(19850615, true, 1);
        enrol_at(&rig, TIANJIN, person, "110", "1101", 20250201, 0);
        enrol_at(&rig, TIANJIN, person, "310", "1101", 20250301, 0);
        struct transfer_letter letter = letter_of(rows[i].scheme, LETTER_APPLICATION);
        send_letter(&rig, TIANJIN, person, &letter);
        assert_moved(&rig, TRANSFER_APPLIED, 20261231);
        assert_provisional(&rig, false);
        letter = letter_of(rows[i].scheme, LETTER_WITHDRAWAL);
        send_letter(&rig, TIANJIN, person, &letter);
        rig.today = rows[i].first;
        letter = letter_of(rows[i].scheme, LETTER_APPLICATION);
        letter.transfer_id = "T-2";
        send_letter(&rig, TIANJIN, person, &letter);
        assert_moved(&rig, TRANSFER_APPLIED, rows[i].due_first);
        assert_provisional(&rig, true);
        transfer_rig_stop(&rig);
    }
}

/* ---- the calendar comes ---- */

TEST(a_limit_is_stated_anew_once_and_to_the_day)
{
    static struct transfer_rig rig;
    start(&rig, 20261218, 0, 1);
    const char *person = pensioner(&rig, 1);
    apply_for_pension(&rig, person, 20270108, true);
    rig.today = 20270110;
    send_tick(&rig); /* no calendar: overdue by the week, first as due soon */
    assert_int_equal(rig.outcome.kind, OUTCOME_NOTICE);
    assert_int_equal(rig.outcome.due[0].previous_due_date, 0);
    send_tick(&rig);
    assert_true(rig.outcome.due[0].overdue);
    assert_int_equal(deadlines_overdue(rig.settlement.txn), 1);
    publish_2027(&rig);
    harness_restart(&rig.settlement);
    send_tick(&rig);
    assert_restated(&rig, 20270108, 20270111, 1);
    assert_string_equal(rig.outcome.due[0].person_id, person);
    assert_string_equal(rig.outcome.due[0].transfer_id, "T-1");
    assert_int_equal(rig.outcome.deliver_count, 1); /* the source knows of no application yet */
    assert_string_equal(rig.outcome.deliver_to[0], TIANJIN);
    assert_int_equal(deadlines_overdue(rig.settlement.txn), 0);
    assert_int_equal(store_count(rig.settlement.txn, PROVISIONAL), 0);
    send_tick(&rig);
    assert_int_equal(rig.outcome.kind, OUTCOME_NOTICE); /* due soon, by the day that is right */
    assert_int_equal(rig.outcome.due[0].due_date, 20270111);
    assert_false(rig.outcome.due[0].overdue);
    send_tick(&rig);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    rig.today = 20270112;
    send_tick(&rig);
    assert_true(rig.outcome.due[0].overdue);
    struct transfer_letter letter = letter_of(SCHEME_PENSION, LETTER_CONTACT);
    send_letter(&rig, TIANJIN, person, &letter);
    assert_moved(&rig, TRANSFER_ACCEPTED, 20270202);
    assert_provisional(&rig, false);
    assert_int_equal(store_count(rig.settlement.txn, DEADLINES), 1);
    assert_int_equal(deadlines_overdue(rig.settlement.txn), 0);
    transfer_rig_stop(&rig);
}

/* 2027's calendar makes a day of work of a Saturday: the limit ends earlier, on a day that has passed. */
TEST(a_limit_that_moves_to_a_passed_day_is_overdue_at_the_next_tick)
{
    static struct transfer_rig rig;
    struct gazette gazette = gazette_calendar_2027();
    start(&rig, 20261218, 0, 1);
    apply_for_pension(&rig, pensioner(&rig, 1), 20270108, true);
    struct calendar_day *day = (struct calendar_day *)gazette.table.calendar.days;
    day[0] = (struct calendar_day){.date = 20270102, .workday = true, .name = ""};
    day[1] = (struct calendar_day){.date = 20270103, .workday = true, .name = ""};
    gazette.table.calendar.day_count = 2;
    rig.today = 20270108;
    publish(&rig, &gazette);
    send_tick(&rig);
    assert_restated(&rig, 20270108, 20270106, 1);
    send_tick(&rig);
    assert_int_equal(rig.outcome.kind, OUTCOME_NOTICE);
    assert_true(rig.outcome.due[0].overdue);
    assert_int_equal(rig.outcome.due[0].due_date, 20270106);
    send_tick(&rig);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    transfer_rig_stop(&rig);
}

TEST(a_kept_limit_and_both_regions)
{
    static struct transfer_rig rig;
    static const uint32_t letters[] = {LETTER_APPLICATION, LETTER_CONTACT, LETTER_INFORMATION};
    start(&rig, 20261218, 0, 1);
    const char *person = pensioner(&rig, 1);
    for (unsigned i = 0; i < 3; i++) {
        struct transfer_letter letter = letter_of(SCHEME_PENSION, letters[i]);
        send_letter(&rig, i < 2 ? TIANJIN : BEIJING, person, &letter);
        assert_provisional(&rig, true);
    }
    assert_moved(&rig, TRANSFER_INFORMATION_SENT, 20270108);
    assert_int_equal(store_count(rig.settlement.txn, PROVISIONAL), 1);
    publish_2027(&rig);
    send_tick(&rig);
    assert_restated(&rig, 20270108, 20270111, 1);
    assert_int_equal(rig.outcome.deliver_count, 2);
    assert_true(is_told(&rig, BEIJING) && is_told(&rig, TIANJIN));
    struct transfer_letter letter = letter_of(SCHEME_PENSION, LETTER_WITHDRAWAL);
    send_letter(&rig, TIANJIN, person, &letter);
    assert_int_equal(store_count(rig.settlement.txn, DEADLINES), 0);
    transfer_rig_stop(&rig);
}

TEST(what_is_withdrawn_is_not_stated)
{
    static struct transfer_rig rig;
    start(&rig, 20261218, 0, 1);
    const char *person = pensioner(&rig, 1);
    apply_for_pension(&rig, person, 20270108, true);
    struct transfer_letter letter = letter_of(SCHEME_PENSION, LETTER_WITHDRAWAL);
    send_letter(&rig, TIANJIN, person, &letter);
    assert_int_equal(store_count(rig.settlement.txn, PROVISIONAL), 0);
    publish_2027(&rig);
    send_tick(&rig);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    transfer_rig_stop(&rig);
}

/* A calendar of 2028 says nothing of a limit in 2027. */
TEST(another_years_calendar_leaves_it)
{
    static struct transfer_rig rig;
    struct gazette gazette = gazette_calendar_2027();
    struct calendar_day only = {.date = 20280101, .name = ""};
    start(&rig, 20261218, 0, 1);
    apply_for_pension(&rig, pensioner(&rig, 1), 20270108, true);
    gazette.table.calendar = (struct calendar_year){2028, &only, 1};
    publish(&rig, &gazette);
    send_tick(&rig);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    publish_2027(&rig);
    send_tick(&rig);
    assert_restated(&rig, 20270108, 20270111, 1);
    transfer_rig_stop(&rig);
}

/* ---- many, over partitions ---- */

enum { MANY = 60 };

/* Each of them is told once, by its own partition; more than a notice holds at following ticks. */
TEST(each_is_told_once_by_its_partition)
{
    static struct transfer_rig rigs[2];
    unsigned told[MANY] = {0}, ticks = 0;
    for (unsigned i = 0; i < 2; i++) {
        start(&rigs[i], 20261218, i, 2);
        for (unsigned j = 0; j < MANY; j++) {
            const char *person = somebody(19850615, true, j);
            struct transfer_letter letter = letter_of(SCHEME_UNEMPLOYMENT, LETTER_APPLICATION);
            char id[16];
            (void)snprintf(id, sizeof id, "T-%u", j);
            letter.transfer_id = id;
            rigs[i].today = 20261228;
            send_letter(&rigs[i], TIANJIN, person, &letter);
        }
        rigs[i].today = 20261229;
        publish_2027(&rigs[i]);
        for (ticks = 0; ticks < MANY; ticks++) {
            send_tick(&rigs[i]);
            if (!rigs[i].answered || rigs[i].outcome.kind != OUTCOME_NOTICE)
                break;
            assert_true(rigs[i].outcome.due_count <= DUE_ITEMS_MAX);
            for (uint32_t k = 0; k < rigs[i].outcome.due_count; k++) {
                assert_int_equal(rigs[i].outcome.due[k].previous_due_date, 20270104);
                assert_int_equal(rigs[i].outcome.due[k].due_date, 20270105);
                told[atoi(rigs[i].outcome.due[k].transfer_id + 2)]++;
            }
        }
        assert_true(ticks > 0);
        transfer_rig_stop(&rigs[i]);
    }
    for (unsigned j = 0; j < MANY; j++)
        assert_int_equal(told[j], 1);
}

/* ---- every day of the three months ---- */

static civil_date_t limit_of(const struct calendar *calendar, civil_date_t day)
{
    civil_date_t due = 0;
    assert_int_equal(workday_add(calendar, day, 15, &due), OK);
    return due;
}

/* Of the days before the calendar, one had this limit by the week and has that one by the calendar. */
static unsigned stated_anew(const struct due_item *item, const struct calendar *week, const struct calendar *whole,
                            civil_date_t today)
{
    bool found = false;
    if (item->previous_due_date == 0)
        return 0;
    assert_int_equal(today, 20270110);
    for (civil_date_t day = 20261201; day < 20270110; day = civil_date_add_days(day, 1))
        found = found || (limit_of(week, day) == item->previous_due_date && limit_of(whole, day) == item->due_date);
    assert_true(found);
    return 1;
}

/* An application a day, with ticks between them. With the calendar all limits are at the end what they would have been
 * by a calendar known from the start; without, no letter is refused. */
static void day_by_day(bool calendar_comes)
{
    static struct transfer_rig rig;
    static const struct workday_exception of_both[] = {{20270101, false}, {20270208, false}, {20270209, false},
                                                       {20270210, false}, {20270211, false}, {20270212, false},
                                                       {20270213, true}};
    struct calendar whole = {.exceptions = of_both, .count = 7, .provisional = true};
    struct calendar week = {.provisional = true};
    unsigned index = 0, restated = 0, moved = 0;
    start(&rig, 20261201, 0, 1);
    for (civil_date_t day = 20261201; day <= 20270228; day = civil_date_add_days(day, 1)) {
        rig.today = day;
        if (calendar_comes && day == 20270110)
            publish_2027(&rig);
        const char *person = pensioner(&rig, ++index);
        struct transfer_letter letter = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
        send_letter(&rig, TIANJIN, person, &letter);
        bool known = calendar_comes && day >= 20270110;
        assert_moved(&rig, TRANSFER_APPLIED, limit_of(known ? &whole : &week, day));
        moved += !known && day < 20270110 && limit_of(&whole, day) != limit_of(&week, day);
        assert_provisional(&rig, !known && rig.outcome.transfer->due_date > 20261231);
        for (unsigned i = 0; i < 4; i++) {
            send_tick(&rig);
            for (uint32_t j = 0; rig.outcome.kind == OUTCOME_NOTICE && j < rig.outcome.due_count; j++)
                restated += stated_anew(&rig.outcome.due[j], &week, &whole, day);
        }
    }
    assert_int_equal(store_count(rig.settlement.txn, PROVISIONAL) == 0, calendar_comes);
    assert_int_equal(restated, calendar_comes ? moved : 0);
    transfer_rig_stop(&rig);
}

TEST(day_by_day_without_a_calendar)
{
    day_by_day(false);
}

TEST(day_by_day_until_the_calendar_comes)
{
    day_by_day(true);
}
