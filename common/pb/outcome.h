/* SPDX-License-Identifier: Apache-2.0
 * Records of the streams: submission, verdict, outcome; domain structs and coding. */
#ifndef HUTONG_COMMON_PB_OUTCOME_H
#define HUTONG_COMMON_PB_OUTCOME_H
#include "common/base/digest.h"
#include "common/pb/event.h"

enum {
    FINDINGS_COUNT_MAX = 64,
    FINDING_PATH_SIZE = 64,
    FINDING_DETAIL_SIZE = 96,
    POSTINGS_COUNT_MAX = 24,
    STEPS_COUNT_MAX = 64,
    DUE_ITEMS_MAX = LIMIT(1000, 4) /* lines of one notice: 100 kB, what a tick may take without holding bills up */
};

struct submission {
    instant_ms_t accepted_at;
    uint32_t person_hash;
    struct span envelope;
};
void submission_encode(const struct submission *submission, struct buffer *out);
MUST_USE enum status submission_decode(struct span record, struct submission *submission);

struct finding {
    uint32_t rule; /* common/codes/rule.h */
    char path[FINDING_PATH_SIZE];
    char detail[FINDING_DETAIL_SIZE];
};

struct findings {
    struct finding items[FINDINGS_COUNT_MAX];
    uint32_t count;
    bool refused;  /* at least one of severity ERROR */
    bool overflow; /* more than fit: the last one says so */
};
/* printf-style path is given ready; detail may be NULL. Beyond the limit: counted in `overflow`. */
void findings_add(struct findings *findings, uint32_t rule, const char *path, const char *detail);

struct bill_facts {
    char care_region[7];
    char insured_region[7];
    char care_area[7];
    uint32_t hospital_level;
    bool hospital_municipal;
    bool hospital_community;
    char category[5];
    uint32_t poverty;
    bool civil_servant;
    uint64_t enrolment_position;
    fen_t account_balance;
    uint32_t filing; /* enum filing_standing */
};

struct verdict {
    instant_ms_t accepted_at;
    uint32_t person_hash;
    const struct findings *findings; /* never NULL after decode (in the arena) */
    bool refused;
    const char *dead_reason; /* "" unless dead */
    bool has_facts;
    struct bill_facts facts;
    struct span envelope;
};
void verdict_encode(const struct verdict *verdict, struct buffer *out);
MUST_USE enum status verdict_decode(struct span record, struct arena *arena, struct verdict *verdict);

enum outcome_kind {
    OUTCOME_NONE,
    OUTCOME_SETTLED,
    OUTCOME_COMPUTED,
    OUTCOME_REVERSED,
    OUTCOME_APPLIED,
    OUTCOME_REFUSED,
    OUTCOME_DEAD_LETTER,
    OUTCOME_MOVED,
    OUTCOME_NOTICE
};
const char *outcome_kind_name(enum outcome_kind kind); /* "settled" */

struct amounts { /* proto Amounts, in its order */
    fen_t total, wholly_own, above_limit, first_own_share, in_scope, deductible, pool_pay, civil_servant_pay,
        large_amount_pay, catastrophic_pay, assistance_pay, other_pay, fund_pay_total, person_pay_total, account_pay,
        cash_pay;
    uint32_t stay_number;
};

/* The message Amounts alone. */
void amounts_encode(const struct amounts *amounts, struct buffer *out);
MUST_USE enum status amounts_decode(struct span bytes, struct amounts *amounts);

enum { ACCOUNT_NAME_SIZE = 48 };
struct posting {
    char account[ACCOUNT_NAME_SIZE];
    fen_t amount;
};

struct step {
    uint32_t rule; /* common/engines/benefit/step.def */
    fen_t before;
    int64_t parameter;
    fen_t after;
    uint32_t index;
};

/* A version of a policy, and its row that governed the bill. */
struct policy_reference {
    uint64_t position; /* of its event */
    char area[7];
    char insurance_type[4];
    civil_date_t valid_from;
    uint32_t row; /* from 1; 0: none */
    bool outpatient;
};

struct outcome {
    uint64_t position;
    const char *sender;
    const char *message_id;
    instant_ms_t accepted_at;
    enum outcome_kind kind;
    const char *deliver_to[REGION_COUNT_MAX];
    uint32_t deliver_count;
    const struct findings *findings; /* may be NULL when encoding */
    const char *dead_reason;
    const char *event;
    const char *bill_id;
    const char *institution;
    uint8_t envelope_sha256[DIGEST_SIZE];
    bool has_amounts;
    struct amounts amounts;
    const struct posting *postings;
    uint32_t posting_count;
    const struct step *steps;
    uint32_t step_count;
    uint64_t original_position;
    bool has_policy;
    struct policy_reference policy;
    bool has_reversed; /* SETTLED in the place of original_position, whose negative record this is */
    struct amounts reversed;
    const struct transfer_view *transfer; /* NULL: none */
    const struct due_item *due;           /* at most DUE_ITEMS_MAX */
    uint32_t due_count;
    const struct certification_view *certification; /* NULL: none */
};
void outcome_encode(const struct outcome *outcome, struct buffer *out);
MUST_USE enum status outcome_decode(struct span record, struct arena *arena, struct outcome *outcome);
/* Only where it goes and what it answers, without unpacking. Spans borrowed. */
struct outcome_head {
    uint64_t position;
    struct span sender;
    struct span message_id;
    instant_ms_t accepted_at;
    enum outcome_kind kind;
    struct span deliver_to[REGION_COUNT_MAX];
    uint32_t deliver_count;
};
MUST_USE enum status outcome_head_read(struct span record, struct outcome_head *head);
#endif
