/* SPDX-License-Identifier: Apache-2.0
 * The sum tree. */
#include "common/engines/tree/sum_tree.h"

#include <xxhash.h>

#include "common/base/bytes.h"
#include "common/base/check.h"

enum { ROW_HASHED_SIZE = 4 + 12 + 8 + 3 * 8 };

int tree_key_compare(const struct tree_key *a, const struct tree_key *b)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    int order = strcmp(a->institution, b->institution);
    if (order != 0)
        return order;
    return a->number < b->number ? -1 : a->number > b->number;
}

void tree_sum_row(struct tree_sum *sum, const struct tree_row *row)
{
    uint8_t bytes[ROW_HASHED_SIZE] = {0};
    bytes_put_le(bytes, row->key.day, 4);
    memcpy(bytes + 4, row->key.institution, strnlen(row->key.institution, 12));
    bytes_put_le(bytes + 16, row->key.number, 8);
    bytes_put_le(bytes + 24, (uint64_t)row->total, 8);
    bytes_put_le(bytes + 32, (uint64_t)row->fund, 8);
    bytes_put_le(bytes + 40, (uint64_t)row->account, 8);
    uint64_t facts = row->facts.size == 0 ? 0 : XXH64(row->facts.data, row->facts.size, 0);
    sum->count++;
    sum->total += row->total;
    sum->fund += row->fund;
    sum->account += row->account;
    sum->digest += XXH64(bytes, sizeof bytes, facts);
}

static bool sum_equal(const struct tree_sum *a, const struct tree_sum *b)
{
    return a->count == b->count && a->total == b->total && a->fund == b->fund && a->account == b->account &&
           a->digest == b->digest;
}

void tree_sum_merge(struct tree_sum *sum, const struct tree_sum *other)
{
    sum->count += other->count;
    sum->total += other->total;
    sum->fund += other->fund;
    sum->account += other->account;
    sum->digest += other->digest;
}

static bool is_in_step(const struct tree_step *step, const struct tree_key *key, enum tree_grain grain)
{
    return grain != TREE_ROW && step->key.day == key->day &&
           (grain == TREE_DAY || strcmp(step->key.institution, key->institution) == 0);
}

bool tree_step_take(struct tree_step *step, const struct tree_row *row, const struct tree_key *to,
                    enum tree_grain grain)
{
    if (to != NULL && tree_key_compare(&row->key, to) >= 0)
        return false;
    if (step->sum.count == 0)
        step->key = row->key;
    else if (!is_in_step(step, &row->key, grain))
        return false;
    tree_sum_row(&step->sum, row);
    return true;
}

static const struct tree_key *end_of(const struct tree_range *range)
{
    return range->has_to ? &range->to : NULL;
}

/* How many pieces of this grain, and how many rows are in them. */
static uint64_t count_pieces(const struct tree_source *source, const struct tree_range *range, enum tree_grain grain,
                             uint64_t *rows)
{
    struct tree_step step;
    uint64_t pieces = 0;
    *rows = 0;
    source->start(source->self, &range->from);
    for (; source->next(source->self, end_of(range), grain, &step); pieces++)
        *rows += step.sum.count;
    return pieces;
}

/* The coarsest grain at which the range falls apart, and how many pieces that makes. */
static enum tree_grain grain_of(const struct tree_source *source, const struct tree_range *range, uint64_t *pieces)
{
    uint64_t rows;
    for (enum tree_grain grain = TREE_DAY; grain < TREE_ROW; grain++) {
        *pieces = count_pieces(source, range, grain, &rows);
        if (rows <= TREE_FANOUT)
            break;
        if (*pieces > 1)
            return grain;
    }
    *pieces = rows;
    return TREE_ROW;
}

void tree_split(const struct tree_source *source, struct tree_range *range)
{
    struct tree_step step;
    uint64_t pieces, piece = 0;
    enum tree_grain grain = grain_of(source, range, &pieces);
    uint64_t a_tile = (pieces + TREE_FANOUT - 1) / TREE_FANOUT;
    range->tile_count = 0;
    range->rows = grain == TREE_ROW && pieces <= TREE_FANOUT;
    source->start(source->self, &range->from);
    for (; source->next(source->self, end_of(range), grain, &step); piece++) {
        if (piece % a_tile == 0) {
            INVARIANT(range->tile_count < TREE_FANOUT);
            range->tiles[range->tile_count++] = (struct tree_tile){.from = step.key};
        }
        tree_sum_merge(&range->tiles[range->tile_count - 1].sum, &step.sum);
    }
    if (range->tile_count > 0 && !range->rows)
        range->tiles[0].from = range->from; /* tiles leave no gap in front */
}

static void sum_until(const struct tree_source *source, const struct tree_key *to, struct tree_sum *sum)
{
    struct tree_step step;
    while (source->next(source->self, to, TREE_DAY, &step))
        tree_sum_merge(sum, &step.sum);
}

