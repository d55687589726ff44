/* SPDX-License-Identifier: Apache-2.0
 * Transfers of relationships (DOMAIN 4): the letter is ruled by the scheme's machine, its content by transfer_forms;
 * a step is state, limit, postings and a line in both mailboxes, at one position. */
#include "services/settlement/letters.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "common/engines/ledger/transit.h"
#include "services/settlement/deadlines.h"
#include "services/settlement/provisional.h"
#include "services/settlement/settled.h"
#include "services/settlement/transfer_forms.h"

static fen_t amount_of(const struct transfer_letter *letter)
{
    return letter->has_form ? letter->form.transfer_total : letter->amount;
}

static struct transfer_message message_of(struct moving *moving)
{
    const struct transfer_letter *letter = moving->letter;
    uint8_t hash[DIGEST_SIZE];
    moving->one_off_unproven = letter->has_form && form_has_unproven(moving->deciding->published, letter, moving->today,
                                                                     moving->deciding->input->arena);
    struct transfer_message message = {
        .letter = letter->kind, .amount = amount_of(letter), .one_off_unproven = moving->one_off_unproven};
    digest_once(moving->deciding->self->digest, moving->bytes, hash);
    memcpy(message.hash, hash, sizeof message.hash);
    return message;
}

/* As it stands; the letter is shown to the other region. */
static void show(struct moving *moving, const struct transfer_record *kept, bool with_letter)
{
    struct transfer_view *view = arena_take(moving->deciding->input->arena, sizeof *view);
    INVARIANT(view != NULL);
    transfer_view_fill(&moving->key, kept, view);
    if (with_letter)
        view->letter = moving->bytes;
    moving->deciding->outcome.transfer = view;
}

static void change_limit(struct moving *moving, const struct transfer_record *before,
                         const struct transfer_record *after)
{
    struct store_txn *txn = moving->deciding->txn;
    const struct transfer *was = &before->transfer, *is = &after->transfer;
    struct deadline old = {.due = was->due,
                           .region = region_of_side(after, was->owner),
                           .scheme = moving->key.scheme,
                           .person = moving->key.person,
                           .id = moving->key.id,
                           .state = is->state};
    struct deadline new = old;
    new.due = is->due;
    new.region = region_of_side(after, is->owner);
    if (was->due != 0 && was->due == is->due && was->owner == is->owner) {
        deadline_keep(moving->deciding->published, txn, &old);
        return;
    }
    if (was->due != 0)
        deadline_delete(moving->deciding->published, txn, &old);
    if (is->due != 0)
        deadline_put(moving->deciding->published, txn, &new);
}

/* The limit that is told lies beyond the published calendar. */
static void warn_of_limit(struct moving *moving, const struct transfer *transfer)
{
    char day[16];
    if (transfer->provisional.from == 0)
        return;
    (void)snprintf(day, sizeof day, "%u", transfer->due);
    findings_add(&moving->deciding->self->findings, rule_of(moving->key.scheme, REFUSAL_LIMIT_PROVISIONAL), "transfer",
                 day);
}

static void post(struct moving *moving, const struct transfer_record *before, const struct transfer_record *after)
{
    struct settlement *self = moving->deciding->self;
    struct outcome *outcome = &moving->deciding->outcome;
    const struct transfer *was = &before->transfer, *is = &after->transfer;
    struct transit_parties parties = {after->source_area, after->target_area, region_of_side(after, SOURCE),
                                      region_of_side(after, TARGET), scheme_insurance_type(moving->key.scheme)};
    outcome->posting_count = transit_postings(&parties, is->sent - was->sent, is->received - was->received,
                                              is->joined - was->joined, self->postings);
    outcome->postings = self->postings;
    ledger_post(self->ledger, moving->deciding->txn, self->postings, outcome->posting_count);
}

/* What the form states leaves the source's account at once, so that no bill is paid with it as well; it comes into the
 * target's when the transfer joins, and back when it ends before. */
