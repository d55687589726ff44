/* SPDX-License-Identifier: Apache-2.0
 * Money that moves with a person (DOMAIN 3, 4): the postings of a step, from the change of what is sent, received and
 * joined. The same change backwards is the exact opposite.
 *
 *   transferred:AREA:SCHEME        the source area's expenditure                        debit
 *   transit:SOURCE:TARGET:SCHEME   sent and not arrived; of a mismatch, what is missing credit
 *   held:AREA:SCHEME               arrived at the target area, joined to nobody yet     credit
 *   joined:AREA:SCHEME             the target area's income                             credit
 *   claim:AREA:TYPE                pension paid after a death, to be claimed back       debit */
#ifndef HUTONG_COMMON_ENGINES_LEDGER_TRANSIT_H
#define HUTONG_COMMON_ENGINES_LEDGER_TRANSIT_H
#include "common/pb/outcome.h"

enum { TRANSIT_POSTINGS_MAX = 6 };

struct transit_parties {
    const char *source_area;
    const char *target_area;
    const char *source_region;
    const char *target_region;
    const char *scheme;
};

/* Changes in fen. How many postings: none for what did not change. */
uint32_t transit_postings(const struct transit_parties *parties, fen_t sent, fen_t received, fen_t joined,
                          struct posting postings[TRANSIT_POSTINGS_MAX]);
/* Two postings. */
uint32_t claim_postings(const char *area, fen_t claim, struct posting postings[TRANSIT_POSTINGS_MAX]);
#endif
