/* SPDX-License-Identifier: Apache-2.0
 * The machine, and the three tables it runs on. */
#include "common/engines/transfer/transfer_machine.h"

#include <string.h>

#include "common/base/check.h"
#include "common/codes/workday.h"

#define STEP(state, letter, sender, finding, next, money, limit, unit, owner, mailboxes, source)                       \
    {TRANSFER_##state, LETTER_##letter, sender, finding, TRANSFER_##next, money, limit, unit, owner, mailboxes},

static const struct transfer_row pension_rows[] = {
#include "common/engines/transfer/pension.def"
};
static const struct transfer_row medical_rows[] = {
#include "common/engines/transfer/medical.def"
};
static const struct transfer_row unemployment_rows[] = {
#include "common/engines/transfer/unemployment.def"
};
#undef STEP

#define MACHINE(scheme, table)                                                                                         \
    {                                                                                                                  \
        scheme, table, sizeof(table) / sizeof((table)[0])                                                              \
    }
static const struct transfer_machine machines[] = {
    MACHINE(SCHEME_PENSION, pension_rows),
    MACHINE(SCHEME_MEDICAL, medical_rows),
    MACHINE(SCHEME_UNEMPLOYMENT, unemployment_rows),
};

const struct transfer_machine *transfer_machine_of(uint32_t scheme)
{
    PRE(scheme > SCHEME_NONE && scheme < SCHEMES_COUNT);
    return &machines[scheme - 1];
}

/* The same day of a later month, or its last; then on to a working day. */
static enum status months_later(const struct calendar *calendar, civil_date_t day, uint32_t months, civil_date_t *due)
{
    civil_date_t date = civil_date_add_months(day, months);
    bool workday = false;
    for (;;) {
        TRY(workday_is(calendar, date, &workday));
        if (workday)
            break;
        date = civil_date_add_days(date, 1);
    }
    *due = date;
    return OK;
}

enum status transfer_deadline(const struct calendar *calendar, civil_date_t day, uint32_t limit, enum limit_unit unit,
                              civil_date_t *due)
{
    PRE(unit == WORKDAYS || unit == MONTHS);
    if (!civil_date_exists(day))
        return REJECT_RANGE;
    return unit == WORKDAYS ? workday_add(calendar, day, limit, due) : months_later(calendar, day, limit, due);
}

static enum finding_of find(const struct transfer *transfer, const struct transfer_message *message,
                            enum transfer_side sender)
{
    switch (message->letter) {
    case LETTER_INFORMATION:
    case LETTER_CORRECTION:
        if (message->letter == LETTER_CORRECTION && sender == TARGET)
            return ALWAYS; /* of the contact letter */
        if (message->one_off_unproven)
            return ONE_OFF_UNPROVEN;
        if (transfer->state == TRANSFER_MISMATCHED)
            return message->amount == transfer->received ? AMOUNT_RIGHT : AMOUNT_WRONG;
        return message->amount > 0 ? MONEY_DUE : NOTHING_DUE;
    case LETTER_FUNDS_NOTICE:
    case LETTER_FUNDS_RECEIPT:
        return message->amount == transfer->total ? AMOUNT_RIGHT : AMOUNT_WRONG;
    case LETTER_FUNDS_RETURN:
        return message->amount == transfer->received ? AMOUNT_RIGHT : AMOUNT_WRONG;
    default:
        return ALWAYS;
    }
}

static struct ruling refused(enum rule rule)
{
    return (struct ruling){.kind = RULING_REFUSED, .rule = rule};
}

/* The row for this letter, or why there is none. */
static const struct transfer_row *row_for(const struct transfer_machine *machine, const struct transfer *transfer,
                                          const struct transfer_message *message, enum transfer_side sender,
                                          enum rule *rule)
{
    enum finding_of finding = find(transfer, message, sender);
    bool letter_fits = false, sender_fits = false;
    for (unsigned i = 0; i < machine->row_count; i++) {
        const struct transfer_row *row = &machine->rows[i];
        if (row->state != transfer->state || row->letter != message->letter)
            continue;
        letter_fits = true;
        if (row->sender != sender)
            continue;
        sender_fits = true;
        if (row->finding == finding)
            return row;
    }
    if (!letter_fits)
        *rule = rule_of(machine->scheme, transfer->state == TRANSFER_ABSENT          ? REFUSAL_UNKNOWN
                                         : transfer_state_is_closed(transfer->state) ? REFUSAL_CLOSED
                                                                                     : REFUSAL_NOT_NOW);
    else if (!sender_fits)
        *rule = rule_of(machine->scheme, REFUSAL_NOT_YOUR_STEP);
    else
        *rule = finding == ONE_OFF_UNPROVEN ? RULE_TRP_ONE_OFF : rule_of(machine->scheme, REFUSAL_AMOUNT);
    return NULL;
}

static void move_money(const struct transfer *before, const struct transfer_message *message, struct ruling *ruling)
{
    ruling->total = before->total;
    ruling->sent = before->sent;
    ruling->received = before->received;
    ruling->joined = before->joined;
    switch (ruling->row->money) {
    case STAY:
        break;
    case STATE:
        ruling->total = message->amount;
        break;
    case SEND:
        ruling->sent = before->total;
        break;
    case RECEIVE:
        ruling->received = message->amount;
        break;
    case RESTATE:
        ruling->total = ruling->sent = message->amount;
        break;
    case RETURN:
        ruling->sent = ruling->received = 0;
        break;
    case JOIN:
        ruling->joined = before->received;
        break;
    }
}

/* No way of such steps alone returns to where it was: states are numbered along the way. */
static bool leads_on(const struct transfer_row *row)
{
    return row->next > row->state || (row->state == TRANSFER_MISMATCHED && row->next == TRANSFER_MATCHED);
}

struct ruling transfer_step(const struct calendar *calendar, const struct transfer_machine *machine,
                            const struct transfer *transfer, const struct transfer_message *message,
                            enum transfer_side sender, civil_date_t day)
{
    enum rule rule = RULE_NONE;
    PRE(sender == SOURCE || sender == TARGET);
    for (uint32_t i = 0; i < transfer->step_count; i++)
        if (transfer->steps[i].sender == sender &&
            memcmp(transfer->steps[i].letter_hash, message->hash, LETTER_HASH_SIZE) == 0)
            return (struct ruling){.kind = RULING_REPEATED, .repeated = i};
    const struct transfer_row *row = row_for(machine, transfer, message, sender, &rule);
    if (row == NULL)
        return refused(rule);
    if (!leads_on(row) && transfer->step_count + TRANSFER_STEPS_SPARE >= TRANSFER_STEPS_MAX)
        return refused(rule_of(machine->scheme, REFUSAL_REPAIRS));
    struct ruling ruling = {.kind = RULING_MOVED, .row = row, .owner = row->owner};
    if (row->unit == KEPT) {
        ruling.due = transfer->due;
        ruling.provisional = transfer->provisional;
    } else if (row->unit != NONE) {
        if (transfer_deadline(calendar, day, row->limit, row->unit, &ruling.due) != OK)
            return refused(rule_of(machine->scheme, REFUSAL_CALENDAR));
        if (calendar_lacks(calendar, day, ruling.due) != 0)
            ruling.provisional = (struct limit_rule){day, row->limit, row->unit};
    }
    move_money(transfer, message, &ruling);
    return ruling;
}

void transfer_take(struct transfer *transfer, const struct ruling *ruling, const struct transfer_message *message,
                   uint64_t position, instant_ms_t accepted_at)
{
    PRE(ruling->kind == RULING_MOVED && ruling->row->state == transfer->state);
    INVARIANT(transfer->step_count < TRANSFER_STEPS_MAX);
    struct transfer_step_taken *step = &transfer->steps[transfer->step_count++];
    *step = (struct transfer_step_taken){.position = position,
                                         .accepted_at = accepted_at,
                                         .letter = message->letter,
                                         .sender = ruling->row->sender,
                                         .state = ruling->row->next,
                                         .due = ruling->due,
                                         .owner = ruling->owner,
                                         .amount = message->amount,
                                         .total = ruling->total,
                                         .sent = ruling->sent,
                                         .received = ruling->received,
                                         .joined = ruling->joined,
                                         .limit_from = ruling->provisional.from,
                                         .limit = ruling->provisional.limit,
                                         .limit_unit = ruling->provisional.unit};
    memcpy(step->letter_hash, message->hash, LETTER_HASH_SIZE);
    transfer_stand(transfer, transfer->step_count - 1);
    INVARIANT(transfer_check(transfer));
}

void transfer_restate(struct transfer *transfer, const struct calendar *calendar)
{
    PRE(transfer->provisional.from != 0 && transfer->step_count > 0);
    const struct limit_rule rule = transfer->provisional;
    struct transfer_step_taken *step = &transfer->steps[transfer->step_count - 1];
    enum status status = transfer_deadline(calendar, rule.from, rule.limit, rule.unit, &step->due);
    INVARIANT(status == OK); /* it was counted before, by the same calendar with fewer years */
    if (calendar_lacks(calendar, rule.from, step->due) == 0)
        step->limit_from = step->limit = step->limit_unit = 0;
    transfer_stand(transfer, transfer->step_count - 1);
    INVARIANT(transfer_check(transfer));
}

void transfer_stand(struct transfer *transfer, uint32_t index)
{
    PRE(index < transfer->step_count);
    const struct transfer_step_taken *step = &transfer->steps[index];
    transfer->state = step->state;
    transfer->due = step->due;
    transfer->provisional = (struct limit_rule){step->limit_from, step->limit, (enum limit_unit)step->limit_unit};
    transfer->owner = step->owner;
    transfer->total = step->total;
    transfer->sent = step->sent;
    transfer->received = step->received;
    transfer->joined = step->joined;
}

bool transfer_check(const struct transfer *transfer)
{
    bool closed = transfer_state_is_closed(transfer->state), absent = transfer->state == TRANSFER_ABSENT;
    bool equal = transfer->sent == transfer->received && transfer->received == transfer->joined;
    bool joined = transfer->state == TRANSFER_JOINED || transfer->state == TRANSFER_CONFIRMED ||
                  transfer->state == TRANSFER_CLOSED;
    if (transfer->state >= TRANSFER_STATES_COUNT || transfer->step_count > TRANSFER_STEPS_MAX)
        return false;
    if (transfer->provisional.from != 0 &&
        (!civil_date_exists(transfer->provisional.from) || transfer->due == 0 ||
         (transfer->provisional.unit != WORKDAYS && transfer->provisional.unit != MONTHS)))
        return false;
    if (transfer->total < 0 || transfer->sent < 0 || transfer->received < 0 || transfer->joined < 0)
        return false;
    if ((transfer->owner == NOBODY) != (closed || absent) || (transfer->due == 0) != (closed || absent))
        return false;
    if (transfer->state == TRANSFER_MATCHED &&
        (transfer->sent != transfer->total || transfer->received != transfer->total))
        return false;
    if (joined ? !equal || transfer->joined != transfer->total : transfer->joined != 0)
        return false;
    return !closed || equal;
}