static void move_account(struct moving *moving, struct transfer_record *kept)
{
    struct store_txn *txn = moving->deciding->txn;
    const struct transfer *is = &kept->transfer;
    struct year_key source, target;
    fen_t held = 0, was = kept->account_held;
    if (!logic_has(moving->deciding->published->logic, LOGIC_ACCOUNT_MOVES) ||
        !transfer_account(moving, kept, SOURCE, &source))
        return;
    bool joined = is->state == TRANSFER_JOINED;
    if (is->state >= TRANSFER_INFORMATION_SENT && is->state <= TRANSFER_MISMATCHED)
        held = is->total;
    (void)transfer_account(moving, kept, TARGET, &target);
    if (joined && was > 0)
        account_put(txn, &target, account_get(txn, &target) + was);
    else if (held != was)
        account_put(txn, &source, account_get(txn, &source) + was - held);
    kept->account_held = held;
}

static void tell(struct moving *moving, const struct transfer_record *after, enum transfer_mailboxes mailboxes)
{
    deliver_to(&moving->deciding->outcome, region_of_side(after, TARGET));
    if (mailboxes == TO_BOTH)
        deliver_to(&moving->deciding->outcome, region_of_side(after, SOURCE));
}

static void move(struct moving *moving, struct transfer_record *kept, const struct ruling *ruling,
                 const struct transfer_message *message)
{
    struct deciding *deciding = moving->deciding;
    struct transfer_record before = *kept;
    transfer_take(&kept->transfer, ruling, message, deciding->input->position, deciding->verdict->accepted_at);
    move_account(moving, kept);
    transfer_record_put(deciding->txn, &moving->key, kept, &deciding->self->scratch);
    change_limit(moving, &before, kept);
    provisional_change(deciding, &moving->key, &before, kept, ruling->row->mailboxes == TO_BOTH);
    warn_of_limit(moving, &kept->transfer);
    post(moving, &before, kept);
    show(moving, kept, true);
    tell(moving, kept, ruling->row->mailboxes);
    deciding->outcome.kind = OUTCOME_MOVED;
}

/* What forms stated, as far as it was known after that step: nothing before the first form, a form's own figures. */
static void figures_stand(const struct transfer_letter *letter, struct transfer_record *kept, uint32_t index)
{
    bool stated = false;
    for (uint32_t i = 0; i <= index; i++) {
        const struct transfer_step_taken *step = &kept->transfer.steps[i];
        stated = stated || step->letter == LETTER_INFORMATION;
    }
    if (!stated) {
        kept->refund_area = "";
        kept->waiting_months = kept->paid_twice_count = 0;
        kept->benefits_from = 0;
        kept->account_total = kept->pooled_total = kept->refund = 0;
    } else if (letter->has_form) {
        kept->account_total = letter->form.account_total;
        kept->pooled_total = letter->form.pooled_total;
    }
}

/* The first answer again: as it stood after that step, nothing posted, told to its sender alone. */
static void repeat(struct moving *moving, struct transfer_record *kept, const struct ruling *ruling)
{
    figures_stand(moving->letter, kept, ruling->repeated);
    transfer_stand(&kept->transfer, ruling->repeated);
    moving->deciding->outcome.original_position = kept->transfer.steps[ruling->repeated].position;
    warn_of_limit(moving, &kept->transfer);
    show(moving, kept, true);
    moving->deciding->outcome.kind = OUTCOME_MOVED;
}

static void refuse_by_machine(struct moving *moving, const struct transfer_record *kept, const struct ruling *ruling)
{
    char detail[FINDING_DETAIL_MAX + 1] = "", sent[32], wanted[32];
    const struct transfer *transfer = &kept->transfer;
    if (transfer->state != TRANSFER_ABSENT)
        (void)snprintf(detail, sizeof detail, "state: %s", transfer_state_name(transfer->state));
    if (ruling->rule == rule_of(moving->key.scheme, REFUSAL_AMOUNT)) {
        money_describe(amount_of(moving->letter), sent);
        money_describe(moving->letter->kind == LETTER_FUNDS_RETURN ? transfer->received : transfer->total, wanted);
        (void)snprintf(detail, sizeof detail, "found %s, expected %s", sent, wanted);
    }
    transfer_refuse(moving, ruling->rule, transfer_letter_name(moving->letter->kind), detail);
    if (transfer->state != TRANSFER_ABSENT)
        show(moving, kept, false);
}

/* One of a person and scheme at a time: the second is pointed at the first. */
static bool is_only_one(struct moving *moving)
{
    const char *id;
    char detail[FINDING_DETAIL_MAX + 1];
    if (!transfer_record_find_open(moving->deciding->txn, moving->key.person, moving->key.scheme,
                                   moving->deciding->input->arena, &id, &moving->deciding->outcome.original_position))
        return true;
    (void)snprintf(detail, sizeof detail, "transfer %s, applied for at %llu", id,
                   (unsigned long long)moving->deciding->outcome.original_position);
    transfer_refuse(moving, rule_of(moving->key.scheme, REFUSAL_OPEN), "transfer_id", detail);
    return false;
}

