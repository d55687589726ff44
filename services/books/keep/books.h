/* SPDX-License-Identifier: Apache-2.0
 * The books' state, and the position that is being applied. Everything under services/books works on it; a module
 * changes what its own header names, and nothing here allocates. Layers, each seeing those before it:
 *
 *   keep    tables and sums, each with its one way in     decides nothing
 *   decide  what an event, an outcome or a day does       asks nobody
 *   ask     questions                                     changes nothing */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_BOOKS_H
#define HUTONG_SERVICES_BOOKS_KEEP_BOOKS_H
#include "common/codes/rule.h"
#include "common/engines/gazette/published.h"
#include "common/engines/ledger/ledger.h"
#include "common/pb/outcome.h"
#include "common/store/rows/books.h"
#include "services/books/keep/book_bill.h"

enum {
#define BOOKS(place, ...) place,
#include "common/store/store.def"
    BOOKS_TABLES_COUNT
};

enum {
    PAIRS = REGIONS * REGIONS,
    CLEARING_POLICIES_MAX = 64, /* one a year, and some mended */
    CHUNK_BILLS = 512
};

/* A clearing table: one month, one ordered pair. */
struct pair_month {
    uint32_t count_positive, count_negative;
    fen_t total, amount;
    uint32_t disputed_count;
    fen_t disputed;
    uint64_t confirmed[SIDES]; /* reply that confirmed the whole */
    bool dirty;
};

struct month_record {
    enum clearing_state state;
    struct clearing_dates dates;
    position_t cut;
    fen_t posted[PAIRS]; /* by the month of the bill's own day: what is to clear, sooner or later */
    bool dirty;
};

struct books {
    struct tally *ledger, *cells, *figures, *reconciliation, *aging, *sums, *rolled;
    struct buffer scratch;
    struct arena memory; /* of one position, or of one question; taken at open */
    struct clearing_policy policies[CLEARING_POLICIES_MAX];
    unsigned policy_count;
    struct gazette_book *gazettes;
    const struct published *published; /* the tables in force */
    struct pair_month pairs[MONTHS_COUNT_MAX + 2][PAIRS];
    struct month_record months[MONTHS_COUNT_MAX + 2];
    uint64_t first_due;    /* day of the earliest entry of `due`; UINT64_MAX: none */
    civil_date_t acted_on; /* what was due on that day and changes the books has been done; 0: look again */
    struct book_bill chunk[CHUNK_BILLS];

    /* of the position being applied */
    struct store_txn *txn;
    const struct core_input *input;
    position_t position;
    instant_ms_t now;
    civil_date_t today;
    instant_ms_t today_from, today_to;
    const struct event *event;  /* NULL: none was decoded */
    struct books_record answer; /* kind BOOKS_NONE: no record; its parts in `memory` */
    struct findings findings;
    struct posting postings[POSTINGS_COUNT_MAX];
    uint32_t posting_count;
    uint8_t entries;
};

#endif
