/* SPDX-License-Identifier: Apache-2.0
 * The books between the regions (DOMAIN 3). Inputs: submissions, outcomes.0 ... outcomes.P-1, in lockstep; so every
 * settled bill and every statement stand in the one total order, and the cut of a day or month is a position. Output:
 * `books`, a BooksRecord where the books have something to say, else empty. Time comes from accepted_at alone.
 *
 *   bills          day (4, BE) | institution (12) | number (8, BE)          -> keep/book_bill.c
 *   numbers        number (8, BE)                                           -> day (4, BE) | institution (12)
 *   replaced       the same, of the negative records of settlements that a bill took the place of
 *   dependents     original (8, BE) | number (8, BE)                        -> nothing
 *   cells          day (4) | institution (12) | insured (1) | insurance type (3) | clearing type (2) -> tally
 *   months         month (2, BE) | 255                                      -> dates, state, cut
 *                  month (2, BE) | pair (1)                                 -> sums of the clearing table
 *   replies        number (8, BE)                                           -> side (1) | ClearingReply
 *   marks          month (2) | pair (1) | side (1) | number (8)             -> confirming reply (8, BE)
 *   journal        position (8, BE) | entry (1)                             -> BooksEntry
 *   balances       account                                                  -> fen (8, LE)
 *   payments       month (2, BE) | payer (1) | payee (1)                    -> amount, state, limits
 *   deposits       number (8, BE)                                           -> pair (1) | amount (8, LE) | arrived (1)
 *   investigations number (8, BE)                                           -> keep/inquiry.h
 *   due            day (4, BE) | what (1) | subject (8, BE)                 -> nothing; keep/due.h
 *   policies       valid from (4, BE)                                       -> ClearingPolicy
 *   figures        month (2, BE) | institution (12)                         -> tally; decide/figures.h
 *   stays          person (8) | admission (4, BE) | number (8, BE)          -> discharge (4) | total (8) | institution
 *   institutions   code (12) | UINT32_MAX - effective date (4, BE)          -> level (1) | InstitutionState
 *   standing       day (4) | institution (12) | insured (1)                 -> tally; keep/reconciliation.h
 *   aging          pair (1) | open reason (1) | day (4)                     -> count, amount; the same
 *   claims         day (4) | institution (12) | side (1) | region (1) | number (8) | nth (2) -> keep/claims.h
 *   clock          0 (1)                                   (observed)       -> day of the newest record (4, BE) */
#ifndef HUTONG_SERVICES_BOOKS_BOOKS_CORE_H
#define HUTONG_SERVICES_BOOKS_BOOKS_CORE_H
#include "common/runtime/core.h"

extern const struct core books_core;
#endif
