/* SPDX-License-Identifier: Apache-2.0
 * What the reference data say on which day, many faults at once, partitions. */
#include "common/codes/rule.h"
#include "services/validation/references.h"
#include "tests/support/gazettes.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

#define BILL (draft.event.body.bill)
#define ITEM (draft.items)
#define PLACE (draft.event.body.institution)
#define ENROLMENT (draft.event.body.enrolment)

TEST(sound_events_are_admitted)
{
    static const enum event_kind kinds[] = {EVENT_BILL_TRIAL,  EVENT_BILL_SETTLE,  EVENT_BILL_REVERSAL,
                                            EVENT_INSTITUTION, EVENT_ENROLMENT,    EVENT_POLICY,
                                            EVENT_TICK,        EVENT_LOGIC_VERSION};
    static struct rig rig;
    rig_start(&rig, 0, 1);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        draft_sound(kinds[i]);
        admit(&rig);
        assert_int_equal(rig.verdict.has_facts, i < 2);
    }
    rig_stop(&rig);
}

TEST(edges_that_still_hold)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.admission_date = BILL.discharge_date; /* one day; discharged today */
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE); /* tomorrow has begun in Shanghai, not in UTC */
    draft.accepted_at = MIDNIGHT;
    BILL.discharge_date = 20250311;
    admit(&rig);
    draft.accepted_at = MIDNIGHT - 1;
    assert_int_equal(submit(&rig), OK);
    assert_int_equal(rig.verdict.findings->items[0].rule, RULE_BILL_DATE_FUTURE);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.care_kind = "41"; /* a pharmacy need not know the diagnosis */
    BILL.diagnosis = "";
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.bill_id = "012345678901234567890123456789";
    ITEM[0].first_own_share_bp = 10000;
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    ITEM[1] = line(DRUG, -100000); /* all of it returned */
    BILL.total = 0;
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    ITEM[0].amount = BILL_TOTAL_MAX_FEN;
    ITEM[0].unit_price_micro = ITEM_PRICE_MAX_MICRO;
    BILL.item_count = 1;
    BILL.total = BILL_TOTAL_MAX_FEN;
    admit(&rig);
    rig_stop(&rig);
}

