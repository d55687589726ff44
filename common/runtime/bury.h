/* SPDX-License-Identifier: Apache-2.0
 * Dead letters: a record that its core cannot take in is kept in the table right after the core's own, and the core
 * says in its output what became of it. A letter that was dealt with leaves the table; one that was sent through again
 * and cannot be taken in again stays one letter, of the second try. One way for the runtime and for whoever replays a
 * log. A letter holds the record; beyond DEAD_LETTERS_SIZE_MAX of letters (a function of the log, as everything) the
 * SHA-256 of its envelope alone. */
#ifndef HUTONG_COMMON_RUNTIME_BURY_H
#define HUTONG_COMMON_RUNTIME_BURY_H
#include "common/runtime/core.h"

struct bury {
    uint64_t kept; /* bytes of all letters in the table */
    struct digest *digest;
    struct buffer letter;
};

extern const char bury_undecodable[], bury_quarantine[]; /* reasons; they stand in the log */

/* The core's tables and the dead letters'; how many. */
unsigned bury_tables(const struct core *core, struct store_table tables[STORE_TABLES_COUNT_MAX]);
void bury_open(struct bury *bury, const struct core *core, struct store_txn *txn);
void bury_close(struct bury *bury);
/* The output record replaces what is in `output`. */
void bury_record(struct bury *bury, const struct core *core, void *self, struct store_txn *txn,
                 const struct core_input *input, const char *reason, struct buffer *output);
/* Whether what the output stream holds there says that the quarantine buried it: a decision that stands. `output` is
 * used and left empty. */
bool bury_is_quarantine(const struct core *core, void *self, const struct core_input *input, struct span recorded,
                        struct buffer *output);
#endif
