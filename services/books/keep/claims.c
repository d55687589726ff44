/* SPDX-License-Identifier: Apache-2.0
 * Rows that only a side has. */
#include "services/books/keep/claims.h"

#include "common/base/check.h"
#include "services/books/keep/reconciliation.h"

enum { CLAIM_KEY_SIZE = 4 + 12 + 1 + 1 + 8 + 2 };
enum { AT_SIDE = 16, AT_REGION = 17, AT_NUMBER = 18, AT_NTH = 26 };

void claims_read(struct span key, struct span value, struct only_theirs *claim)
{
    INVARIANT(key.size == CLAIM_KEY_SIZE && claim_record_decode(value, NULL, claim) == OK);
    claim->day = (civil_date_t)bytes_get_be(key.data, 4);
    memcpy(claim->institution, key.data + 4, 12);
    claim->side = key.data[AT_SIDE] == 0 ? SIDE_CARE : SIDE_INSURED;
    claim->region = clearing_region(key.data[AT_REGION]);
    claim->number = bytes_get_be(key.data + AT_NUMBER, 8);
    claim->name = difference_find(claim->difference)->name;
}

static void key_of(civil_date_t day, const char *institution, unsigned side, unsigned region,
                   uint8_t key[CLAIM_KEY_SIZE])
{
    bytes_put_be(key, day, 4);
    memcpy(key + 4, institution, 12);
    key[AT_SIDE] = (uint8_t)side;
    key[AT_REGION] = (uint8_t)region;
    memset(key + AT_NUMBER, 0, CLAIM_KEY_SIZE - AT_NUMBER);
}

void claims_keep(struct books *books, unsigned side, unsigned region, enum difference difference,
                 const struct reconcile_row *row, unsigned nth)
{
    uint8_t key[CLAIM_KEY_SIZE];
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
    key_of(row->day, row->institution, side, region, key);
    bytes_put_be(key + AT_NUMBER, row->number, 8);
    bytes_put_be(key + AT_NTH, nth, 2);
    memcpy(claim.bill_id, row->bill_id, sizeof claim.bill_id);
    if (store_get(books->txn, CLAIMS, span_of(key, sizeof key), &value)) {
        claims_read(span_of(key, sizeof key), value, &before);
        if (strcmp(before.bill_id, claim.bill_id) == 0) {
            claim.statement = before.statement;
            claim.stated_on = before.stated_on;
        }
    }
    buffer_reset(&books->scratch);
    claim_record_encode(&claim, &books->scratch);
    store_put(books->txn, CLAIMS, span_of(key, sizeof key), buffer_span(&books->scratch));
    reconciliation_claimed(books, row->day, row->institution, claim.insured);
}

/* The first of this side's rows of the day, from a key on, that the statement at hand does not name. */
static bool find_stale(struct books *books, const struct statement *statement, const uint8_t from[CLAIM_KEY_SIZE],
                       uint8_t found[CLAIM_KEY_SIZE])
{
    struct store_walk walk;
    struct only_theirs claim;
    bool stale = false, more = store_walk_start(&walk, books->txn, CLAIMS, span_of(from, CLAIM_KEY_SIZE));
    for (; more && !stale && memcmp(walk.key.data, from, AT_NUMBER) == 0; more = store_walk_next(&walk)) {
        if (statement->number_to != 0 && bytes_get_be(walk.key.data + AT_NUMBER, 8) > statement->number_to)
            break;
        claims_read(walk.key, walk.value, &claim);
        stale = claim.newest != books->position;
        memcpy(found, walk.key.data, CLAIM_KEY_SIZE);
    }
    store_walk_end(&walk);
    return stale;
}

void claims_drop(struct books *books, const struct statement *statement, unsigned side, unsigned region)
{
    uint8_t from[CLAIM_KEY_SIZE], found[CLAIM_KEY_SIZE];
    key_of(statement->day, statement->institution, side, region, from);
    bytes_put_be(from + AT_NUMBER, statement->number_from, 8);
    while (find_stale(books, statement, from, found)) { /* a walk does not outlive a change */
        store_delete(books->txn, CLAIMS, span_of(found, sizeof found));
        memcpy(from, found, sizeof from);
    }
}

void claims_count(struct books *books, struct span line, uint32_t counts[SIDES])
{
    struct store_walk walk;
    struct only_theirs claim;
    counts[0] = counts[1] = 0;
    bool more = store_walk_start(&walk, books->txn, CLAIMS, span_of(line.data, AT_SIDE));
    for (; more && memcmp(walk.key.data, line.data, AT_SIDE) == 0; more = store_walk_next(&walk)) {
        claims_read(walk.key, walk.value, &claim);
        counts[walk.key.data[AT_SIDE]] += claim.insured == line.data[AT_SIDE];
    }
    store_walk_end(&walk);
}
