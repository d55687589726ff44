/* SPDX-License-Identifier: Apache-2.0
 * Whose pension relation may move (国办发〔2009〕66号, 三 and 五; 人社部发〔2014〕17号, 三).
 *
 *   draws a pension, or is not enrolled and paying at the target ........ refused
 *   moves to the province of the household, or by an approved posting .... moves
 *   men from 50, women from 40 ........................................... relation stays, temporary account at the
 * target else ................................................................. moves
 *
 * At pension age the relation itself moves once more, to where the pension is drawn (六; pension_place.h), if the
 * target says that it is there; the form's rows are held against it when it comes.
 *
 * What is paid into a temporary account goes to where the relation is or where the pension is drawn; a move elsewhere
 * seals it. An age is reached on the birthday itself; 29 February: 1 March in common years (DOMAIN 4, M). */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_PENSION_ADMISSION_H
#define HUTONG_COMMON_ENGINES_TRANSFER_PENSION_ADMISSION_H
#include "common/engines/gazette/published.h"
#include "common/engines/transfer/pension_funds.h"

enum pension_admission {
    ADMISSION_REFUSED,
    ADMISSION_MOVES,
    ADMISSION_TEMPORARY_ACCOUNT, /* opens one at the target; the relation stays at the source, nothing moves */
    ADMISSION_SEALED             /* the source's is a temporary account: sealed, a new one opens at the target */
};

struct pension_applicant {
    civil_date_t birth_date;
    bool male;
    bool woman_in_management; /* pension age of 55, not 50 */
    const char *household;    /* division, at least two digits */
    const char *target;       /* division, at least two digits */
    bool draws_pension;
    bool enrolled_at_target; /* enrolled and paying there */
    bool approved_posting;
    bool source_is_temporary;   /* what would move is a temporary account */
    bool target_holds_relation; /* the target is where the relation stayed, or where the pension is drawn */
    uint32_t employees_months;  /* contribution months of the employees' scheme, for the change of scheme */
};

/* As of `day` (the day of the application). Findings TRP-0008 to TRP-0011, paths `prefix`.field; IDN-0004 alone: born
 * later. Only ADMISSION_REFUSED, ADMISSION_TEMPORARY_ACCOUNT and ADMISSION_SEALED have any. PRE: dates exist. */
enum pension_admission pension_admit(const struct published *published, const struct pension_applicant *applicant,
                                     civil_date_t day, const char *prefix, struct findings *findings,
                                     struct transfer_steps *steps);
/* Between schemes: after pension age alone; to employees from 15 years of their scheme, to residents below. True: may
 * move. TRP-0008, TRP-0012, TRP-0014, IDN-0004. PRE as above; direction is not PENSION_EMPLOYEES_TO_EMPLOYEES. */
bool pension_admit_between(const struct published *published, const struct pension_applicant *applicant,
                           enum pension_direction direction, civil_date_t day, const char *prefix,
                           struct findings *findings, struct transfer_steps *steps);
/* The first day of pension age: 60, 55 (women in management), 50, later by birth month since 2025 (全国人大常委会
 * 2024-09-13 decision, annex). A day that the month lacks: its last one. PRE: birth date exists,
 * before PENSION_AGE_BIRTH_END. */
enum { PENSION_AGE_BIRTH_END = 99000101 };
civil_date_t pension_age_reached(const struct published *published, civil_date_t birth_date, bool male,
                                 bool woman_in_management);
#endif
