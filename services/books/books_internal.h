/* SPDX-License-Identifier: Apache-2.0
 * What the books' core lends to the files that keep its parts. */
#ifndef HUTONG_SERVICES_BOOKS_BOOKS_INTERNAL_H
#define HUTONG_SERVICES_BOOKS_BOOKS_INTERNAL_H
#include "common/codes/rule.h"
#include "common/pb/outcome.h"
#include "services/books/book_bill.h"
#include "services/books/books_core.h"
#include "services/books/tally.h"
#include "services/settlement/ledger/ledger.h"

enum {
    BILLS,
    NUMBERS,
    REPLACED,
    DEPENDENTS,
    CELLS,
    MONTHS,
    REPLIES,
    MARKS,
    JOURNAL,
    BALANCES,
    PAYMENTS,
    DEPOSITS,
    INVESTIGATIONS,
    DUE,
    POLICIES,
    FIGURES,
    STAYS,
    INSTITUTIONS,
    STANDING,
    AGING,
    CLAIMS,
    CLOCK,
    BOOKS_TABLES_COUNT
};

enum {
    PAIRS = REGIONS * REGIONS,
    CLEARING_POLICIES_MAX = 64,  /* one a year, and some mended */
    ROWS_A_STATEMENT_MAX = 8192, /* of ours that one detailed statement may face; more: by ranges of numbers */
    CHUNK_BILLS = 512,
    DIFFERENCES_A_RECORD_MAX = 1000,
    SCRATCH_SIZE = 4 * 1024 * 1024
};

/* What of cells is summed, in this order. */
enum { CELL_POSITIVE, CELL_NEGATIVE, CELL_TOTAL, CELL_FUND, CELL_ACCOUNT, CELL_VALUES };

enum books_kind {
    BOOKS_NOTHING,
    BOOKS_STATEMENT,
    BOOKS_TABLE,
    BOOKS_NETS,
    BOOKS_REPLY,
    BOOKS_NOTICE,
    BOOKS_PAYMENT,
    BOOKS_ADVANCE,
    BOOKS_INVESTIGATION,
    BOOKS_POLICY,
    BOOKS_OVERDUE,
    BOOKS_DEAD_LETTER,
    BOOKS_INSTITUTION,
    BOOKS_POSTED
};

enum clearing_state { CLEARING_NONE, CLEARING_OPEN, CLEARING_GENERATED, CLEARING_ISSUED };

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

/* What the books say at this position. */
struct books_answer {
    enum books_kind kind; /* BOOKS_NOTHING: no record */
    const char *deliver_to[REGION_COUNT_MAX];
    uint32_t deliver_count;
    struct buffer body; /* fields 16 and above but for postings */
    struct buffer rows; /* of a statement's result, which stand behind the counts */
};

struct books {
    struct ledger *ledger;
    struct tally *cells, *figures, *standing, *aging;
    struct buffer scratch;
    struct arena memory; /* for statements; taken at open */
    struct clearing_policy policies[CLEARING_POLICIES_MAX];
    unsigned policy_count;
    struct pair_month pairs[MONTHS_COUNT_MAX + 2][PAIRS];
    struct month_record months[MONTHS_COUNT_MAX + 2];
    uint64_t first_due; /* day of the earliest entry of `due`; UINT64_MAX: none */
    struct book_bill chunk[CHUNK_BILLS];

    /* of the position being applied */
    struct store_txn *txn;
    const struct core_input *input;
    position_t position;
    instant_ms_t now;
    civil_date_t today;
    instant_ms_t today_from, today_to;
    const struct event *event; /* NULL: none was decoded */
    struct books_answer answer;
    struct findings findings;
    struct posting postings[POSTINGS_COUNT_MAX];
    uint32_t posting_count;
    uint8_t entries;
};

/* ---- record.c: the answer ---- */
void books_say(struct books *books, enum books_kind kind, const char *party); /* deliver to this party too */
void books_find(struct books *books, enum rule rule, const char *path, const char *detail);
void record_encode(struct books *books, struct buffer *output);

/* ---- ledger of the books: journal.c ---- */
void journal_add(struct books *books, fen_t amount, const char *kind, const char *first, const char *second);
/* Posts what was added as one entry that sums to zero; nothing for no lines. */
void journal_post(struct books *books, const char *text);

/* ---- bills.c ---- */
void books_settled(struct books *books, const struct outcome *outcome, const struct event *event);
void books_reversed(struct books *books, const struct outcome *outcome);
bool bill_load(struct books *books, uint64_t number, struct book_bill *bill);
void bill_store(struct books *books, const struct book_bill *bill);
/* An item that the books themselves make. */
void bill_add(struct books *books, const struct book_bill *bill);
/* The next up to CHUNK_BILLS bills of a day and institution above `after`, into books->chunk. */
unsigned bills_chunk(struct books *books, civil_date_t day, const char *institution, uint64_t after);

