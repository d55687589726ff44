/* SPDX-License-Identifier: Apache-2.0
 * Pseudonyms by HMAC-SHA-256. A number's division (or nationality) and sequence are two digits of a mixed radix, turned
 * through a Feistel network of keyed sums; what lands in another partition is turned again until it does not
 * ("cycle walking"), which keeps it a permutation. */
#include "tools/pseudonym.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/digest.h"
#include "common/codes/identity.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "common/pb/personal.h"
#include "services/settlement/rows.h"

enum { ROUNDS = 10, SEQUENCES = 500, NATIONALITIES = 1000, MEMORY_SIZE = 16 * 1024 * 1024 };

struct pseudonyms {
    uint32_t partitions;
    char only[IDENTITY_TEXT_SIZE]; /* pseudonyms_narrow; "": everybody */
    bool words;
    struct digest *digest;
    struct buffer message, scratch;
    uint8_t *memory;
    size_t key_size;
    uint8_t key[PSEUDONYM_KEY_SIZE_MAX];
};

struct pseudonyms *pseudonyms_new(struct span key, uint32_t partitions)
{
    struct pseudonyms *pseudonyms = calloc(1, sizeof *pseudonyms);
    PRE(key.size <= PSEUDONYM_KEY_SIZE_MAX && partitions > 0);
    INVARIANT(pseudonyms != NULL);
    pseudonyms->memory = malloc(MEMORY_SIZE);
    INVARIANT(pseudonyms->memory != NULL);
    pseudonyms->digest = digest_new();
    pseudonyms->partitions = partitions;
    pseudonyms->key_size = key.size;
    memcpy(pseudonyms->key, key.data, key.size);
    return pseudonyms;
}

void pseudonyms_destroy(struct pseudonyms **out)
{
    struct pseudonyms *pseudonyms = *out;
    if (pseudonyms == NULL)
        return;
    digest_destroy(&pseudonyms->digest);
    buffer_fini(&pseudonyms->message);
    buffer_fini(&pseudonyms->scratch);
    free(pseudonyms->memory);
    explicit_bzero(pseudonyms, sizeof *pseudonyms);
    free(pseudonyms);
    *out = NULL;
}

void pseudonyms_narrow(struct pseudonyms *pseudonyms, const char *identity, bool words)
{
    (void)snprintf(pseudonyms->only, sizeof pseudonyms->only, "%s", identity);
    pseudonyms->words = words;
}

static bool is_meant(const struct pseudonyms *pseudonyms, struct span text)
{
    size_t size = strlen(pseudonyms->only);
    return size == 0 || (text.size == size && strncasecmp(pseudonyms->only, (const char *)text.data, size) == 0);
}

static void keyed(struct pseudonyms *pseudonyms, struct span message, uint8_t out[DIGEST_SIZE])
{
    digest_keyed(pseudonyms->digest, span_of(pseudonyms->key, pseudonyms->key_size), message, out);
}

/* ---- identity numbers ---- */

/* Digits 0 to 5: `head`, one of `heads`; 14 to 16: the sequence, whose last bit is the sex. */
struct turning {
    char tweak[24]; /* what stays */
    uint32_t heads, head, sequence;
};

static uint32_t keyed_below(struct pseudonyms *pseudonyms, const char *tweak, unsigned round, uint32_t value,
                            uint32_t limit)
{
    uint8_t mac[DIGEST_SIZE];
    char text[64];
    int size = snprintf(text, sizeof text, "number %s %u %u", tweak, round, value);
    keyed(pseudonyms, span_of(text, (size_t)size), mac);
    return (uint32_t)(bytes_get_be(mac, 8) % limit);
}

static void turn(struct pseudonyms *pseudonyms, struct turning *at)
{
    for (unsigned round = 0; round < ROUNDS; round += 2) {
        uint32_t more = keyed_below(pseudonyms, at->tweak, round, at->sequence, at->heads);
        at->head = (at->head + more) % at->heads;
        more = keyed_below(pseudonyms, at->tweak, round + 1, at->head, SEQUENCES);
        at->sequence = (at->sequence + more) % SEQUENCES;
    }
}

