/* SPDX-License-Identifier: Apache-2.0
 * Signatures of frames. */
#include "services/ingest/frame_signing.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/observe/diary.h"

enum { VERIFIERS_COUNT = 16, WARN_DAYS = 30, DAY_S = 24 * 60 * 60, NO_END_S = 2000000000 };

/* A key that was used lately, ready. */
struct ready_key {
    uint8_t id[SIGNED_KEY_ID_SIZE];
    struct sign_verifier *verifier;
};

struct frame_signing {
    struct metrics *metrics;
    struct digest *digest;
    struct ready_key ready[VERIFIERS_COUNT];
    unsigned next; /* to be let go */
    civil_date_t told_on;
};

struct frame_signing *frame_signing_new(struct metrics *metrics)
{
    struct frame_signing *signing = calloc(1, sizeof *signing);
    INVARIANT(signing != NULL);
    signing->metrics = metrics;
    signing->digest = digest_new();
    return signing;
}

void frame_signing_destroy(struct frame_signing **signing)
{
    if (*signing == NULL)
        return;
    for (unsigned i = 0; i < VERIFIERS_COUNT; i++)
        sign_verifier_destroy(&(*signing)->ready[i].verifier);
    digest_destroy(&(*signing)->digest);
    free(*signing);
    *signing = NULL;
}

void signed_frame_start(struct signed_frame *frame)
{
    signed_tree_start(&frame->tree);
    frame->verified = frame->counted = false;
}

void signed_frame_fini(struct signed_frame *frame)
{
    signed_tree_fini(&frame->tree);
}

/* NULL: the key is no point of its curve. */
static struct sign_verifier *verifier_of(struct frame_signing *signing, struct span id, const struct sign_public *key)
{
    for (unsigned i = 0; i < VERIFIERS_COUNT; i++)
        if (signing->ready[i].verifier != NULL && span_equal(span_of(signing->ready[i].id, SIGNED_KEY_ID_SIZE), id))
            return signing->ready[i].verifier;
    struct ready_key *place = &signing->ready[signing->next];
    sign_verifier_destroy(&place->verifier);
    if (sign_verifier_new(key, &place->verifier) != OK)
        return NULL;
    memcpy(place->id, id.data, SIGNED_KEY_ID_SIZE);
    signing->next = (signing->next + 1) % VERIFIERS_COUNT;
    return place->verifier;
}

static bool holds(struct frame_signing *signing, struct signed_frame *frame, const struct submit *submit,
                  const struct sign_public *key)
{
    struct signed_statement statement;
    struct sign_verifier *verifier = verifier_of(signing, submit->signature.key_id, key);
    if (verifier == NULL)
        return false;
    signed_tree_start(&frame->tree);
    for (uint32_t i = 0; i < submit->envelope_count; i++)
        signed_tree_add(&frame->tree, signing->digest, submit->envelopes[i]);
    signed_tree_close(&frame->tree, signing->digest, SIGNED_ENVELOPES, &statement);
    return sign_verify(verifier, signed_bytes(&statement), submit->signature.signature);
}

static struct span party_of(const struct peer *peer)
{
    return span_text(peer->role == PARTY_LOCAL ? "operator" : peer->party);
}

enum rule frame_signing_look(struct frame_signing *signing, struct signed_frame *frame, const struct orderer *orderer,
                             const struct peer *peer, const struct submit *submit, instant_ms_t now)
{
    struct signing_keys keys = orderer_signing(orderer);
    struct signing_key_row row;
    struct span party = party_of(peer);
    if (submit->accepted_at_count > 0)
        return RULE_NONE;
    struct signing_party asked = signing_party_find(&keys, party);
    if (!submit->has_signature) {
        frame->counted = asked.demand == SIGNING_WANTED;
        return asked.demand == SIGNING_REQUIRED && peer->role != PARTY_LOCAL ? RULE_SIGNATURE_MISSING : RULE_NONE;
    }
    if (asked.keys == 0 && asked.demand != SIGNING_WANTED)
        return RULE_NONE;
    instant_ms_t last = orderer_last_stamp(orderer);
    bool there = signing_key_find(&keys, submit->signature.key_id, &row);
    enum rule rule = signing_key_speaks(there ? &row : NULL, party, orderer_end(orderer), now > last ? now : last);
    if (rule != RULE_NONE || frame->verified)
        return rule;
    frame->verified = holds(signing, frame, submit, &row.key);
    return frame->verified ? RULE_NONE : RULE_SIGNATURE_WRONG;
}