/* ---- months.c: how a bill stands towards clearing ---- */
/* Takes it in, or out, as its standing says; stores it, and what depends on it. */
void bill_decide(struct books *books, struct book_bill *bill);
/* Out of a table that stands, and back. PRE: in that table; out of it by that reply. */
void bill_dispute(struct books *books, struct book_bill *bill, uint64_t reply);
/* The side that disputed states it as we have it; to be decided next. */
void bill_settle_dispute(struct books *books, struct book_bill *bill);
void bill_undispute(struct books *books, struct book_bill *bill, month_t month);
bool month_stands(const struct books *books, month_t month); /* fixed, but for disputes */
const struct clearing_policy *policy_on(const struct books *books, civil_date_t day);
void months_open(struct books *books);
void months_flush(struct books *books);
void month_quarter_of_last_year(const struct books *books, unsigned pair, civil_date_t day, fen_t quarter[3]);

/* ---- what the events do ---- */
void statement_take(struct books *books, const struct statement *statement);
unsigned reply_side(struct books *books, uint64_t reply); /* of SIDES; PRE: it was not rolled back */
void reply_take(struct books *books, const struct clearing_reply *reply);
void payment_take(struct books *books, const struct payment *payment);
void deposit_take(struct books *books, const struct advance_deposit *deposit);
void investigation_ask(struct books *books, const struct investigation *request);
void investigation_answered(struct books *books, const struct investigation *answer);
void investigation_found(struct books *books, const struct investigation *finding);
void investigation_offer(struct books *books, const struct book_bill *bill);
void policy_take(struct books *books, const struct clearing_policy *policy);

/* ---- calendar.c: what falls due; at most one a position, where nothing else is said ---- */
enum due_kind {
    DUE_GENERATE = 1,
    DUE_TABLE,
    DUE_NETS,
    DUE_ISSUE,
    DUE_ISSUED_TABLE,
    DUE_ISSUED_NETS,
    DUE_NOTICE,
    DUE_ADVANCE,
    DUE_INVESTIGATION,
    DUE_PAYMENT,
    DUE_TOP_UP_ASKED,
    DUE_TOP_UP_PAID
};
void due_add(struct books *books, civil_date_t day, enum due_kind kind, uint64_t subject);
void due_open(struct books *books);
void due_run(struct books *books);

/* ---- payments.c ---- */
/* The payments that settle an issued month, and their notices on `day`. */
void notices_make(struct books *books, month_t month, civil_date_t day);
void notice_say(struct books *books, month_t month, unsigned pair, enum books_kind kind); /* pair: payer, payee */
void notice_encode(struct span key, struct span value, uint32_t number, struct buffer *out);
/* What a month binds of the fund: what it clears; a month of reversals alone binds nothing. */
fen_t advance_bound(fen_t month_clearing);
/* Lines that bind (or free, negative) so much of a pair's advance fund. */
void advance_use(struct books *books, unsigned pair, fen_t amount);
void advance_say(struct books *books, month_t month, unsigned pair);
/* An emergency top-up of a red month that was not announced, or has not arrived, by its limit. */
void top_up_overdue(struct books *books, month_t month, unsigned pair, bool arrived);
/* As it stands today, against what that month clears; 0: no month. */
void advance_encode(struct books *books, month_t month, unsigned pair, uint32_t number, struct buffer *out);
fen_t books_balance(struct books *books, const char *kind, const char *first, const char *second);

/* ---- tables.c: field `number` of the message around it ---- */
void month_nets(const struct books *books, month_t month, fen_t owed[REGIONS][REGIONS], fen_t net[REGIONS]);
void table_encode(const struct books *books, month_t month, unsigned pair, uint32_t number, struct buffer *out);
void nets_encode(const struct books *books, month_t month, uint32_t number, struct buffer *out);

/* ---- investigations.c ---- */
void investigation_overdue(struct books *books, uint64_t request);

/* ---- supervision.c ---- */
void figures_settled(struct books *books, const struct book_bill *bill);
void figures_reversed(struct books *books, const struct book_bill *original);
void figures_refused(struct books *books, const char *institution);
void figures_found(struct books *books, const struct book_bill *bill);

/* ---- views.c: what is open, kept as bills change ---- */
void views_open(struct books *books);
void views_flush(struct books *books);
void views_close(struct books *books);
void views_changed(struct books *books, const struct book_bill *before, const struct book_bill *after); /* NULL: new */
/* That day has a line, though the exchange may have no bill of it. */
void views_claimed(struct books *books, civil_date_t day, const char *institution, unsigned insured);

/* ---- claims.c: rows that a side stated and the exchange does not have ---- */
/* nth: of the rows with this number in the statement. */
void claim_keep(struct books *books, unsigned side, unsigned region, enum difference difference,
                const struct reconcile_row *row, unsigned nth);
/* Those of the statement's day and range that it does not name. */
void claims_drop(struct books *books, const struct statement *statement, unsigned side, unsigned region);

/* ---- institutions.c ---- */
void institution_take(struct books *books, const struct institution *institution);
/* As it was stated last, by its effective date. */
struct institution_now {
    unsigned level;    /* 0: it was never stated */
    struct span state; /* InstitutionState, lent by the store */
};
struct institution_now institution_now(struct books *books, const uint8_t code[12]);

/* ---- books_query.c ---- */
enum status books_query(struct books *books, struct span request, struct buffer *answer);
#endif
