/* SPDX-License-Identifier: Apache-2.0
 * What clients heard. */
#include "tests/sim/checks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "common/base/check.h"
#include "tests/sim/checks_internal.h"

enum { ARENA_SIZE = 4 << 20 };

struct checks *checks_new(struct world *world)
{
    struct checks *checks = calloc(1, sizeof *checks);
    INVARIANT(checks != NULL);
    checks->world = world;
    checks->digest = digest_new();
    arena_init(&checks->arena, malloc(ARENA_SIZE), ARENA_SIZE);
    INVARIANT(checks->arena.memory != NULL);
    return checks;
}

void checks_free(struct checks **out)
{
    struct checks *checks = *out;
    struct checked_id *id, *next;
    if (checks == NULL)
        return;
    HASH_ITER(hh, checks->ids, id, next)
    {
        HASH_DEL(checks->ids, id);
        free((void *)(uintptr_t)id->receipt.data);
        free(id);
    }
    for (unsigned i = 0; i < checks->party_count; i++)
        for (unsigned box = 0; box < CHECKS_BOXES; box++)
            free(checks->parties[i].boxes[box].places);
    free(checks->positions);
    free(checks->arena.memory);
    digest_destroy(&checks->digest);
    free(checks);
    *out = NULL;
}

/* ---- what is kept ---- */

uint64_t checks_sum(struct span bytes)
{
    return XXH3_64bits(bytes.size > 0 ? (const void *)bytes.data : "", bytes.size) | 1;
}

struct checked_party *checks_party(struct checks *checks, struct span name)
{
    for (unsigned i = 0; i < checks->party_count; i++)
        if (span_equal(name, span_text(checks->parties[i].name)))
            return &checks->parties[i];
    struct checked_party *party = &checks->parties[checks->party_count++];
    INVARIANT(checks->party_count <= CHECKS_PARTIES_MAX && name.size < sizeof party->name);
    memcpy(party->name, name.data, name.size);
    return party;
}

struct checked_position *checks_position(struct checks *checks, uint64_t position)
{
    INVARIANT(position < UINT32_MAX);
    if (position >= checks->position_capacity) {
        size_t capacity = 2 * (size_t)position + 1024;
        checks->positions = realloc(checks->positions, capacity * sizeof *checks->positions);
        INVARIANT(checks->positions != NULL);
        memset(checks->positions + checks->position_capacity, 0,
               (capacity - checks->position_capacity) * sizeof *checks->positions);
        checks->position_capacity = capacity;
    }
    if (position >= checks->position_count)
        checks->position_count = (size_t)position + 1;
    return &checks->positions[position];
}

struct checked_id *checks_id(struct checks *checks, struct span party, struct span message_id, bool make)
{
    char key[CHECKS_KEY_SIZE];
    struct checked_id *id;
    int size = snprintf(key, sizeof key, "%.*s/%.*s", (int)party.size, (const char *)party.data, (int)message_id.size,
                        (const char *)message_id.data);
    INVARIANT(size > 0 && (size_t)size < sizeof key);
    HASH_FIND_STR(checks->ids, key, id);
    if (id != NULL || !make)
        return id;
    id = calloc(1, sizeof *id);
    INVARIANT(id != NULL);
    memcpy(id->key, key, sizeof key);
    id->position = UINT64_MAX;
    HASH_ADD_STR(checks->ids, key, id);
    return id;
}

bool checks_stands(struct checks *checks, struct checked_id *id, uint64_t position, const char *said_by)
{
    struct checked_position *at = checks_position(checks, position);
    if (id->position != UINT64_MAX && id->position != position) {
        world_fail(checks->world, "%s stands at %" PRIu64 ", and %s says at %" PRIu64, id->key, id->position, said_by,
                   position);
        return false;
    }
    if (at->id != NULL && at->id != id) {
        world_fail(checks->world, "%" PRIu64 " holds %s, and %s says it holds %s", position, at->id->key, said_by,
                   id->key);
        return false;
    }
    id->position = position;
    at->id = id;
    return true;
}

static bool is_durable(struct checks *checks, const char *what, uint64_t position, uint64_t durable_end)
{
    if (position >= durable_end)
        world_fail(checks->world, "%s of %" PRIu64 " was told, and only what is below %" PRIu64 " is durable", what,
                   position, durable_end);
    return position < durable_end;
}

/* ---- receipts ---- */

