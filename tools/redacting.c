/* SPDX-License-Identifier: Apache-2.0
 * Records in other words. */
#include "tools/redacting.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/identity.h"
#include "common/engines/tlog/leaf.h"
#include "common/pb/outcome.h"
#include "tools/person_log.h"
#include "tools/pseudonym.h"

enum { FIRST_TOUCHED = 64, MEMORY_SIZE = 16 * 1024 * 1024 };

/* A position's records, by place: submissions, then verdicts and outcomes of each partition, then the books. */
struct touched {
    uint64_t position;
    struct buffer *was, *is; /* of each place */
};

struct redacting {
    char person[IDENTITY_TEXT_SIZE], pseudonym[IDENTITY_TEXT_SIZE];
    uint32_t partitions;
    struct pseudonyms *pseudonyms;
    struct digest *digest;
    uint8_t *memory;
    struct touched *touched;
    uint64_t count, room;
    bool sorted;
    uint64_t pseudonym_at; /* one place at which it is spoken of, but for the erasure's; UINT64_MAX: none */
    uint64_t pseudonym_also_at;
    struct buffer scratch;
};

static unsigned places(const struct redacting *redacting)
{
    return 2 * redacting->partitions + 2;
}

/* -1: a stream that this build does not know. */
static int place_of(const struct redacting *redacting, const char *stream)
{
    unsigned partition;
    if (strcmp(stream, "submissions") == 0)
        return 0;
    if (strcmp(stream, "books") == 0)
        return (int)places(redacting) - 1;
    if (sscanf(stream, "verdicts.%4u", &partition) == 1 && partition < redacting->partitions)
        return 1 + (int)partition;
    if (sscanf(stream, "outcomes.%4u", &partition) == 1 && partition < redacting->partitions)
        return 1 + (int)(redacting->partitions + partition);
    return -1;
}

struct redacting *redacting_new(const char *person, struct span key, uint32_t partitions)
{
    struct redacting *redacting = calloc(1, sizeof *redacting);
    struct buffer pseudonym = {0};
    INVARIANT(redacting != NULL);
    (void)snprintf(redacting->person, sizeof redacting->person, "%s", person);
    redacting->partitions = partitions;
    redacting->pseudonyms = pseudonyms_new(key, partitions);
    redacting->digest = digest_new();
    redacting->memory = malloc(MEMORY_SIZE);
    INVARIANT(redacting->memory != NULL);
    redacting->pseudonym_at = redacting->pseudonym_also_at = UINT64_MAX;
    pseudonym_of(redacting->pseudonyms, span_text(person), &pseudonym);
    (void)snprintf(redacting->pseudonym, sizeof redacting->pseudonym, "%s", buffer_text(&pseudonym));
    buffer_fini(&pseudonym);
    return redacting;
}

void redacting_destroy(struct redacting **out)
{
    struct redacting *redacting = *out;
    if (redacting == NULL)
        return;
    for (uint64_t i = 0; i < redacting->count; i++) {
        for (unsigned k = 0; redacting->touched[i].was != NULL && k < places(redacting); k++) {
            buffer_fini(&redacting->touched[i].was[k]);
            buffer_fini(&redacting->touched[i].is[k]);
        }
        free(redacting->touched[i].was);
        free(redacting->touched[i].is);
    }
    free(redacting->touched);
    pseudonyms_destroy(&redacting->pseudonyms);
    digest_destroy(&redacting->digest);
    buffer_fini(&redacting->scratch);
    free(redacting->memory);
    explicit_bzero(redacting, sizeof *redacting);
    free(redacting);
    *out = NULL;
}

const char *redacting_pseudonym(const struct redacting *redacting)
{
    return redacting->pseudonym;
}

/* ---- where ---- */

static void touch(struct redacting *redacting, uint64_t position)
{
    if (redacting->count > 0 && redacting->touched[redacting->count - 1].position == position)
        return;
    if (redacting->count == redacting->room) {
        redacting->room = redacting->room == 0 ? FIRST_TOUCHED : 2 * redacting->room;
        redacting->touched = realloc(redacting->touched, redacting->room * sizeof *redacting->touched);
        INVARIANT(redacting->touched != NULL);
    }
    redacting->touched[redacting->count++] = (struct touched){.position = position};
    redacting->sorted = false;
}

