/* SPDX-License-Identifier: Apache-2.0
 * The envelope stands in the submission alone from logic version 3 on: a log that goes from 1 to 2 to 3 on its way
 * decides as one that stays at 2, and comes out of itself again. */
#include "common/codes/area.h"
#include "common/engines/policy/policy_file.h"
#include "services/settlement/settlement_core.h"
#include "services/validation/validation_core.h"
#include "tests/support/gazettes.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"
#include "tools/gen/gen.h"

enum { TODAY = 20251124, PERSONS = 40, BILLS = 120, LOG_MAX = 1000 };

static const char *const policies[] = {"110000-310", "110000-390", "120000-310", "120000-390",
                                       "130100-310", "130100-390", "131000-310", "131000-390"};

/* What lies at one position of the three streams. */
struct entry {
    struct buffer submission, verdict, outcome;
};

struct log {
    struct entry entries[LOG_MAX];
    position_t count, third; /* where the log goes on after its last switch */
    uint8_t validation[DIGEST_SIZE], settlement[DIGEST_SIZE];
};

static void copy(struct buffer *to, const struct buffer *from)
{
    buffer_append(to, from->data, from->size);
}

static void keep(struct log *log, const struct transfer_rig *rig)
{
    assert_true(log->count < LOG_MAX);
    struct entry *entry = &log->entries[log->count++];
    copy(&entry->submission, &rig->validation.record);
    copy(&entry->verdict, &rig->validation.output);
    copy(&entry->outcome, &rig->settlement.output);
}

static void say(struct log *log, struct transfer_rig *rig, const struct event *event)
{
    send_event(rig, event);
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
    keep(log, rig);
}

static void go_to(struct log *log, struct transfer_rig *rig, uint32_t version)
{
    for (unsigned i = 0; i < GAZETTES_WANTED; i++)
        say(log, rig, &(struct event){.sender = "operator", .kind = EVENT_GAZETTE, .body.gazette = gazette_wanted(i)});
    say(log, rig,
        &(struct event){
            .sender = "operator", .kind = EVENT_LOGIC_VERSION, .body.logic = {.version = version, .reason = ""}});
}

