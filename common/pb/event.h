/* SPDX-License-Identifier: Apache-2.0
 * Domain structs of everything that travels, and their coding. This layer alone sees generated code. Text fields are
 * NUL- terminated and borrowed from the arena; absent text is "" (never NULL). Field meanings and sources:
 * proto/hutong/v1. */
#ifndef HUTONG_COMMON_PB_EVENT_H
#define HUTONG_COMMON_PB_EVENT_H
#include "common/base/arena.h"
#include "common/base/instant.h"
#include "common/base/limits.h"
#include "common/base/money.h"
#include "common/pb/books.h"
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
    uint64_t replaces_settlement; /* 0: none */
};

struct bill_reversal {
    uint64_t settlement_position;
    const char *reason;
};

enum institution_status { INSTITUTION_NONE, INSTITUTION_ACTIVE, INSTITUTION_SUSPENDED, INSTITUTION_TERMINATED };
struct institution {
    const char *code;
    const char *name;
    const char *area;
    uint32_t level;
    bool municipal;
    bool community;
    uint32_t status; /* enum institution_status, or a value that we do not know */
    civil_date_t effective_date;
};

enum poverty_category { POVERTY_NONE, POVERTY_EXTREME, POVERTY_SUBSISTENCE, POVERTY_MARGINAL, POVERTY_ILLNESS };
struct enrolment {
    const char *area;
    const char *insurance_type;
    const char *category;
    civil_date_t effective_date;
    civil_date_t end_date;
    fen_t account_balance;
    uint32_t poverty;
    bool civil_servant;
};

enum { POLICY_BANDS_MAX = 8, POLICY_INPATIENT_MAX = 8, POLICY_OUTPATIENT_MAX = 12, POLICY_CLASSES_MAX = 4 };
struct policy_band {
    fen_t upper; /* 0: no upper end */
    basis_points_t ratio;
};
struct policy_inpatient {
    uint32_t level;
    bool municipal;
    fen_t deductible_first;
    fen_t deductible_later;
    struct policy_band bands[POLICY_BANDS_MAX];
    uint32_t band_count;
};
struct policy_outpatient {
    bool community;
    bool retired;
    uint32_t age_min;
    fen_t deductible;
    fen_t cap;
    struct policy_band bands[POLICY_BANDS_MAX];
    uint32_t band_count;
};
/* Self-contained: no pointers, so it can be cached and copied. */
struct policy {
    char area[7];
    char insurance_type[4];
    char source[160];
    char grade[8];
    civil_date_t valid_from;
    civil_date_t valid_to;
    uint32_t period_days_max;
    fen_t pool_cap;
    struct policy_inpatient inpatient[POLICY_INPATIENT_MAX];
    uint32_t inpatient_count;
    struct policy_outpatient outpatient[POLICY_OUTPATIENT_MAX];
    uint32_t outpatient_count;
    basis_points_t large_amount_ratio;
    fen_t large_amount_cap; /* 0: none */
    fen_t catastrophic_deductible;
    struct policy_band catastrophic_bands[POLICY_BANDS_MAX];
    uint32_t catastrophic_band_count;
    fen_t catastrophic_cap; /* 0: none */
    basis_points_t catastrophic_poor_deductible;
    basis_points_t catastrophic_poor_added;
    struct {
        uint32_t category;
        fen_t deductible;
        basis_points_t ratio;
    } assistance[POLICY_CLASSES_MAX];
    uint32_t assistance_count;
    fen_t assistance_cap;
    basis_points_t retired_own_share_factor;
    basis_points_t retired_added;
    basis_points_t retired_added_level_one;
    fen_t retired_deductible_less;
    fen_t retired_deductible_min;
    basis_points_t retired_large_amount_ratio;
    basis_points_t minor_deductible;
    basis_points_t civil_servant_aid;
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
        const struct policy *policy;
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
/* The policy message alone (stored by settlement as it came). */
MUST_USE enum status policy_decode(struct span bytes, struct policy *policy);
void policy_encode(const struct policy *policy, struct buffer *out);

/* Partition key of a person: XXH64(person_id upper-cased, seed 0), low 32 bits, 0 replaced by 1; 0 for empty. */
uint32_t person_hash(struct span person_id);
/* Canonical lower-case UUID text to 16 bytes; REJECT_MALFORMED. */
MUST_USE enum status message_id_parse(struct span text, uint8_t id[16]);
void message_id_describe(const uint8_t id[16], char text[37]);
#endif
