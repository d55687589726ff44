/* SPDX-License-Identifier: Apache-2.0
 * Counts by party. */
#include "services/ingest/party_counts.h"

#include <stdio.h>
#include <string.h>

static struct metric *add(struct metrics *metrics, enum metric_kind kind, const char *name, const char *help,
                          const char *party, const char *label, const char *value)
{
    char labels[96];
    (void)snprintf(labels, sizeof labels, "party=\"%s\"", party);
    if (label[0] != 0)
        (void)snprintf(labels, sizeof labels, "party=\"%s\",%s=\"%s\"", party, label, value);
    return metrics_add(metrics, kind, name, help, labels);
}

static const char refusals_name[] = "hutong_party_refusals_total",
                  refusals_help[] = "Broken rules of a party's messages and requests, at the edge and in outcomes.";

/* Of bills and of the edge, by region, from the start: what begins with its first burst shows no increase. */
static void open_refusals(struct counted_party *party, struct metrics *metrics)
{
    const struct rule_text *rule;
    for (unsigned i = 0; (rule = rule_at(i)) != NULL; i++)
        if (rule->severity == RULE_ERROR && (rule->number < 600 || rule->number >= 900) && rule->number < COUNTED_RULES)
            party->refusals[rule->number] =
                add(metrics, METRIC_COUNTER, refusals_name, refusals_help, party->name, "code", rule->code);
}

static void open_party(struct counted_party *party, struct metrics *metrics)
{
    static const char *const receipts[COUNTED_RECEIPTS] = {"accepted", "duplicate", "refused", "conflict", "busy"};
    static const char *const boxes[BOXES] = {"outcomes", "books"};
    for (unsigned i = 0; i < COUNTED_RECEIPTS; i++)
        party->receipts[i] =
            add(metrics, METRIC_COUNTER, "hutong_party_receipts_total",
                "Receipts given to a party; busy: to be sent again.", party->name, "receipt", receipts[i]);
    for (unsigned i = 0; i < BOXES; i++)
        party->backlog[i] = add(metrics, METRIC_GAUGE, "hutong_party_mailbox_backlog_records",
                                "Records in a mailbox that its party has not confirmed.", party->name, "box", boxes[i]);
    for (unsigned i = 0; i < BOXES; i++)
        party->oldest_seconds[i] =
            add(metrics, METRIC_GAUGE, "hutong_mailbox_oldest_unconfirmed_seconds",
                "How long ago the oldest unconfirmed record of a mailbox was accepted; 0: all is confirmed.",
                party->name, "box", boxes[i]);
    party->outcomes_refused =
        add(metrics, METRIC_COUNTER, "hutong_party_outcomes_refused_total",
            "Messages of a party that were accepted, and refused by a rule.", party->name, "", "");
    static const char *const endpoints[2] = {"gate", "mailbox"};
    party->limited = add(metrics, METRIC_COUNTER, refusals_name, refusals_help, party->name, "code", "SYS-0006");
    for (unsigned i = 0; i < 2; i++)
        party->waiting[i] = add(metrics, METRIC_GAUGE, "hutong_party_waiting_bytes",
                                "Requests of a party that wait for their turn.", party->name, "endpoint", endpoints[i]);
    party->last_seen = add(metrics, METRIC_GAUGE, "hutong_party_last_seen_timestamp_seconds",
                           "When a party last sent or asked anything; 0: not since the start.", party->name, "", "");
    party->last_receipt =
        add(metrics, METRIC_GAUGE, "hutong_party_last_receipt_timestamp_seconds",
            "When an envelope of a party was last accepted; 0: not since the start.", party->name, "", "");
}

static struct metric *edge(struct metrics *metrics, const struct rule_text *rule)
{
    char labels[64];
    (void)snprintf(labels, sizeof labels, "code=\"%s\"", rule->code);
    return metrics_add(metrics, METRIC_COUNTER, "hutong_refusals_total", "Envelopes and requests refused at the edge.",
                       labels);
}