static struct turning turning_of(const struct identity *identity)
{
    const char *number = identity->number;
    struct turning at = {.heads = 1};
    unsigned sex = identity->male;
    if (identity->kind == IDENTITY_FOREIGNER) { /* 9, province, nationality */
        at.heads = NATIONALITIES;
        at.head = (uint32_t)((number[3] - '0') * 100 + (number[4] - '0') * 10 + (number[5] - '0'));
        (void)snprintf(at.tweak, sizeof at.tweak, "%.3s %.8s %u", number, number + 6, sex);
    } else if (division_index(identity->division, &at.head)) {
        at.heads = divisions_count();
        (void)snprintf(at.tweak, sizeof at.tweak, "%.8s %u", number + 6, sex);
    } else {
        at.head = 0;
        (void)snprintf(at.tweak, sizeof at.tweak, "%.6s %.8s %u", number, number + 6, sex);
    }
    at.sequence = (uint32_t)((number[14] - '0') * 100 + (number[15] - '0') * 10 + (number[16] - '0')) / 2;
    return at;
}

static void compose(const struct identity *identity, const struct turning *at, char out[IDENTITY_TEXT_SIZE])
{
    uint32_t sequence = at->sequence * 2 + identity->male;
    char head[8], text[32];
    if (at->heads == NATIONALITIES)
        (void)snprintf(head, sizeof head, "%.3s%03u", identity->number, at->head % NATIONALITIES);
    else if (at->heads == 1)
        (void)snprintf(head, sizeof head, "%.6s", identity->number);
    else
        (void)snprintf(head, sizeof head, "%06u", division_at(at->head) % 1000000);
    (void)snprintf(text, sizeof text, "%s%.8s%03u", head, identity->number + 6, sequence % 1000);
    memcpy(out, text, 17);
    out[17] = identity_check_character(out);
    out[18] = 0;
}

static uint32_t partition_of(const struct pseudonyms *pseudonyms, struct span identity)
{
    return person_hash(identity) % pseudonyms->partitions;
}

static void pseudonym_of_valid(struct pseudonyms *pseudonyms, const struct identity *identity,
                               char out[IDENTITY_TEXT_SIZE])
{
    struct turning at = turning_of(identity);
    uint32_t partition = partition_of(pseudonyms, span_text(identity->number));
    do {
        turn(pseudonyms, &at);
        compose(identity, &at, out);
    } while (partition_of(pseudonyms, span_text(out)) != partition);
}

/* ---- texts ---- */

/* Bytes of a character that begins so; 1 for what begins none. */
static size_t character_size(uint8_t first)
{
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

static void replace_character(const uint8_t *at, size_t size, uint8_t chance, struct buffer *out)
{
    static const char wide[10][4] = {"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"};
    char plain = (char)*at;
    if (isdigit(*at))
        plain = (char)('0' + chance % 10);
    else if (isupper(*at))
        plain = (char)('A' + chance % 26);
    else if (islower(*at))
        plain = (char)('a' + chance % 26);
    if (size == 1)
        buffer_append(out, &plain, 1);
    else
        buffer_append(out, size == 2 ? "é" : size == 3 ? wide[chance % 10] : "𠀀", size);
}

/* The same text gives the same one, another one (but for a few characters) another: letters that differ still do. */
static void replace_text(struct pseudonyms *pseudonyms, unsigned salt, struct span text, struct buffer *out)
{
    uint8_t stream[DIGEST_SIZE], seed[DIGEST_SIZE + 4];
    char kind[24];
    int kind_size = snprintf(kind, sizeof kind, "text %u ", salt);
    buffer_reset(&pseudonyms->scratch);
    buffer_append(&pseudonyms->scratch, kind, (size_t)kind_size);
    buffer_append(&pseudonyms->scratch, text.data, text.size);
    keyed(pseudonyms, buffer_span(&pseudonyms->scratch), seed);
    size_t used = DIGEST_SIZE;
    uint32_t block = 0;
    for (size_t i = 0, size; i < text.size; i += size) {
        size = character_size(text.data[i]);
        if (size > text.size - i)
            size = 1;
        if (used == DIGEST_SIZE) {
            bytes_put_be(seed + DIGEST_SIZE, block++, 4);
            keyed(pseudonyms, span_of(seed, sizeof seed), stream);
            used = 0;
        }
        replace_character(text.data + i, size, stream[used++], out);
    }
}

/* Diagnoses have a shape that is a rule; its x, X, + and * are part of it. */
static void replace_diagnosis(struct pseudonyms *pseudonyms, struct span text, struct buffer *out)
{
    size_t begin = out->size;
    replace_text(pseudonyms, 0, text, out);
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == 'x' || (text.data[i] == 'X' && i > 0))
            out->data[begin + i] = text.data[i];
}

