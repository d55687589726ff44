/* SPDX-License-Identifier: Apache-2.0
 * Two sides with a million rows find what differs, over the wire's own bytes. */
#include "common/engines/tree/sum_tree.h"
#include "common/pb/wire.h"
#include "tests/support/random.h"
#include "tests/support/test.h"
#include "tests/support/tree_side.h"

enum { MILLION = 1000000, HOSPITALS = 120, DAYS = 31, FOUND_MAX = 4096, ROUNDS_MAX = 2000 };

static int by_key(const void *a, const void *b)
{
    return tree_key_compare(&((const struct tree_row *)a)->key, &((const struct tree_row *)b)->key);
}

static uint64_t random_state;
static uint64_t any(uint64_t below)
{
    return random_next(&random_state) % below;
}

static struct tree_side make(size_t count)
{
    struct tree_side side = {malloc((count + 8) * sizeof(struct tree_row)), count, 0};
    assert_non_null(side.rows);
    for (size_t i = 0; i < count; i++) {
        struct tree_row *row = &side.rows[i];
        memset(row, 0, sizeof *row);
        row->key.day = 20250301 + (civil_date_t)(i * DAYS / count);
        (void)snprintf(row->key.institution, sizeof row->key.institution, "H120101%05u", (unsigned)any(HOSPITALS));
        row->key.number = 10 * i + 5;
        row->total = (fen_t)any(5000000);
        row->fund = row->total * 7 / 10;
        row->account = (fen_t)any(100);
    }
    qsort(side.rows, count, sizeof side.rows[0], by_key);
    return side;
}

static struct tree_side copy(const struct tree_side *side)
{
    struct tree_side made = {malloc((side->count + 8) * sizeof(struct tree_row)), side->count, 0};
    assert_non_null(made.rows);
    memcpy(made.rows, side->rows, side->count * sizeof side->rows[0]);
    return made;
}

struct found {
    struct tree_difference items[FOUND_MAX];
    uint32_t count;
    size_t bytes;
    unsigned rounds;
};

static void report(void *self, const struct tree_difference *difference)
{
    struct found *found = self;
    for (uint32_t i = 0; i < found->count; i++)
        if (tree_key_compare(&found->items[i].key, &difference->key) == 0)
            fail_msg("row %llu is reported twice", (unsigned long long)difference->key.number);
    assert_true(found->count < FOUND_MAX);
    found->items[found->count++] = *difference;
}

/* As over a network: encoded, counted, decoded. */
static void send(struct tree_exchange *exchange, struct found *found)
{
    struct buffer bytes;
    buffer_init(&bytes);
    tree_exchange_encode(exchange, &bytes);
    found->bytes += bytes.size;
    memset(exchange, 0x5a, sizeof *exchange);
    assert_int_equal(tree_exchange_decode(buffer_span(&bytes), NULL, exchange), OK);
    buffer_fini(&bytes);
}

static void search_both(struct tree_side *asker, struct tree_side *answerer, struct found *found)
{
    static struct tree_exchange question, answer;
    struct tree_source asking = tree_side_source(asker), answering = tree_side_source(answerer);
    static struct tree_search search;
    found->count = found->rounds = 0;
    found->bytes = 0;
    tree_search_start(&search);
    while (tree_search_ask(&search, &asking, &question)) {
        assert_true(found->rounds++ < ROUNDS_MAX);
        send(&question, found);
        tree_answer(&answering, &question, &answer);
        send(&answer, found);
        tree_search_take(&search, &asking, &answer, report, found);
    }
    assert_false(search.left_out);
}

static struct found found;

TEST(one_wrong_fen_in_a_million_rows)
{
    random_state = 1;
    struct tree_side ours = make(MILLION), theirs = copy(&ours);
    for (int round = 0; round < 3; round++) {
        size_t at = any(MILLION);
        theirs.rows[at].fund++;
        search_both(&ours, &theirs, &found);
        theirs.rows[at].fund--;
        assert_int_equal(found.count, 1);
        assert_int_equal(found.items[0].key.number, ours.rows[at].key.number);
        assert_true(found.items[0].ours && found.items[0].theirs);
        assert_int_equal(found.items[0].their_sum.fund - found.items[0].our_sum.fund, 1);
        assert_true(found.bytes <= 100 * 1000);
    }
    print_message("1,000,000 rows: %zu bytes, %u rounds\n", found.bytes, found.rounds);
    search_both(&ours, &theirs, &found);
    assert_int_equal(found.count, 0);
    assert_int_equal(found.rounds, 1);
    free(ours.rows);
    free(theirs.rows);
}

