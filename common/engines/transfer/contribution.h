/* SPDX-License-Identifier: Apache-2.0
 * Contribution rows as on the information form (基本养老保险关系转移接续信息表): each within one calendar year, no two
 * of one place overlapping (人社部发〔2009〕187号, form); what is paid twice, and what lacks documents. */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_CONTRIBUTION_H
#define HUTONG_COMMON_ENGINES_TRANSFER_CONTRIBUTION_H
#include "common/base/money.h"
#include "common/engines/gazette/published.h"
#include "common/engines/transfer/months.h"
#include "common/engines/transfer/steps.h"

enum { CONTRIBUTION_ROWS_MAX = 128 };                /* 45 working years with two changes of employer or base each */
#define CONTRIBUTION_BASE_MAX_FEN INT64_C(100000000) /* a monthly base of a million yuan: above every cap on bases */

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
 * and the rows may go into every other function here, whose precondition this is. `prefix` borrowed, up to 36
 * characters. `stated_months`: the form's total. */
bool contribution_check(const struct contribution_rows *rows, uint32_t stated_months, const char *prefix,
                        struct findings *findings);
void contribution_months(const struct contribution_rows *rows, struct month_set *set);
enum { REFUND_STRETCHES_MAX = CONTRIBUTION_ROWS_MAX * 6 }; /* twelve months hold six stretches at most */
struct refund_stretch {
    month_t from, to;
    uint32_t months;
    fen_t amount;
};
/* 清退: months paid in both places are kept once; the relation that began later gives its own back, to the person, as
 * what its account recorded for them: at the row's account rate where stated, else the statutory one; nothing for
 * months before 1998, no interest (国办发〔2009〕66号; 人社部规〔2016〕5号). Where both began in the same month, the
 * target's is the later [M]. */
struct refund {
    bool from_target; /* the target refunds; else the source, before it moves the rest */
    uint32_t months;
    fen_t amount; /* sum of the stretches, each rounded half-up once */
    struct refund_stretch stretches[REFUND_STRETCHES_MAX];
    uint32_t stretch_count;
    struct month_set refunded;
};
/* PRE: both passed contribution_check. Nothing paid twice: months 0, no steps. `refund` is written whole. */
void contribution_refund(const struct published *published, const struct contribution_rows *source,
                         const struct contribution_rows *target, struct refund *refund, struct transfer_steps *steps);

/* One-off contributions of together 36 months or more (threshold: data) in which documents are wanting: the months
 * without documents are carved out; they stay, the rest moves (人社部规〔2016〕5号, 三). A warning a row that is carved
 * out (TRP-0019, path `prefix`.rows[i]). Empty set, no finding: nothing to carve. PRE: passed contribution_check. */
void contribution_undocumented(const struct published *published, const struct contribution_rows *rows,
                               civil_date_t day, const char *prefix, struct findings *findings,
                               struct month_set *carved, struct transfer_steps *steps);
#endif
