/* SPDX-License-Identifier: Apache-2.0
 * What the books say. */
#include "services/books/keep/record.h"

#include "common/base/check.h"

void record_say(struct books *books, enum books_kind kind, const char *party)
{
    struct books_saying *answer = &books->answer;
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
    const struct books_saying *answer = &books->answer;
    if (answer->kind == BOOKS_NOTHING)
        return;
    bool answers = books->event != NULL; /* else the calendar made it */
    wire_put_uint(output, 1, books->position);
    wire_put_text(output, 2, answers ? books->event->sender : "exchange");
    wire_put_text(output, 3, answers ? books->event->message_id : "");
    wire_put_int(output, 4, books->now);
    wire_put_uint(output, 5, (uint64_t)answer->kind);
    for (uint32_t i = 0; i < answer->deliver_count; i++)
        wire_put_record(output, 6, span_text(answer->deliver_to[i]));
    for (uint32_t i = 0; i < books->findings.count; i++) {
        const struct finding *finding = &books->findings.items[i];
        size_t mark = wire_begin(output, 7);
        wire_put_uint(output, 1, finding->rule);
        wire_put_text(output, 2, finding->path);
        wire_put_text(output, 3, finding->detail);
        wire_end(output, mark);
    }
    buffer_append(output, answer->body.data, answer->body.size);
    for (uint32_t i = 0; i < books->posting_count; i++) {
        size_t mark = wire_begin(output, 23);
        wire_put_text(output, 1, books->postings[i].account);
        wire_put_int(output, 2, books->postings[i].amount);
        wire_end(output, mark);
    }
}
