/* SPDX-License-Identifier: Apache-2.0
 * Settlement driven by hand. */
#include "tests/unit/settlement_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/codes/identity.h"
#include "common/engines/ledger/ledger.h"
#include "common/engines/policy/policy_file.h"
#include "services/settlement/settlement_core.h"

enum { ARENA_SIZE = 1 << 20, MAP_SIZE = 64 << 20 };

/* ---- a partition of settlement, driven by hand ---- */

void rig_resume(struct rig *rig)
{
    struct buffer why;
    struct store_options options = {.directory = rig->directory,
                                    .map_size = MAP_SIZE,
                                    .soft_limit_bp = 9000,
                                    .tables = settlement_core.tables,
                                    .table_count = settlement_core.table_count};
    buffer_init(&why);
    if (store_open(&options, &rig->store, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    assert_int_equal(store_begin(rig->store, true, &rig->txn), OK);
    rig->self = calloc(1, settlement_core.self_size);
    assert_non_null(rig->self);
    assert_int_equal(settlement_core.open(rig->self, rig->txn, rig->partition), OK);
}

void rig_commit(struct rig *rig)
{
    settlement_core.flush(rig->self, rig->txn);
    assert_int_equal(store_commit(&rig->txn, rig->position), OK);
    assert_int_equal(store_begin(rig->store, true, &rig->txn), OK);
}

void rig_pause(struct rig *rig)
{
    rig_commit(rig);
    store_abort(&rig->txn);
    settlement_core.close(rig->self);
    free(rig->self);
    store_close(&rig->store);
}

void rig_start(struct rig *rig, uint32_t index, uint32_t count)
{
    memset(rig, 0, sizeof *rig);
    (void)snprintf(rig->directory, sizeof rig->directory, "/tmp/hutong-settlement-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    rig->partition = (struct core_partition){index, count};
    rig->position = 1;
    arena_init(&rig->arena, malloc(ARENA_SIZE), ARENA_SIZE);
    assert_non_null(rig->arena.memory);
    rig_resume(rig);
}

void rig_stop(struct rig *rig)
{
    char command[96];
    rig_pause(rig);
    free(rig->arena.memory);
    buffer_fini(&rig->envelope);
    buffer_fini(&rig->record);
    buffer_fini(&rig->output);
    (void)snprintf(command, sizeof command, "rm -r %s", rig->directory);
    assert_int_equal(system(command), 0);
}

enum status rig_apply(struct rig *rig, struct span record)
{
    struct core_input input = {.position = rig->position, .records = &record, .record_count = 1, .arena = &rig->arena};
    arena_reset(&rig->arena);
    buffer_reset(&rig->output);
    enum status status = settlement_core.apply(rig->self, rig->txn, &input, &rig->output);
    if (status == OK && rig->output.size > 0)
        assert_int_equal(outcome_decode(buffer_span(&rig->output), &rig->arena, &rig->outcome), OK);
    return status;
}

void rig_digest(struct rig *rig, uint8_t out[DIGEST_SIZE])
{
    struct digest *digest = digest_new();
    settlement_core.flush(rig->self, rig->txn);
    assert_int_equal(store_digest(rig->txn, digest, out), OK);
    digest_destroy(&digest);
}

void assert_books_balance(struct rig *rig)
{
    settlement_core.flush(rig->self, rig->txn);
    assert_true(ledger_sum(rig->txn, BALANCES) == 0);
}

fen_t balance_of(struct rig *rig, const char *account)
{
    struct span value;
    settlement_core.flush(rig->self, rig->txn);
    return store_get(rig->txn, BALANCES, span_text(account), &value) ? (fen_t)bytes_get_le(value.data, 8) : 0;
}

/* ---- verdicts ---- */

void person_number(unsigned index, char out[19])
{
    (void)snprintf(out, 19, "11010119%02u0101%03u", 50 + index / 1000 % 40, index % 1000);
    out[17] = identity_check_character(out);
    out[18] = 0;
}

const char *person(unsigned index)
{
    static char numbers[4][19];
    static unsigned turn;
    char *number = numbers[turn++ % 4];
    person_number(index, number);
    return number;
}

const struct bill_facts facts_of_care = {.care_region = CARE,
                                         .insured_region = INSURED,
                                         .care_area = "120000",
                                         .hospital_level = 3,
                                         .category = "1101",
                                         .enrolment_position = 1};

position_t decide(struct rig *rig, const struct event *event, struct verdict verdict)
{
    static const struct findings none;
    struct event whole = *event;
    whole.version = 1;
    whole.sent_at = 1741570000000;
    whole.traceparent = "";
    whole.message_id = whole.message_id == NULL ? ID : whole.message_id;
    whole.person_id = whole.person_id == NULL ? "" : whole.person_id;
    buffer_reset(&rig->envelope);
    envelope_encode(&whole, &rig->envelope);
    verdict.accepted_at = 1741600000000;
    verdict.person_hash = person_hash(span_text(whole.person_id));
    verdict.findings = verdict.findings == NULL ? &none : verdict.findings;
    verdict.dead_reason = verdict.dead_reason == NULL ? "" : verdict.dead_reason;
    verdict.envelope = buffer_span(&rig->envelope);
    buffer_reset(&rig->record);
    verdict_encode(&verdict, &rig->record);
    assert_int_equal(rig_apply(rig, buffer_span(&rig->record)), OK);
    return rig->position++;
}

position_t admit(struct rig *rig, const struct event *event)
{
    return decide(rig, event, (struct verdict){.has_facts = true, .facts = facts_of_care});
}

void publish(struct rig *rig, const char *name)
{
    static struct policy policy;
    struct buffer why;
    char path[64];
    buffer_init(&why);
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", name);
    if (policy_file_load(path, &policy, NULL, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    admit(rig, &(struct event){.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

struct event bill_event(enum event_kind kind, unsigned who, const char *number, fen_t amount, struct bill_item *item)
{
    *item = (struct bill_item){.code = "X00000000000000000000A",
                               .level = 1,
                               .unit_price_micro = amount * 10000,
                               .quantity_e4 = 10000,
                               .amount = amount};
    return (struct event){.sender = CARE,
                          .person_id = person(who),
                          .kind = kind,
                          .body.bill = {.bill_id = number,
                                        .institution = HOSPITAL,
                                        .insured_area = "110000",
                                        .insurance_type = "310",
                                        .care_kind = "21",
                                        .admission_date = DAY - 9,
                                        .discharge_date = DAY,
                                        .diagnosis = "J18.900",
                                        .credential = "01",
                                        .total = amount,
                                        .items = item,
                                        .item_count = 1}};
}

position_t settle(struct rig *rig, unsigned who, const char *number, fen_t amount)
{
    struct bill_item item;
    struct event event = bill_event(EVENT_BILL_SETTLE, who, number, amount, &item);
    return admit(rig, &event);
}

void reverse(struct rig *rig, const char *sender, unsigned who, position_t original)
{
    admit(rig, &(struct event){.sender = sender,
                               .person_id = person(who),
                               .kind = EVENT_BILL_REVERSAL,
                               .body.reversal = {.settlement_position = original, .reason = "returned"}});
}

void assert_refused(struct rig *rig, enum rule rule)
{
    assert_int_equal(rig->outcome.kind, OUTCOME_REFUSED);
    assert_int_equal(rig->outcome.findings->count, 1);
    assert_int_equal(rig->outcome.findings->items[0].rule, rule);
    assert_int_equal(rig->outcome.posting_count, 0);
}

void state_account(struct rig *rig, unsigned who, fen_t balance)
{
    admit(rig, &(struct event){.sender = INSURED,
                               .person_id = person(who),
                               .kind = EVENT_ENROLMENT,
                               .body.enrolment = {.area = "110000",
                                                  .insurance_type = "310",
                                                  .category = "1101",
                                                  .effective_date = 20240101,
                                                  .account_balance = balance}});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}
