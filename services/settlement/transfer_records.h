/* SPDX-License-Identifier: Apache-2.0
 * What settlement remembers of transfers and certifications: the tables of these names. */
#ifndef HUTONG_SERVICES_SETTLEMENT_TRANSFER_RECORDS_H
#define HUTONG_SERVICES_SETTLEMENT_TRANSFER_RECORDS_H
#include "common/engines/transfer/transfer_machine.h"
#include "common/runtime/core.h"

struct transfer_record {
    const char *source_area;
    const char *target_area;
    const char *source_type;
    const char *target_type;
    fen_t account_held; /* medical: of the source's account, until the transfer joins or ends */
    fen_t account_total;
    fen_t pooled_total;
    uint32_t waiting_months;
    civil_date_t benefits_from;
    const char *refund_area;
    fen_t refund;
    struct span application; /* the message Transfer */
    const struct month_range *paid_twice;
    uint32_t paid_twice_count;
    struct transfer transfer;
};

struct transfer_key {
    const char *person;
    uint32_t scheme;
    const char *id;
};

/* The state absent, and texts "", if there is none. Texts and rows are borrowed from the arena. FATAL_CORRUPT. */
MUST_USE enum status transfer_record_get(struct store_txn *txn, const struct transfer_key *key, struct arena *arena,
                                         struct transfer_record *kept);
void transfer_record_put(struct store_txn *txn, const struct transfer_key *key, const struct transfer_record *kept,
                         struct buffer *scratch);
MUST_USE enum status transfer_record_read(struct span record, struct arena *arena, struct transfer_record *kept);
/* The number of this person's open transfer of the scheme, and where it was applied for; false: none is open. */
bool transfer_record_find_open(struct store_txn *txn, const char *person, uint32_t scheme, struct arena *arena,
                               const char **id, uint64_t *position);
/* Cuts a key of `transfers` into its parts, text from the arena. */
bool transfer_key_read(struct span key, struct arena *arena, struct transfer_key *parts);

MUST_USE enum status certification_get(struct store_txn *txn, const char *person, const char *id, struct arena *arena,
                                       struct certification *certification);
void certification_put(struct store_txn *txn, const char *person, const char *id,
                       const struct certification *certification, struct buffer *scratch);
MUST_USE enum status pension_get(struct store_txn *txn, const char *person, const char *area, struct arena *arena,
                                 struct pension *pension);
void pension_put(struct store_txn *txn, const char *person, const char *area, const struct pension *pension,
                 struct buffer *scratch);

/* The day of death that a certificate told, whoever pays the pension; 0: none is known. FATAL_CORRUPT. */
MUST_USE enum status pension_death(struct store_txn *txn, const char *person, struct arena *arena, civil_date_t *died);

/* As they are shown; texts and rows are borrowed. */
const char *region_of_side(const struct transfer_record *kept, enum transfer_side side); /* "": nobody's */
void transfer_view_fill(const struct transfer_key *key, const struct transfer_record *kept, struct transfer_view *view);
void certification_view_fill(const char *person, const char *id, const struct certification *certification,
                             struct certification_view *view);
#endif
