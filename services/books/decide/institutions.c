/* SPDX-License-Identifier: Apache-2.0
 * Designated institutions. */
#include "services/books/decide/institutions.h"

#include "common/base/check.h"
#include "common/codes/insurance.h"
#include "services/books/keep/record.h"

enum { STATE_STATUS = 4, STATE_REASON = 6, STATE_BEFORE = 7 };

void institutions_key(const uint8_t code[INSTITUTION_CODE_SIZE], civil_date_t day, uint8_t key[INSTITUTION_KEY_SIZE])
{
    memcpy(key, code, INSTITUTION_CODE_SIZE);
    bytes_put_be(key + INSTITUTION_CODE_SIZE, UINT32_MAX - day, 4);
}

struct stated institutions_read(struct span value)
{
    struct wire_field field;
    INVARIANT(value.size > 1);
    unsigned level = value.data[0];
    struct stated stated = {.level = level <= HOSPITAL_LEVELS ? level : 0,
                            .status = INSTITUTION_NONE,
                            .state = span_of(value.data + 1, value.size - 1)};
    for (struct wire_reader reader = wire_read(stated.state); !wire_at_end(&reader);) {
        INVARIANT(wire_next(&reader, &field) == OK);
        if (field.number == STATE_STATUS)
            stated.status = (uint32_t)field.value;
        else if (field.number == STATE_REASON)
            stated.reason = field.bytes;
    }
    return stated;
}

struct stated institutions_at(struct books *books, const uint8_t key[INSTITUTION_KEY_SIZE])
{
    struct store_walk walk;
    struct stated stated = {.status = INSTITUTION_NONE};
    if (store_walk_start(&walk, books->txn, INSTITUTIONS, span_of(key, INSTITUTION_KEY_SIZE)) &&
        walk.key.size == INSTITUTION_KEY_SIZE && memcmp(walk.key.data, key, INSTITUTION_CODE_SIZE) == 0)
        stated = institutions_read(walk.value);
    store_walk_end(&walk);
    return stated;
}

void institutions_encode(const struct stated *stated, uint32_t before, uint32_t number, struct buffer *out)
{
    size_t mark = wire_begin(out, number);
    buffer_append(out, stated->state.data, stated->state.size);
    wire_put_uint(out, STATE_BEFORE, before);
    wire_end(out, mark);
}

/* An institution of which nothing was said counts as active: a list of active ones is no news. Neither is the level of
 * one that stays active, nor what is in force already. */
static bool is_news(const struct stated *stated, const struct stated *before)
{
    uint32_t in_force = before->status == INSTITUTION_NONE ? INSTITUTION_ACTIVE : before->status;
    return stated->status != in_force ||
           (in_force != INSTITUTION_ACTIVE && !span_equal(before->reason, stated->reason));
}

static void encode(const struct institution *institution, struct buffer *out)
{
    uint8_t level = (uint8_t)institution->level;
    buffer_reset(out);
    buffer_append(out, &level, 1);
    wire_put_text(out, 1, institution->code);
    wire_put_text(out, 2, institution->name);
    wire_put_text(out, 3, institution->area);
    wire_put_uint(out, STATE_STATUS, institution->status);
    wire_put_uint(out, 5, institution->effective_date);
    wire_put_text(out, STATE_REASON, institution->reason);
}

void institutions_take(struct books *books, const struct institution *institution)
{
    uint8_t key[INSTITUTION_KEY_SIZE];
    PRE(strlen(institution->code) == INSTITUTION_CODE_SIZE);
    institutions_key((const uint8_t *)institution->code, institution->effective_date, key);
    struct stated before = institutions_at(books, key);
    encode(institution, &books->scratch);
    struct stated stated = institutions_read(buffer_span(&books->scratch));
    if (is_news(&stated, &before)) {
        institutions_encode(&stated, before.status, 24, &books->answer.body);
        for (unsigned region = 0; region < REGIONS; region++)
            record_say(books, BOOKS_INSTITUTION, clearing_region(region));
    }
    store_put(books->txn, INSTITUTIONS, span_of(key, sizeof key), buffer_span(&books->scratch));
}
