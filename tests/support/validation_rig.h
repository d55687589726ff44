/* SPDX-License-Identifier: Apache-2.0
 * A validation core with sound reference data, and one event at a time to be changed and judged. */
#pragma once

#include "common/pb/outcome.h"
#include "services/validation/validation_core.h"
#include "tests/support/core_harness.h"

#define HOSPITAL "H12010100001" /* Tianjin, level 3, municipal, active since 2024 */
#define CLINIC "H12010100002"   /* Tianjin, active since 2024, suspended on 2025-02-01, active again on 2025-03-01 */
#define BEIJING_HOSPITAL "H11010100001"
#define PERSON "110101194912310024" /* born 1949-12-31; the check digit is asserted in main */
#define DRUG "X000000000000000000000A"
#define OTHER_DRUG "X000000000000000000000B"
#define NOON INT64_C(1741579200000)     /* 2025-03-10 12:00 in Shanghai */
#define MIDNIGHT INT64_C(1741622400000) /* 2025-03-11 00:00 in Shanghai */

enum { LINES_MAX = BILL_ITEMS_MAX + 1 };

struct draft {
    struct event event;
    struct bill_item items[LINES_MAX];
    struct policy policy;
    struct gazette gazette;
    instant_ms_t accepted_at;
};

struct rig {
    struct harness harness;
    struct verdict verdict; /* of the last event */
};

extern struct draft draft; /* large: not on the stack */

struct bill_item line(const char *code, fen_t amount);

/* The draft becomes an event of the kind that is admitted. */
void draft_sound(enum event_kind kind);

/* Applies the draft; `rig->verdict` is what came of it. */
enum status submit(struct rig *rig);

/* submit(), which must admit. */
void admit(struct rig *rig);

void register_institution(struct rig *rig, const char *code, const char *region, civil_date_t date,
                          enum institution_status status);
void enrol(struct rig *rig, civil_date_t from, civil_date_t to, const char *category);
void rig_start(struct rig *rig, uint32_t index, uint32_t count);
/* What versions from 2 on want published, then that version. */
void rig_logic(struct rig *rig, uint32_t version);
void rig_logic_two(struct rig *rig);
void rig_stop(struct rig *rig);

/* For cmocka's group: loads the policy that draft_sound() publishes. */
int load_policy(void **state);
