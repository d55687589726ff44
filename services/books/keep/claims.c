/* SPDX-License-Identifier: Apache-2.0
 * Rows that only a side has. */
#include "services/books/keep/claims.h"

#include "common/base/check.h"
#include "services/books/keep/reconciliation.h"

void claims_read(struct span key, struct span value, struct only_theirs *claim)
{
    struct claims_key parts;
    INVARIANT(claims_key_read(key, &parts) && claim_record_decode(value, NULL, claim) == OK);
    claim->day = parts.day;
    memcpy(claim->institution, parts.institution, sizeof parts.institution);
    claim->side = parts.side == 0 ? SIDE_CARE : SIDE_INSURED;
    claim->region = clearing_region(parts.region);
    claim->number = parts.number;
    claim->name = difference_find(claim->difference)->name;
}

void claims_keep(struct books *books, unsigned side, unsigned region, enum difference difference,
                 const struct reconcile_row *row, unsigned nth)
{
    struct row_bytes key = claims_key(row->day, row->institution, side, region, row->number, nth);
    struct span value;
    struct only_theirs claim = {.difference = difference,
                                .insured = side == 1 ? region : clearing_region_index(row->insured_area),
                                .total = row->total,
                                .fund = row->fund,
                                .account = row->account,
                                .statement = books->position,
                                .newest = books->position,
                                .stated_on = books->today},
                       before;
    memcpy(claim.bill_id, row->bill_id, sizeof claim.bill_id);
    if (store_get(books->txn, CLAIMS, row_span(&key), &value)) {
        claims_read(row_span(&key), value, &before);
        if (strcmp(before.bill_id, claim.bill_id) == 0) {
            claim.statement = before.statement;
            claim.stated_on = before.stated_on;
        }
    }
    buffer_reset(&books->scratch);
    claim_record_encode(&claim, &books->scratch);
    store_put(books->txn, CLAIMS, row_span(&key), buffer_span(&books->scratch));
    reconciliation_claimed(books, row->day, row->institution, claim.insured);
}

/* The first of this side's rows of the day, from a key on, that the statement at hand does not name. */
static bool find_stale(struct books *books, const struct statement *statement, const struct row_bytes *from,
                       struct row_bytes *found)
{
    struct store_walk walk;
    struct only_theirs claim;
    bool stale = false, more = store_walk_start(&walk, books->txn, CLAIMS, row_span(from));
    for (; more && !stale && row_shares(walk.key, from, CLAIMS_NUMBER_AT); more = store_walk_next(&walk)) {
        claims_read(walk.key, walk.value, &claim);
        if (statement->number_to != 0 && claim.number > statement->number_to)
            break;
        stale = claim.newest != books->position;
        *found = row_copy(walk.key);
    }
    store_walk_end(&walk);
    return stale;
}

void claims_drop(struct books *books, const struct statement *statement, unsigned side, unsigned region)
{
    struct row_bytes found,
        from = claims_key(statement->day, statement->institution, side, region, statement->number_from, 0);
    while (find_stale(books, statement, &from, &found)) { /* a walk does not outlive a change */
        store_delete(books->txn, CLAIMS, row_span(&found));
        from = found;
    }
}

void claims_count(struct books *books, const struct standing_key *line, uint32_t counts[SIDES])
{
    struct store_walk walk;
    struct only_theirs claim;
    struct row_bytes from = claims_key(line->day, line->institution, 0, 0, 0, 0);
    counts[0] = counts[1] = 0;
    bool more = store_walk_start(&walk, books->txn, CLAIMS, row_span(&from));
    for (; more && row_shares(walk.key, &from, CLAIMS_SIDE_AT); more = store_walk_next(&walk)) {
        claims_read(walk.key, walk.value, &claim);
        counts[claim.side == SIDE_INSURED] += claim.insured == line->insured;
    }
    store_walk_end(&walk);
}
