/* SPDX-License-Identifier: Apache-2.0
 * What moves with a pension relation, in the form's numbers (国办发〔2009〕66号, 四; 人社部发〔2009〕187号, form):
 *
 *   ① personal part before 1998 with interest, as the source states it
 *   ② account from 1998-01 to the end of last year: principal at the statutory account rate + interest as credited
 *   ③ principal of the running year, no interest
 *   ④ = ① + ② + ③   account part
 *   ⑤ pooled part: sum over months since 1998-01 of base x 12 %, no interest
 *   ⑥ = ④ + ⑤       what the target receives
 *
 * ②, ③ and ⑤ are exact sums, each rounded half-up to the fen once [M]. An account recorded above the statutory rate
 * keeps the excess where it is; one recorded below is raised (人社部发〔2009〕187号). Interest is the source's to
 * credit: it is taken as stated for the part that moves, never computed here. */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_PENSION_FUNDS_H
#define HUTONG_COMMON_ENGINES_TRANSFER_PENSION_FUNDS_H
#include "common/codes/rule.h"
#include "common/engines/gazette/published.h"
#include "common/engines/transfer/contribution.h"

enum pension_direction {
    PENSION_EMPLOYEES_TO_EMPLOYEES,
    PENSION_EMPLOYEES_TO_RESIDENTS, /* 人社部发〔2014〕17号: the account moves, years count, no pooled money */
    PENSION_RESIDENTS_TO_EMPLOYEES  /* the account moves, years do not count */
};

struct pension_funds {
    fen_t before_1998;        /* ① */
    fen_t account_closed;     /* ② */
    fen_t account_running;    /* ③ */
    fen_t account_total;      /* ④ */
    fen_t pooled;             /* ⑤ */
    fen_t total;              /* ⑥ */
    fen_t excess_stays;       /* recorded above the statutory rate: principal that stays with the source */
    fen_t raised;             /* recorded below: principal that the source adds */
    uint32_t months_moved;    /* distinct months in the rows */
    uint32_t months_counting; /* that count at the target as contribution months */
};

struct pension_funds_input {
    enum pension_direction direction;
    const struct contribution_rows *rows;
    const struct month_set *staying; /* months that do not move: refunded or carved out; NULL: none */
    fen_t before_1998;
    fen_t residents_account; /* PENSION_RESIDENTS_TO_EMPLOYEES: the account with interest; rows then give months only */
    uint32_t running_year;   /* calendar year of the transfer: rows of this year are ③ */
};

/* RULE_NONE and the funds; RULE_TRANSFER_AMOUNT_RANGE: a stated amount is negative, or a sum beyond FEN_MAX;
 * RULE_TRANSFER_ROW_AFTER_YEAR: a row lies after the running year; RULE_TRANSFER_RUNNING_INTEREST: interest in the
 * running year; RULE_CONTRIBUTION_AMOUNT_RANGE: interest in a row before 1998, which ① contains. On a refusal the
 * outputs are untouched. PRE: rows passed contribution_check. */
enum rule pension_funds_compute(const struct published *published, const struct pension_funds_input *input,
                                struct pension_funds *funds, struct transfer_steps *steps);
/* The form's printed ①..⑥ against ours: one finding (TRP-0013) for each that differs, path `prefix`.field, detail
 * "stated 1.00, due 2.00". True: all agree. */
bool pension_funds_agree(const struct pension_funds *stated, const struct pension_funds *due, const char *prefix,
                         struct findings *findings);
/* What arrived against ⑥. Not equal: MISMATCHED, held, nothing joined. */
bool pension_funds_match(const struct pension_funds *due, fen_t received);
#endif
