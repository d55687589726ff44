/* SPDX-License-Identifier: Apache-2.0
 * Is an event admissible: every broken rule, each with its code, not only the first; and what do the reference data say
 * on the days that count for it (DOMAIN 1, 2, 5). Input: submissions. Output: verdicts.P.
 *
 *   institutions  code (12) | effective date (4, BE)                                    -> struct below, fixed layout
 *   enrolments    person (18) | area (6) | type (3) | 2^32 - 1 - effective date (4, BE) -> struct below, fixed layout
 *   filings, qualifications: filings.h; catalogue: catalogue.c
 *   logic         "version"                                                             -> 4, LE
 *   gazettes      common/engines/gazette/gazette_book.h
 *
 * Days that count: the institution's status on the day of admission; person, category and area on the day of discharge.
 * The row with the latest effective date not after the day decides; a later event for the same date replaces it. */
#ifndef HUTONG_SERVICES_VALIDATION_VALIDATION_CORE_H
#define HUTONG_SERVICES_VALIDATION_VALIDATION_CORE_H
#include "common/codes/logic.h"
#include "common/runtime/core.h"

extern const struct core validation_core;
#endif
