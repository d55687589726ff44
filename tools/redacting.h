/* SPDX-License-Identifier: Apache-2.0
 * The records of a log in which one person is spoken of, in words that speak of a pseudonym (docs/PRIVACY.md).
 * Everything but the person stays: what was decided, which fen, when, by whom; and of each record the hashes by which
 * its receipt, its signature and its leaf stand.
 *
 * Over a log that does not change: note (all of it), gather (all of it), make; then reword as log_rewrite asks. */
#ifndef HUTONG_TOOLS_REDACTING_H
#define HUTONG_TOOLS_REDACTING_H
#include "broker/log_rewrite.h"
#include "common/base/buffer.h"
#include "common/base/limits.h"

struct redacting;

/* PRE: `person` is a valid identity number, `partitions` > 0. The key is copied. */
struct redacting *redacting_new(const char *person, struct span key, uint32_t partitions);
void redacting_destroy(struct redacting **redacting);
/* The number that takes the person's place: a valid one. */
const char *redacting_pseudonym(const struct redacting *redacting);

/* log_visit_fn of a redacting: where the person is spoken of, and whether the pseudonym already is. */
enum status redacting_note(void *self, const char *stream, uint64_t position, struct span record);
uint64_t redacting_count(const struct redacting *redacting); /* of positions */
/* Somewhere else than at `erasure`, which may. */
bool redacting_pseudonym_is_taken(const struct redacting *redacting, uint64_t erasure);
/* The same: all records at those positions. */
enum status redacting_gather(void *self, const char *stream, uint64_t position, struct span record);
/* REJECT_UNDECODABLE: `why` says which position cannot be written in other words. `erasure`: position of the event. */
MUST_USE enum status redacting_make(struct redacting *redacting, uint64_t erasure, struct buffer *why);
/* log_reword_fn. */
bool redacting_reword(void *self, const char *stream, uint64_t position, struct span record, struct buffer *out);
#endif
