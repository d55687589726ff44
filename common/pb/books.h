/* SPDX-License-Identifier: Apache-2.0
 * Events of the books, proto/hutong/v1/books.proto: domain structs and their coding. Rows stay encoded until the books
 * read them one by one; text is borrowed from the arena. */
#ifndef HUTONG_COMMON_PB_BOOKS_H
#define HUTONG_COMMON_PB_BOOKS_H
#include "common/base/arena.h"
#include "common/base/instant.h"
#include "common/base/money.h"
#include "common/pb/wire.h"

enum statement_side { SIDE_NONE, SIDE_CARE, SIDE_INSURED };
enum clearing_action { ACTION_NONE, ACTION_CONFIRM, ACTION_DISPUTE, ACTION_ROLL_BACK };
enum investigation_verdict { VERDICT_NONE, VERDICT_CONFIRMED, VERDICT_WRONG_PART, VERDICT_WRONG_WHOLE };

/* The questions to the books: fields of BooksQuery.body. */
enum books_question {
    ASK_NOTHING,
    ASK_BALANCES,
    ASK_ENTRIES,
    ASK_CLEARING,
    ASK_ROWS,
    ASK_TREE,
    ASK_SUPERVISION,
    ASK_RECONCILIATION,
    ASK_INVESTIGATIONS,
    ASK_INSTITUTIONS,
    ASK_AGING
};

struct statement_total {
    const char *insurance_type;
    const char *clearing_type;
    uint32_t count_positive, count_negative;
    fen_t total, fund, account;
};

struct statement_row {
    uint64_t number;
    const char *bill_id;
    uint64_t original;
    const char *insured_area;
    const char *insurance_type;
    const char *clearing_type;
    fen_t total, fund, account;
};

enum { STATEMENT_TOTALS_MAX = 64, STATEMENT_ROWS_MAX = 4096, REPLY_NUMBERS_MAX = 4096, BOOKS_TEXT_SIZE_MAX = 2000 };
struct statement {
    civil_date_t day;
    const char *institution;
    uint32_t side; /* enum statement_side, or a value that we do not know */
    bool detailed;
    uint64_t number_from, number_to;
    const struct statement_total *totals;
    uint32_t total_count;
    const struct statement_row *rows;
    uint32_t row_count;
};

struct clearing_reply {
    uint32_t month;
    const char *insured_region;
    const char *care_region;
    uint32_t action;
    const uint64_t *numbers;
    uint32_t number_count;
    uint64_t reply;
    const char *reason;
};

struct payment {
    uint32_t month;
    const char *payer;
    const char *payee;
    fen_t amount;
    civil_date_t paid_on;
};

struct advance_deposit {
    const char *insured_region;
    const char *care_region;
    fen_t amount;
    civil_date_t paid_on;
    bool emergency;
    uint64_t deposit;
};

/* InvestigationRequest (about: settlement), InvestigationAnswer and InvestigationFinding (about: request). */
struct investigation {
    uint64_t about;
    uint32_t verdict;
    fen_t amount;
    const char *text;
};

/* Self-contained: no pointers, so it can be cached and copied. */
struct clearing_policy {
    civil_date_t valid_from;
    char source[160];
    char grade[8];
    uint32_t cut_day, generate_day, confirm_day;
    uint32_t roll_over_max;
    uint32_t year_close_month;
    bool insured_statement_needed;
    uint32_t payment_days[3]; /* asked for, paid, confirmed */
    basis_points_t advance_quota, advance_yellow, advance_red;
    uint32_t top_up_days[3]; /* asked for, agreed, paid */
    fen_t investigation_offer;
    uint32_t investigation_days;
    bool investigation_holds;
    basis_points_t reversal_rate, refusal_rate, mean_cost;
    uint32_t supervised_count_min;
};

/* One member, by the event's kind. */
union books_body {
    struct statement statement;
    struct clearing_reply clearing_reply;
    struct payment payment;
    struct advance_deposit advance_deposit;
    struct investigation investigation;
    const struct clearing_policy *clearing_policy;
};

/* `number`: field of Envelope.body, 56 to 63. REJECT_MALFORMED; REJECT_TOO_LARGE: more rows than the limits above, or
 * the arena is full. */
enum { BOOKS_BODY_FIRST = 56, BOOKS_BODY_LAST = 63 };
MUST_USE enum status books_body_decode(uint32_t number, struct span bytes, struct arena *arena, union books_body *body);
void books_body_encode(uint32_t number, const union books_body *body, struct buffer *out);
/* The policy message alone. */
MUST_USE enum status clearing_policy_decode(struct span bytes, struct clearing_policy *policy);
void clearing_policy_encode(const struct clearing_policy *policy, struct buffer *out);
#endif