static void check_accepted(struct checks *checks, struct checked_id *id, const struct receipt *receipt,
                           struct span bytes, const uint8_t sha256[DIGEST_SIZE])
{
    if (!span_equal(receipt->envelope_sha256, span_of(sha256, DIGEST_SIZE)))
        world_fail(checks->world, "the receipt of %s at %" PRIu64 " is for other bytes than were sent", id->key,
                   receipt->position);
    else if ((id->accepted || id->logged) && memcmp(id->sha256, sha256, DIGEST_SIZE) != 0)
        world_fail(checks->world, "%s at %" PRIu64 " was accepted with other bytes before", id->key, receipt->position);
    else if (id->conflicted && memcmp(id->prefix, sha256, CHECKS_PREFIX_SIZE) != 0)
        world_fail(checks->world, "%s at %" PRIu64 " was said to hold other bytes", id->key, receipt->position);
    else if (id->accepted && !span_equal(id->receipt, bytes))
        world_fail(checks->world, "%s at %" PRIu64 " has two receipts", id->key, receipt->position);
    else if (checks_stands(checks, id, receipt->position, "a receipt") && !id->accepted) {
        uint8_t *copy = malloc(bytes.size);
        INVARIANT(copy != NULL);
        memcpy(copy, bytes.data, bytes.size);
        id->receipt = span_of(copy, bytes.size);
        memcpy(id->sha256, sha256, DIGEST_SIZE);
        id->accepted = true;
        checks->accepted++;
    }
}

static void check_conflict(struct checks *checks, struct checked_id *id, const struct receipt *receipt,
                           const uint8_t sha256[DIGEST_SIZE])
{
    struct span prefix = receipt->accepted_sha256_prefix;
    bool known = id->accepted || id->logged;
    if (prefix.size != CHECKS_PREFIX_SIZE || memcmp(prefix.data, sha256, CHECKS_PREFIX_SIZE) == 0)
        world_fail(checks->world, "%s conflicts with itself at %" PRIu64, id->key, receipt->position);
    else if ((known && memcmp(prefix.data, id->sha256, CHECKS_PREFIX_SIZE) != 0) ||
             (id->conflicted && memcmp(prefix.data, id->prefix, CHECKS_PREFIX_SIZE) != 0))
        world_fail(checks->world, "%s at %" PRIu64 " holds other bytes than a conflict names", id->key,
                   receipt->position);
    else if (checks_stands(checks, id, receipt->position, "a conflict")) {
        memcpy(id->prefix, prefix.data, CHECKS_PREFIX_SIZE);
        id->conflicted = true;
    }
}

/* What is no envelope has no id; it can be refused and nothing else. */
void checks_receipt(struct checks *checks, const char *party, struct span envelope, struct span bytes,
                    uint64_t durable_end)
{
    struct receipt receipt;
    struct envelope_head head = {0};
    uint8_t sha256[DIGEST_SIZE], parsed[16];
    arena_reset(&checks->arena);
    if (receipt_decode(bytes, &checks->arena, &receipt) != OK) {
        world_fail(checks->world, "%s was sent a receipt that is none", party);
        return;
    }
    bool told = receipt.kind == RECEIPT_ACCEPTED || receipt.kind == RECEIPT_CONFLICT;
    if (envelope_head_read(envelope, &head) != OK || message_id_parse(head.message_id, parsed) != OK) {
        if (told)
            world_fail(checks->world, "%s: what is no envelope was accepted at %" PRIu64, party, receipt.position);
        return;
    }
    if (told && !span_equal(receipt.message_id, head.message_id)) {
        world_fail(checks->world, "%s: the receipt of %.36s names another id", party,
                   (const char *)head.message_id.data);
        return;
    }
    struct checked_id *id = checks_id(checks, span_text(party), head.message_id, told);
    digest_once(checks->digest, envelope, sha256);
    if (told && !is_durable(checks, "a receipt", receipt.position, durable_end))
        return;
    if (receipt.kind == RECEIPT_ACCEPTED)
        check_accepted(checks, id, &receipt, bytes, sha256);
    else if (receipt.kind == RECEIPT_CONFLICT)
        check_conflict(checks, id, &receipt, sha256);
    else if (receipt.kind == RECEIPT_REFUSED && id != NULL && id->accepted &&
             memcmp(id->sha256, sha256, DIGEST_SIZE) == 0)
        world_fail(checks->world, "%s at %" PRIu64 " was accepted, and is refused now", id->key, id->position);
}

/* ---- queries ---- */

