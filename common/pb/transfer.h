/* SPDX-License-Identifier: Apache-2.0
 * Letters of a transfer and of a pensioner's certification, and where these stand: domain structs and coding of
 * proto/hutong/v1/transfer.proto. Text is NUL-terminated, borrowed from the arena, "" when absent, never NULL. */
#ifndef HUTONG_COMMON_PB_TRANSFER_H
#define HUTONG_COMMON_PB_TRANSFER_H
#include "common/base/arena.h"
#include "common/base/instant.h"
#include "common/base/limits.h"
#include "common/base/money.h"
#include "common/pb/wire.h"

enum { TRANSFER_ID_SIZE_MAX = 30, PAID_ROWS_MAX = 128 }; /* 60 years, two bases a year */

enum transfer_scheme {
    SCHEME_NONE,
    SCHEME_PENSION,
    SCHEME_MEDICAL,
    SCHEME_UNEMPLOYMENT,
    SCHEMES_COUNT,
    SCHEME_CERTIFICATION = SCHEMES_COUNT /* in lists of due steps alone */
};
const char *transfer_scheme_name(uint32_t scheme); /* "pension"; "unknown" */

/* Numbers of Transfer.step. */
enum transfer_step_kind {
#define TRANSFER_LETTER(name, number, word) LETTER_##name = number,
#include "common/pb/transfer_letters.def"
#undef TRANSFER_LETTER
    LETTER_NONE = 0
};
const char *transfer_letter_name(uint32_t letter); /* "contact_letter"; "unknown" */

enum transfer_state_kind {
#define TRANSFER_STATE(name, number, word, sides) TRANSFER_##name = number,
#include "common/pb/transfer_states.def"
#undef TRANSFER_STATE
    TRANSFER_STATES_COUNT
};
const char *transfer_state_name(uint32_t state); /* "applied"; "unknown" */
bool transfer_state_is_closed(uint32_t state);   /* nothing more may come, on either side */

struct paid_row {
    uint32_t from_month; /* YYYYMM */
    uint32_t to_month;
    uint32_t months;
    fen_t base;    /* of a month */
    uint32_t kind; /* 0 employed, 1 flexible, 2 temporary account */
    uint32_t unit_rate_bp;
    uint32_t account_rate_bp;
    fen_t interest;
    bool one_off;
    const char *document;
    uint32_t division; /* where it was paid; 0: at the sender's area */
};

struct paid_rows {
    const struct paid_row *rows;
    uint32_t count;
};

struct transfer_application {
    const char *source_type;
    const char *target_type;
    const char *household_division;
    bool posted;
    bool retired;
    bool woman_in_management;
    bool source_is_temporary;
    bool target_holds_relation;
    uint32_t employees_months;
    uint32_t covered_from_month;
    bool gap_paid_up;
    uint32_t target_waiting_months;
    bool in_enrolment_period;
    bool waiting_exempt;
    uint32_t missed_years;
    uint32_t paid_up_years;
    struct paid_rows paid;
};

struct contact_letter {
    const char *office;
    const char *bank;
    const char *bank_account;
    const char *telephone;
};

struct information_form {
    uint32_t contribution_months;
    fen_t account_before_1998;
    fen_t account_to_last_year;
    fen_t account_running_year;
    fen_t account_total;
    fen_t pooled_total;
    fen_t transfer_total;
    bool temporary_account;
    uint32_t covered_to_month;
    uint32_t benefit_months;
    uint32_t months_drawn;
    uint32_t standard_class;
    struct paid_rows paid;
};