enum status redacting_note(void *self, const char *stream, uint64_t position, struct span record)
{
    struct redacting *redacting = self;
    (void)stream;
    if (person_is_in(redacting->person, record))
        touch(redacting, position);
    if (person_is_in(redacting->pseudonym, record)) {
        if (redacting->pseudonym_at == UINT64_MAX)
            redacting->pseudonym_at = position;
        else if (redacting->pseudonym_at != position)
            redacting->pseudonym_also_at = position;
    }
    return OK;
}

bool redacting_pseudonym_is_taken(const struct redacting *redacting, uint64_t erasure)
{
    return redacting->pseudonym_also_at != UINT64_MAX ||
           (redacting->pseudonym_at != UINT64_MAX && redacting->pseudonym_at != erasure);
}

static int by_position(const void *left_, const void *right_)
{
    const struct touched *left = left_, *right = right_;
    return (left->position > right->position) - (left->position < right->position);
}

/* Streams were gone through one after the other, so a position may be there more than once. */
static void sort(struct redacting *redacting)
{
    uint64_t count = 0;
    if (redacting->sorted || redacting->count == 0)
        return;
    qsort(redacting->touched, redacting->count, sizeof *redacting->touched, by_position);
    for (uint64_t i = 0; i < redacting->count; i++)
        if (count == 0 || redacting->touched[count - 1].position != redacting->touched[i].position)
            redacting->touched[count++] = redacting->touched[i];
    redacting->count = count;
    redacting->sorted = true;
}

uint64_t redacting_count(const struct redacting *redacting)
{
    sort((struct redacting *)(uintptr_t)redacting);
    return redacting->count;
}

static struct touched *find(struct redacting *redacting, uint64_t position)
{
    struct touched wanted = {.position = position};
    sort(redacting);
    return redacting->count == 0
               ? NULL
               : bsearch(&wanted, redacting->touched, redacting->count, sizeof *redacting->touched, by_position);
}

enum status redacting_gather(void *self, const char *stream, uint64_t position, struct span record)
{
    struct redacting *redacting = self;
    struct touched *touched = find(redacting, position);
    int place = place_of(redacting, stream);
    if (touched == NULL || record.size == 0)
        return OK;
    if (place < 0)
        return REJECT_UNDECODABLE;
    if (touched->was == NULL) {
        touched->was = calloc(places(redacting), sizeof *touched->was);
        touched->is = calloc(places(redacting), sizeof *touched->is);
        INVARIANT(touched->was != NULL && touched->is != NULL);
    }
    buffer_reset(&touched->was[place]);
    buffer_append(&touched->was[place], record.data, record.size);
    return OK;
}

/* ---- in which words ---- */

/* What stays known of the record that was: its leaf's commitments, and its envelope's hash. */
struct kept {
    uint8_t entry[TLOG_ENTRY_SIZE], sha256[DIGEST_SIZE];
    struct erased_record record;
};

static void keep(struct redacting *redacting, const struct touched *touched, const struct submission *submission,
                 uint64_t erasure, struct kept *kept)
{
    struct span outcomes[PARTITION_COUNT_MAX];
    unsigned count = 0;
    for (uint32_t p = 0; p < redacting->partitions; p++) {
        struct span outcome = buffer_span(&touched->was[1 + redacting->partitions + p]);
        if (outcome.size > 0)
            outcomes[count++] = outcome;
    }
    tlog_leaf_of(redacting->digest, touched->position, buffer_span(&touched->was[0]), outcomes, count, kept->entry);
    submission_sha256(submission, redacting->digest, kept->sha256);
    kept->record = (struct erased_record){.envelope_sha256 = span_of(kept->sha256, DIGEST_SIZE),
                                          .submission_commitment = span_of(kept->entry + 21, DIGEST_SIZE),
                                          .outcome_commitment = span_of(kept->entry + 53, DIGEST_SIZE),
                                          .erasure = erasure};
}

