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
#include "common/pb/wire.h"

enum { PSEUDONYM_KEY_SIZE_MIN = 16, PSEUDONYM_KEY_SIZE_MAX = 4096, IDENTITY_TEXT_SIZE = 19 };

struct pseudonyms; /* the key, and what is being worked on */

/* A copy of the key is kept until destroyed. PRE: partitions > 0. */
struct pseudonyms *pseudonyms_new(struct span key, uint32_t partitions);
void pseudonyms_destroy(struct pseudonyms **pseudonyms);

/* From now on one person alone: other numbers stay as they are, and words and diagnoses unless `words`. */
void pseudonyms_narrow(struct pseudonyms *pseudonyms, const char *identity, bool words);

/* Of an identity number, valid or not. PRE: size > 0; `out` is appended to. */
void pseudonym_of(struct pseudonyms *pseudonyms, struct span identity, struct buffer *out);
/* Any message; REJECT_MALFORMED: it is none. */
MUST_USE enum status pseudonymise(struct pseudonyms *pseudonyms, enum wire_message message, struct span bytes,
                                  struct buffer *out);
/* The outcome of that envelope, before and after: the row that it names is the new person's, lines of a notice stand in
 * the order of the new numbers, and its hash is `sha256`; NULL: the new envelope's. */
MUST_USE enum status pseudonymise_outcome(struct pseudonyms *pseudonyms, struct span outcome, struct span envelope,
                                          struct span pseudonymised, const uint8_t *sha256, struct buffer *out);
#endif
