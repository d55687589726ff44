/* SPDX-License-Identifier: Apache-2.0
 * One letter of a transfer being decided: what transfers.c lends to the rules of its content. */
#ifndef HUTONG_SERVICES_SETTLEMENT_TRANSFERS_INTERNAL_H
#define HUTONG_SERVICES_SETTLEMENT_TRANSFERS_INTERNAL_H
#include "services/settlement/deciding_internal.h"
#include "services/settlement/transferred.h"

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
const char *region_of_side(const struct transferred *transferred, enum transfer_side side); /* "": nobody's */
void transfer_view_fill(const struct transfer_key *key, const struct transferred *transferred,
                        struct transfer_view *view);
void certification_view_fill(const char *person, const char *id, const struct certification *certification,
                             struct certification_view *view);
/* The bytes of the envelope's body `number`. */
struct span letter_bytes(struct span envelope, uint32_t number);

/* transfer_forms.c */
/* One-off contributions without documents, of so many months that they do not move. */
bool form_has_unproven(const struct transfer_letter *letter, civil_date_t today, struct arena *arena);
/* The letter's figures follow from its rows and from what is known; what it states is taken into `transferred`.
 * False: refused. */
bool content_holds(struct moving *moving, struct transferred *transferred);
#endif
