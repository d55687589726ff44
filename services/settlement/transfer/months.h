/* SPDX-License-Identifier: Apache-2.0
 * Contribution months. A month counts when it was paid, once, wherever it was paid; a year is twelve of them (DOMAIN 4,
 * M). Rows are those of the information form (基本养老保险关系转移接续信息表): each within one calendar year, no two of
 * one place overlapping (人社部发〔2009〕187号, form). */
#ifndef HUTONG_SERVICES_SETTLEMENT_TRANSFER_MONTHS_H
#define HUTONG_SERVICES_SETTLEMENT_TRANSFER_MONTHS_H
#include "common/base/instant.h"
#include "services/settlement/transfer/steps.h"

typedef uint32_t month_t; /* YYYYMM, 195001..209912; 0: absent */

enum {
    MONTH_YEAR_FIRST = 1950, /* the pension scheme began in 1951 */
    MONTH_YEAR_LAST = 2099,
    MONTHS_A_YEAR = 12,
    MONTHS_COUNT = (MONTH_YEAR_LAST - MONTH_YEAR_FIRST + 1) * MONTHS_A_YEAR,
    MONTH_WORDS_COUNT = (MONTHS_COUNT + 63) / 64,
    CONTRIBUTION_ROWS_MAX = 128, /* 45 working years with two changes of employer or base each */
};
#define CONTRIBUTION_BASE_MAX_FEN INT64_C(100000000) /* a monthly base of a million yuan: above every cap on bases */

bool month_exists(month_t month);
uint32_t month_index(month_t month);         /* months since 1950-01. PRE: exists */
month_t month_at(uint32_t index);            /* PRE: index < MONTHS_COUNT */
month_t month_of(civil_date_t day);          /* 0 where the day's month lies outside the domain */
civil_date_t month_first_day(month_t month); /* PRE: exists */
/* Whole calendar months without cover between the last covered and the first newly covered month; 0 when they are
 * neighbours, the same, or overlap. PRE: both exist. */
uint32_t months_gap(month_t last_covered, month_t first_new);

struct month_set {
    uint64_t words[MONTH_WORDS_COUNT];
};
void month_set_add(struct month_set *set, month_t from, month_t to); /* both included. PRE: exist, from <= to */
bool month_set_has(const struct month_set *set, month_t month);
uint32_t month_set_count(const struct month_set *set);
void month_set_both(const struct month_set *a, const struct month_set *b, struct month_set *both);
month_t month_set_first(const struct month_set *set); /* 0: empty */
month_t month_set_last(const struct month_set *set);  /* 0: empty */

enum contribution_kind {
    CONTRIBUTION_EMPLOYED,  /* unit and person pay */
    CONTRIBUTION_FLEXIBLE,  /* 灵活就业人员: the person pays all */
    CONTRIBUTION_TEMPORARY, /* into a temporary account (临时基本养老保险缴费账户) */
    CONTRIBUTION_KINDS_COUNT
};

struct contribution_row {
    month_t from, to;
    uint32_t months; /* as stated; checked */
    fen_t base;      /* a month */
    enum contribution_kind kind;
    basis_points_t unit_rate;    /* what the unit paid; 0: not stated; matters for CONTRIBUTION_TEMPORARY alone */
    basis_points_t account_rate; /* at which the account was recorded; 0: not stated, the statutory one */
    fen_t interest;              /* credited to the account in this row, on what moves; 0 in the running year */
    bool one_off;                /* paid in one sum for past months (一次性缴费) */
    bool one_off_documented;     /* with the court's, auditors', inspectorate's or arbitration's document */
};

struct contribution_rows {
    struct contribution_row items[CONTRIBUTION_ROWS_MAX];
    uint32_t count;
};

/* All broken rules, with paths `prefix`.rows[i].field and `prefix`.months: TRP-0001 to TRP-0007. True: none was broken,
 * and the rows may go into every other function here, whose precondition this is. `prefix` borrowed, up to 24
 * characters. `stated_months`: the form's total. */
bool contribution_check(const struct contribution_rows *rows, uint32_t stated_months, const char *prefix,
                        struct findings *findings);
void contribution_months(const struct contribution_rows *rows, struct month_set *set);
/* The rows without the months of `without`; a row that is cut in the middle becomes two, in the order of time within
 * it. False, and `left` unspecified: they do not fit. */
bool contribution_without(const struct contribution_rows *rows, const struct month_set *without,
                          struct contribution_rows *left);

enum { REFUND_RUNS_MAX = CONTRIBUTION_ROWS_MAX };
struct refund_run {
    month_t from, to;
    uint32_t months;
    fen_t amount;
};
/* 清退: months paid in both places are kept once; the relation that began later gives its own back, to the person, as
 * what its account recorded for them at the statutory account rate (国办发〔2009〕66号; 人社部规〔2016〕5号). Where
 * both began in the same month, the target's is the later [M]. No interest. */
struct refund {
    bool from_target; /* the target refunds; else the source, before it moves the rest */
    uint32_t months;
    fen_t amount; /* sum of the runs, each rounded half-up once */
    struct refund_run runs[REFUND_RUNS_MAX];
    uint32_t run_count;
    struct month_set refunded;
};
/* PRE: both passed contribution_check. False: more runs than REFUND_RUNS_MAX. Nothing paid twice: months 0, no steps.
 */
bool contribution_refund(const struct contribution_rows *source, const struct contribution_rows *target,
                         struct refund *refund, struct transfer_steps *steps);

/* One-off contributions of together 36 months or more (threshold: data) in which documents are wanting: the months
 * without documents are carved out; they stay, the rest moves (人社部规〔2016〕5号, 三). A warning a row that is carved
 * out (TRP-0019, path `prefix`.rows[i]). Empty set, no finding: nothing to carve. PRE: passed contribution_check. */
void contribution_undocumented(const struct contribution_rows *rows, civil_date_t day, const char *prefix,
                               struct findings *findings, struct month_set *carved, struct transfer_steps *steps);
#endif
