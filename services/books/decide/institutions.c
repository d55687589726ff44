/* SPDX-License-Identifier: Apache-2.0
 * Designated institutions. */
#include "services/books/decide/institutions.h"

#include "common/base/check.h"
#include "common/codes/insurance.h"
#include "services/books/keep/record.h"

struct stated institutions_read(struct span value)
{
    struct institution_peek peek;
    struct institutions_value kept;
    INVARIANT(institutions_value_read(value, &kept) && institution_peek_read(kept.institutionstate, &peek) == OK);
    return (struct stated){kept.level <= HOSPITAL_LEVELS ? kept.level : 0, peek.status, peek.reason,
                           kept.institutionstate};
}

struct stated institutions_at(struct books *books, const char *code, civil_date_t day)
{
    struct row_bytes key = institutions_key(code, day);
    struct store_walk walk;
    struct stated stated = {.status = INSTITUTION_NONE};
    if (store_walk_start(&walk, books->txn, INSTITUTIONS, row_span(&key)) &&
        row_shares(walk.key, &key, INSTITUTIONS_EFFECTIVE_DATE_AT))
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
    struct row_bytes head = institutions_value(institution->level);
    buffer_reset(out);
    buffer_append(out, head.bytes, head.size);
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
    struct row_bytes key = institutions_key(institution->code, institution->effective_date);
    struct stated before = institutions_at(books, institution->code, institution->effective_date);
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
    store_put(books->txn, INSTITUTIONS, row_span(&key), buffer_span(&books->scratch));
}
