/* SPDX-License-Identifier: Apache-2.0
 * What authorities publish: checked, kept, replaced, read again from the store; and the switch to a version of logic
 * that goes by it. */

#include "common/engines/gazette/gazette_book.h"
#include "common/engines/gazette/gazette_check.h"
#include "common/store/store.h"
#include "services/settlement/settlement_core.h"
#include "services/validation/validation_core.h"
#include "tests/support/gazettes.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

/* ---- the check: CASE(name, kind, path of the one finding, the change) ---- */

static struct gazette changed;
#define TABLE(member) (changed.table.member)
#define ROW(type, member) ((struct type *)changed.table.member.rows)
#define DAY ((struct calendar_day *)changed.table.calendar.days)
#define CASES                                                                                                          \
    CASE(nobody_to_cite, CALENDAR, "source", changed.source = "")                                                      \
    CASE(calendar_of_a_region, CALENDAR, "region", changed.region = BEIJING)                                           \
    CASE(standard_of_nobody, UNEMPLOYMENT_STANDARD, "region", changed.region = "")                                     \
    CASE(year_too_early, CALENDAR, "calendar.year",                                                                    \
         (TABLE(calendar).year = 1989, DAY[0].date = 19890101, TABLE(calendar).day_count = 1))                         \
    CASE(no_days, CALENDAR, "calendar.days", TABLE(calendar).day_count = 0)                                            \
    CASE(day_of_another_year, CALENDAR, "calendar.days[0].date", DAY[0].date = 20251231)                               \
    CASE(day_twice, CALENDAR, "calendar.days[1].date", DAY[1].date = DAY[0].date)                                      \
    CASE(no_divisions, DIVISIONS, "divisions.rows", TABLE(divisions).row_count = 0)                                    \
    CASE(short_division, DIVISIONS, "divisions.rows[0].code", ROW(published_division, divisions)[0].code = 99999)      \
    CASE(division_twice, DIVISIONS, "divisions.rows[1].code", ROW(published_division, divisions)[1].code = 110101)     \
    CASE(no_areas, AREAS, "areas.rows", TABLE(areas).row_count = 0)                                                    \
    CASE(area_of_another_region, AREAS, "areas.rows[0].region", ROW(published_area, areas)[0].region = TIANJIN)        \
    CASE(area_twice, AREAS, "areas.rows[3].code", ROW(published_area, areas)[3].code = "130100")                       \
    CASE(nameless_area, AREAS, "areas.rows[0].name", ROW(published_area, areas)[0].name_en = "")                       \
    CASE(office_of_nobody, AREAS, "areas.rows[2].office_of", ROW(published_area, areas)[2].office_of = "130300")       \
    CASE(no_standards, UNEMPLOYMENT_STANDARD, "unemployment_standard.rows",                                            \
         TABLE(unemployment_standard).row_count = 0)                                                                   \
    CASE(standard_of_no_day, UNEMPLOYMENT_STANDARD, "unemployment_standard.rows[0].valid_from",                        \
         ROW(published_benefit, unemployment_standard)[0].valid_from = 20250229)                                       \
    CASE(standard_that_ends_before, UNEMPLOYMENT_STANDARD, "unemployment_standard.rows[0].valid_to",                   \
         ROW(published_benefit, unemployment_standard)[0].valid_to = 19990101)                                         \
    CASE(standard_from_month_0, UNEMPLOYMENT_STANDARD, "unemployment_standard.rows[0].month_from",                     \
         ROW(published_benefit, unemployment_standard)[0].month_from = 0)                                              \
    CASE(standard_of_nothing, UNEMPLOYMENT_STANDARD, "unemployment_standard.rows[0].monthly_fen",                      \
         ROW(published_benefit, unemployment_standard)[0].monthly = 0)                                                 \
    CASE(standard_without_grade, UNEMPLOYMENT_STANDARD, "unemployment_standard.rows[0].grade",                         \
         ROW(published_benefit, unemployment_standard)[0].grade = "X")                                                 \
    CASE(parameter_of_no_day, TRANSFER_PARAMETERS, "transfer_parameters.rows[1].valid_from",                           \
         ROW(published_parameter, transfer_parameters)[1].valid_from = 0)                                              \
    CASE(parameter_without_grade, TRANSFER_PARAMETERS, "transfer_parameters.rows[1].grade",                            \
         ROW(published_parameter, transfer_parameters)[1].grade = "")                                                  \
    CASE(a_parameter_lacks, TRANSFER_PARAMETERS, "transfer_parameters.rows", TABLE(transfer_parameters).row_count--)   \
    CASE(no_benefit_months, TRANSFER_PARAMETERS, "transfer_parameters.benefit_months",                                 \
         TABLE(transfer_parameters).benefit_month_count = 0)                                                           \
    CASE(no_care_kinds, CARE_KINDS, "care_kinds.rows", TABLE(care_kinds).row_count = 0)                                \
    CASE(care_kind_twice, CARE_KINDS, "care_kinds.rows[1].code", ROW(published_care_kind, care_kinds)[1].code = "11")  \
    CASE(care_class_unknown, CARE_KINDS, "care_kinds.rows[0].care_class",                                              \
         ROW(published_care_kind, care_kinds)[0].care_class = 99)                                                      \
    CASE(no_clearing_type, CARE_KINDS, "care_kinds.rows[0].clearing_type",                                             \
         ROW(published_care_kind, care_kinds)[0].clearing_type = "")                                                   \
    CASE(nameless_care, CARE_KINDS, "care_kinds.rows[0].name", ROW(published_care_kind, care_kinds)[0].name_zh = "")   \
    CASE(no_shapes, ITEM_SHAPES, "item_shapes.rows", TABLE(item_shapes).row_count = 0)                                 \
    CASE(first_in_small, ITEM_SHAPES, "item_shapes.rows[1].first",                                                     \
         ROW(published_item_shape, item_shapes)[1].first = "c")                                                        \
    CASE(shape_too_long, ITEM_SHAPES, "item_shapes.rows[1].size", ROW(published_item_shape, item_shapes)[1].size = 31) \
    CASE(shape_of_no_kind, ITEM_SHAPES, "item_shapes.rows[1].kind", ROW(published_item_shape, item_shapes)[1].kind = 0)

