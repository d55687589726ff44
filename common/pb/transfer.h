/* SPDX-License-Identifier: Apache-2.0
 * Letters of a transfer and of a pensioner's certification, and where these stand: the words of their numbers. The
 * structs stand in hutong/v1/messages.h. Of struct transfer_letter `kind` says which of the parts were sent; a
 * correction holds `contact` or `form`. */
#ifndef HUTONG_COMMON_PB_TRANSFER_H
#define HUTONG_COMMON_PB_TRANSFER_H
#include "hutong/v1/messages.h"

enum { TRANSFER_ID_SIZE_MAX = 30 };

enum transfer_scheme {
    SCHEME_NONE,
    SCHEME_PENSION,
    SCHEME_MEDICAL,
    SCHEME_UNEMPLOYMENT,
    SCHEMES_COUNT,
    SCHEME_CERTIFICATION = SCHEMES_COUNT /* in lists of due steps alone */
};
const char *transfer_scheme_name(uint32_t scheme); /* "pension"; "unknown" */

/* Numbers of Transfer.step. */
enum transfer_step_kind {
#define TRANSFER_LETTER(name, number, word) LETTER_##name = number,
#include "common/pb/transfer_letters.def"
#undef TRANSFER_LETTER
    LETTER_NONE = 0
};
const char *transfer_letter_name(uint32_t letter); /* "contact_letter"; "unknown" */

enum transfer_state_kind {
#define TRANSFER_STATE(name, number, word, sides) TRANSFER_##name = number,
#include "common/pb/transfer_states.def"
#undef TRANSFER_STATE
    TRANSFER_STATES_COUNT
};
const char *transfer_state_name(uint32_t state); /* "applied"; "unknown" */
bool transfer_state_is_closed(uint32_t state);   /* nothing more may come, on either side */

enum certification_letter_kind { CERTIFICATION_NONE = 0, CERTIFICATION_REQUEST = 16, CERTIFICATION_RESULT = 17 };
#endif