/* States only move on, from whichever endpoint. */
static void state_moves(struct checks *checks, const char *party, uint64_t position, uint32_t state)
{
    struct checked_position *at = checks_position(checks, position);
    uint32_t *last = &at->state[checks_party(checks, span_text(party)) - checks->parties];
    bool told = at->id != NULL && (at->id->accepted || at->id->conflicted);
    if (state < MESSAGE_STATE_ACCEPTED && (told || *last > state))
        world_fail(checks->world, "%s was told that %" PRIu64 " is not known, which it is", party, position);
    else if (state > *last)
        *last = state;
}

void checks_query(struct checks *checks, const char *party, struct span message_id, const struct query_answer *answer,
                  uint64_t durable_end)
{
    struct receipt receipt;
    struct checked_id *id = checks_id(checks, span_text(party), message_id, true);
    arena_reset(&checks->arena);
    if (answer->state <= MESSAGE_STATE_UNKNOWN) {
        if (id->position != UINT64_MAX && (id->accepted || id->conflicted))
            world_fail(checks->world, "%s stands at %" PRIu64 ", and a query says it is not known", id->key,
                       id->position);
        return;
    }
    if (receipt_decode(answer->receipt, &checks->arena, &receipt) != OK || receipt.kind != RECEIPT_ACCEPTED ||
        !span_equal(receipt.message_id, message_id))
        world_fail(checks->world, "the answer to a query of %s bears no receipt of it", id->key);
    else if (receipt.envelope_sha256.size != DIGEST_SIZE)
        world_fail(checks->world, "the receipt of %s has no hash", id->key);
    else if (is_durable(checks, "an answer", receipt.position, durable_end)) {
        uint8_t sha256[DIGEST_SIZE];
        memcpy(sha256, receipt.envelope_sha256.data, DIGEST_SIZE);
        check_accepted(checks, id, &receipt, answer->receipt, sha256);
        state_moves(checks, party, receipt.position, answer->state);
    }
}

static void check_delivered(struct checks *checks, const char *party, unsigned box, struct span bytes,
                            const struct outcome_head *head, uint64_t durable_end)
{
    struct checked_position *at = checks_position(checks, head->position);
    uint64_t sum = checks_sum(bytes);
    if (!is_durable(checks, "an outcome", head->position, durable_end))
        return;
    if (box == CHECKS_OUTCOMES && head->kind == OUTCOME_NOTICE)
        return; /* one a partition */
    if (at->outcome[box] != 0 && at->outcome[box] != sum)
        world_fail(checks->world, "%s was told another outcome of %" PRIu64 " than was told before", party,
                   head->position);
    at->outcome[box] = sum;
    if (box == CHECKS_OUTCOMES && head->kind != OUTCOME_NOTICE) {
        struct checked_id *id = checks_id(checks, head->sender, head->message_id, true);
        (void)checks_stands(checks, id, head->position, "an outcome");
    }
}

void checks_query_position(struct checks *checks, const char *party, uint64_t position,
                           const struct query_answer *answer, uint64_t durable_end)
{
    struct outcome_head head;
    if (answer->state >= MESSAGE_STATE_ACCEPTED && !is_durable(checks, "an answer", position, durable_end))
        return;
    uint32_t last = checks_position(checks, position)->state[checks_party(checks, span_text(party)) - checks->parties];
    if (answer->state < last)
        world_fail(checks->world, "%s was told state %u of %" PRIu64 " before, and %u now", party, last, position,
                   answer->state);
    state_moves(checks, party, position, answer->state);
    if (answer->state < MESSAGE_STATE_DECIDED)
        return;
    if (outcome_head_read(answer->outcome, &head) != OK || head.position != position)
        world_fail(checks->world, "the answer to a query of %" PRIu64 " bears no outcome of it", position);
    else
        check_delivered(checks, party, CHECKS_OUTCOMES, answer->outcome, &head, durable_end);
}

/* ---- mailboxes ---- */

static bool is_for(const struct outcome_head *head, const char *party)
{
    for (uint32_t i = 0; i < head->deliver_count; i++)
        if (span_equal(head->deliver_to[i], span_text(party)))
            return true;
    return false;
}