static void publish(struct log *log, struct transfer_rig *rig, const char *name)
{
    static struct policy policy;
    struct buffer why;
    char path[64];
    buffer_init(&why);
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", name);
    if (policy_file_load(path, &policy, NULL, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    say(log, rig, &(struct event){.sender = region_of(policy.area), .kind = EVENT_POLICY, .body.policy = &policy});
}

/* Bills of this number on, and a letter that validation buries. */
static void busy_hour(struct log *log, struct transfer_rig *rig, struct gen *gen, uint64_t from)
{
    struct buffer envelope;
    buffer_init(&envelope);
    for (uint64_t i = from; i < from + BILLS; i++) {
        gen_bill(gen, i, &envelope);
        if (i % 10 == 3)
            envelope.data[envelope.size / 2] ^= 0x15; /* whatever comes of it */
        struct span span = harness_submission(&rig->validation, civil_date_start(TODAY), buffer_span(&envelope));
        if (harness_apply(&rig->validation, &span, 1) != OK)
            harness_bury(&rig->validation, span, "this build cannot decode it");
        struct span records[] = {buffer_span(&rig->validation.output), span};
        assert_int_equal(harness_apply(&rig->settlement, records, 2), OK);
        keep(log, rig);
    }
    buffer_fini(&envelope);
}

/* The log, which after the second hour goes to version `last`. */
static void run(struct log *log, uint32_t last)
{
    struct gen_options options = {.seed = 5, .institutions = 12, .persons = PERSONS, .items = 4, .today = TODAY};
    struct gen *gen = gen_new(&options);
    struct transfer_rig rig;
    struct buffer envelope;
    buffer_init(&envelope);
    transfer_rig_start(&rig, TODAY, 0, 1);
    for (unsigned i = 0; i < sizeof policies / sizeof policies[0]; i++)
        publish(log, &rig, policies[i]);
    for (uint32_t i = 0; i < gen_institution_count(gen) + PERSONS; i++) {
        if (i < gen_institution_count(gen))
            gen_institution(gen, i, &envelope);
        else
            gen_enrolment(gen, i - gen_institution_count(gen), &envelope);
        send_envelope(&rig, buffer_span(&envelope));
        keep(log, &rig);
    }
    busy_hour(log, &rig, gen, 0);
    go_to(log, &rig, 2);
    busy_hour(log, &rig, gen, BILLS);
    go_to(log, &rig, last);
    log->third = log->count;
    busy_hour(log, &rig, gen, 2 * BILLS);
    harness_digest(&rig.validation, log->validation);
    harness_digest(&rig.settlement, log->settlement);
    transfer_rig_stop(&rig);
    buffer_fini(&envelope);
    gen_destroy(&gen);
}

static void forget(struct log *log)
{
    for (position_t i = 0; i < log->count; i++) {
        buffer_fini(&log->entries[i].submission);
        buffer_fini(&log->entries[i].verdict);
        buffer_fini(&log->entries[i].outcome);
    }
    memset(log, 0, sizeof *log);
}

static struct log stays, goes;

TEST(a_log_that_goes_to_version_3_decides_as_one_that_stays)
{
    static uint8_t memory[1 << 20];
    struct arena arena;
    struct verdict verdict;
    struct buffer without;
    unsigned settled = 0, dead = 0;
    run(&stays, 2);
    run(&goes, 3);
    assert_int_equal(stays.count, goes.count);
    buffer_init(&without);
    for (position_t i = 0; i < goes.count; i++) {
        if (i == goes.third - 1)
            continue; /* the switch itself */
        const struct entry *a = &stays.entries[i], *b = &goes.entries[i];
        assert_true(span_equal(buffer_span(&a->outcome), buffer_span(&b->outcome)));
        arena_init(&arena, memory, sizeof memory);
        assert_int_equal(verdict_decode(buffer_span(&a->verdict), &arena, &verdict), OK);
        if (i >= goes.third)
            verdict.envelope = span_of(NULL, 0);
        buffer_reset(&without);
        verdict_encode(&verdict, &without);
        assert_true(span_equal(buffer_span(&without), buffer_span(&b->verdict)));
        struct outcome_head head;
        assert_int_equal(outcome_head_read(buffer_span(&b->outcome), &head), OK);
        settled += i >= goes.third && head.kind == OUTCOME_SETTLED;
        dead += i >= goes.third && head.kind == OUTCOME_DEAD_LETTER;
    }
    assert_true(settled > 10 && dead > 0);
    buffer_fini(&without);
    forget(&stays);
    forget(&goes);
}

TEST(a_log_that_goes_to_version_3_on_its_way_comes_out_of_itself_again)
{
    struct transfer_rig rig;
    uint8_t digest[DIGEST_SIZE];
    run(&goes, 3);
    transfer_rig_start(&rig, TODAY, 0, 1);
    for (position_t i = 0; i < goes.count; i++) {
        const struct entry *entry = &goes.entries[i];
        struct span submission = buffer_span(&entry->submission), verdict = buffer_span(&entry->verdict);
        if (harness_apply(&rig.validation, &submission, 1) != OK)
            harness_bury(&rig.validation, submission, "this build cannot decode it");
        assert_true(span_equal(buffer_span(&rig.validation.output), verdict));

        assert_int_equal(harness_apply(&rig.settlement, (struct span[]){verdict, submission}, 2), OK);
        assert_true(span_equal(buffer_span(&rig.settlement.output), buffer_span(&entry->outcome)));
        if (i % 50 == 0) {
            harness_restart(&rig.validation);
            harness_restart(&rig.settlement);
        }
    }
    harness_digest(&rig.validation, digest);
    assert_memory_equal(digest, goes.validation, DIGEST_SIZE);
    harness_digest(&rig.settlement, digest);
    assert_memory_equal(digest, goes.settlement, DIGEST_SIZE);
    transfer_rig_stop(&rig);
    forget(&goes);
}
