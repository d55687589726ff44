/* SPDX-License-Identifier: Apache-2.0
 * Citizens' identity numbers, GB 11643-1999: 6 division, 8 birth date, 3 sequence (odd: male), 1 check (MOD 11-2).
 * The division is current or historical, of any province (data/divisions.csv), or 810000/820000/830000 (residence
 * permits for residents of Hong Kong, Macao and Taiwan). It need not have existed at birth. */
#ifndef HUTONG_COMMON_CODES_IDENTITY_H
#define HUTONG_COMMON_CODES_IDENTITY_H
#include <stdbool.h>
#include <stdint.h>

#include "common/base/instant.h"
#include "common/base/status.h"

enum { IDENTITY_SIZE = 18, IDENTITY_MASKED_SIZE = 19 };

struct identity {
    char number[IDENTITY_SIZE + 1]; /* normalised: upper-case X */
    civil_date_t birth_date;
    bool male;
};

/* REJECT_MALFORMED: length, characters, division, date or check digit. */
MUST_USE enum status identity_parse(const char *text, struct identity *identity);
/* Check character of the first 17 digits. PRE: digits. */
char identity_check_character(const char *digits17);
/* "110101********1234"; of anything else a row of stars. */
void identity_mask(const char *text, char out[IDENTITY_MASKED_SIZE]);
bool division_is_known(uint32_t division);
/* Completed years on a day; the birthday of 29 February is 1 March in common years (DOMAIN 4, M). */
uint32_t identity_age_on(civil_date_t birth_date, civil_date_t day);
#endif
