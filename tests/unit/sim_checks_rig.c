/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/sim_checks_rig.h"

#include <stdarg.h>

#include "common/base/digest.h"

char failed[512];

void world_fail(struct world *world, const char *format, ...)
{
    va_list arguments;
    if (failed[0] != 0)
        return;
    va_start(arguments, format);
    (void)vsnprintf(failed, sizeof failed, format, arguments);
    va_end(arguments);
}

const char *world_failed(const struct world *world)
{
    return failed[0] == 0 ? NULL : failed;
}

struct history history;

const char *party_of(unsigned i)
{
    return i % 2 == 0 ? "110000" : "120000";
}

const char *id_of(unsigned i)
{
    static char ids[4][37];
    static unsigned turn;
    char *id = ids[turn++ % 4];
    (void)snprintf(id, 37, "0190b1c2-0000-7000-8000-%012u", i);
    return id;
}

struct span envelope_of(unsigned i, const char *reason, struct buffer *out)
{
    struct event event = {.version = 1,
                          .sender = party_of(i),
                          .message_id = id_of(i),
                          .sent_at = 1,
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_BILL_REVERSAL,
                          .body.reversal = {1, reason}};
    buffer_reset(out);
    envelope_encode(&event, out);
    return buffer_span(out);
}

struct span receipt_of(uint32_t kind, unsigned i, uint64_t position, struct span envelope, struct buffer *out)
{
    uint8_t sha256[DIGEST_SIZE], other[12] = {1};
    struct digest *digest = digest_new();
    digest_once(digest, envelope, sha256);
    digest_destroy(&digest);
    struct receipt receipt = {.kind = kind,
                              .message_id = span_text(id_of(i)),
                              .position = position,
                              .accepted_at = EVENTS_MS,
                              .envelope_sha256 = span_of(sha256, sizeof sha256)};
    if (kind == RECEIPT_CONFLICT)
        receipt.accepted_sha256_prefix = span_of(other, sizeof other);
    buffer_reset(out);
    receipt_encode(&receipt, out);
    return buffer_span(out);
}

struct span record_of(instant_ms_t accepted_at, struct span envelope, struct buffer *out)
{
    buffer_reset(out);
    submission_encode(&(struct submission){.accepted_at = accepted_at, .envelope = envelope}, out);
    return buffer_span(out);
}

struct span outcome_of(unsigned i, uint64_t position, enum outcome_kind kind, fen_t amount, struct buffer *out)
{
    static struct findings none;
    struct posting postings[2] = {{"fund", 500}, {"owed", -amount}};
    struct outcome outcome;
    outcome_blank(&outcome);
    outcome.position = position;
    outcome.sender = party_of(i);
    outcome.message_id = id_of(i);
    outcome.accepted_at = EVENTS_MS;
    outcome.kind = kind;
    outcome.deliver_to[0] = party_of(i);
    outcome.deliver_to[1] = "130000";
    outcome.deliver_count = 2;
    outcome.findings = &none;
    outcome.postings = postings;
    outcome.posting_count = 2;
    buffer_reset(out);
    outcome_encode(&outcome, out);
    return buffer_span(out);
}

int rig_start(void **state)
{
    failed[0] = 0;
    history.checks = checks_new(NULL);
    for (unsigned i = 0; i < MESSAGES; i++) {
        struct span envelope = envelope_of(i, "r", &history.envelopes[i]);
        (void)record_of(EVENTS_MS + i, envelope, &history.records[i]);
        (void)receipt_of(RECEIPT_ACCEPTED, i, i, envelope, &history.receipts[i]);
        (void)outcome_of(i, i, OUTCOME_SETTLED, 500, &history.outcomes[i]);
    }
    return 0;
}

int rig_stop(void **state)
{
    checks_free(&history.checks);
    for (unsigned i = 0; i < MESSAGES; i++) {
        buffer_fini(&history.envelopes[i]);
        buffer_fini(&history.records[i]);
        buffer_fini(&history.receipts[i]);
        buffer_fini(&history.outcomes[i]);
    }
    buffer_fini(&history.scratch);
    return 0;
}

/* ---- what happens in order ---- */

void receive(unsigned i)
{
    checks_receipt(history.checks, party_of(i), buffer_span(&history.envelopes[i]), buffer_span(&history.receipts[i]),
                   MESSAGES);
}

void receive_span(unsigned i, struct span receipt)
{
    checks_receipt(history.checks, party_of(i), buffer_span(&history.envelopes[i]), receipt, MESSAGES);
}

void fetch(const char *party, uint64_t from, const struct span *outcomes, uint32_t count)
{
    struct mailbox_page page = {party, from, outcomes, count, from + count, 0};
    checks_page(history.checks, party, CHECKS_OUTCOMES, from, &page, MESSAGES);
}

void fetch_all(void)
{
    struct span all[MESSAGES], own[MESSAGES];
    for (unsigned party = 0; party < 2; party++) {
        uint32_t count = 0;
        for (unsigned i = party; i < MESSAGES; i += 2)
            own[count++] = buffer_span(&history.outcomes[i]);
        fetch(party_of(party), 0, own, count);
    }
    for (unsigned i = 0; i < MESSAGES; i++)
        all[i] = buffer_span(&history.outcomes[i]);
    fetch("130000", 0, all, MESSAGES);
}

void log_record(unsigned i)
{
    checks_submission(history.checks, i, buffer_span(&history.records[i]));
}

void decide(unsigned i)
{
    struct span said[2] = {{NULL, 0}, buffer_span(&history.outcomes[i])};
    checks_decided(history.checks, i, said, 2, span_of(NULL, 0));
}

void all_received_and_logged(void)
{
    for (unsigned i = 0; i < MESSAGES; i++) {
        receive(i);
        log_record(i);
    }
}

void caught(const char *sentence)
{
    if (strstr(failed, sentence) == NULL)
        fail_msg("\"%s\" was not said, but \"%s\"", sentence, failed);
}
