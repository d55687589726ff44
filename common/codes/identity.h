/* SPDX-License-Identifier: Apache-2.0
 * Identity numbers of 18 characters, by what of them is certain: length, date and check (MOD 11-2).
 *
 *   citizens (GB 11643-1999)   division (6)                      | birth date (8) | sequence (3, odd: male) | check
 *   foreigners (card of 2023)  9 | province (2) | nationality (3) | birth date (8) | sequence (3, odd: male) | check
 *
 * A citizen's division is current or historical, of any province, or 810000/820000/830000 (residence permits for
 * residents of Hong Kong, Macao and Taiwan); it need not have existed at birth. No list of them is ever complete, so
 * it does not decide on a number here. */
#ifndef HUTONG_COMMON_CODES_IDENTITY_H
#define HUTONG_COMMON_CODES_IDENTITY_H
#include <stdbool.h>
#include <stdint.h>

#include "common/base/instant.h"
#include "common/base/status.h"

enum { IDENTITY_SIZE = 18, IDENTITY_MASKED_SIZE = 19 };

enum identity_kind { IDENTITY_CITIZEN, IDENTITY_FOREIGNER };

struct identity {
    char number[IDENTITY_SIZE + 1]; /* normalised: upper-case X */
    enum identity_kind kind;
    uint32_t division; /* of a foreigner: the province's, 120000 */
    civil_date_t birth_date;
    bool male;
};

/* REJECT_MALFORMED: length, characters, date or check digit. */
MUST_USE enum status identity_parse(const char *text, struct identity *identity);
/* Check character of the first 17 digits. PRE: digits. */
char identity_check_character(const char *digits17);
/* "110101********1234"; of anything else a row of stars. */
void identity_mask(const char *text, char out[IDENTITY_MASKED_SIZE]);
/* By the list of version 1 of logic, which refused numbers of other divisions. */
bool division_is_known(uint32_t division);
/* That list but for 81 to 83, in ascending order: how many; which; where one stands (false: not in it). */
uint32_t divisions_count(void);
uint32_t division_at(uint32_t index);
bool division_index(uint32_t division, uint32_t *index);
/* Completed years on a day; the birthday of 29 February is 1 March in common years (DOMAIN 4, M). */
uint32_t identity_age_on(civil_date_t birth_date, civil_date_t day);
#endif
