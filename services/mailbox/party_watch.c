/* SPDX-License-Identifier: Apache-2.0
 * Parties as the mailbox sees them. */
#include "services/mailbox/party_watch.h"

#include "common/net/loop.h"
#include "common/pb/outcome.h"

void party_watch_open(struct party_watch *watch, struct metrics *metrics)
{
    watch->end_to_end = metrics_add(metrics, METRIC_HISTOGRAM, "hutong_end_to_end_seconds",
                                    "From acceptance to the outcome's being in the mailbox.", NULL);
    watch->delivered = metrics_add(metrics, METRIC_COUNTER, "hutong_delivered_total",
                                   "Outcomes handed out of mailboxes, repetitions included.", NULL);
    party_counts_open(&watch->counts, metrics);
}

void party_watch_request(struct party_watch *watch, const struct peer *peer, enum rule rule)
{
    struct counted_party *party = party_counts_of(&watch->counts, peer);
    party_seen(party, loop_wall_ms());
    party_refused(&watch->counts, party, rule);
}

static void count_refusal(struct party_watch *watch, struct span sender, struct span outcome)
{
    struct outcome_findings_peek peek;
    struct finding_rule finding;
    struct counted_party *party = party_counts_named(&watch->counts, sender);
    if (party == NULL || outcome_findings_peek_read(outcome, &peek) != OK)
        return;
    metric_count(party->outcomes_refused, 1);
    for (uint32_t i = 0; i < peek.finding_count; i++) {
        const struct rule_text *text =
            finding_rule_read(peek.findings[i], &finding) == OK ? rule_find(finding.rule) : NULL;
        if (text != NULL && text->severity == RULE_ERROR)
            party_refused(&watch->counts, party, (enum rule)text->number);
    }
}

void party_watch_outcomes(struct party_watch *watch, struct store_txn *txn, position_t end, bool ready)
{
    struct span outcome;
    struct outcome_head head;
    for (position_t at = ready ? watch->counted : end; at < end; at++)
        if (mailbox_outcome(txn, at, &outcome) && outcome_head_read(outcome, &head) == OK &&
            head.kind == OUTCOME_REFUSED)
            count_refusal(watch, head.sender, outcome);
    watch->counted = end;
}

/* The first that is not confirmed. */
static void watch_oldest(struct counted_party *party, uint32_t box, void *core, struct store_txn *txn, uint64_t through)
{
    struct span outcome;
    struct outcome_head head = {0};
    if (mailbox_at(core, txn, party->name, through, &outcome) && outcome_head_read(outcome, &head) != OK)
        head = (struct outcome_head){0};
    int64_t age_ms = head.accepted_at != 0 ? loop_wall_ms() - head.accepted_at : 0;
    party->oldest[box] = (struct oldest_unconfirmed){head.position, head.accepted_at};
    metric_set(party->oldest_seconds[box], age_ms > 0 ? age_ms / 1000 : 0);
}

void party_watch_backlog(struct party_watch *watch, uint32_t box, struct runtime *runtime,
                         struct confirmations *confirmed)
{
    void *core = runtime_core_self(runtime);
    for (unsigned i = 0; i < COUNTED_PARTIES; i++) {
        struct counted_party *party = &watch->counts.parties[i];
        uint64_t end = mailbox_end(core, party->name), through = confirmations_through(confirmed, box, party->name);
        metric_set(party->backlog[box], end > through ? (int64_t)(end - through) : 0);
        watch_oldest(party, box, core, runtime_txn(runtime), through);
    }
}

void party_watch_tell(void *self, struct service_status *status)
{
    struct party_watch *watch = self;
    for (unsigned i = 0; i < COUNTED_PARTIES; i++)
        watch->statuses[i] = party_status_of(&watch->counts.parties[i]);
    status->parties = watch->statuses;
    status->party_count = COUNTED_PARTIES;
    status->delivered = (uint64_t)atomic_load_explicit(&watch->delivered->value, memory_order_relaxed);
    for (unsigned i = 0; i < METRIC_BUCKETS_COUNT; i++)
        watch->end_to_end_counts[i] = atomic_load_explicit(&watch->end_to_end->buckets[i], memory_order_relaxed);
    status->end_to_end_counts = watch->end_to_end_counts;
    status->end_to_end_count_count = METRIC_BUCKETS_COUNT;
}