static void encode_share(const struct signed_frame *frame, const struct submit *submit, uint32_t index,
                         struct buffer *out)
{
    struct merkle_hash hashes[MERKLE_PATH_MAX];
    struct span path[MERKLE_PATH_MAX];
    unsigned length = signed_tree_path(&frame->tree, index, hashes);
    for (unsigned i = 0; i < length; i++)
        path[i] = span_of(hashes[i].bytes, DIGEST_SIZE);
    envelope_signature_encode(&(struct envelope_signature){.key_id = submit->signature.key_id,
                                                           .signature = submit->signature.signature,
                                                           .index = index,
                                                           .count = frame->tree.count,
                                                           .path = path,
                                                           .path_count = length},
                              out);
}

void frame_signing_view(const struct signed_frame *frame, const struct submit *submit, uint32_t index,
                        struct buffer *out, struct gate_view *view)
{
    view->recorded = submit->salt_count > 0;
    if (view->recorded)
        view->salt = submit->salts[index];
    if (submit->signature_count > 0)
        view->signature = submit->signatures[index];
    if (!frame->verified)
        return;
    buffer_reset(out);
    encode_share(frame, submit, index, out);
    view->signature = buffer_span(out);
}

static struct metric *of_party(struct metrics *metrics, struct span party)
{
    char labels[64];
    (void)snprintf(labels, sizeof labels, "party=\"%.*s\"", (int)party.size, (const char *)party.data);
    return metrics_add(metrics, METRIC_COUNTER, "hutong_unsigned_total",
                       "Envelopes accepted without a signature of a party of whom one is wanted.", labels);
}

void frame_signing_placed(struct frame_signing *signing, const struct signed_frame *frame, const struct peer *peer)
{
    if (frame->counted)
        metric_count(of_party(signing->metrics, party_of(peer)), 1);
}

/* Every day, and when it is seen first. */
static void tell_end(struct frame_signing *signing, struct span id, const struct signing_key_row *row, instant_ms_t now)
{
    char hex[2 * SIGNED_KEY_ID_SIZE + 1], labels[96];
    int64_t left_s = row->until != 0 ? NO_END_S : (row->valid_until - now) / 1000;
    digest_hex(id.data, id.size, hex);
    (void)snprintf(labels, sizeof labels, "party=\"%s\",key=\"%s\"", row->party, hex);
    struct metric *metric = metrics_add(signing->metrics, METRIC_GAUGE, "hutong_signing_key_ends_seconds",
                                        "Until a signing key ends; of one that was revoked, far away.", labels);
    bool first = metric->value == 0;
    metric_set(metric, left_s);
    if ((first || civil_date_of_instant(now) != signing->told_on) && left_s <= WARN_DAYS * (int64_t)DAY_S)
        diary_event(DIARY_WARN, "signing_key_ends", "party=%s key=%s days=%lld", row->party, hex,
                    (long long)(left_s / DAY_S));
}

void frame_signing_tell_ends(struct frame_signing *signing, const struct orderer *orderer, instant_ms_t now)
{
    struct signing_keys keys = orderer_signing(orderer);
    struct signing_walk walk = {0};
    struct signing_key_row row;
    struct span id;
    while (signing_next(&keys, &walk, &id, &row))
        if (row.valid_until != 0)
            tell_end(signing, id, &row, now);
    signing->told_on = civil_date_of_instant(now);
}