TEST(facts_are_of_their_days)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    enrol(&rig, 20250301, 0, "1101");
    position_t position = rig.harness.position;
    enrol(&rig, 20250305, 20250310, "1401");
    for (unsigned pass = 0; pass < 2; pass++) { /* from the caches, then from the store */
        draft_sound(EVENT_BILL_SETTLE);
        admit(&rig);
        const struct bill_facts *facts = &rig.verdict.facts;
        assert_string_equal(facts->care_region, TIANJIN);
        assert_string_equal(facts->care_area, TIANJIN);
        assert_string_equal(facts->insured_region, BEIJING);
        assert_string_equal(facts->category, "1401"); /* the day of discharge, the last day inclusive */
        assert_int_equal(facts->enrolment_position, position);
        assert_int_equal(facts->hospital_level, 3);
        assert_true(facts->hospital_municipal && !facts->hospital_community && facts->civil_servant);
        assert_int_equal(facts->poverty, POVERTY_SUBSISTENCE);
        assert_int_equal(facts->account_balance, 5000);
        BILL.discharge_date = 20250304;
        admit(&rig);
        assert_string_equal(rig.verdict.facts.category, "1101");
        draft_sound(EVENT_BILL_SETTLE);
        BILL.institution = CLINIC;
        BILL.admission_date = 20250131;
        admit(&rig); /* suspended during the stay: the day of admission counts */
        draft_sound(EVENT_BILL_SETTLE);
        draft.accepted_at = MIDNIGHT;
        BILL.discharge_date = 20250311; /* the enrolment has ended; an older row does not come back */
        assert_int_equal(submit(&rig), OK);
        assert_int_equal(rig.verdict.findings->items[0].rule, RULE_ENROLMENT_UNKNOWN);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

TEST(a_later_event_for_the_same_day_replaces)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    enrol(&rig, 20240101, 0, "1501");
    draft_sound(EVENT_INSTITUTION);
    PLACE.level = 1;
    PLACE.community = true;
    admit(&rig);
    for (unsigned pass = 0; pass < 2; pass++) {
        draft_sound(EVENT_BILL_SETTLE);
        admit(&rig);
        assert_string_equal(rig.verdict.facts.category, "1501");
        assert_int_equal(rig.verdict.facts.hospital_level, 1);
        assert_true(rig.verdict.facts.hospital_community);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

TEST(a_refused_event_leaves_no_trace)
{
    static struct rig rig;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    rig_start(&rig, 0, 1);
    harness_digest(&rig.harness, before);
    draft_sound(EVENT_ENROLMENT);
    ENROLMENT.poverty = 9;
    assert_int_equal(submit(&rig), OK);
    assert_true(rig.verdict.refused);
    draft_sound(EVENT_INSTITUTION);
    PLACE.level = 9;
    assert_int_equal(submit(&rig), OK);
    assert_true(rig.verdict.refused);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    draft_sound(EVENT_BILL_SETTLE);
    admit(&rig); /* level 3 still */
    assert_int_equal(rig.verdict.facts.hospital_level, 3);
    rig_stop(&rig);
}

TEST(a_small_x_is_the_same_person)
{
    static struct rig rig;
    char small[19] = "";
    rig_start(&rig, 0, 1);
    for (unsigned i = 0; small[17] != 'X'; i++) {
        char digits[18];
        (void)snprintf(digits, sizeof digits, "11010119800101%03u", i % 1000);
        (void)snprintf(small, sizeof small, "%s", identity_of(digits));
    }
    small[17] = 'x';
    draft_sound(EVENT_ENROLMENT);
    draft.event.person_id = small;
    admit(&rig);
    uint32_t hash = rig.verdict.person_hash;
    small[17] = 'X';
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.person_id = small;
    admit(&rig);
    assert_int_equal(rig.verdict.person_hash, hash);
    rig_stop(&rig);
}

TEST(all_faults_of_a_bill_are_named_at_once)
{
    static const struct {
        enum rule rule;
        const char *path;
    } wanted[] = {{RULE_PERSON_ID_INVALID, "person_id"},
                  {RULE_BILL_ID_INVALID, "bill_settle.bill_id"},
                  {RULE_BILL_CARE_KIND, "bill_settle.care_kind"},
                  {RULE_BILL_DIAGNOSIS, "bill_settle.diagnosis"},
                  {RULE_BILL_CREDENTIAL, "bill_settle.credential"},
                  {RULE_BILL_DATE_INVALID, "bill_settle.admission_date"},
                  {RULE_BILL_DATE_FUTURE, "bill_settle.discharge_date"},
                  {RULE_BILL_ITEM_LEVEL, "bill_settle.items[0].level"},
                  {RULE_BILL_LINE_MISMATCH, "bill_settle.items[0].amount_fen"},
                  {RULE_BILL_LINE_OFF_BY_ONE, "bill_settle.items[1].amount_fen"},
                  {RULE_BILL_TOTAL_MISMATCH, "bill_settle.total_fen"},
                  {RULE_NOT_REGION_OF_CARE, "bill_settle.institution"},
                  {RULE_INSTITUTION_UNKNOWN, "bill_settle.institution"}};
    enum { WANTED_COUNT = sizeof wanted / sizeof wanted[0] };
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.sender = HEBEI;
    draft.event.person_id = "110101194912319999";
    BILL.bill_id = "";
    BILL.institution = "H12010199999";
    BILL.care_kind = BILL.credential = "zz";
    BILL.diagnosis = "?";
    BILL.admission_date = 20250230;
    BILL.discharge_date = 20260101;
    ITEM[0].level = 0;
    ITEM[0].amount += 7;
    ITEM[1].amount += 1;
    assert_int_equal(submit(&rig), OK);
    assert_int_equal(rig.verdict.findings->count, WANTED_COUNT);
    for (size_t i = 0; i < WANTED_COUNT; i++) {
        bool found = false;
        for (uint32_t j = 0; j < WANTED_COUNT; j++)
            found = found || (rig.verdict.findings->items[j].rule == wanted[i].rule &&
                              strcmp(rig.verdict.findings->items[j].path, wanted[i].path) == 0);
        if (!found)
            fail_msg("%u at %s is missing", wanted[i].rule, wanted[i].path);
    }
    for (uint32_t i = 0; i < WANTED_COUNT; i++) /* no identity number leaves in a finding */
        assert_null(strstr(rig.verdict.findings->items[i].detail, "19491231"));
    assert_true(rig.verdict.refused);
    rig_stop(&rig);
}

TEST(more_faults_than_fit_are_still_refused)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.total = 0;
    BILL.item_count = VERDICT_FINDINGS_MAX + 40;
    for (uint32_t i = 0; i < BILL.item_count; i++) {
        ITEM[i] = line(DRUG, (fen_t)i + 100);
        ITEM[i].level = 0;
        BILL.total += ITEM[i].amount;
    }
    assert_int_equal(submit(&rig), OK);
    assert_int_equal(rig.verdict.findings->count, VERDICT_FINDINGS_MAX);
    assert_int_equal(rig.verdict.findings->items[VERDICT_FINDINGS_MAX - 1].rule, RULE_TOO_MANY_FINDINGS);
    assert_true(rig.verdict.refused);
    rig_stop(&rig);
}

/* ---- partitions, the unknown, and the way back ---- */

TEST(a_partition_answers_for_its_own_persons_and_for_everybody)
{
    static struct rig parts[2];
    for (uint32_t i = 0; i < 2; i++)
        rig_start(&parts[i], i, 2); /* institutions have a verdict in both: admit() wants one */
    draft_sound(EVENT_ENROLMENT);
    unsigned owner = person_hash(span_text(PERSON)) % 2;
    admit(&parts[owner]);
    assert_int_equal(submit(&parts[!owner]), OK);
    assert_int_equal(parts[!owner].harness.output.size, 0);
    draft_sound(EVENT_BILL_SETTLE);
    admit(&parts[owner]);
    assert_true(parts[owner].verdict.has_facts);
    assert_int_equal(submit(&parts[!owner]), OK);
    assert_int_equal(parts[!owner].harness.output.size, 0);
    for (uint32_t i = 0; i < 2; i++)
        rig_stop(&parts[i]);
}

TEST(what_we_cannot_read_is_left_to_the_runtime)
{
    static struct rig rig;
    struct buffer envelope, record;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    rig_start(&rig, 0, 1);
    harness_digest(&rig.harness, before);
    draft_sound(EVENT_NONE);
    assert_int_equal(submit(&rig), REJECT_UNDECODABLE); /* no body */
    buffer_init(&envelope);
    buffer_init(&record);
    envelope_encode(&draft.event, &envelope);
    wire_put_text(&envelope, 99, "from a newer sender");
    submission_encode(&(struct submission){.accepted_at = NOON, .person_hash = 0, .envelope = buffer_span(&envelope)},
                      &record);
    struct span span = buffer_span(&record);
    assert_int_equal(harness_apply(&rig.harness, &span, 1), REJECT_UNDECODABLE);
    assert_int_equal(rig.harness.output.size, 0);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    harness_bury(&rig.harness, span, "a body that this build does not know");
    assert_int_equal(verdict_decode(buffer_span(&rig.harness.output), &rig.harness.arena, &rig.verdict), OK);
    assert_string_equal(rig.verdict.dead_reason, "a body that this build does not know");
    assert_int_equal(rig.verdict.findings->count, 0);
    assert_true(span_equal(rig.verdict.envelope, buffer_span(&envelope)));
    buffer_fini(&envelope);
    buffer_fini(&record);
    rig_stop(&rig);
}

/* LOGIC_ENVELOPE_ONCE: else it says the same. */
TEST(a_verdict_of_version_3_has_no_envelope)
{
    static struct rig rig;
    struct buffer said[2];
    for (uint32_t version = 2; version <= 3; version++) {
        rig_start(&rig, 0, 1);
        rig_logic(&rig, version);
        draft_sound(EVENT_BILL_SETTLE);
        draft.event.message_id = NULL;
        assert_int_equal(submit(&rig), OK);
        assert_true(rig.verdict.has_facts);
        assert_int_equal(rig.verdict.envelope.size == 0, version == 3);
        rig.verdict.envelope = span_of(NULL, 0);
        buffer_init(&said[version - 2]);
        verdict_encode(&rig.verdict, &said[version - 2]);
        harness_bury(&rig.harness, buffer_span(&rig.harness.record), "quarantined");
        assert_int_equal(verdict_decode(buffer_span(&rig.harness.output), &rig.harness.arena, &rig.verdict), OK);
        assert_string_equal(rig.verdict.dead_reason, "quarantined");
        assert_int_equal(rig.verdict.accepted_at, NOON);
        assert_int_equal(rig.verdict.envelope.size == 0, version == 3);
        rig_stop(&rig);
    }
    assert_true(span_equal(buffer_span(&said[0]), buffer_span(&said[1])));
    buffer_fini(&said[0]);
    buffer_fini(&said[1]);
}

TEST(a_logic_version_that_we_lack_stops)
{
    static struct rig rig;
    static const enum gazette_kind wanted[] = {GAZETTE_AREAS, GAZETTE_CARE_KINDS, GAZETTE_ITEM_SHAPES,
                                               GAZETTE_TRANSFER_PARAMETERS};
    uint8_t value[4];
    rig_start(&rig, 0, 1);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        draft_sound(EVENT_GAZETTE);
        draft.gazette = gazette_sound(wanted[i], "");
        admit(&rig);
    }
    draft_sound(EVENT_LOGIC_VERSION);
    draft.event.body.logic.version = LOGIC_VERSION_KNOWN + 1;
    assert_int_equal(submit(&rig), FATAL_LOGIC_VERSION);
    assert_int_equal(validation_core.logic_version(rig.harness.self), 1);
    bytes_put_le(value, LOGIC_VERSION_KNOWN + 1, sizeof value);
    store_put(rig.harness.txn, LOGIC_TABLE, span_text("version"), span_of(value, sizeof value));
    void *other = calloc(1, validation_core.self_size);
    assert_non_null(other);
    assert_int_equal(validation_core.open(other, rig.harness.txn, rig.harness.partition), FATAL_LOGIC_VERSION);
    validation_core.close(other);
    free(other);
    rig_stop(&rig);
}

/* Every bit of a submission turned, and every shorter one: a verdict or a refusal to read, and never a crash. */
TEST(damaged_submissions_do_no_harm)
{
    static struct rig rig;
    struct buffer whole;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE);
    admit(&rig);
    buffer_init(&whole);
    buffer_append(&whole, rig.harness.record.data, rig.harness.record.size);
    for (size_t bit = 0; bit < whole.size * 9; bit++) {
        bool cut = bit >= whole.size * 8;
        struct span record = span_of(whole.data, cut ? bit - whole.size * 8 : whole.size);
        if (!cut)
            whole.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum status status = harness_apply(&rig.harness, &record, 1);
        assert_true(status == OK || status == REJECT_UNDECODABLE);
        if (status == OK && rig.harness.output.size > 0)
            assert_int_equal(verdict_decode(buffer_span(&rig.harness.output), &rig.harness.arena, &rig.verdict), OK);
        if (!cut)
            whole.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    draft_sound(EVENT_BILL_SETTLE);
    admit(&rig);
    buffer_fini(&whole);
    rig_stop(&rig);
}
AROUND_ALL(load_policy, NULL)
