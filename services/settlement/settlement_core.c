/* SPDX-License-Identifier: Apache-2.0
 * The settlement core. */
#include "services/settlement/settlement_core.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/identity.h"
#include "services/settlement/ledger/ledger.h"
#include "services/settlement/policy_book.h"
#include "services/settlement/settled.h"

enum { LOGIC_VERSION_KNOWN = 1 };

struct settlement {
    struct core_partition partition;
    struct policy_book *policies;
    struct ledger *ledger;
    struct digest *digest;
    struct buffer scratch;
    uint32_t logic_version;
    struct benefit_result result;
    struct findings findings;
    struct posting postings[POSTINGS_COUNT_MAX];
};

/* One verdict being decided. */
struct deciding {
    struct settlement *self;
    struct store_txn *txn;
    const struct core_input *input;
    const struct verdict *verdict;
    const struct event *event;
    struct outcome outcome;
    char regions[2][7];
};

static void refuse(struct deciding *deciding, enum rule rule, const char *path, const char *detail)
{
    findings_add(&deciding->self->findings, (uint32_t)rule, path, detail);
    deciding->outcome.kind = OUTCOME_REFUSED;
}

static void deliver_to(struct outcome *outcome, const char *party)
{
    for (uint32_t i = 0; i < outcome->deliver_count; i++)
        if (strcmp(outcome->deliver_to[i], party) == 0)
            return;
    INVARIANT(outcome->deliver_count < REGION_COUNT_MAX);
    outcome->deliver_to[outcome->deliver_count++] = party;
}

/* The exchange's own events (ticks) are answered to nobody. */
static void deliver_to_sender(struct outcome *outcome, const char *sender)
{
    if (sender[0] != 0 && strcmp(sender, "exchange") != 0)
        deliver_to(outcome, sender);
}

/* ---- bills ---- */

static void copy_text(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    PRE(length < size);
    memcpy(to, text, length + 1);
}

static struct year_key year_key_of(const struct deciding *deciding, const char *person)
{
    const struct bill *bill = &deciding->event->body.bill;
    struct year_key key = {.year = bill->discharge_date / 10000};
    memcpy(key.person, person, sizeof key.person);
    memcpy(key.area, bill->insured_area, sizeof key.area);
    memcpy(key.type, bill->insurance_type, sizeof key.type);
    return key;
}

static bool compute(struct deciding *deciding, const struct identity *person, const struct year_key *key,
                    const struct accumulators *year)
{
    struct settlement *self = deciding->self;
    const struct bill *bill = &deciding->event->body.bill;
    const struct bill_facts *facts = &deciding->verdict->facts;
    const struct policy *policy =
        policy_book_find(self->policies, bill->insured_area, bill->insurance_type, bill->discharge_date);
    if (policy == NULL) {
        refuse(deciding, RULE_POLICY_UNKNOWN, deciding->outcome.event, NULL);
        return false;
    }
    struct benefit_input input = {
        .policy = policy,
        .bill = bill,
        .facts = facts,
        .age = identity_age_on(person->birth_date, bill->discharge_date),
        .year = year,
        .account_balance = bill->use_personal_account ? account_get(deciding->txn, key) : 0,
    };
    enum rule rule = benefit_compute(&input, &self->result);
    if (rule != RULE_NONE) {
        char path[FINDING_PATH_SIZE];
        (void)snprintf(path, sizeof path, "%s%s", deciding->outcome.event,
                       rule == RULE_POLICY_UNKNOWN         ? ".care_kind"
                       : rule == RULE_BILL_PERIOD_TOO_LONG ? ".discharge_date"
                                                           : "");
        refuse(deciding, rule, path, NULL);
    }
    return rule == RULE_NONE;
}

static bool expectation_holds(struct deciding *deciding)
{
    const struct bill *bill = &deciding->event->body.bill;
    const struct amounts *amounts = &deciding->self->result.amounts;
    char detail[FINDING_DETAIL_SIZE], fund[32], person[32];
    if (!bill->has_expected || (bill->expected_fund_pay_total == amounts->fund_pay_total &&
                                bill->expected_person_pay_total == amounts->person_pay_total))
        return true;
    money_describe(amounts->fund_pay_total, fund);
    money_describe(amounts->person_pay_total, person);
    (void)snprintf(detail, sizeof detail, "now: funds %s, person %s", fund, person);
    refuse(deciding, RULE_BILL_AMOUNT_CHANGED, "bill_settle.expected", detail);
    return false;
}

