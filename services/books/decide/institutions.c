/* SPDX-License-Identifier: Apache-2.0
 * Designated institutions. */
#include "services/books/decide/institutions.h"

#include "common/base/check.h"
#include "common/codes/insurance.h"
#include "services/books/keep/record.h"

void institutions_key(const uint8_t code[INSTITUTION_CODE_SIZE], civil_date_t day, uint8_t key[INSTITUTION_KEY_SIZE])
{
    memcpy(key, code, INSTITUTION_CODE_SIZE);
    bytes_put_be(key + INSTITUTION_CODE_SIZE, UINT32_MAX - day, 4);
}

struct stated institutions_read(struct span value)
{
    struct institution_peek peek;
    INVARIANT(value.size > 1);
    unsigned level = value.data[0];
    struct span state = span_of(value.data + 1, value.size - 1);
    INVARIANT(institution_peek_read(state, &peek) == OK);
    return (struct stated){level <= HOSPITAL_LEVELS ? level : 0, peek.status, peek.reason, state};
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

struct institution_change institutions_state(struct books *books, const struct stated *stated)
{
    struct institution_change state;
    INVARIANT(institution_state_decode(stated->state, &books->memory, &state) == OK);
    return state;
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
    institution_state_encode(&(struct institution_change){.code = institution->code,
                                                          .name = institution->name,
                                                          .area = institution->area,
                                                          .status = institution->status,
                                                          .effective_date = institution->effective_date,
                                                          .reason = institution->reason},
                             out);
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
        struct institution_change *change = record_part(books, sizeof *change);
        *change = institutions_state(books, &stated);
        change->previous_status = before.status;
        books->answer.institution = change;
        for (unsigned region = 0; region < REGIONS; region++)
            record_say(books, BOOKS_INSTITUTION, clearing_region(region));
    }
    store_put(books->txn, INSTITUTIONS, span_of(key, sizeof key), buffer_span(&books->scratch));
}
