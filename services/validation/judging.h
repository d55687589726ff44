/* SPDX-License-Identifier: Apache-2.0
 * One event being judged: the words that the core and the judges of its kinds of business share. */
#ifndef HUTONG_SERVICES_VALIDATION_JUDGING_H
#define HUTONG_SERVICES_VALIDATION_JUDGING_H
#include "common/codes/identity.h"
#include "common/codes/rule.h"
#include "common/engines/gazette/published.h"
#include "common/pb/outcome.h"
#include "services/validation/catalogue.h"
#include "services/validation/references.h"

struct validation {
    struct core_partition partition;
    struct institution_book *institutions;
    struct catalogue *catalogue;
    struct digest *digest;
    struct gazette_book *gazettes;
    struct findings findings;
};

/* One event being judged. `root` is its name in paths. */
struct judging {
    struct validation *self;
    struct store_txn *txn;
    const struct core_input *input;
    const struct submission *submission;
    const struct event *event;
    const struct published *published; /* the tables in force */
    const char *root;
    char person[IDENTITY_SIZE + 1]; /* normalised; "" when it is not valid */
    civil_date_t birth_date;
    struct bill_facts facts;
    bool has_facts;
    bool account_restated; /* this and the next two: the verdict's */
    bool has_row_taken_back;
    struct row_period row_taken_back;
    enum status status; /* FATAL_LOGIC_VERSION, REJECT_UNDECODABLE: there is nothing to judge */
};

/* A finding at a field of the body; "person_id" and "sender" are the envelope's own, "" is the whole body. */
void judge_add(struct judging *judging, enum rule rule, const char *field);
bool judge_refused(const struct judging *judging);
/* `rule` unless it holds. */
void judge_want(struct judging *judging, bool holds, enum rule rule, const char *field);
/* RULE_REFERENCE_FIELD_INVALID unless it holds. */
void judge_field(struct judging *judging, bool holds, const char *field);
/* Fills `person` and `birth_date`, or says what is wrong with the number. */
void judge_person(struct judging *judging);
/* The day lies in the person's life, from birth on; true where it is not known, or not held against it yet. */
bool judge_is_of_life(const struct judging *judging, civil_date_t day);
/* Whether a division is taken: one that is not published is a warning (LOGIC_DIVISIONS_WARN; before: no). Where none
 * are published, nothing is said. */
bool judge_division(struct judging *judging, uint32_t division, const char *field);
/* Reference data that is `withdrawn`: RULE_ROW_UNKNOWN unless the row was `found`. */
void judge_withdrawn(struct judging *judging, bool found);
/* The event must name nobody. */
void judge_nobody(struct judging *judging);
/* The sender is the region that the area lies in. */
bool judge_sender_is_region_of(const struct judging *judging, const char *area);

/* From LOGIC_ACTIONS_RECORDED on an act of the operator's says by whom and why; false: it does not. */
bool judge_act(struct judging *judging);

/* The judges, each in the file of its kind of business. */
#define EVENT(kind, whom, who, judge, settles, books) void judge(struct judging *judging);
#include "common/codes/event.def"
#undef EVENT
#endif
