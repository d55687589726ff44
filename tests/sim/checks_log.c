/* SPDX-License-Identifier: Apache-2.0
 * What the log holds, against what clients heard. */
#include <inttypes.h>
#include <string.h>

#include "common/base/check.h"
#include "tests/sim/checks_internal.h"

/* ---- submissions ---- */

static void check_new(struct checks *checks, uint64_t position, const struct submission *submission)
{
    struct envelope_head head;
    uint8_t sha256[DIGEST_SIZE];
    struct checked_position *before = position == 0 ? NULL : checks_position(checks, position - 1);
    if (before != NULL && submission->accepted_at < before->accepted_at)
        world_fail(checks->world, "%" PRIu64 " was accepted at %" PRId64 " ms, the one before it at %" PRId64, position,
                   submission->accepted_at, before->accepted_at);
    if (envelope_head_read(submission->envelope, &head) != OK) {
        world_fail(checks->world, "%" PRIu64 " of submissions holds no envelope", position);
        return;
    }
    struct checked_id *id = checks_id(checks, head.sender, head.message_id, true);
    submission_sha256(submission, checks->digest, sha256);
    if (id->logged)
        world_fail(checks->world, "%s stands at %" PRIu64 " and at %" PRIu64, id->key, id->position, position);
    else if ((id->accepted && memcmp(id->sha256, sha256, DIGEST_SIZE) != 0) ||
             (id->conflicted && memcmp(id->prefix, sha256, CHECKS_PREFIX_SIZE) != 0))
        world_fail(checks->world, "%s at %" PRIu64 " is not what its receipt is for", id->key, position);
    else if (checks_stands(checks, id, position, "the log")) {
        id->logged = true;
        memcpy(id->sha256, sha256, DIGEST_SIZE);
    }
}

void checks_submission(struct checks *checks, uint64_t position, struct span record)
{
    struct submission submission;
    uint64_t sum = checks_sum(record);
    if (position < checks->logged_end) {
        if (checks->positions[position].record != sum)
            world_fail(checks->world, "%" PRIu64 " of submissions held other bytes", position);
        return;
    }
    arena_reset(&checks->arena);
    if (position > checks->logged_end)
        world_fail(checks->world, "submissions lack %" PRIu64 " to %" PRIu64, checks->logged_end, position - 1);
    else if (submission_decode(record, &checks->arena, &submission) != OK)
        world_fail(checks->world, "%" PRIu64 " of submissions cannot be read", position);
    else {
        check_new(checks, position, &submission);
        struct checked_position *at = checks_position(checks, position);
        at->record = sum;
        at->accepted_at = submission.accepted_at;
        checks->logged_end = position + 1;
    }
}

/* ---- decisions ---- */

/* The log's next outcome for each party to which it goes is that party's next place. */
static void account(struct checks *checks, unsigned box, const struct outcome_head *head, struct span record)
{
    uint64_t sum = checks_sum(record);
    for (uint32_t i = 0; i < head->deliver_count; i++) {
        struct checked_party *party = checks_party(checks, head->deliver_to[i]);
        struct checked_box *kept = &party->boxes[box];
        if (kept->expected < kept->count && kept->places[kept->expected].sum != sum)
            world_fail(checks->world,
                       "place %zu of %s, box %u, is of %" PRIu64 "; by the log it is of %" PRIu64 ", or of other bytes",
                       kept->expected, party->name, box, kept->places[kept->expected].position, head->position);
        kept->expected++;
    }
}

/* Of an outcome, or of a record of the books: both number them alike (peek.def). */
static void check_balance(struct checks *checks, uint64_t position, unsigned box, struct span record)
{
    struct outcome_postings_peek outcome = {.posting_count = 0};
    struct books_postings_peek books = {.posting_count = 0};
    bool of_books = box == CHECKS_BOOKS;
    enum status status =
        of_books ? books_postings_peek_read(record, &books) : outcome_postings_peek_read(record, &outcome);
    const struct span *postings = of_books ? books.postings : outcome.postings;
    uint32_t count = of_books ? books.posting_count : outcome.posting_count;
    int64_t sum = 0;
    arena_reset(&checks->arena);
    for (uint32_t i = 0; status == OK && i < count; i++) {
        struct posting posting;
        status = posting_decode(postings[i], &checks->arena, &posting);
        sum += status == OK ? posting.amount : 0;
    }
    if (status != OK)
        world_fail(checks->world, "postings of %" PRIu64 " cannot be read", position);
    else if (sum != 0)
        world_fail(checks->world, "postings of %" PRIu64 " add up to %" PRId64 " fen", position, sum);
}

