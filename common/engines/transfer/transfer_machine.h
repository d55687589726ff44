/* SPDX-License-Identifier: Apache-2.0
 * Who may send which letter when, and what it changes: one table a scheme over one frame (pension.def, medical.def,
 * unemployment.def; drawn in docs/TRANSFERS.md, which is generated from them). Pure: no store, no clock.
 *
 *   STEP(state, letter, sender, finding, next, money, limit, unit, owner, mailboxes, source)
 *
 *   state, next   enum transfer_state_kind        letter   enum transfer_step_kind
 *   sender        TARGET, SOURCE                  finding  what the letter says against what is known (enum finding_of)
 *   money         how the letter changes the four amounts below
 *   limit, unit   of the next step: n WORKDAYS or MONTHS from this day, KEPT (the running one), NONE
 *   owner         whose next step it is           mailboxes  who is told
 *   source        document and article of limit and step; M: a project rule
 *
 * Money is four numbers. total: ⑥ as last stated; sent: what the source has sent; received: what the target holds;
 * joined: what it has joined. The postings of a step follow from their change. Closed means sent = received = joined,
 * and all of them total or zero. */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_TRANSFER_MACHINE_H
#define HUTONG_COMMON_ENGINES_TRANSFER_TRANSFER_MACHINE_H
#include "common/codes/rule.h"
#include "common/codes/workday.h"
#include "common/pb/transfer.h"

/* Steps of one transfer that are remembered: the ten of the longest straight way, and repairs. A letter that leads back
 * is refused when only TRANSFER_STEPS_SPARE are left, so that the way out stays open. */
enum { TRANSFER_STEPS_MAX = 40, TRANSFER_STEPS_SPARE = 12, LETTER_HASH_SIZE = 16 };

enum transfer_side { NOBODY, SOURCE, TARGET };

enum finding_of {
    ALWAYS,           /* the letter has nothing to compare */
    ONE_OFF_UNPROVEN, /* a form with one-off contributions of three years and more without documents */
    MONEY_DUE,        /* a form whose ⑥ is above zero */
    NOTHING_DUE,      /* a form whose ⑥ is zero */
    AMOUNT_RIGHT,     /* the amount is what it must be: ⑥, or what is held */
    AMOUNT_WRONG
};

enum transfer_money {
    STAY,
    STATE,   /* total = the letter's */
    SEND,    /* sent = total */
    RECEIVE, /* received = the letter's */
    RESTATE, /* total = sent = the letter's */
    RETURN,  /* sent = received = 0 */
    JOIN     /* joined = received */
};

enum limit_unit { NONE, KEPT, WORKDAYS, MONTHS };
enum transfer_mailboxes { TO_TARGET, TO_BOTH };

struct transfer_row {
    uint32_t state;
    uint32_t letter;
    enum transfer_side sender;
    enum finding_of finding;
    uint32_t next;
    enum transfer_money money;
    uint32_t limit;
    enum limit_unit unit;
    enum transfer_side owner;
    enum transfer_mailboxes mailboxes;
};

struct transfer_machine {
    uint32_t scheme;
    const struct transfer_row *rows;
    unsigned row_count;
};

/* PRE: a scheme below SCHEMES_COUNT. */
const struct transfer_machine *transfer_machine_of(uint32_t scheme);

/* How a limit is counted. */
struct limit_rule {
    civil_date_t from; /* the day before its first; 0: none is kept */
    uint32_t limit;
    enum limit_unit unit;
};

struct transfer {
    uint32_t state;                /* TRANSFER_ABSENT: no such transfer */
    civil_date_t due;              /* 0: no limit runs */
    struct limit_rule provisional; /* `due` lies beyond the published calendar: how to count it anew */
    enum transfer_side owner;
    fen_t total, sent, received, joined;
    uint32_t step_count;
    struct transfer_step_taken steps[TRANSFER_STEPS_MAX];
};

/* What the machine needs of a letter. */
struct transfer_message {
    uint32_t letter;
    uint8_t hash[LETTER_HASH_SIZE]; /* of the sender's bytes of it: equal bytes are the same letter */
    fen_t amount;                   /* a form's ⑥; sent, received, returned */
    bool one_off_unproven;
};

enum ruling_kind { RULING_MOVED, RULING_REPEATED, RULING_REFUSED };
struct ruling {
    enum ruling_kind kind;
    enum rule rule;                 /* refused: which */
    const struct transfer_row *row; /* moved */
    uint32_t repeated;              /* the step that this letter took before */
    civil_date_t due;               /* moved: the new limit's last day */
    struct limit_rule provisional;  /* as in struct transfer */
    enum transfer_side owner;
    fen_t total, sent, received, joined; /* moved: after the step */
};

/* Rules in order: the same letter again (whatever the state); no such transfer; closed; not in this state; not this
 * region's step; what the letter says; too many repairs; the calendar does not reach the deadline. */
struct ruling transfer_step(const struct calendar *calendar, const struct transfer_machine *machine,
                            const struct transfer *transfer, const struct transfer_message *message,
                            enum transfer_side sender, civil_date_t day);
/* Makes the step: state, money, and one more step taken. PRE: moved, on this transfer. */
void transfer_take(struct transfer *transfer, const struct ruling *ruling, const struct transfer_message *message,
                   uint64_t position, instant_ms_t accepted_at);
/* The provisional limit by the calendar of now: its last day, and how to count it should it still be provisional.
 * PRE: it is provisional. */
void transfer_restate(struct transfer *transfer, const struct calendar *calendar);
/* As it stood after that step. PRE: index < step_count. */
void transfer_stand(struct transfer *transfer, uint32_t index);
/* What must hold of every transfer, after each step and when read back. */
bool transfer_check(const struct transfer *transfer);

/* A limit of months ends on the same day of the later month, or on its last day; if that is a day off, on the next
 * working day (民法典 art. 202, 203). REJECT_RANGE: past the loaded calendar. */
MUST_USE enum status transfer_deadline(const struct calendar *calendar, civil_date_t day, uint32_t limit,
                                       enum limit_unit unit, civil_date_t *due);
#endif