static bool identity_at(struct span text, size_t at, struct identity *identity)
{
    char number[IDENTITY_TEXT_SIZE] = "";
    if (text.size - at < IDENTITY_SIZE)
        return false;
    memcpy(number, text.data + at, IDENTITY_SIZE);
    return identity_parse(number, identity) == OK;
}

/* A number that is none stays none, in its partition. */
static void replace_invalid(struct pseudonyms *pseudonyms, struct span text, struct buffer *out)
{
    struct identity identity;
    size_t begin = out->size;
    for (unsigned salt = 1;; salt++) {
        out->size = begin;
        replace_text(pseudonyms, salt, text, out);
        struct span made = span_of(out->data + begin, out->size - begin);
        bool valid = made.size == IDENTITY_SIZE && identity_at(made, 0, &identity);
        bool plain = salt == 4096; /* punctuation alone: there is nothing to choose */
        if (plain || (!valid && partition_of(pseudonyms, made) == partition_of(pseudonyms, text)))
            return;
    }
}

/* Identity numbers anywhere in it. */
static void replace_inside(struct pseudonyms *pseudonyms, struct span text, struct buffer *out)
{
    struct identity identity;
    char number[IDENTITY_TEXT_SIZE];
    for (size_t i = 0; i < text.size;) {
        if (isdigit(text.data[i]) && identity_at(text, i, &identity) &&
            is_meant(pseudonyms, span_of(text.data + i, IDENTITY_SIZE))) {
            pseudonym_of_valid(pseudonyms, &identity, number);
            buffer_append_text(out, number);
            i += IDENTITY_SIZE;
        } else {
            buffer_append(out, text.data + i++, 1);
        }
    }
}

void pseudonym_of(struct pseudonyms *pseudonyms, struct span text, struct buffer *out)
{
    struct identity identity;
    char number[IDENTITY_TEXT_SIZE];
    if (!is_meant(pseudonyms, text)) {
        replace_inside(pseudonyms, text, out);
        return;
    }
    if (text.size != IDENTITY_SIZE || !identity_at(text, 0, &identity)) {
        replace_invalid(pseudonyms, text, out);
        return;
    }
    pseudonym_of_valid(pseudonyms, &identity, number);
    buffer_append_text(out, number);
}

static void replace(void *self, enum personal kind, struct span text, struct buffer *out)
{
    struct pseudonyms *pseudonyms = self;
    if (kind != PERSONAL_IDENTITY && pseudonyms->only[0] != 0 && !pseudonyms->words)
        kind = PERSONAL_NONE;
    switch (kind) {
    case PERSONAL_IDENTITY:
        pseudonym_of(pseudonyms, text, out);
        break;
    case PERSONAL_TEXT:
        replace_text(pseudonyms, 0, text, out);
        break;
    case PERSONAL_DIAGNOSIS:
        replace_diagnosis(pseudonyms, text, out);
        break;
    case PERSONAL_NONE:
    case PERSONAL_ENVELOPE:
        replace_inside(pseudonyms, text, out);
        break;
    }
}