static void show_result(struct deciding *deciding)
{
    struct settlement *self = deciding->self;
    deciding->outcome.has_amounts = true;
    deciding->outcome.amounts = self->result.amounts;
    deciding->outcome.steps = self->result.steps;
    deciding->outcome.step_count = self->result.step_count;
    deliver_to(&deciding->outcome, deciding->verdict->facts.care_region);
    deliver_to(&deciding->outcome, deciding->verdict->facts.insured_region);
}

static void post(struct deciding *deciding, const struct amounts *amounts, const struct ledger_parties *parties)
{
    struct settlement *self = deciding->self;
    deciding->outcome.posting_count = ledger_postings(amounts, parties, self->postings);
    deciding->outcome.postings = self->postings;
    ledger_post(self->ledger, deciding->txn, self->postings, deciding->outcome.posting_count);
}

static void draw_account(struct store_txn *txn, const struct year_key *key, fen_t amount)
{
    if (amount != 0)
        account_put(txn, key, account_get(txn, key) - amount);
}

static void keep_settled(struct deciding *deciding, const struct year_key *key, struct accumulators *year)
{
    struct settlement *self = deciding->self;
    const struct bill *bill = &deciding->event->body.bill;
    const struct bill_facts *facts = &deciding->verdict->facts;
    struct settled settled = {.key = *key,
                              .amounts = self->result.amounts,
                              .added = self->result.added,
                              .enrolment_position = facts->enrolment_position};
    const struct bill_number number = {key->person, bill->institution, bill->bill_id};
    copy_text(settled.bill_id, sizeof settled.bill_id, bill->bill_id);
    copy_text(settled.institution, sizeof settled.institution, bill->institution);
    memcpy(settled.care_region, facts->care_region, sizeof settled.care_region);
    year_add(year, &self->result.added, 1);
    year_put(deciding->txn, key, year, &self->scratch);
    settled_put(deciding->txn, deciding->input->position, &settled, true, &self->scratch);
    bill_number_put(deciding->txn, &number, deciding->input->position);
    draw_account(deciding->txn, key, self->result.amounts.account_pay);
}

static void settle(struct deciding *deciding, const struct identity *person)
{
    struct settlement *self = deciding->self;
    const struct bill *bill = &deciding->event->body.bill;
    const struct bill_facts *facts = &deciding->verdict->facts;
    struct year_key key = year_key_of(deciding, person->number);
    struct accumulators year;
    const struct bill_number number = {person->number, bill->institution, bill->bill_id};
    position_t earlier;
    if (bill_number_find(deciding->txn, &number, &earlier)) {
        char detail[FINDING_DETAIL_SIZE];
        (void)snprintf(detail, sizeof detail, "settlement %llu", (unsigned long long)earlier);
        refuse(deciding, RULE_BILL_DUPLICATE, "bill_settle.bill_id", detail);
        deciding->outcome.original_position = earlier;
        return;
    }
    year_get(deciding->txn, &key, &year);
    if (!compute(deciding, person, &key, &year) || !expectation_holds(deciding))
        return;
    keep_settled(deciding, &key, &year);
    struct ledger_parties parties = {bill->insured_area, bill->insurance_type, facts->insured_region,
                                     facts->care_region, bill->institution};
    post(deciding, &self->result.amounts, &parties);
    show_result(deciding);
    deciding->outcome.kind = OUTCOME_SETTLED;
}

static void trial(struct deciding *deciding, const struct identity *person)
{
    struct year_key key = year_key_of(deciding, person->number);
    struct accumulators year;
    year_get(deciding->txn, &key, &year);
    if (!compute(deciding, person, &key, &year))
        return;
    show_result(deciding);
    deciding->outcome.kind = OUTCOME_COMPUTED;
}