/* Our sums over their tiles; rows in front of the first tile are in `before`. */
static void sums_over(const struct tree_source *source, const struct tree_range *theirs, struct tree_sum *before,
                      struct tree_sum sums[TREE_FANOUT])
{
    memset(before, 0, sizeof *before);
    memset(sums, 0, TREE_FANOUT * sizeof sums[0]);
    source->start(source->self, &theirs->from);
    for (uint32_t i = 0; i <= theirs->tile_count; i++) {
        const struct tree_key *to = i < theirs->tile_count ? &theirs->tiles[i].from : end_of(theirs);
        if (theirs->has_to && tree_key_compare(to, &theirs->to) > 0)
            to = &theirs->to; /* a tile of theirs may begin anywhere */
        sum_until(source, to, i == 0 ? before : &sums[i - 1]);
    }
}

/* Our cut of a piece of their range. */
static void cut_piece(const struct tree_source *source, const struct tree_piece *piece, struct tree_exchange *ours)
{
    INVARIANT(ours->range_count < TREE_RANGES_MAX);
    struct tree_range *range = &ours->ranges[ours->range_count++];
    memset(range, 0, sizeof *range);
    range->from = piece->from;
    range->to = piece->to;
    range->has_to = piece->has_to;
    tree_split(source, range);
}

static struct tree_piece piece_of(const struct tree_range *range, uint32_t tile)
{
    bool last = tile + 1 >= range->tile_count;
    return (struct tree_piece){.from = range->tiles[tile].from,
                               .to = last ? range->to : range->tiles[tile + 1].from,
                               .has_to = !last || range->has_to};
}

void tree_answer(const struct tree_source *source, const struct tree_exchange *theirs, struct tree_exchange *ours)
{
    struct tree_sum before, sums[TREE_FANOUT];
    bool differ = false;
    ours->range_count = 0;
    if (theirs->range_count != 1)
        return;
    const struct tree_range *range = &theirs->ranges[0];
    sums_over(source, range, &before, sums);
    for (uint32_t i = 0; i < range->tile_count; i++)
        differ |= !sum_equal(&sums[i], &range->tiles[i].sum);
    if (before.count > 0 || (differ && range->rows)) {
        struct tree_piece whole = {range->from, range->to, range->has_to};
        cut_piece(source, &whole, ours);
        return;
    }
    for (uint32_t i = 0; i < range->tile_count; i++) {
        struct tree_piece piece = piece_of(range, i);
        if (!sum_equal(&sums[i], &range->tiles[i].sum))
            cut_piece(source, &piece, ours);
    }
}

/* Their rows and ours side by side. */
static void report_rows(const struct tree_source *source, const struct tree_range *theirs, tree_report_fn report,
                        void *report_self)
{
    struct tree_step row;
    uint32_t at = 0;
    source->start(source->self, &theirs->from);
    bool more = source->next(source->self, end_of(theirs), TREE_ROW, &row);
    while (more || at < theirs->tile_count) {
        const struct tree_tile *tile = at < theirs->tile_count ? &theirs->tiles[at] : NULL;
        int order = !more ? 1 : tile == NULL ? -1 : tree_key_compare(&row.key, &tile->from);
        struct tree_difference difference = {
            .key = order <= 0 ? row.key : tile->from, .ours = order <= 0, .theirs = order >= 0};
        if (difference.ours)
            difference.our_sum = row.sum;
        if (difference.theirs)
            difference.their_sum = tile->sum;
        if (order != 0 || !sum_equal(&difference.our_sum, &difference.their_sum))
            report(report_self, &difference);
        at += difference.theirs;
        if (difference.ours)
            more = source->next(source->self, end_of(theirs), TREE_ROW, &row);
    }
}

static void push(struct tree_search *search, struct tree_piece piece)
{
    if (search->count == TREE_PIECES_MAX)
        search->left_out = true;
    else
        search->pieces[search->count++] = piece;
}

void tree_search_start(struct tree_search *search)
{
    search->count = 0;
    search->left_out = false;
    push(search, (struct tree_piece){.has_to = false});
}

bool tree_search_ask(struct tree_search *search, const struct tree_source *source, struct tree_exchange *question)
{
    question->range_count = 0;
    if (search->count == 0)
        return false;
    struct tree_piece piece = search->pieces[--search->count];
    cut_piece(source, &piece, question);
    return true;
}

void tree_search_take(struct tree_search *search, const struct tree_source *source, const struct tree_exchange *answer,
                      tree_report_fn report, void *report_self)
{
    struct tree_sum before, sums[TREE_FANOUT];
    for (uint32_t i = 0; i < answer->range_count; i++) {
        const struct tree_range *range = &answer->ranges[i];
        if (range->rows) {
            report_rows(source, range, report, report_self);
            continue;
        }
        sums_over(source, range, &before, sums);
        for (uint32_t j = 0; j < range->tile_count; j++)
            if (!sum_equal(&sums[j], &range->tiles[j].sum))
                push(search, piece_of(range, j));
    }
}