static bool areas_hold(struct moving *moving, const struct transfer_record *kept)
{
    const struct transfer_letter *letter = moving->letter;
    bool same =
        strcmp(letter->source_area, kept->source_area) == 0 && strcmp(letter->target_area, kept->target_area) == 0;
    if (!same)
        transfer_refuse(moving, rule_of(moving->key.scheme, REFUSAL_AREAS), "source_area",
                        "not those of the application");
    return same;
}

/* Money is sent, received and joined, and a person told, after the transfer was applied for. */
static bool dates_hold(struct moving *moving, const struct transfer_record *kept)
{
    bool hold = !logic_has(moving->deciding->published->logic, LOGIC_DATES_OF_LIFE) || moving->letter->date == 0 ||
                kept->transfer.step_count == 0 ||
                moving->letter->date >= civil_date_of_instant(kept->transfer.steps[0].accepted_at);
    if (!hold)
        transfer_refuse(moving, rule_of(moving->key.scheme, REFUSAL_DATE), transfer_letter_name(moving->letter->kind),
                        "before the application");
    return hold;
}

static struct moving moving_of(struct deciding *deciding, const struct identity *person)
{
    const struct transfer_letter *letter = deciding->event->body.transfer;
    return (struct moving){.deciding = deciding,
                           .letter = letter,
                           .person = person,
                           .today = civil_date_of_instant(deciding->verdict->accepted_at),
                           .key = {person->number, letter->scheme, letter->transfer_id},
                           .bytes = body_bytes(deciding->envelope)};
}

enum status letter_decide(struct deciding *deciding, const struct identity *person)
{
    struct transfer_record kept;
    struct moving moving = moving_of(deciding, person);
    const struct transfer_letter *letter = moving.letter;
    TRY(transfer_record_get(deciding->txn, &moving.key, deciding->input->arena, &kept));
    if (kept.transfer.state == TRANSFER_ABSENT) {
        kept.source_area = letter->source_area;
        kept.target_area = letter->target_area;
    } else if (!areas_hold(&moving, &kept)) {
        return OK;
    }
    enum transfer_side sender = strcmp(deciding->event->sender, region_of_side(&kept, SOURCE)) == 0 ? SOURCE : TARGET;
    struct transfer_message message = message_of(&moving);
    struct ruling ruling = transfer_step(&deciding->published->calendar, transfer_machine_of(letter->scheme),
                                         &kept.transfer, &message, sender, moving.today);
    if (ruling.kind == RULING_REPEATED)
        repeat(&moving, &kept, &ruling);
    else if (ruling.kind == RULING_REFUSED)
        refuse_by_machine(&moving, &kept, &ruling);
    else if ((letter->kind != LETTER_APPLICATION || is_only_one(&moving)) && dates_hold(&moving, &kept) &&
             content_holds(&moving, &kept))
        move(&moving, &kept, &ruling, &message);
    return OK;
}

bool letter_was_answered(struct deciding *deciding, const struct identity *person)
{
    const struct transfer_letter *letter = deciding->event->body.transfer;
    struct transfer_record kept;
    uint8_t hash[DIGEST_SIZE];
    size_t size = strlen(letter->transfer_id);
    if (letter->scheme == SCHEME_NONE || letter->scheme >= SCHEMES_COUNT || size == 0 || size > TRANSFER_ID_SIZE_MAX)
        return false;
    struct moving moving = moving_of(deciding, person);
    if (transfer_record_get(deciding->txn, &moving.key, deciding->input->arena, &kept) != OK)
        return false;
    digest_once(deciding->self->digest, moving.bytes, hash);
    for (uint32_t i = 0; i < kept.transfer.step_count; i++) {
        const struct transfer_step_taken *step = &kept.transfer.steps[i];
        if (memcmp(step->letter_hash, hash, LETTER_HASH_SIZE) != 0 ||
            strcmp(region_of_side(&kept, step->sender), deciding->event->sender) != 0)
            continue;
        repeat(&moving, &kept, &(struct ruling){.kind = RULING_REPEATED, .repeated = i});
        return true;
    }
    return false;
}
