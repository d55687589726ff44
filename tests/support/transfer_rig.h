/* SPDX-License-Identifier: Apache-2.0
 * Validation and settlement one after the other, as on the log, for conversations between two regions. Every helper
 * fails the test that calls it. */
#ifndef HUTONG_TESTS_SUPPORT_TRANSFER_RIG_H
#define HUTONG_TESTS_SUPPORT_TRANSFER_RIG_H
#include "common/codes/rule.h"
#include "common/pb/outcome.h"
#include "tests/support/core_harness.h"

#define LANGFANG "131000"

struct transfer_rig {
    struct harness validation, settlement;
    civil_date_t today;
    bool answered;          /* settlement wrote a record */
    struct outcome outcome; /* of the last event; borrowed from settlement's arena */
};

void transfer_rig_start(struct transfer_rig *rig, civil_date_t today, uint32_t partition, uint32_t partitions);
void transfer_rig_stop(struct transfer_rig *rig);
/* Valid numbers of persons who do not exist. `male`, born on `birth`. One of four buffers in turn. */
const char *somebody(civil_date_t birth, bool male, unsigned index);

/* One event through both, accepted at noon of the day; what came of it in rig->outcome. */
void send_envelope(struct transfer_rig *rig, struct span envelope);
void send_event(struct transfer_rig *rig, const struct event *event);
void send_letter(struct transfer_rig *rig, const char *sender, const char *person,
                 const struct transfer_letter *letter);
void send_certification(struct transfer_rig *rig, const char *sender, const char *person,
                        const struct certification_letter *letter);
void send_tick(struct transfer_rig *rig);
void enrol_at(struct transfer_rig *rig, const char *area, const char *person, const char *type, const char *category,
              civil_date_t from, civil_date_t to);

/* The last letter moved the transfer there; due on that day (0: closed). */
void assert_moved(const struct transfer_rig *rig, uint32_t state, civil_date_t due);
void assert_refused_by(const struct transfer_rig *rig, enum rule rule);
bool is_told(const struct transfer_rig *rig, const char *party);
fen_t transfer_balance(struct transfer_rig *rig, const char *account);
void assert_ledger_is_zero(struct transfer_rig *rig);

/* A letter of a transfer T-1 from Beijing to Tianjin with what each kind must hold, to be changed and sent. */
struct transfer_letter letter_of(uint32_t scheme, uint32_t kind);
/* 2004 12 x 1000, 2005 12 x 1100, 2006 6 x 1200: ④ 3,348.00, ⑤ 3,888.00, ⑥ 7,236.00 (DOMAIN 4). */
extern const struct paid_row domain_rows[3];
#endif