static void remove_row(struct tree_side *side, size_t at)
{
    memmove(&side->rows[at], &side->rows[at + 1], (side->count - at - 1) * sizeof side->rows[0]);
    side->count--;
}

/* Missing, extra and changed rows anywhere, both sides in turn; every one is found, and nothing else. */
TEST(whatever_differs_is_found)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        random_state = seed;
        struct tree_side ours = make(any(4) == 0 ? any(40) : 200 + any(3000)), theirs = copy(&ours);
        uint32_t changes = 0;
        for (unsigned i = 0; i < seed % 7; i++) {
            size_t at = theirs.count == 0 ? 0 : any(theirs.count);
            bool is_changed = false;
            for (size_t j = 0; j < ours.count && theirs.count > 0; j++)
                if (by_key(&ours.rows[j], &theirs.rows[at]) == 0)
                    is_changed = ours.rows[j].fund != theirs.rows[at].fund;
            if (theirs.count == 0 || is_changed || theirs.rows[at].key.number % 10 != 5)
                continue;
            switch (any(3)) {
            case 0:
                theirs.rows[at].fund--;
                break;
            case 1:
                remove_row(&theirs, at);
                break;
            default:
                theirs.rows[theirs.count] = theirs.rows[at];
                theirs.rows[theirs.count].key.number += 1 + i;
                theirs.count++;
                qsort(theirs.rows, theirs.count, sizeof theirs.rows[0], by_key);
            }
            changes++;
        }
        bool turned = any(2) == 0;
        search_both(turned ? &theirs : &ours, turned ? &ours : &theirs, &found);
        if (found.count != changes)
            fail_msg("seed %llu: %u found of %u", (unsigned long long)seed, found.count, changes);
        free(ours.rows);
        free(theirs.rows);
    }
}

TEST(errors_that_cancel_out_are_found)
{
    random_state = 3;
    struct tree_side ours = make(5000), theirs = copy(&ours);
    fen_t fund = theirs.rows[17].fund;
    theirs.rows[17].fund = theirs.rows[18].fund;
    theirs.rows[18].fund = fund;
    search_both(&ours, &theirs, &found);
    assert_int_equal(found.count, 2);
    free(ours.rows);
    free(theirs.rows);
}

TEST(nothing_against_something)
{
    random_state = 4;
    struct tree_side ours = make(1000), theirs = {ours.rows, 0, 0};
    search_both(&ours, &theirs, &found);
    assert_int_equal(found.count, 1000);
    search_both(&theirs, &ours, &found);
    assert_int_equal(found.count, 1000);
    free(ours.rows);
}

TEST(damaged_exchanges_are_refused)
{
    static struct tree_exchange exchange;
    struct buffer bytes;
    random_state = 5;
    struct tree_side ours = make(300);
    struct tree_source source = tree_side_source(&ours);
    exchange.range_count = TREE_RANGES_MAX;
    for (int i = 0; i < TREE_RANGES_MAX; i++) {
        tree_split(&source, &exchange.ranges[i]);
    }
    buffer_init(&bytes);
    tree_exchange_encode(&exchange, &bytes);
    assert_int_equal(wire_check(WIRE_BOOKS_QUERY, buffer_span(&bytes), NULL), REJECT_MALFORMED); /* it is a part */
    /* one too many */
    tree_exchange_put_ranges(&bytes, &(struct tree_range){0});
    assert_int_equal(tree_exchange_decode(buffer_span(&bytes), NULL, &exchange), REJECT_TOO_LARGE);
    assert_int_equal(tree_exchange_decode(span_of(bytes.data, 40), NULL, &exchange), REJECT_MALFORMED);
    buffer_fini(&bytes);
    free(ours.rows);
}