static struct amounts negated(const struct amounts *amounts)
{
    return (struct amounts){-amounts->total,
                            -amounts->wholly_own,
                            -amounts->above_limit,
                            -amounts->first_own_share,
                            -amounts->in_scope,
                            -amounts->deductible,
                            -amounts->pool_pay,
                            -amounts->civil_servant_pay,
                            -amounts->large_amount_pay,
                            -amounts->catastrophic_pay,
                            -amounts->assistance_pay,
                            -amounts->other_pay,
                            -amounts->fund_pay_total,
                            -amounts->person_pay_total,
                            -amounts->account_pay,
                            -amounts->cash_pay,
                            amounts->stay_number};
}

static void take_back(struct deciding *deciding, position_t original, struct settled *settled)
{
    struct settlement *self = deciding->self;
    struct accumulators year;
    const struct bill_number number = {settled->key.person, settled->institution, settled->bill_id};
    year_get(deciding->txn, &settled->key, &year);
    year_add(&year, &settled->added, -1);
    year_put(deciding->txn, &settled->key, &year, &self->scratch);
    settled->reversed_by = deciding->input->position;
    settled_put(deciding->txn, original, settled, false, &self->scratch);
    bill_number_delete(deciding->txn, &number);
    draw_account(deciding->txn, &settled->key, -settled->amounts.account_pay);
}

/* A whole bill, whenever it was: posts the exact opposite, takes its share out of the accumulators; later bills stand.
 */
static void reverse(struct deciding *deciding, const struct identity *person)
{
    struct outcome *outcome = &deciding->outcome;
    position_t original = deciding->event->body.reversal.settlement_position;
    struct settled settled;
    outcome->original_position = original;
    if (!settled_get(deciding->txn, original, &settled)) {
        refuse(deciding, RULE_REVERSAL_UNKNOWN, "bill_reversal.settlement_position", NULL);
        return;
    }
    if (strcmp(settled.key.person, person->number) != 0 || strcmp(settled.care_region, deciding->event->sender) != 0) {
        refuse(deciding, RULE_REVERSAL_FOREIGN, "bill_reversal.settlement_position", NULL);
        return;
    }
    if (settled.reversed_by != 0) {
        char detail[FINDING_DETAIL_SIZE];
        (void)snprintf(detail, sizeof detail, "by %llu", (unsigned long long)settled.reversed_by);
        refuse(deciding, RULE_REVERSAL_TWICE, "bill_reversal.settlement_position", detail);
        return;
    }
    take_back(deciding, original, &settled);
    const char *insured_region = region_of(settled.key.area);
    copy_text(deciding->regions[0], sizeof deciding->regions[0], settled.care_region);
    copy_text(deciding->regions[1], sizeof deciding->regions[1], insured_region);
    struct ledger_parties parties = {settled.key.area, settled.key.type, deciding->regions[1], deciding->regions[0],
                                     settled.institution};
    outcome->amounts = negated(&settled.amounts);
    outcome->has_amounts = true;
    post(deciding, &outcome->amounts, &parties);
    deliver_to(outcome, deciding->regions[0]);
    deliver_to(outcome, deciding->regions[1]);
    outcome->kind = OUTCOME_REVERSED;
}

/* ---- reference data ---- */

/* The enrolment itself is validation's; the account that it states is ours to draw on. */
static void state_account(struct deciding *deciding, const struct identity *person)
{
    const struct enrolment *enrolment = &deciding->event->body.enrolment;
    struct year_key key = {.year = 0};
    memcpy(key.person, person->number, sizeof key.person);
    memcpy(key.area, enrolment->area, sizeof key.area);
    memcpy(key.type, enrolment->insurance_type, sizeof key.type);
    if (account_get(deciding->txn, &key) != enrolment->account_balance)
        account_put(deciding->txn, &key, enrolment->account_balance);
}