/* One letter: `kind` says which of the parts were sent. A correction holds `contact` or `form`. */
struct transfer_letter {
    const char *transfer_id;
    uint32_t scheme;
    const char *source_area;
    const char *target_area;
    uint32_t kind; /* enum transfer_step_kind */
    bool has_contact;
    bool has_form;
    struct transfer_application application;
    struct contact_letter contact;
    struct information_form form;
    /* notice, receipt, return: */
    fen_t amount;
    const char *reference;
    civil_date_t date;  /* told, sent, received, joined on */
    const char *reason; /* refusal, correction, carve-out, return, withdrawal; remark */
};
/* The message Transfer alone. REJECT_MALFORMED, REJECT_TOO_LARGE. */
MUST_USE enum status transfer_letter_decode(struct span bytes, struct arena *arena, struct transfer_letter *letter);
void transfer_letter_encode(const struct transfer_letter *letter, struct buffer *out);

void paid_rows_encode(const struct paid_rows *paid, uint32_t number, struct buffer *out);
/* Of the message's fields `number`, in their order. */
MUST_USE enum status paid_rows_decode(struct span message, uint32_t number, struct arena *arena,
                                      struct paid_rows *paid);

struct month_range {
    uint32_t from_month;
    uint32_t to_month;
};

struct transfer_entry {
    uint64_t position;
    instant_ms_t accepted_at;
    const char *sender;
    uint32_t letter;
    uint32_t state;
    civil_date_t due_date;
    const char *step_region;
    fen_t amount;
};

struct transfer_view {
    const char *transfer_id;
    uint32_t scheme;
    uint32_t state;
    const char *source_area;
    const char *target_area;
    const char *person_id;
    const char *step_region;
    civil_date_t due_date;
    fen_t account_total;
    fen_t pooled_total;
    fen_t transfer_total;
    fen_t sent;
    fen_t received;
    fen_t joined;
    uint32_t waiting_months;
    civil_date_t benefits_from;
    const char *refund_area;
    fen_t refund;
    struct span letter; /* the message Transfer */
    const struct month_range *paid_twice;
    uint32_t paid_twice_count;
    const struct transfer_entry *history;
    uint32_t history_count;
};
void transfer_view_encode(const struct transfer_view *view, struct buffer *out);
MUST_USE enum status transfer_view_decode(struct span bytes, struct arena *arena, struct transfer_view *view);

struct due_item {
    const char *transfer_id;
    uint32_t scheme;
    uint32_t state;
    civil_date_t due_date;
    bool overdue;
    const char *person_id;
};
void due_item_encode(const struct due_item *item, struct buffer *out);
MUST_USE enum status due_item_decode(struct span bytes, struct arena *arena, struct due_item *item);

enum pensioner_status {
    PENSIONER_NONE,
    PENSIONER_ALIVE,
    PENSIONER_DEAD,
    PENSIONER_MISSING,
    PENSIONER_IMPRISONED,
    PENSIONER_NOT_FOUND
};
enum certification_letter_kind { CERTIFICATION_NONE = 0, CERTIFICATION_REQUEST = 16, CERTIFICATION_RESULT = 17 };

struct certification_letter {
    const char *certification_id;
    const char *paying_area;
    const char *residence_area;
    uint32_t kind; /* enum certification_letter_kind */
    civil_date_t due_date;
    fen_t monthly_pension;
    uint32_t status; /* enum pensioner_status */
    const char *method;
    civil_date_t date;
};
MUST_USE enum status certification_letter_decode(struct span bytes, struct arena *arena,
                                                 struct certification_letter *letter);
void certification_letter_encode(const struct certification_letter *letter, struct buffer *out);

struct certification_view {
    const char *certification_id;
    const char *paying_area;
    const char *residence_area;
    const char *person_id;
    uint32_t status;
    civil_date_t due_date;
    civil_date_t certified_until;
    uint32_t suspended_from_month;
    uint32_t resumed_from_month;
    uint32_t back_pay_months;
    fen_t back_pay;
    uint32_t stopped_from_month;
    uint32_t claim_months;
    fen_t claim;
    struct span letter; /* the message PensionerCertification */
};
void certification_view_encode(const struct certification_view *view, struct buffer *out);
MUST_USE enum status certification_view_decode(struct span bytes, struct arena *arena, struct certification_view *view);
#endif