static bool take(struct checks *checks, uint64_t position, unsigned box, struct span record, struct outcome_head *head)
{
    if (outcome_head_read(record, head) != OK || head->position != position) {
        world_fail(checks->world, "%" PRIu64 " of box %u holds nothing of that position", position, box);
        return false;
    }
    check_balance(checks, position, box, record);
    account(checks, box, head, record);
    return true;
}

void checks_decided(struct checks *checks, uint64_t position, const struct span *outcomes, unsigned partitions,
                    struct span books)
{
    struct outcome_head head;
    unsigned said = 0, decisions = 0;
    INVARIANT(position == checks->decided_end);
    checks->decided_end++;
    struct checked_position *at = checks_position(checks, position);
    for (unsigned p = 0; p < partitions; p++) {
        if (outcomes[p].size == 0)
            continue;
        if (!take(checks, position, CHECKS_OUTCOMES, outcomes[p], &head))
            return;
        said++;
        if (head.kind == OUTCOME_NOTICE)
            continue;
        decisions++;
        struct checked_id *id = checks_id(checks, head.sender, head.message_id, false);
        if (id == NULL || id != at->id)
            world_fail(checks->world, "the outcome of %" PRIu64 " is of another message", position);
        if (at->outcome[CHECKS_OUTCOMES] != 0 && at->outcome[CHECKS_OUTCOMES] != checks_sum(outcomes[p]))
            world_fail(checks->world, "another outcome of %" PRIu64 " was told than the log holds", position);
    }
    if (said == 0 || decisions > 1)
        world_fail(checks->world, "%" PRIu64 " has %u outcomes, %u of them decisions", position, said, decisions);
    at->decided = decisions == 1;
    if (books.size == 0 || !take(checks, position, CHECKS_BOOKS, books, &head))
        return;
    if (at->outcome[CHECKS_BOOKS] != 0 && at->outcome[CHECKS_BOOKS] != checks_sum(books))
        world_fail(checks->world, "the books said something else of %" PRIu64 " than the log holds", position);
}

void checks_cleared(struct checks *checks, uint32_t month, uint64_t settlement)
{
    struct checked_position *at = checks_position(checks, settlement);
    if (at->cleared != 0)
        world_fail(checks->world, "the bill of %" PRIu64 " stands in a table of %u and in one of %u", settlement,
                   at->cleared, month);
    at->cleared = month;
}

/* ---- the end ---- */

void checks_end(struct checks *checks)
{
    struct checked_id *id, *next;
    HASH_ITER(hh, checks->ids, id, next)
    if (id->position != UINT64_MAX && !id->logged)
        world_fail(checks->world, "%s was said to stand at %" PRIu64 ", and the log does not have it", id->key,
                   id->position);
    if (checks->decided_end != checks->logged_end)
        world_fail(checks->world, "%" PRIu64 " submissions, and %" PRIu64 " positions are decided", checks->logged_end,
                   checks->decided_end);
    for (uint64_t position = 0; position < checks->decided_end; position++)
        if (checks->positions[position].id != NULL && checks->positions[position].id->accepted &&
            !checks->positions[position].decided)
            world_fail(checks->world, "%s at %" PRIu64 " was never decided", checks->positions[position].id->key,
                       position);
    for (unsigned i = 0; i < checks->party_count; i++)
        for (unsigned box = 0; box < CHECKS_BOXES; box++) {
            const struct checked_party *party = &checks->parties[i];
            if (party->boxes[box].fetched && party->boxes[box].expected != party->boxes[box].count)
                world_fail(checks->world, "%s, box %u, was told %zu; by the log it is %zu", party->name, box,
                           party->boxes[box].count, party->boxes[box].expected);
        }
}
