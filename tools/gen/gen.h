/* SPDX-License-Identifier: Apache-2.0
 * Synthetic persons, institutions and bills of the three regions: same seed, same bytes, on any machine. Nobody real:
 * the serial parts of the identity numbers come from the generator. */
#ifndef HUTONG_TOOLS_GEN_GEN_H
#define HUTONG_TOOLS_GEN_GEN_H
#include "common/base/buffer.h"
#include "common/base/instant.h"

struct gen_options {
    uint64_t seed;
    uint32_t institutions; /* at least 12 */
    uint32_t persons;
    uint32_t items; /* a bill; 0: 1 to 20 */
    civil_date_t today;
    bool mix; /* every kind of care, with filings, qualifications and pharmacies; else inpatient bills alone */
    uint32_t catalogue; /* mix: items that each region states, at least 1,000; 0: none, and bills count as they are */
};

struct gen;

struct gen *gen_new(const struct gen_options *options);
void gen_destroy(struct gen **gen);
/* One encoded Envelope each, replacing what the buffer held. The sender is in it. */
void gen_institution(struct gen *gen, uint32_t index, struct buffer *envelope);
void gen_enrolment(struct gen *gen, uint32_t index, struct buffer *envelope);
/* Bill `index`, of any of the persons; its own random stream, so any bill can be made alone. */
void gen_bill(struct gen *gen, uint64_t index, struct buffer *envelope);

/* With the mix there are pharmacies behind the hospitals. */
uint32_t gen_institution_count(const struct gen *gen);
/* Of the mix, what a person has beside the enrolment: a filing (0), a qualification for a chronic disease (1), an
 * enrolment in maternity insurance (2). False, and nothing written: not this person. */
enum { GEN_PAPERS = 3 };
bool gen_paper(struct gen *gen, uint32_t person, unsigned paper, struct buffer *envelope);
/* Of the mix, item `index` of a region's catalogue. */
enum { GEN_REGIONS = 3 };
uint32_t gen_catalogue_count(const struct gen *gen);
void gen_catalogue_item(struct gen *gen, unsigned region, uint32_t index, struct buffer *envelope);

/* Conversations of transfers, each after a plot (transfer.c): straight, late, withdrawn, refused by either region,
 * wrong money, money sent back, corrected, repeated, carved out, and some letters that the exchange itself must refuse.
 * Round 0 enrols the person at the target, the others are the letters in their order. A round is sent when the round
 * before has been, whichever region's it is. False, and nothing written: this transfer has no letter in it. */
enum { GEN_TRANSFER_ROUNDS = 14 };
bool gen_transfer(struct gen *gen, uint64_t index, unsigned round, struct buffer *envelope);
/* Is it a letter that the exchange must refuse? */
bool gen_transfer_is_refused(struct gen *gen, uint64_t index, unsigned round);
#endif