#define CASE(name, kind, path, ...)                                                                                    \
    static void name(void)                                                                                             \
    {                                                                                                                  \
        __VA_ARGS__;                                                                                                   \
    }
CASES
#undef CASE
static const struct row {
    const char *name;
    enum gazette_kind kind;
    const char *path;
    void (*change)(void);
} rows[] = {
#define CASE(name, kind, path, ...) {#name, GAZETTE_##kind, "gazette." path, name},
    CASES
#undef CASE
};

static const char *region_of_kind(enum gazette_kind kind)
{
    return kind == GAZETTE_UNEMPLOYMENT_STANDARD ? BEIJING : "";
}

TEST(each_fault_is_named_alone)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct findings findings;
        memset(&findings, 0, sizeof findings);
        changed = gazette_sound(rows[i].kind, region_of_kind(rows[i].kind));
        gazette_check(&changed, "gazette", &findings);
        assert_int_equal(findings.count, 0);
        /* tables are static: a copy of their rows is changed */
        static struct gazette_copy {
            uint8_t bytes[1 << 16];
        } copy;
        struct arena arena;
        struct buffer buffer;
        buffer_init(&buffer);
        gazette_encode(&changed, &buffer);
        arena_init(&arena, copy.bytes, sizeof copy.bytes);
        assert_int_equal(gazette_decode(buffer_span(&buffer), &arena, &changed), OK);
        rows[i].change();
        gazette_check(&changed, "gazette", &findings);
        if (findings.count != 1 || strcmp(findings.items[0].path, rows[i].path) != 0 ||
            findings.items[0].rule != RULE_GAZETTE_INVALID)
            fail_msg("%s: %u findings, the first at %s", rows[i].name, findings.count, findings.items[0].path);
        buffer_fini(&buffer);
    }
}

/* ---- the book ---- */

static void keep(struct gazette_book *book, struct harness *harness, struct gazette gazette)
{
    assert_int_equal(gazette_book_keep(book, harness->txn, &gazette), OK);
}

/* The working day after 31 December 2026. */
static civil_date_t first_of_2027(const struct gazette_book *book)
{
    civil_date_t day = 0;
    assert_int_equal(workday_add(&gazette_book_published(book)->calendar, 20261231, 1, &day), OK);
    return day;
}

TEST(what_is_kept_is_in_force_from_the_switch_on)
{
    struct harness harness;
    civil_date_t day;
    bool workday;
    harness_start(&harness, &core_of_one_table, 0, 1, 1);
    struct gazette_book *book = gazette_book_new(harness.txn, 0, LOGIC_VERSION_FIRST);
    assert_non_null(book);
    assert_false(gazette_book_has(book, GAZETTE_CALENDAR));
    keep(book, &harness, gazette_calendar_2027());
    keep(book, &harness, gazette_sound(GAZETTE_AREAS, ""));
    assert_true(gazette_book_has(book, GAZETTE_CALENDAR));
    assert_int_equal(workday_add(&gazette_book_published(book)->calendar, 20261231, 1, &day), REJECT_RANGE);
    assert_int_equal(gazette_book_published(book)->areas.row_count, published_first()->areas.row_count);
    gazette_book_switch(book, 2);
    assert_int_equal(gazette_book_published(book)->logic, 2);
    assert_int_equal(first_of_2027(book), 20270104);
    assert_int_equal(gazette_book_published(book)->areas.row_count, 4);
    assert_true(calendar_has(&gazette_book_published(book)->calendar, 20270606));
    assert_false(calendar_has(&gazette_book_published(book)->calendar, 20280606));
    assert_int_equal(workday_is(&gazette_book_published(book)->calendar, 20280103, &workday), OK);
    assert_true(workday); /* a Monday */
    gazette_book_destroy(&book);
    harness_stop(&harness);
}