/* Of an envelope about the person all words go, of another that names them the number alone. */
static enum status reword_submission(struct redacting *redacting, struct touched *touched, uint64_t erasure,
                                     struct submission *submission, struct kept *kept)
{
    struct envelope_head head;
    struct buffer *envelope = &redacting->scratch, erased = {0};
    TRY(submission_decode(buffer_span(&touched->was[0]), NULL, submission));
    TRY(envelope_head_read(submission->envelope, &head));
    keep(redacting, touched, submission, erasure, kept);
    pseudonyms_narrow(redacting->pseudonyms, redacting->person,
                      head.person_id.size == IDENTITY_SIZE && person_is_in(redacting->person, head.person_id));
    buffer_reset(envelope);
    TRY(pseudonymise(redacting->pseudonyms, WIRE_ENVELOPE, submission->envelope, envelope));
    TRY(envelope_head_read(buffer_span(envelope), &head));
    erased_record_encode(&kept->record, &erased);
    struct submission is = {.accepted_at = submission->accepted_at,
                            .person_hash = person_hash(head.person_id),
                            .signature = submission->signature,
                            .erased = buffer_span(&erased),
                            .envelope = buffer_span(envelope)};
    submission_encode(&is, &touched->is[0]);
    buffer_fini(&erased);
    return is.person_hash % redacting->partitions == submission->person_hash % redacting->partitions ? OK
                                                                                                     : REJECT_RANGE;
}

/* It holds what the partition of the person goes by, and before version 3 of logic the envelope. */
static enum status reword_verdict(struct redacting *redacting, struct span was, const struct submission *is,
                                  struct buffer *out)
{
    struct arena arena;
    struct verdict verdict;
    struct buffer message = {0};
    arena_init(&arena, redacting->memory, MEMORY_SIZE);
    enum status status = pseudonymise(redacting->pseudonyms, WIRE_VERDICT, was, &message);
    if (status == OK)
        status = verdict_decode(buffer_span(&message), &arena, &verdict);
    if (status == OK) {
        verdict.person_hash = is->person_hash;
        if (verdict.envelope.size > 0)
            verdict.envelope = is->envelope;
        verdict_encode(&verdict, out);
    }
    buffer_fini(&message);
    return status;
}

static enum status reword_others(struct redacting *redacting, struct touched *touched,
                                 const struct submission *submission, const struct kept *kept)
{
    struct submission is;
    unsigned books = places(redacting) - 1;
    TRY(submission_decode(buffer_span(&touched->is[0]), NULL, &is));
    for (unsigned place = 1; place < places(redacting); place++) {
        struct span was = buffer_span(&touched->was[place]);
        struct buffer *out = &touched->is[place];
        if (was.size == 0)
            continue;
        if (place == books)
            TRY(pseudonymise(redacting->pseudonyms, WIRE_BOOKS_RECORD, was, out));
        else if (place <= redacting->partitions)
            TRY(reword_verdict(redacting, was, &is, out));
        else
            TRY(pseudonymise_outcome(redacting->pseudonyms, was, submission->envelope, is.envelope, kept->sha256, out));
    }
    return OK;
}

static bool is_silent(const struct redacting *redacting, const struct touched *touched)
{
    for (unsigned place = 0; place < places(redacting); place++)
        if (person_is_in(redacting->person, buffer_span(&touched->is[place])))
            return false;
    return true;
}

enum status redacting_make(struct redacting *redacting, uint64_t erasure, struct buffer *why)
{
    for (uint64_t i = 0; i < redacting->count; i++) {
        struct touched *touched = &redacting->touched[i];
        struct submission submission;
        struct kept kept;
        enum status status = touched->was == NULL || touched->was[0].size == 0
                                 ? REJECT_NOT_FOUND
                                 : reword_submission(redacting, touched, erasure, &submission, &kept);
        if (status == OK)
            status = reword_others(redacting, touched, &submission, &kept);
        if (status == OK && !is_silent(redacting, touched))
            status = REJECT_CONFLICT;
        if (status == OK)
            continue;
        buffer_printf(why, "%llu: %s", (unsigned long long)touched->position, status_text(status));
        return REJECT_UNDECODABLE;
    }
    return OK;
}

bool redacting_reword(void *self, const char *stream, uint64_t position, struct span record, struct buffer *out)
{
    struct redacting *redacting = self;
    struct touched *touched = find(redacting, position);
    int place = place_of(redacting, stream);
    if (touched == NULL || place < 0 || touched->was == NULL || span_equal(record, buffer_span(&touched->is[place])))
        return false;
    buffer_append(out, touched->is[place].data, touched->is[place].size);
    return true;
}