static enum status take_logic_version(struct deciding *deciding)
{
    uint8_t value[4];
    uint32_t version = deciding->event->body.logic.version;
    if (version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    bytes_put_le(value, version, sizeof value);
    store_put(deciding->txn, META, span_text("version"), span_of(value, sizeof value));
    deciding->self->logic_version = version;
    return OK;
}

static enum status decide(struct deciding *deciding)
{
    struct identity person;
    const struct event *event = deciding->event;
    deciding->outcome.kind = OUTCOME_APPLIED;
    switch (event->kind) {
    case EVENT_BILL_SETTLE:
    case EVENT_BILL_TRIAL:
    case EVENT_BILL_REVERSAL:
    case EVENT_ENROLMENT:
        if (identity_parse(event->person_id, &person) != OK)
            return FATAL_CORRUPT; /* validation let it through */
        if (event->kind == EVENT_ENROLMENT)
            state_account(deciding, &person);
        else if (event->kind == EVENT_BILL_SETTLE)
            settle(deciding, &person);
        else if (event->kind == EVENT_BILL_TRIAL)
            trial(deciding, &person);
        else
            reverse(deciding, &person);
        return OK;
    case EVENT_POLICY:
        if (policy_book_keep(deciding->self->policies, deciding->txn, event->body.policy, &deciding->self->scratch) !=
            OK)
            refuse(deciding, RULE_POLICY_INVALID, "policy", "too many policies");
        return OK;
    case EVENT_LOGIC_VERSION:
        return take_logic_version(deciding);
    case EVENT_INSTITUTION:
    case EVENT_TICK:
    case EVENT_NONE:
    case EVENT_REQUEUE:
        break;
    }
    return OK;
}

static void describe(struct deciding *deciding)
{
    const struct event *event = deciding->event;
    struct outcome *outcome = &deciding->outcome;
    outcome->event = event_kind_name(event->kind);
    if (event->kind == EVENT_BILL_SETTLE || event->kind == EVENT_BILL_TRIAL) {
        outcome->bill_id = event->body.bill.bill_id;
        outcome->institution = event->body.bill.institution;
    }
}

/* Refused as a requeue, not as what it holds: its content is nobody's message. */
static bool is_no_letter(const struct findings *findings)
{
    for (uint32_t i = 0; i < findings->count; i++)
        if (findings->items[i].rule == RULE_REQUEUE_INVALID)
            return true;
    return false;
}

/* A requeued letter is decided as what it holds; its first sender gets the answer too. */
static enum status unwrap(struct deciding *deciding, struct event *inner)
{
    const struct event *outer = deciding->event;
    deciding->outcome.original_position = outer->body.requeue.position;
    if (event_decode(outer->body.requeue.envelope, deciding->input->arena, inner) != OK)
        return FATAL_CORRUPT; /* validation decoded it */
    deciding->event = inner;
    deliver_to_sender(&deciding->outcome, inner->sender);
    return OK;
}

static enum status decide_verdict(struct deciding *deciding, struct event *event, struct event *inner)
{
    struct outcome *outcome = &deciding->outcome;
    const struct verdict *verdict = deciding->verdict;
    enum status decoded = event_decode(verdict->envelope, deciding->input->arena, event);
    deciding->event = event;
    outcome->sender = event->sender != NULL ? event->sender : "";
    outcome->message_id = event->message_id != NULL ? event->message_id : "";
    outcome->findings = &deciding->self->findings;
    if (verdict->findings->count > 0)
        deciding->self->findings = *verdict->findings;
    deliver_to_sender(outcome, outcome->sender);
    describe(deciding);
    if (verdict->dead_reason[0] != 0) {
        outcome->kind = OUTCOME_DEAD_LETTER;
        outcome->dead_reason = verdict->dead_reason;
        if (decoded == OK && event->kind == EVENT_REQUEUE) { /* dead once more: its first sender hears of it */
            outcome->original_position = event->body.requeue.position;
            if (event_decode(event->body.requeue.envelope, deciding->input->arena, inner) == REJECT_UNDECODABLE)
                deliver_to_sender(outcome, inner->sender);
        }
        return OK;
    }
    if (verdict->refused)
        outcome->kind = OUTCOME_REFUSED;
    else if (decoded != OK)
        return FATAL_CORRUPT;
    if (event->kind == EVENT_REQUEUE && !is_no_letter(verdict->findings)) {
        enum status unwrapped = unwrap(deciding, inner);
        if (unwrapped != OK && !verdict->refused)
            return unwrapped;
        describe(deciding);
    }
    return verdict->refused ? OK : decide(deciding);
}

static bool answers(const struct settlement *self, const struct verdict *verdict)
{
    return verdict->person_hash != 0 || self->partition.index == 0;
}

static enum status apply(void *self_, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    struct settlement *self = self_;
    struct verdict verdict;
    struct event event = {0}, inner;
    if (input->records[0].size == 0)
        return OK;
    if (verdict_decode(input->records[0], input->arena, &verdict) != OK)
        return FATAL_CORRUPT;
    self->findings.count = 0;
    self->findings.refused = self->findings.overflow = false;
    struct deciding deciding = {.self = self, .txn = txn, .input = input, .verdict = &verdict};
    struct outcome *outcome = &deciding.outcome;
    outcome->position = input->position;
    outcome->accepted_at = verdict.accepted_at;
    outcome->dead_reason = outcome->bill_id = outcome->institution = outcome->event = "";
    TRY(decide_verdict(&deciding, &event, &inner));
    if (!answers(self, &verdict))
        return OK;
    digest_once(self->digest, verdict.envelope, outcome->envelope_sha256);
    outcome_encode(outcome, output);
    return OK;
}

static void dead_letter(void *self_, const struct core_input *input, const char *reason, struct buffer *output)
{
    struct settlement *self = self_;
    struct verdict verdict;
    struct envelope_head head = {0};
    char sender[PARTY_SIZE_MAX + 1] = "", id[MESSAGE_ID_TEXT_SIZE + 1] = "";
    if (input->records[0].size == 0 || verdict_decode(input->records[0], input->arena, &verdict) != OK ||
        !answers(self, &verdict))
        return;
    if (envelope_head_read(verdict.envelope, &head) == OK && head.sender.size < sizeof sender &&
        head.message_id.size < sizeof id) {
        memcpy(sender, head.sender.data, head.sender.size);
        memcpy(id, head.message_id.data, head.message_id.size);
    }
    struct outcome outcome = {.position = input->position,
                              .sender = sender,
                              .message_id = id,
                              .accepted_at = verdict.accepted_at,
                              .kind = OUTCOME_DEAD_LETTER,
                              .dead_reason = reason,
                              .event = "",
                              .bill_id = "",
                              .institution = ""};
    deliver_to_sender(&outcome, sender);
    digest_once(self->digest, verdict.envelope, outcome.envelope_sha256);
    outcome_encode(&outcome, output);
}

static enum status open_core(void *self_, struct store_txn *txn, struct core_partition partition)
{
    struct settlement *self = self_;
    struct span value;
    self->partition = partition;
    self->logic_version = 1;
    if (store_get(txn, META, span_text("version"), &value) && value.size == 4)
        self->logic_version = (uint32_t)bytes_get_le(value.data, 4);
    if (self->logic_version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    self->digest = digest_new();
    self->ledger = ledger_new(BALANCES);
    self->policies = policy_book_new(txn, POLICIES);
    return self->policies == NULL ? FATAL_CORRUPT : store_status(txn);
}

static void flush(void *self_, struct store_txn *txn)
{
    ledger_flush(((struct settlement *)self_)->ledger, txn);
}

static enum status query(void *self, struct store_txn *txn, struct span request, struct buffer *answer)
{
    (void)self;
    return ledger_query(txn, BALANCES, request, answer);
}

static uint32_t logic_version(const void *self)
{
    return ((const struct settlement *)self)->logic_version;
}

static void close_core(void *self_)
{
    struct settlement *self = self_;
    policy_book_destroy(&self->policies);
    ledger_destroy(&self->ledger);
    digest_destroy(&self->digest);
    buffer_fini(&self->scratch);
}

const struct core settlement_core = {
    .name = "settlement",
    .tables = settlement_tables,
    .table_count = SETTLEMENT_TABLES_COUNT,
    .self_size = sizeof(struct settlement),
    .open = open_core,
    .apply = apply,
    .dead_letter = dead_letter,
    .flush = flush,
    .query = query,
    .logic_version = logic_version,
    .close = close_core,
};
