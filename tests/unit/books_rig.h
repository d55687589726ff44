/* SPDX-License-Identifier: Apache-2.0
 * The books' core driven by hand: settlements, reversals and events in, one BooksRecord at a time out. Every helper
 * fails the test that calls it. */
#ifndef HUTONG_TESTS_UNIT_BOOKS_RIG_H
#define HUTONG_TESTS_UNIT_BOOKS_RIG_H
#include "common/codes/rule.h"
#include "common/pb/outcome.h"
#include "services/books/books_core.h"
#include "services/books/keep/books.h"
#include "tests/support/core_harness.h"

#define TIANJIN_HOSPITAL "H12010100001"
#define BEIJING_HOSPITAL "H11010100001"
#define HEBEI_HOSPITAL "H13010400002"

struct rig {
    struct harness harness;
    instant_ms_t now;
    struct digest *outputs;    /* over all output records */
    struct books_record said;  /* the last output; blank: none */
    struct books_reply answer; /* to the last question, and where its parts lie */
    struct arena answered;
    void (*after_each)(struct rig *rig); /* between two positions; NULL: nothing */
};

void rig_start(struct rig *rig);
void rig_stop(struct rig *rig);
/* Noon of this day. */
void rig_at(struct rig *rig, civil_date_t day);
void rig_at_instant(struct rig *rig, instant_ms_t instant); /* not before now */

struct rig_bill {
    const char *person; /* NULL: somebody */
    const char *insured_area;
    const char *institution;
    const char *bill_id;
    const char *care_kind; /* NULL: 21 */
    civil_date_t admission, discharge;
    fen_t total, fund, account;
};
position_t rig_settle(struct rig *rig, const struct rig_bill *bill);
/* `total`, ... are the settlement's; the reversal takes them back. */
position_t rig_reverse(struct rig *rig, position_t original, const struct rig_bill *bill);
/* `bill` is settled in the place of `original`, which was settled as `earlier`. */
position_t rig_replace(struct rig *rig, position_t original, const struct rig_bill *earlier,
                       const struct rig_bill *bill);
position_t rig_refuse(struct rig *rig, const char *institution, enum rule rule);
/* With what had been settled of later days. */
position_t rig_certify_death(struct rig *rig, const struct other_settlement *others, uint32_t count);
/* An event that settlement applied. */
position_t rig_send(struct rig *rig, const char *sender, enum event_kind kind, union event_body body);
position_t rig_tick(struct rig *rig);
void rig_policy(struct rig *rig, const char *path);
position_t rig_institution(struct rig *rig, const char *code, uint32_t level); /* active since 2020 */
position_t rig_institution_status(struct rig *rig, const char *code, uint32_t level, enum institution_status status,
                                  civil_date_t day, const char *reason);

bool rig_said(const struct rig *rig);
bool rig_delivered_to(const struct rig *rig, const char *party);
uint32_t rig_rule(const struct rig *rig); /* of the first finding; 0: none */

/* What the books answer; until the next question. */
const struct books_reply *rig_ask(struct rig *rig, const struct books_query *query);
fen_t rig_balance(struct rig *rig, const char *account);
void assert_books_sum_to_zero(struct rig *rig);

extern const struct rig_bill beijinger_in_tianjin; /* 1,000 yuan, of which 750 clear */
void rig_start_with_policy(struct rig *rig);
/* And two such bills of 2025-03-10. */
void rig_start_with_two(struct rig *rig, position_t numbers[2]);
/* A statement with one row, as of the settlement at `number`; its fund is `off` by so much. */
void rig_state_row(struct rig *rig, const char *sender, uint32_t side, civil_date_t day, uint64_t number,
                   const struct rig_bill *bill, uint64_t original, fen_t off);
/* Tianjin as the region of care, Beijing as the insuring region, both as we have it. */
void rig_both_state(struct rig *rig, civil_date_t day, uint64_t number, const struct rig_bill *bill, uint64_t original);
struct book_bill rig_load(struct rig *rig, uint64_t number);
uint32_t rig_clears_in(struct rig *rig, uint64_t number); /* 202503; 0: it is open */
/* Ticks until nothing more is due; counts records of this kind. */
unsigned rig_do_due(struct rig *rig, enum books_kind kind);
/* Ticks until a record of this kind is said; false: none was, and nothing more is due. */
bool rig_do_until(struct rig *rig, enum books_kind kind);
/* To March's table of Beijing and Tianjin; number 0: no rows. */
void rig_reply(struct rig *rig, const char *sender, enum clearing_action action, uint64_t number, uint64_t earlier);
/* 00:00 in Shanghai. */
void rig_at_start_of(struct rig *rig, civil_date_t day);
/* A bill of this amount, which both sides state on the last day before its month's cut. */
position_t rig_reconcile_one(struct rig *rig, civil_date_t day, civil_date_t cut_on, fen_t fund);
void rig_generate_and_wait(struct rig *rig, civil_date_t generate_on, civil_date_t issue_on);
/* Beijing's into its fund in Tianjin; 0: none. */
void rig_deposit(struct rig *rig, fen_t amount, bool arrives);
#endif
