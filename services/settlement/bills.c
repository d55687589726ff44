/* SPDX-License-Identifier: Apache-2.0
 * Bills: trial, settlement, reversal (DOMAIN 2), and the personal accounts that they draw on. */
#include "services/settlement/bills.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/engines/gazette/care_kinds.h"
#include "services/settlement/numbers.h"
#include "services/settlement/others.h"
#include "services/settlement/settled.h"
#include "services/settlement/transfer_records.h"

static void post(struct deciding *deciding, const struct amounts *amounts, const struct ledger_parties *parties)
{
    struct settlement *self = deciding->self;
    struct posting *postings = self->postings + deciding->outcome.posting_count;
    uint32_t count = ledger_postings(amounts, parties, postings);
    deciding->outcome.postings = self->postings;
    deciding->outcome.posting_count += count;
    ledger_post(self->ledger, deciding->txn, postings, count);
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

static bool same_account(const struct year_key *a, const struct year_key *b)
{
    return strcmp(a->person, b->person) == 0 && strcmp(a->area, b->area) == 0 && strcmp(a->type, b->type) == 0;
}

/* The year and the account as they are without the settlement that this bill takes the place of (NULL: none). */
static void year_without(struct deciding *deciding, const struct year_key *key, const struct settled *replaced,
                         struct accumulators *year)
{
    year_get(deciding->txn, key, year);
    if (replaced == NULL || !same_account(key, &replaced->key))
        return;
    if (key->year == replaced->key.year)
        year_add(year, &replaced->added, -1);
    else if (replaced->has_added_before && key->year + 1 == replaced->key.year)
        year_add(year, &replaced->added_before, -1);
}

static fen_t account_without(struct deciding *deciding, const struct year_key *key, const struct settled *replaced)
{
    bool given_back = replaced != NULL && same_account(key, &replaced->key);
    return account_get(deciding->txn, key) + (given_back ? replaced->amounts.account_pay : 0);
}

/* ---- care that a fund should not pay ---- */

static void bill_path(const struct deciding *deciding, const char *field, char path[FINDING_PATH_MAX + 1])
{
    (void)snprintf(path, FINDING_PATH_MAX + 1, "%s.%s", deciding->outcome.event, field);
}

/* Who is known to be dead is not treated. */
static bool is_of_the_living(struct deciding *deciding, const struct identity *person, const struct policy *policy)
{
    const struct bill *bill = &deciding->event->body.bill;
    char path[FINDING_PATH_MAX + 1], detail[FINDING_DETAIL_MAX + 1];
    civil_date_t died;
    if (!logic_has(deciding->published->logic, LOGIC_CARE_AFTER_DEATH))
        return true;
    INVARIANT(pension_death(deciding->txn, person->number, deciding->input->arena, &died) == OK);
    if (died == 0 || bill->discharge_date <= died)
        return true;
    bill_path(deciding, "discharge_date", path);
    (void)snprintf(detail, sizeof detail, "died on %u", died);
    if (policy->care_after_death_settled)
        findings_add(&deciding->self->findings, RULE_BILL_AFTER_DEATH_SETTLED, path, detail);
    else
        refuse(deciding, RULE_BILL_AFTER_DEATH, path, detail);
    return policy->care_after_death_settled;
}

/* The same stay has been paid for: under another number, by another insurer, by another fund. */
static bool is_first_payment(struct deciding *deciding, const struct identity *person, const struct policy *policy)
{
    char path[FINDING_PATH_MAX + 1], detail[FINDING_DETAIL_MAX + 1];
    if (!logic_has(deciding->published->logic, LOGIC_PAID_TWICE) || others_of_stay(deciding, person->number) == 0)
        return true;
    const struct other_settlement *other = &deciding->outcome.others[0];
    bill_path(deciding, policy->second_payment_refused ? "bill_id" : "admission_date", path);
    (void)snprintf(detail, sizeof detail, "settlement %llu, %s, %u-%u", (unsigned long long)other->position,
                   other->institution, other->admission_date, other->discharge_date);
    if (policy->second_payment_refused)
        refuse(deciding, RULE_BILL_DUPLICATE, path, detail);
    else
        findings_add(&deciding->self->findings, RULE_BILL_PAID_TWICE, path, detail);
    return !policy->second_payment_refused;
}

/* Version 1 refuses what comes out below zero of level 丙, crumbs of returns too. */
static bool is_short_of_own(const struct deciding *deciding)
{
    const struct bill *bill = &deciding->event->body.bill;
    wide_t own = 0;
    for (uint32_t i = 0; i < bill->item_count; i++)
        own += bill->items[i].level == 3 ? bill->items[i].amount : 0;
    return own < 0 && !logic_has(deciding->published->logic, LOGIC_LINES_BY_NUMBER);
}

static enum rule compute_benefit(const struct deciding *deciding, const struct benefit_input *input)
{
    struct benefit_result *result = &deciding->self->result;
    enum rule rule = benefit_compute(deciding->published, input, result);
    bool before_items = rule == RULE_BILL_AMOUNT_RANGE || rule == RULE_BILL_PERIOD_TOO_LONG;
    if (!before_items && is_short_of_own(deciding))
        return RULE_BILL_ITEM_NET_NEGATIVE;
    if (rule == RULE_NONE && result->amounts.in_scope == 0 && logic_has(deciding->published->logic, LOGIC_EMPTY_STAY))
        result->added.stays = 0;
    return rule;
}

static bool compute(struct deciding *deciding, const struct identity *person, const struct year_key *key,
                    const struct accumulators *year, const struct settled *replaced)
{
    struct settlement *self = deciding->self;
    const struct bill *bill = &deciding->event->body.bill;
    const struct bill_facts *facts = &deciding->verdict->facts;
    const struct policy *policy = policy_book_find(
        self->policies,
        &(struct policy_wanted){.area = bill->insured_area,
                                .type = bill->insurance_type,
                                .day = bill->discharge_date,
                                .goes_on = logic_has(deciding->published->logic, LOGIC_POLICY_GOES_ON),
                                .applies = logic_has(deciding->published->logic, LOGIC_POLICY_APPLIES)});
    if (policy == NULL) {
        refuse(deciding, RULE_POLICY_UNKNOWN, deciding->outcome.event, NULL);
        return false;
    }
    deciding->policy = policy;
    struct benefit_input input = {
        .policy = policy,
        .bill = bill,
        .facts = facts,
        .age = identity_age_on(person->birth_date, bill->discharge_date),
        .year = year,
        .account_balance = bill->use_personal_account ? account_without(deciding, key, replaced) : 0,
    };
    enum rule rule = compute_benefit(deciding, &input);
    self->policy = (struct policy_reference){.position = policy_book_position(policy),
                                             .valid_from = policy->valid_from,
                                             .row = self->result.row,
                                             .outpatient = self->result.outpatient};
    copy_text(self->policy.area, sizeof self->policy.area, policy->area);
    copy_text(self->policy.insurance_type, sizeof self->policy.insurance_type, policy->insurance_type);
    if (rule != RULE_NONE) {
        char path[FINDING_PATH_MAX + 1];
        (void)snprintf(path, sizeof path, "%s%s", deciding->outcome.event,
                       rule == RULE_POLICY_UNKNOWN         ? ".care_kind"
                       : rule == RULE_BILL_PERIOD_TOO_LONG ? ".discharge_date"
                                                           : "");
        refuse(deciding, rule, path, NULL);
    }
    return rule == RULE_NONE && is_of_the_living(deciding, person, policy) &&
           is_first_payment(deciding, person, policy);
}

/* Nothing was filed, and it cost the person something: the outcome says so. */
static void warn_of_filing(struct deciding *deciding)
{
    const struct benefit_result *result = &deciding->self->result;
    char path[FINDING_PATH_MAX + 1];
    if (deciding->verdict->facts.filing != STANDING_UNFILED)
        return;
    (void)snprintf(path, sizeof path, "%s.insured_area", deciding->outcome.event);
    for (uint32_t i = 0; i < result->step_count; i++)
        if (result->steps[i].rule == STEP_AWAY_CUT)
            findings_add(&deciding->self->findings, RULE_FILING_NONE, path, NULL);
}

static bool expectation_holds(struct deciding *deciding)
{
    const struct bill *bill = &deciding->event->body.bill;
    const struct amounts *amounts = &deciding->self->result.amounts;
    char detail[FINDING_DETAIL_MAX + 1], fund[32], person[32];
    if (!bill->has_expected || (bill->expected.fund_pay_total == amounts->fund_pay_total &&
                                bill->expected.person_pay_total == amounts->person_pay_total))
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
    warn_of_filing(deciding);
    warn_of_numbers(deciding);
    deciding->outcome.has_amounts = true;
    deciding->outcome.amounts = self->result.amounts;
    deciding->outcome.has_policy = true;
    deciding->outcome.policy = self->policy;
    deciding->outcome.steps = self->result.steps;
    deciding->outcome.step_count = self->result.step_count;
    deliver_to(&deciding->outcome, deciding->verdict->facts.care_region);
    deliver_to(&deciding->outcome, deciding->verdict->facts.insured_region);
}

static void draw_account(struct store_txn *txn, const struct year_key *key, fen_t amount)
{
    if (amount != 0)
        account_put(txn, key, account_get(txn, key) - amount);
}

/* `sign` x what a bill added to the year before its own. */
static void add_before(struct deciding *deciding, const struct settled *settled, int sign)
{
    struct accumulators year;
    struct year_key key = settled->key;
    if (!settled->has_added_before)
        return;
    key.year--;
    year_get(deciding->txn, &key, &year);
    year_add(&year, &settled->added_before, sign);
    year_put(deciding->txn, &key, &year, &deciding->self->scratch);
}

static void keep_days(struct deciding *deciding, const char *person)
{
    const struct bill *bill = &deciding->event->body.bill;
    bool stays = care_kind_is_inpatient(deciding->published, bill->care_kind);
    struct care_days days = {
        .admission = bill->admission_date, .discharge = bill->discharge_date, .position = deciding->input->position};
    care_days_put(deciding->txn, person, stays ? CARE_STAY : CARE_VISIT, &days);
}

static void keep_settled(struct deciding *deciding, const struct year_key *key, struct accumulators *year)
{
    struct settlement *self = deciding->self;
    const struct bill *bill = &deciding->event->body.bill;
    const struct bill_facts *facts = &deciding->verdict->facts;
    struct settled settled = {.key = *key,
                              .amounts = self->result.amounts,
                              .added = self->result.added,
                              .has_added_before = self->result.split,
                              .added_before = self->result.added_before,
                              .enrolment_position = facts->enrolment_position};
    const struct bill_number number = {key->person, bill->institution, bill->bill_id};
    if (logic_has(deciding->published->logic, LOGIC_PAID_TWICE)) {
        settled.admission_date = bill->admission_date;
        settled.discharge_date = bill->discharge_date;
        copy_text(settled.care_kind, sizeof settled.care_kind, bill->care_kind);
        keep_days(deciding, key->person);
    }
    copy_text(settled.bill_id, sizeof settled.bill_id, bill->bill_id);
    copy_text(settled.institution, sizeof settled.institution, bill->institution);
    memcpy(settled.care_region, facts->care_region, sizeof settled.care_region);
    year_add(year, &self->result.added, 1);
    year_put(deciding->txn, key, year, &self->scratch);
    add_before(deciding, &settled, 1);
    settled_put(deciding->txn, deciding->input->position, &settled, true, &self->scratch);
    bill_number_put(deciding->txn, &number, deciding->input->position);
    draw_account(deciding->txn, key, self->result.amounts.account_pay);
}

static struct amounts negated(const struct amounts *amounts)
{
    return (struct amounts){
#define AMOUNT(member, ...) .member = -amounts->member,
#include "common/codes/amount.def"
#undef AMOUNT
        .stay_number = amounts->stay_number};
}

static void take_back(struct deciding *deciding, position_t original, struct settled *settled)
{
    struct settlement *self = deciding->self;
    struct accumulators year;
    const struct bill_number number = {settled->key.person, settled->institution, settled->bill_id};
    year_get(deciding->txn, &settled->key, &year);
    year_add(&year, &settled->added, -1);
    year_put(deciding->txn, &settled->key, &year, &self->scratch);
    add_before(deciding, settled, -1);
    settled->reversed_by = deciding->input->position;
    settled_put(deciding->txn, original, settled, false, &self->scratch);
    bill_number_delete(deciding->txn, &number);
    if (settled->discharge_date != 0)
        care_days_delete(deciding->txn, settled->key.person, settled->admission_date, original);
    draw_account(deciding->txn, &settled->key, -settled->amounts.account_pay);
}

/* What a reversal, or a bill in its place, takes back: it stands, is this person's, and this sender's. `path`: of the
 * field that names it. */
static bool original_find(struct deciding *deciding, const struct identity *person, position_t original,
                          const char *path, struct settled *settled)
{
    deciding->outcome.original_position = original;
    if (!settled_get(deciding->txn, original, settled)) {
        refuse(deciding, RULE_REVERSAL_UNKNOWN, path, NULL);
        return false;
    }
    if (strcmp(settled->key.person, person->number) != 0 ||
        strcmp(settled->care_region, deciding->event->sender) != 0) {
        refuse(deciding, RULE_REVERSAL_FOREIGN, path, NULL);
        return false;
    }
    if (settled->reversed_by != 0) {
        char detail[FINDING_DETAIL_MAX + 1];
        (void)snprintf(detail, sizeof detail, "by %llu", (unsigned long long)settled->reversed_by);
        refuse(deciding, RULE_REVERSAL_TWICE, path, detail);
        return false;
    }
    return true;
}

/* A whole bill, whenever it was: posts the exact opposite, takes its share out of the accumulators; later bills stand.
 */
static void post_back(struct deciding *deciding, struct settled *settled, const struct amounts *amounts)
{
    take_back(deciding, deciding->outcome.original_position, settled);
    if (logic_has(deciding->published->logic, LOGIC_REVERSED_NAMED)) {
        copy_text(deciding->original_bill_id, sizeof deciding->original_bill_id, settled->bill_id);
        copy_text(deciding->original_institution, sizeof deciding->original_institution, settled->institution);
        deciding->outcome.original_bill_id = deciding->original_bill_id;
        deciding->outcome.original_institution = deciding->original_institution;
    }
    copy_text(deciding->regions[0], sizeof deciding->regions[0], settled->care_region);
    copy_text(deciding->regions[1], sizeof deciding->regions[1], region_of(settled->key.area));
    struct ledger_parties parties = {settled->key.area, settled->key.type, deciding->regions[1], deciding->regions[0],
                                     settled->institution};
    post(deciding, amounts, &parties);
    deliver_to(&deciding->outcome, deciding->regions[0]);
    deliver_to(&deciding->outcome, deciding->regions[1]);
}

void bill_reverse(struct deciding *deciding, const struct identity *person)
{
    struct outcome *outcome = &deciding->outcome;
    struct settled settled;
    if (!original_find(deciding, person, deciding->event->body.reversal.settlement_position,
                       "bill_reversal.settlement_position", &settled))
        return;
    outcome->amounts = negated(&settled.amounts);
    outcome->has_amounts = true;
    post_back(deciding, &settled, &outcome->amounts);
    outcome->kind = OUTCOME_REVERSED;
}

/* What takes the place of a bill is that bill less what was refunded. */
static bool is_no_larger(struct deciding *deciding, const struct amounts *replaced)
{
    char path[FINDING_PATH_MAX + 1], detail[FINDING_DETAIL_MAX + 1], total[32];
    if (deciding->event->body.bill.total <= replaced->total || !logic_has(deciding->published->logic, LOGIC_EMPTY_STAY))
        return true;
    money_describe(replaced->total, total);
    bill_path(deciding, "total_fen", path);
    (void)snprintf(detail, sizeof detail, "what it replaces came to %s", total);
    refuse(deciding, RULE_BILL_AMOUNT_RANGE, path, detail);
    return false;
}

/* The settlement that the bill takes the place of, for a partial refund. False: refused. */
static bool replaced_find(struct deciding *deciding, const struct identity *person, struct settled *settled,
                          const struct settled **replaced)
{
    const struct bill *bill = &deciding->event->body.bill;
    char path[FINDING_PATH_MAX + 1];
    *replaced = NULL;
    if (bill->replaces_settlement == 0)
        return true;
    (void)snprintf(path, sizeof path, "%s.replaces_settlement", deciding->outcome.event);
    if (!original_find(deciding, person, bill->replaces_settlement, path, settled) ||
        !is_no_larger(deciding, &settled->amounts))
        return false;
    *replaced = settled;
    return true;
}

/* One number of an institution and person settles once; a bill may keep the number of the one that it replaces. */
static bool number_is_free(struct deciding *deciding, const struct identity *person)
{
    const struct bill *bill = &deciding->event->body.bill;
    const struct bill_number number = {person->number, bill->institution, bill->bill_id};
    char detail[FINDING_DETAIL_MAX + 1];
    position_t earlier;
    if (!bill_number_find(deciding->txn, &number, &earlier) || earlier == bill->replaces_settlement)
        return true;
    (void)snprintf(detail, sizeof detail, "settlement %llu", (unsigned long long)earlier);
    refuse(deciding, RULE_BILL_DUPLICATE, "bill_settle.bill_id", detail);
    deciding->outcome.original_position = earlier;
    return false;
}

/* Both or neither: everything that may refuse is asked before anything is written. */
void bill_settle(struct deciding *deciding, const struct identity *person)
{
    struct settlement *self = deciding->self;
    struct outcome *outcome = &deciding->outcome;
    const struct bill *bill = &deciding->event->body.bill;
    const struct bill_facts *facts = &deciding->verdict->facts;
    struct year_key key = year_key_of(deciding, person->number);
    struct accumulators year;
    struct settled settled;
    const struct settled *replaced;
    if (!replaced_find(deciding, person, &settled, &replaced) || !number_is_free(deciding, person))
        return;
    year_without(deciding, &key, replaced, &year);
    if (!compute(deciding, person, &key, &year, replaced) || !expectation_holds(deciding))
        return;
    if (replaced != NULL) {
        outcome->reversed = negated(&settled.amounts);
        outcome->has_reversed = true;
        post_back(deciding, &settled, &outcome->reversed);
    }
    keep_settled(deciding, &key, &year);
    struct ledger_parties parties = {bill->insured_area, bill->insurance_type, facts->insured_region,
                                     facts->care_region, bill->institution};
    post(deciding, &self->result.amounts, &parties);
    show_result(deciding);
    outcome->kind = OUTCOME_SETTLED;
}

void bill_trial(struct deciding *deciding, const struct identity *person)
{
    struct year_key key = year_key_of(deciding, person->number);
    struct accumulators year;
    struct settled settled;
    const struct settled *replaced;
    if (!replaced_find(deciding, person, &settled, &replaced))
        return;
    year_without(deciding, &key, replaced, &year);
    if (!compute(deciding, person, &key, &year, replaced))
        return;
    show_result(deciding);
    deciding->outcome.kind = OUTCOME_COMPUTED;
}

void account_state(struct deciding *deciding, const struct identity *person)
{
    const struct enrolment *enrolment = &deciding->event->body.enrolment;
    struct year_key key = {.year = 0};
    others_of_row(deciding, person);
    if (enrolment->withdrawn)
        return;
    if (logic_has(deciding->published->logic, LOGIC_ACCOUNT_AS_STATED) &&
        (!enrolment->has_account_balance || !deciding->verdict->account_restated))
        return;
    memcpy(key.person, person->number, sizeof key.person);
    memcpy(key.area, enrolment->area, sizeof key.area);
    memcpy(key.type, enrolment->insurance_type, sizeof key.type);
    if (account_get(deciding->txn, &key) != enrolment->account_balance)
        account_put(deciding->txn, &key, enrolment->account_balance);
}

/* Care in the insured area, settled there: it counts towards deductibles, stays and caps here. */
void local_care_take(struct deciding *deciding, const struct identity *person)
{
    const struct local_care *care = &deciding->event->body.local_care;
    struct year_key key = {.year = care->discharge_date / 10000}, kept;
    struct accumulators year, added;
    bool known = local_care_get(deciding->txn, person->number, care->local_id, &kept, &added);
    if (known != care->cancels || (known && strcmp(region_of(kept.area), deciding->event->sender) != 0)) {
        refuse(deciding, known && !care->cancels ? RULE_LOCAL_CARE_TWICE : RULE_LOCAL_CARE_UNKNOWN,
               "local_care.local_id", NULL);
        return;
    }
    memcpy(key.person, person->number, sizeof key.person);
    if (known) {
        key = kept;
        local_care_delete(deciding->txn, person->number, care->local_id);
    } else {
        copy_text(key.area, sizeof key.area, care->insured_area);
        copy_text(key.type, sizeof key.type, care->insurance_type);
        added = care->added;
        local_care_put(deciding->txn, care->local_id, &key, &added, &deciding->self->scratch);
    }
    year_get(deciding->txn, &key, &year);
    year_add(&year, &added, known ? -1 : 1);
    year_put(deciding->txn, &key, &year, &deciding->self->scratch);
}