TEST(a_table_replaces_the_one_before_and_is_read_again)
{
    struct harness harness;
    harness_start(&harness, &core_of_one_table, 0, 1, 1);
    struct gazette_book *book = gazette_book_new(harness.txn, 0, 2);
    assert_int_equal(first_of_2027(book), 20270101); /* provisional: a Friday */
    keep(book, &harness, gazette_calendar_2027());
    assert_int_equal(first_of_2027(book), 20270104);
    struct gazette mended = gazette_calendar_2027();
    ((struct calendar_day *)mended.table.calendar.days)[1].date = 20270104;
    keep(book, &harness, mended);
    assert_int_equal(first_of_2027(book), 20270105);
    keep(book, &harness, gazette_sound(GAZETTE_TRANSFER_PARAMETERS, ""));
    keep(book, &harness, gazette_sound(GAZETTE_UNEMPLOYMENT_STANDARD, BEIJING));
    keep(book, &harness, gazette_sound(GAZETTE_UNEMPLOYMENT_STANDARD, TIANJIN));
    assert_int_equal(store_count(harness.txn, 0), 4); /* 2027's calendar once, each region's standard */
    gazette_book_destroy(&book);
    book = gazette_book_new(harness.txn, 0, 2);
    assert_int_equal(first_of_2027(book), 20270105);
    const struct published *published = gazette_book_published(book), *first = published_first();
    assert_int_equal(published->parameter_count, first->parameter_count);
    for (uint32_t i = 0; i < PARAMETERS_COUNT; i++)
        assert_int_equal(parameter_value(published, i, 20250310), parameter_value(first, i, 20250310));
    uint32_t of_hebei = 0;
    for (uint32_t i = 0; i < first->standard_count; i++)
        of_hebei += strcmp(first->standards[i].region, HEBEI) == 0;
    assert_int_equal(published->standard_count, first->standard_count - of_hebei);
    gazette_book_destroy(&book);
    harness_stop(&harness);
}

TEST(a_book_that_cannot_be_read_is_none)
{
    struct harness harness;
    static const uint8_t key[9] = {GAZETTE_CALENDAR};
    harness_start(&harness, &core_of_one_table, 0, 1, 1);
    store_put(harness.txn, 0, span_of(key, sizeof key), span_text("\xff"));
    assert_null(gazette_book_new(harness.txn, 0, 1));
    harness_stop(&harness);
}

/* ---- the switch ---- */

static void publish(void *rig, const struct gazette *gazette)
{
    send_event(rig, &(struct event){.sender = "operator", .kind = EVENT_GAZETTE, .body.gazette = gazette});
    assert_int_equal(((struct transfer_rig *)rig)->outcome.kind, OUTCOME_APPLIED);
}

static void switch_to(struct transfer_rig *rig, uint32_t version)
{
    send_event(rig, &(struct event){.sender = "operator",
                                    .kind = EVENT_LOGIC_VERSION,
                                    .body.logic = {.version = version, .reason = ""}});
}

TEST(the_switch_waits_for_its_tables_and_holds)
{
    static const enum gazette_kind wanted[] = {GAZETTE_AREAS, GAZETTE_CARE_KINDS, GAZETTE_ITEM_SHAPES,
                                               GAZETTE_TRANSFER_PARAMETERS};
    static struct transfer_rig rig;
    transfer_rig_start(&rig, 20261201, 0, 1);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        switch_to(&rig, 2);
        assert_refused_by(&rig, RULE_GAZETTES_MISSING);
        assert_int_equal(settlement_core.logic_version(rig.settlement.self), 1);
        struct gazette gazette = gazette_sound(wanted[i], "");
        publish(&rig, &gazette);
    }
    switch_to(&rig, 2);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    harness_restart(&rig.validation);
    harness_restart(&rig.settlement);
    assert_int_equal(validation_core.logic_version(rig.validation.self), 2);
    assert_int_equal(settlement_core.logic_version(rig.settlement.self), 2);
    switch_to(&rig, 1);
    assert_refused_by(&rig, RULE_REFERENCE_FIELD_INVALID);
    transfer_rig_stop(&rig);
}

TEST(only_operator_and_region_publish)
{
    static struct transfer_rig rig;
    transfer_rig_start(&rig, 20261201, 0, 1);
    struct gazette gazette = gazette_sound(GAZETTE_UNEMPLOYMENT_STANDARD, BEIJING);
    send_event(&rig, &(struct event){.sender = TIANJIN, .kind = EVENT_GAZETTE, .body.gazette = &gazette});
    assert_refused_by(&rig, RULE_ROLE_MAY_NOT);
    send_event(&rig, &(struct event){.sender = BEIJING, .kind = EVENT_GAZETTE, .body.gazette = &gazette});
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    gazette = gazette_calendar_2027();
    send_event(&rig, &(struct event){.sender = BEIJING, .kind = EVENT_GAZETTE, .body.gazette = &gazette});
    assert_refused_by(&rig, RULE_ROLE_MAY_NOT);
    transfer_rig_stop(&rig);
}
