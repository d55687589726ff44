/* SPDX-License-Identifier: Apache-2.0
 * Domain structs of everything that travels, and their coding. This layer alone sees generated code. Text fields are
 * NUL- terminated and borrowed from the arena; absent text is "" (never NULL). Field meanings and sources:
 * proto/hutong/v1. */
#ifndef HUTONG_COMMON_PB_EVENT_H
#define HUTONG_COMMON_PB_EVENT_H
#include "common/base/arena.h"
#include "common/base/instant.h"
#include "common/base/limits.h"
#include "common/pb/books.h"
#include "common/pb/reference.h"
#include "common/pb/transfer.h"
#include "common/pb/wire.h"

/* Tags are the field numbers of Envelope.body. */
enum event_kind {
    EVENT_NONE = 0, /* a body that this build does not know */
    EVENT_BILL_TRIAL = 16,
    EVENT_BILL_SETTLE = 17,
    EVENT_BILL_REVERSAL = 18,
    EVENT_INSTITUTION = 32,
    EVENT_ENROLMENT = 33,
    EVENT_POLICY = 34,
    EVENT_FILING = 35,
    EVENT_QUALIFICATION = 36,
    EVENT_CATALOGUE_ITEM = 37,
    EVENT_LOCAL_CARE = 38,
    EVENT_TRANSFER = 48,
    EVENT_CERTIFICATION = 49,
    EVENT_STATEMENT = 56,
    EVENT_CLEARING_REPLY = 57,
    EVENT_PAYMENT = 58,
    EVENT_ADVANCE_DEPOSIT = 59,
    EVENT_INVESTIGATION_REQUEST = 60,
    EVENT_INVESTIGATION_ANSWER = 61,
    EVENT_INVESTIGATION_FINDING = 62,
    EVENT_CLEARING_POLICY = 63,
    EVENT_TICK = 64,
    EVENT_LOGIC_VERSION = 65,
    EVENT_REQUEUE = 66
};
const char *event_kind_name(enum event_kind kind); /* "bill_settle"; "unknown" */

struct bill_item {
    const char *code;
    uint8_t level; /* 1 甲, 2 乙, 3 丙; 0: anything else was sent */
    int64_t unit_price_micro;
    int64_t quantity_e4;
    fen_t amount;
    uint32_t first_own_share_bp;
    int64_t price_limit_micro;
};

struct bill {
    const char *bill_id;
    const char *institution;
    const char *insured_area;
    const char *insurance_type;
    const char *care_kind;
    civil_date_t admission_date;
    civil_date_t discharge_date;
    const char *diagnosis;
    const char *credential;
    bool use_personal_account;
    fen_t total;
    bool has_expected;
    fen_t expected_fund_pay_total;
    fen_t expected_person_pay_total;
    const struct bill_item *items;
    uint32_t item_count;
    const char *special_disease;
    uint64_t replaces_settlement; /* 0: none */
};

struct bill_reversal {
    uint64_t settlement_position;
    const char *reason;
};

struct event {
    uint32_t version;
    const char *sender;
    const char *message_id;
    instant_ms_t sent_at;
    const char *person_id;
    const char *traceparent;
    enum event_kind kind;
    union {
        struct bill bill; /* BILL_TRIAL, BILL_SETTLE */
        struct bill_reversal reversal;
        struct institution institution;
        struct enrolment enrolment;
        struct {
            const struct policy *policy;
            const struct policy_sources *policy_sources; /* NULL: none; not decoded */
        };
        struct filing filing;
        struct qualification qualification;
        struct catalogue_item catalogue_item;
        struct local_care local_care;
        const struct transfer_letter *transfer;
        struct certification_letter certification;
        union books_body books; /* STATEMENT to CLEARING_POLICY */
        uint64_t tick;
        struct {
            uint32_t version;
            const char *reason;
        } logic;
        struct {
            uint64_t position;
            struct span envelope;
        } requeue;
    } body;
};

/* Head of an envelope without unpacking the body: what ingest needs. Spans are borrowed from `envelope`. */
struct envelope_head {
    uint32_t version;
    struct span sender;
    struct span message_id;
    struct span person_id;
    uint32_t body_number; /* field number of the body; 0: none */
};
MUST_USE enum status envelope_head_read(struct span envelope, struct envelope_head *head);

/* REJECT_MALFORMED; REJECT_TOO_LARGE (arena or item limit); REJECT_UNDECODABLE: a body that this build does not know
 * (the head is filled). `envelope` must have passed wire_check(WIRE_ENVELOPE). */
MUST_USE enum status event_decode(struct span envelope, struct arena *arena, struct event *event);
/* For generators and tools: the inverse. */
void event_encode(const struct event *event, struct buffer *envelope);

/* Partition key of a person: XXH64(person_id upper-cased, seed 0), low 32 bits, 0 replaced by 1; 0 for empty. */
uint32_t person_hash(struct span person_id);
/* Canonical lower-case UUID text to 16 bytes; REJECT_MALFORMED. */
MUST_USE enum status message_id_parse(struct span text, uint8_t id[16]);
void message_id_describe(const uint8_t id[16], char text[37]);
#endif