static void check_place(struct checks *checks, struct checked_party *party, unsigned box, uint64_t place,
                        struct span bytes, uint64_t durable_end)
{
    struct checked_box *kept = &party->boxes[box];
    struct outcome_head head;
    uint64_t sum = checks_sum(bytes);
    if (place < kept->count) {
        if (kept->places[place].sum != sum)
            world_fail(checks->world, "place %" PRIu64 " of %s, box %u, held an outcome of %" PRIu64 ", and others now",
                       place, party->name, box, kept->places[place].position);
        return;
    }
    if (outcome_head_read(bytes, &head) != OK || !is_for(&head, party->name)) {
        world_fail(checks->world, "place %" PRIu64 " of %s, box %u, holds nothing of its own", place, party->name, box);
        return;
    }
    uint64_t last = kept->count == 0 ? 0 : kept->places[kept->count - 1].position;
    bool again = box == CHECKS_OUTCOMES && head.kind == OUTCOME_NOTICE;
    if (place > kept->count)
        world_fail(checks->world, "%s, box %u, was never told places %zu to %" PRIu64, party->name, box, kept->count,
                   place - 1);
    else if (kept->count > 0 && (head.position < last || (head.position == last && !again)))
        world_fail(checks->world, "place %" PRIu64 " of %s, box %u, is of %" PRIu64 ", behind one of %" PRIu64, place,
                   party->name, box, head.position, last);
    check_delivered(checks, party->name, box, bytes, &head, durable_end);
    if (kept->count == kept->capacity) {
        kept->capacity = kept->capacity == 0 ? 1024 : 2 * kept->capacity;
        kept->places = realloc(kept->places, kept->capacity * sizeof *kept->places);
        INVARIANT(kept->places != NULL);
    }
    kept->places[kept->count++] = (struct checked_place){head.position, sum};
}

static void check_confirmed(struct checks *checks, struct checked_party *party, unsigned box, uint64_t through)
{
    struct checked_box *kept = &party->boxes[box];
    if (through < kept->confirmed)
        world_fail(checks->world, "%s, box %u, had confirmed %" PRIu64 ", and has %" PRIu64 " now", party->name, box,
                   kept->confirmed, through);
    else if (through > kept->count)
        world_fail(checks->world, "%s, box %u, has confirmed %" PRIu64 ", and was told %zu", party->name, box, through,
                   kept->count);
    kept->confirmed = through;
}

void checks_page(struct checks *checks, const char *name, unsigned box, uint64_t from, const struct mailbox_page *page,
                 uint64_t durable_end)
{
    struct checked_party *party = checks_party(checks, span_text(name));
    struct checked_box *kept = &party->boxes[box];
    if (page->outcome_count > 0 && page->first != from)
        world_fail(checks->world, "%s asked for %" PRIu64 " of box %u, and got %" PRIu64, name, from, box, page->first);
    for (uint32_t i = 0; i < page->outcome_count && world_failed(checks->world) == NULL; i++)
        check_place(checks, party, box, page->first + i, page->outcomes[i], durable_end);
    if (page->end < kept->end || page->end < kept->count)
        world_fail(checks->world, "box %u of %s ended at %" PRIu64 ", and ends at %" PRIu64 " now", box, name,
                   kept->end > kept->count ? kept->end : kept->count, page->end);
    kept->end = page->end;
    kept->fetched = true;
    check_confirmed(checks, party, box, page->confirmed);
}

void checks_confirmed(struct checks *checks, const char *party, unsigned box, uint64_t through)
{
    check_confirmed(checks, checks_party(checks, span_text(party)), box, through);
}

void checks_pong(struct checks *checks, const char *name, enum checks_endpoint endpoint, const struct pong *pong,
                 uint64_t durable_end)
{
    struct checked_party *party = checks_party(checks, span_text(name));
    uint64_t *submissions = &party->submissions_end[endpoint], *outcomes = &party->outcomes_end[endpoint];
    if (pong->submissions_end > durable_end)
        world_fail(checks->world, "a pong says %" PRIu64 ", and %" PRIu64 " are durable", pong->submissions_end,
                   durable_end);
    else if (pong->submissions_end < *submissions || pong->outcomes_end < *outcomes)
        world_fail(checks->world,
                   "a pong of endpoint %d said %" PRIu64 " and %" PRIu64 ", and says %" PRIu64 " and %" PRIu64 " now",
                   (int)endpoint, *submissions, *outcomes, pong->submissions_end, pong->outcomes_end);
    *submissions = pong->submissions_end;
    *outcomes = pong->outcomes_end;
}

uint64_t checks_accepted(const struct checks *checks)
{
    return checks->accepted;
}

uint64_t checks_delivered(const struct checks *checks)
{
    uint64_t delivered = 0;
    for (unsigned i = 0; i < checks->party_count; i++)
        for (unsigned box = 0; box < CHECKS_BOXES; box++)
            delivered += checks->parties[i].boxes[box].count;
    return delivered;
}