enum status pseudonymise(struct pseudonyms *pseudonyms, enum wire_message message, struct span bytes,
                         struct buffer *out)
{
    return personal_rewrite(message, bytes, replace, pseudonyms, out);
}

/* ---- outcomes ---- */

/* A requeue is decided as what it holds. */
static bool decode_decided(struct span envelope, struct arena *arena, struct event *event)
{
    enum status status = event_decode(envelope, arena, event);
    if (status == OK && event->kind == EVENT_REQUEUE)
        status = event_decode(event->body.requeue.envelope, arena, event);
    return status == OK;
}

static bool name_of(struct pseudonyms *pseudonyms, const struct event *event, uint8_t name[ROW_NAME_SIZE])
{
    struct identity identity = {0};
    if (event->person_id[0] != 0 && identity_parse(event->person_id, &identity) != OK)
        return false;
    return row_name(event, identity.number, pseudonyms->digest, &pseudonyms->scratch, name);
}

/* Where an area's office settles elsewhere the name cannot be made here again: zeros, which a comparison shows. */
static void rename_row(struct pseudonyms *pseudonyms, const struct event *was, const struct event *is,
                       struct outcome *outcome, uint8_t name[ROW_NAME_SIZE])
{
    uint8_t old[ROW_NAME_SIZE];
    bool same = name_of(pseudonyms, was, old) && span_equal(outcome->row, span_of(old, sizeof old));
    if (!same || !name_of(pseudonyms, is, name))
        memset(name, 0, ROW_NAME_SIZE);
    outcome->row = span_of(name, ROW_NAME_SIZE);
}

/* As deadlines and provisional limits are kept (docs/STORES.md). */
static int due_order(const void *left_, const void *right_)
{
    const struct due_item *left = left_, *right = right_;
    if (left->previous_due_date == 0 && left->scheme != right->scheme)
        return left->scheme < right->scheme ? -1 : 1;
    int persons = strcmp(left->person_id, right->person_id);
    if (persons == 0 && left->scheme != right->scheme)
        return left->scheme < right->scheme ? -1 : 1;
    return persons != 0 ? persons : strcmp(left->transfer_id, right->transfer_id);
}

static enum status sort_due(struct outcome *outcome, struct arena *arena)
{
    if (outcome->due_count == 0)
        return OK;
    struct due_item *sorted = arena_take(arena, outcome->due_count * sizeof *sorted);
    if (sorted == NULL)
        return REJECT_TOO_LARGE;
    memcpy(sorted, outcome->due, outcome->due_count * sizeof *sorted);
    qsort(sorted, outcome->due_count, sizeof *sorted, due_order);
    outcome->due = sorted;
    return OK;
}

enum status pseudonymise_outcome(struct pseudonyms *pseudonyms, struct span bytes, struct span envelope,
                                 struct span pseudonymised, const uint8_t *sha256, struct buffer *out)
{
    struct arena arena;
    struct outcome outcome;
    struct event was, is;
    uint8_t name[ROW_NAME_SIZE];
    buffer_reset(&pseudonyms->message);
    TRY(personal_rewrite(WIRE_OUTCOME, bytes, replace, pseudonyms, &pseudonyms->message));
    arena_init(&arena, pseudonyms->memory, MEMORY_SIZE);
    TRY(outcome_decode(buffer_span(&pseudonyms->message), &arena, &outcome));
    if (sha256 != NULL)
        memcpy(outcome.envelope_sha256, sha256, DIGEST_SIZE);
    else
        digest_once(pseudonyms->digest, pseudonymised, outcome.envelope_sha256);
    if (outcome.row.size > 0 && decode_decided(envelope, &arena, &was) && decode_decided(pseudonymised, &arena, &is))
        rename_row(pseudonyms, &was, &is, &outcome, name);
    TRY(sort_due(&outcome, &arena));
    outcome_encode(&outcome, out);
    return OK;
}
