/* SPDX-License-Identifier: Apache-2.0
 * What the books say. */
#include "services/books/keep/record.h"

#include "common/base/check.h"

void *record_part(struct books *books, size_t size)
{
    void *part = arena_take(&books->memory, size);
    INVARIANT(part != NULL);
    memset(part, 0, size);
    return part;
}

void record_say(struct books *books, enum books_kind kind, const char *party)
{
    struct books_record *answer = &books->answer;
    answer->kind = kind;
    for (uint32_t i = 0; i < answer->deliver_count; i++)
        if (strcmp(answer->deliver_to[i], party) == 0)
            return;
    if (party[0] == 0 || strcmp(party, "exchange") == 0)
        return;
    INVARIANT(answer->deliver_count < REGION_COUNT_MAX);
    answer->deliver_to[answer->deliver_count++] = party;
}

void record_say_pair(struct books *books, enum books_kind kind, unsigned pair)
{
    record_say(books, kind, clearing_region(pair / REGIONS));
    record_say(books, kind, clearing_region(pair % REGIONS));
}

void record_find(struct books *books, enum rule rule, const char *path, const char *detail)
{
    findings_add(&books->findings, (uint32_t)rule, path, detail);
}

void record_encode(struct books *books, struct buffer *output)
{
    struct books_record *answer = &books->answer;
    if (answer->kind == BOOKS_NONE)
        return;
    bool answers = books->event != NULL; /* else the calendar made it */
    answer->position = books->position;
    answer->sender = answers ? books->event->sender : "exchange";
    answer->message_id = answers ? books->event->message_id : "";
    answer->accepted_at = books->now;
    answer->findings = &books->findings;
    answer->postings = books->postings;
    answer->posting_count = books->posting_count;
    books_record_encode(answer, output);
}
