/* SPDX-License-Identifier: Apache-2.0
 * Reference data, versioned by position and effective by date: institutions, enrolments, filings, qualifications,
 * catalogues, policies. Their structs stand in hutong/v1/messages.h; field meanings and sources:
 * proto/hutong/v1/reference.proto. struct policy holds no pointer but `sources`, so it can be cached and copied. */
#ifndef HUTONG_COMMON_PB_REFERENCE_H
#define HUTONG_COMMON_PB_REFERENCE_H
#include "hutong/v1/messages.h"

enum { INSTITUTION_TEXT_MAX = 200 }; /* characters of its name, and of the reason of its status */
enum { HOSPITAL_LEVELS = 3 };

/* The fen of it, in the order of the message, from 0; NULL past the last. */
fen_t *accumulators_at(struct accumulators *accumulators, uint32_t index);

/* Grade and source of single parameters, as a file states them (path: "inpatient[0].bands[1].ratio"; source "": the
 * policy's own). They travel with the event and explain it, no rule reads them. */
struct policy_sources {
    struct policy_source items[POLICY_SOURCES_MAX];
    uint32_t count;
};
/* Of an encoded Policy. */
MUST_USE enum status policy_sources_decode(struct span policy, struct policy_sources *sources);
#endif
