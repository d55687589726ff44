/* SPDX-License-Identifier: Apache-2.0
 * Messages without the persons in them, by a key: what `hutong trace record --pseudonymise` writes (docs/TRACES.md).
 * The same key gives the same pseudonyms in every trace; without the key nobody goes back but by trying.
 *
 *   identity numbers  another valid number: birth date and sex stay (ages, sexes and dates of life are rules), so does
 *                     that the division is one of the list or not, and of a foreigner the province; nothing else. One
 *                     person, one number, and no two persons one: a permutation of the numbers that share all that.
 *                     The partition stays too, so that an exchange of as many partitions divides the work alike.
 *   not valid ones    as texts, and still not valid
 *   texts             letter for letter, digit for digit, character for character of the same size; diagnoses likewise
 *   other texts       as they are, but for identity numbers inside: bill numbers made of them stay references */
#ifndef HUTONG_TOOLS_PSEUDONYM_H
#define HUTONG_TOOLS_PSEUDONYM_H
#include "common/base/buffer.h"
#include "common/base/status.h"

enum { PSEUDONYM_KEY_SIZE_MIN = 16, PSEUDONYM_KEY_SIZE_MAX = 4096, IDENTITY_TEXT_SIZE = 19 };

struct pseudonyms; /* the key, and what is being worked on */

/* A copy of the key is kept until destroyed. PRE: partitions > 0. */
struct pseudonyms *pseudonyms_new(struct span key, uint32_t partitions);
void pseudonyms_destroy(struct pseudonyms **pseudonyms);

/* Of an identity number, valid or not. PRE: size > 0; `out` is appended to. */
void pseudonym_of(struct pseudonyms *pseudonyms, struct span identity, struct buffer *out);
/* An envelope; REJECT_MALFORMED: it is none. */
MUST_USE enum status pseudonymise_envelope(struct pseudonyms *pseudonyms, struct span envelope, struct buffer *out);
/* The outcome of that envelope, before and after: its hash is the new envelope's, the row that it names is the new
 * person's, lines of a notice stand in the order of the new numbers. */
MUST_USE enum status pseudonymise_outcome(struct pseudonyms *pseudonyms, struct span outcome, struct span envelope,
                                          struct span pseudonymised, struct buffer *out);
#endif
