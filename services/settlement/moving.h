/* SPDX-License-Identifier: Apache-2.0
 * One letter of a transfer being decided: the words that its decider and the rules of its content share. */
#ifndef HUTONG_SERVICES_SETTLEMENT_MOVING_H
#define HUTONG_SERVICES_SETTLEMENT_MOVING_H
#include "services/settlement/deciding.h"
#include "services/settlement/transfer_records.h"

struct moving {
    struct deciding *deciding;
    const struct transfer_letter *letter;
    const struct identity *person;
    civil_date_t today; /* of acceptance, in Shanghai */
    struct transfer_key key;
    struct span bytes; /* the letter's own */
    bool one_off_unproven;
};

/* `field` within the letter. */
void transfer_refuse(struct moving *moving, enum rule rule, const char *field, const char *detail);
#endif
