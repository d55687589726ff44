/* SPDX-License-Identifier: Apache-2.0
 * Reference data, versioned by position and effective by date: institutions, enrolments, filings, qualifications,
 * catalogues, policies. Field meanings and sources: proto/hutong/v1/reference.proto. */
#ifndef HUTONG_COMMON_PB_REFERENCE_H
#define HUTONG_COMMON_PB_REFERENCE_H
#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/instant.h"
#include "common/base/money.h"
#include "common/base/span.h"
#include "common/codes/insurance.h"

enum { INSTITUTION_TEXT_MAX = 200 }; /* characters of its name, and of the reason of its status */
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
    const char *reason; /* of the status; "": none was given */
};

enum filing_kind {
    FILING_NONE,
    FILING_RESETTLED_RETIREE,
    FILING_LONG_TERM_RESIDENT,
    FILING_POSTED_WORKER,
    FILING_REFERRAL,
    FILING_EMERGENCY,
    FILING_OTHER_TEMPORARY
};
enum filing_standing {
    STANDING_NONE, /* not looked at: nothing is cut */
    STANDING_LONG_TERM,
    STANDING_REFERRAL_OR_EMERGENCY,
    STANDING_OTHER_TEMPORARY,
    STANDING_UNFILED
};
struct filing {
    const char *filing_id;
    uint32_t kind; /* enum filing_kind, or a value that we do not know */
    const char *insured_area;
    const char *insurance_type;
    const char *care_area;
    civil_date_t valid_from;
    civil_date_t valid_to;
};

struct qualification {
    const char *insured_area;
    const char *insurance_type;
    const char *special_disease;
    civil_date_t valid_from;
    civil_date_t valid_to;
};

enum { HOSPITAL_LEVELS = 3 };
struct catalogue_item {
    const char *region;
    const char *code;
    const char *name;
    uint8_t level; /* 1 甲, 2 乙, 3 丙; 0: anything else was sent */
    uint32_t first_own_share_bp;
    int64_t price_limit_micro[HOSPITAL_LEVELS];
    civil_date_t effective_date;
    civil_date_t end_date;
};

/* Of one person, policy year, insured area and insurance type. Fen, but for the stays. */
struct accumulators {
    uint32_t stays;
    fen_t pool_paid;
    fen_t large_amount_paid;
    fen_t catastrophic_base; /* in-scope own payment: deductible, own share in the bands, beyond the cap */
    fen_t catastrophic_paid;
    fen_t assistance_base; /* in-scope own payment left, of bills on which a category of poverty held */
    fen_t assistance_paid;
    fen_t outpatient_in_scope;
    fen_t outpatient_paid;
    fen_t chronic_in_scope;
    fen_t chronic_paid;
    fen_t maternity_in_scope;
    fen_t maternity_paid;
};
/* The fen of it, in the order above, from 0; NULL past the last. */
fen_t *accumulators_at(struct accumulators *accumulators, uint32_t index);

struct local_care {
    const char *local_id;
    const char *insured_area;
    const char *insurance_type;
    civil_date_t discharge_date;
    bool cancels;
    struct accumulators added;
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

enum { POLICY_BANDS_MAX = 8, POLICY_INPATIENT_MAX = 8, POLICY_OUTPATIENT_MAX = 16, POLICY_CLASSES_MAX = 4 };
struct policy_band {
    fen_t upper; /* 0: no upper end */
    basis_points_t ratio;
};
struct policy_inpatient {
    enum care_class care;
    uint32_t level; /* 0: any, of maternity alone */
    bool municipal;
    fen_t deductible_first;
    fen_t deductible_later;
    struct policy_band bands[POLICY_BANDS_MAX];
    uint32_t band_count;
};
struct policy_outpatient {
    enum care_class care;
    bool community;
    bool retired;
    bool counts_to_pool_cap;
    uint32_t level; /* 0: any */
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
    civil_date_t away_filed_from; /* 0: never */
    basis_points_t away_other_cut;
    basis_points_t away_referral_cut;
    bool year_split_by_days;
};
/* Grade and source of single parameters; they travel with the event and explain it, no rule reads them. */
enum { POLICY_SOURCES_MAX = 256, POLICY_PATH_SIZE = 48 };
struct policy_source {
    char path[POLICY_PATH_SIZE]; /* as in the file: "inpatient[0].bands[1].ratio" */
    char grade[2];
    char source[160]; /* "": the policy's own */
};
struct policy_sources {
    struct policy_source items[POLICY_SOURCES_MAX];
    uint32_t count;
};
/* The Policy message alone. `sources` may be NULL. */
MUST_USE enum status policy_decode(struct span bytes, struct policy *policy);
void policy_encode(const struct policy *policy, const struct policy_sources *sources, struct buffer *out);
MUST_USE enum status policy_sources_decode(struct span policy, struct policy_sources *sources);
#endif