void party_counts_open(struct party_counts *counts, struct metrics *metrics)
{
    static const char *const names[COUNTED_PARTIES] = {"110000", "120000", "130000", "operator"};
    counts->metrics = metrics;
    for (unsigned i = 0; i < COUNTED_PARTIES; i++) {
        counts->parties[i].name = names[i];
        open_party(&counts->parties[i], metrics);
        if (strcmp(names[i], "operator") != 0)
            open_refusals(&counts->parties[i], metrics);
    }
    for (unsigned i = 0; rule_at(i) != NULL; i++) /* those of the edge, from the start: who watches sees a first one */
        if (rule_at(i)->number < 400 || rule_at(i)->number >= 900)
            (void)edge(metrics, rule_at(i));
}

struct counted_party *party_counts_named(struct party_counts *counts, struct span name)
{
    for (unsigned i = 0; i < COUNTED_PARTIES; i++)
        if (span_equal(span_text(counts->parties[i].name), name))
            return &counts->parties[i];
    return NULL;
}

struct counted_party *party_counts_of(struct party_counts *counts, const struct peer *peer)
{
    return party_counts_named(counts, span_text(peer->role == PARTY_LOCAL ? "operator" : peer->party));
}

void party_seen(struct counted_party *party, instant_ms_t now)
{
    if (party != NULL)
        metric_set(party->last_seen, now / 1000);
}

void party_receipt(struct counted_party *party, enum counted_receipt receipt, instant_ms_t now)
{
    if (party == NULL)
        return;
    metric_count(party->receipts[receipt], 1);
    if (receipt == COUNTED_ACCEPTED || receipt == COUNTED_DUPLICATE)
        metric_set(party->last_receipt, now / 1000);
}

void party_refused_at_edge(struct party_counts *counts, const struct counted_party *party, enum rule rule)
{
    metric_count(edge(counts->metrics, rule_find((uint32_t)rule)), 1);
    party_refused(counts, party, rule);
}

void party_refused(struct party_counts *counts, const struct counted_party *party, enum rule rule)
{
    const struct rule_text *text = rule_find((uint32_t)rule);
    if (party == NULL || text == NULL)
        return;
    struct metric *known = text->number < COUNTED_RULES ? party->refusals[text->number] : NULL;
    if (known == NULL)
        known = add(counts->metrics, METRIC_COUNTER, refusals_name, refusals_help, party->name, "code", text->code);
    metric_count(known, 1);
}

/* This machine's own endpoint is the operator's. */
void party_waiting(struct party_counts *counts, unsigned endpoint, const struct fair *fair)
{
    for (unsigned i = 0; i < COUNTED_PARTIES; i++) {
        size_t size = 0;
        for (unsigned lane = 0; lane < fair->count; lane++) {
            const char *name = fair->parties[lane].name;
            if (strcmp(strcmp(name, LANE_LOCAL) == 0 ? "operator" : name, counts->parties[i].name) == 0)
                size += fair->parties[lane].size;
        }
        metric_set(counts->parties[i].waiting[endpoint], (int64_t)size);
    }
}

static uint64_t value_of(const struct metric *metric)
{
    return (uint64_t)atomic_load_explicit(&metric->value, memory_order_relaxed);
}

struct party_status party_status_of(const struct counted_party *party)
{
    return (struct party_status){.party = party->name,
                                 .accepted = value_of(party->receipts[COUNTED_ACCEPTED]),
                                 .refused = value_of(party->receipts[COUNTED_REFUSED]) +
                                            value_of(party->receipts[COUNTED_CONFLICT]) +
                                            value_of(party->outcomes_refused),
                                 .busy = value_of(party->receipts[COUNTED_BUSY]),
                                 .limited = value_of(party->limited),
                                 .waiting_bytes = value_of(party->waiting[0]) + value_of(party->waiting[1]),
                                 .backlog = value_of(party->backlog[BOX_OUTCOMES]),
                                 .books_backlog = value_of(party->backlog[BOX_BOOKS]),
                                 .oldest_position = party->oldest[BOX_OUTCOMES].position,
                                 .oldest_at = party->oldest[BOX_OUTCOMES].at,
                                 .books_oldest_position = party->oldest[BOX_BOOKS].position,
                                 .books_oldest_at = party->oldest[BOX_BOOKS].at,
                                 .confirmed = party->oldest[BOX_OUTCOMES].confirmed,
                                 .books_confirmed = party->oldest[BOX_BOOKS].confirmed,
                                 .last_seen_ms = (instant_ms_t)value_of(party->last_seen) * 1000,
                                 .last_receipt_ms = (instant_ms_t)value_of(party->last_receipt) * 1000};
}
