/* SPDX-License-Identifier: Apache-2.0
 * Finding the one wrong fen in a million rows without sending a million rows. Both sides hold rows in the order of
 * (day, institution, number). One side cuts a range into tiles and says the sums of each; the other answers, for each
 * tile whose sums are not its own, with its own cut of that tile; and so on down to single rows. Tiles are days first,
 * then institutions, then ranges of numbers, then rows. What is said of them is TreeExchange (books.proto). Pure: sums
 * come from an iterator, memory is a few tiles; whoever keeps sums of days and institutions answers without reading
 * rows.
 *
 *   asker                           answerer
 *   tree_search_ask: a cut  ---->  tree_answer: cuts of the tiles that differ
 *   tree_search_take:       <----
 *   compares, reports rows; asks on, until nothing is left to ask */
#ifndef HUTONG_COMMON_ENGINES_TREE_SUM_TREE_H
#define HUTONG_COMMON_ENGINES_TREE_SUM_TREE_H
#include "hutong/v1/messages.h"

enum { TREE_FANOUT = 32, TREE_RANGES_MAX = TREE_FANOUT, TREE_PIECES_MAX = 4096 };

int tree_key_compare(const struct tree_key *a, const struct tree_key *b);

struct tree_row {
    struct tree_key key;
    fen_t total, fund, account;
    struct span facts; /* what else both sides know of the row, hashed; may be empty; borrowed until the next row */
};

enum tree_grain { TREE_DAY, TREE_INSTITUTION, TREE_ROW };

/* A day's rows, those of an institution on a day, or one row; of them, those in the range that is looked at. */
struct tree_step {
    struct tree_key key; /* of the first row */
    struct tree_sum sum;
};

/* Rows in ascending order, from the first at or above `from`. */
struct tree_source {
    void *self;
    void (*start)(void *self, const struct tree_key *from);
    /* What comes next of this grain, below `to` (NULL: no end). False: no row is left below it. */
    bool (*next)(void *self, const struct tree_key *to, enum tree_grain grain, struct tree_step *step);
};

void tree_sum_row(struct tree_sum *sum, const struct tree_row *row);
void tree_sum_merge(struct tree_sum *sum, const struct tree_sum *other);
/* For a source that has rows alone: adds the row to a step of this grain, which begins with all zeros. False: the row
 * is of the next step, or not below `to`. */
bool tree_step_take(struct tree_step *step, const struct tree_row *row, const struct tree_key *to,
                    enum tree_grain grain);

struct tree_difference {
    struct tree_key key;
    bool ours, theirs; /* who has the row at all */
    struct tree_sum our_sum, their_sum;
};
typedef void (*tree_report_fn)(void *self, const struct tree_difference *difference);

/* Our cut of a range, which is given by range->from, has_to, to. */
void tree_split(const struct tree_source *source, struct tree_range *range);
/* Our cuts of what differs from theirs. PRE: one range is asked, so that there is room for all of its tiles. */
void tree_answer(const struct tree_source *source, const struct tree_exchange *theirs, struct tree_exchange *ours);

/* The side that asks: pieces still to be asked, one a round. */
struct tree_piece {
    struct tree_key from, to;
    bool has_to;
};
struct tree_search {
    uint32_t count;
    bool left_out; /* pieces were dropped: search again when what was found is mended */
    struct tree_piece pieces[TREE_PIECES_MAX];
};
void tree_search_start(struct tree_search *search); /* everything */
/* The next question; false: nothing is left to ask. */
bool tree_search_ask(struct tree_search *search, const struct tree_source *source, struct tree_exchange *question);
/* Compares the answer: rows that differ are reported, once each; ranges that differ will be asked. */
void tree_search_take(struct tree_search *search, const struct tree_source *source, const struct tree_exchange *answer,
                      tree_report_fn report, void *report_self);
#endif
