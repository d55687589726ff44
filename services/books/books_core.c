/* SPDX-License-Identifier: Apache-2.0
 * The books' core. */
#include "services/books/books_core.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/gazette/areas.h"
#include "services/books/ask/books_query.h"
#include "services/books/ask/month_views.h"
#include "services/books/decide/advances.h"
#include "services/books/decide/booking.h"
#include "services/books/decide/calendar.h"
#include "services/books/decide/figures.h"
#include "services/books/decide/institutions.h"
#include "services/books/decide/investigations.h"
#include "services/books/decide/payments.h"
#include "services/books/decide/replies.h"
#include "services/books/decide/restating.h"
#include "services/books/decide/statements.h"
#include "services/books/keep/bills.h"
#include "services/books/keep/due.h"
#include "services/books/keep/gazettes.h"
#include "services/books/keep/months.h"
#include "services/books/keep/policies.h"
#include "services/books/keep/reconciliation.h"
#include "services/books/keep/record.h"
#include "services/books/keep/sums.h"

static const struct store_table tables[BOOKS_TABLES_COUNT] = {
#define BOOKS(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

enum { MEMORY_SIZE = 4 * 1024 * 1024 };

/* The day, for questions that are asked before the next record comes. */
static void clock_store(struct books *books)
{
    struct row_bytes key = clock_key(0), value = clock_value(books->today);
    if (books->today != 0)
        store_put(books->txn, CLOCK, row_span(&key), row_span(&value));
}

static void clock_open(struct books *books)
{
    struct row_bytes key = clock_key(0);
    struct clock_value kept;
    struct span value;
    if (store_get(books->txn, CLOCK, row_span(&key), &value) && clock_value_read(value, &kept))
        books->today = kept.today;
}

static enum status open_core(void *self, struct store_txn *txn, struct core_partition partition)
{
    struct books *books = self;
    (void)partition;
    books->txn = txn;
    books->ledger = tally_new(BALANCES, 1);
    books->cells = tally_new(CELLS, CELL_VALUES);
    books->figures = tally_new(FIGURES, FIGURES_COUNT);
    books->reconciliation = tally_new(RECONCILIATION, LINE_VALUES);
    books->aging = tally_new(AGING, AGING_VALUES);
    books->sums = tally_new(SUMS, SUM_VALUES);
    books->rolled = tally_new(ROLLED, ROLLED_VALUES);
    void *memory = malloc(MEMORY_SIZE);
    INVARIANT(memory != NULL);
    arena_init(&books->memory, memory, MEMORY_SIZE);
    clock_open(books);
    months_open(books);
    due_open(books);
    TRY(policies_open(books));
    TRY(gazettes_open(books));
    sums_open(books);
    return store_status(txn);
}

/* ---- one position ---- */

/* Exactly one of the partitions' records is not empty; at a tick, NOTICEs may follow it. */
static enum status pick_outcome(const struct core_input *input, struct span *outcome, struct outcome_head *head)
{
    struct outcome_head next;
    *outcome = span_of(NULL, 0);
    *head = (struct outcome_head){0};
    for (unsigned i = 1; i < input->record_count; i++) {
        if (input->records[i].size == 0)
            continue;
        if (outcome_head_read(input->records[i], &next) != OK || (outcome->size != 0 && next.kind != OUTCOME_NOTICE))
            return FATAL_CORRUPT;
        if (outcome->size != 0)
            continue;
        *outcome = input->records[i];
        *head = next;
    }
    return outcome->size == 0 || head->position != input->position ? FATAL_CORRUPT : OK;
}

static void begin(struct books *books, struct store_txn *txn, const struct core_input *input, instant_ms_t now)
{
    books->txn = txn;
    books->input = input;
    books->position = input->position;
    books->now = now;
    books->event = NULL;
    books->posting_count = 0;
    books->entries = 0;
    arena_reset(&books->memory);
    books_record_blank(&books->answer);
    books->findings.count = 0;
    books->findings.refused = books->findings.overflow = false;
    if (now >= books->today_from && now < books->today_to)
        return;
    books->today = civil_date_of_instant(now);
    books->today_from = civil_date_start(books->today);
    books->today_to = civil_date_start(civil_date_add_days(books->today, 1));
}

/* The event, or what a requeued letter holds. The lines of a bill are nothing to the books. */
static enum status decode_event(struct books *books, struct span envelope, struct event *event)
{
    struct event outer;
    TRY(event_decode_without_items(envelope, books->input->arena, event));
    if (event->kind == EVENT_REQUEUE) {
        outer = *event;
        TRY(event_decode_without_items(outer.body.requeue.envelope, books->input->arena, event));
    }
    areas_without_offices(books->published, books->input->arena, event);
    books->event = event;
    return OK;
}

static void books_drop(struct books *books, const struct dead_letter_drop *drop)
{
    if (strcmp(drop->service, books_core.name) == 0)
        (void)core_letter_ends(&books_core, books->txn, books->input, drop->position);
}

static enum status applied(struct books *books, const struct event *event)
{
    switch (event->kind) {
#define TAKE(function, member) (function(books, &event->body.member), OK)
#define TAKE_POINTER(function, member) (function(books, event->body.member), OK)
#define KNOW gazettes_switch(books, event->body.logic.version)
#define AGAIN OK   /* decode_event looked inside */
#define NOTHING OK /* nor decoded */
#define EVENT(kind, whom, who, judge, settles, takes)                                                                  \
    case EVENT_##kind:                                                                                                 \
        return takes;
#include "common/codes/event.def"
#undef EVENT
#undef NOTHING
#undef AGAIN
#undef KNOW
#undef TAKE_POINTER
#undef TAKE
    case EVENT_NONE:
        break;
    }
    return OK;
}

/* Of what settlement applied: does it concern the books? Saves decoding enrolments, policies, ticks. */
static bool concerns_books(struct span envelope)
{
    struct envelope_head head;
    if (envelope_head_read(envelope, &head) != OK)
        return false;
    switch (head.body_number) {
#define TAKE(function, member) true
#define TAKE_POINTER(function, member) true
#define KNOW true
#define AGAIN true
#define NOTHING false
#define EVENT(kind, whom, who, judge, settles, takes)                                                                  \
    case EVENT_##kind:                                                                                                 \
        return takes;
#include "common/codes/event.def"
#undef EVENT
#undef NOTHING
#undef AGAIN
#undef KNOW
#undef TAKE_POINTER
#undef TAKE
    default:
        return false;
    }
}

/* What settlement decided of bills, and what it posted for transfers: the books hold every account. */
static enum status take_decided(struct books *books, struct span record, struct span envelope, struct event *event)
{
    struct outcome outcome;
    if (outcome_decode_without_steps(record, books->input->arena, &outcome) != OK)
        return FATAL_CORRUPT;
    figures_after_death(books, &outcome);
    if (outcome.kind == OUTCOME_MOVED) {
        if (outcome.posting_count > 0)
            ledger_post(books->ledger, books->txn, outcome.postings, outcome.posting_count);
        return OK;
    }
    if (outcome.kind == OUTCOME_REFUSED) {
        if (strcmp(outcome.event, event_kind_name(EVENT_BILL_SETTLE)) == 0)
            figures_refused(books, outcome.institution);
        return OK;
    }
    if (decode_event(books, envelope, event) != OK)
        return FATAL_CORRUPT; /* settlement decoded it */
    if (outcome.kind == OUTCOME_SETTLED)
        booking_settled(books, &outcome, event);
    else
        booking_reversed(books, &outcome);
    return OK;
}

/* Fills in `event`, which the record's head is made of later: it outlives this call. */
static enum status take(struct books *books, struct span record, struct span envelope, enum outcome_kind kind,
                        struct event *event)
{
    if (kind == OUTCOME_SETTLED || kind == OUTCOME_REVERSED || kind == OUTCOME_REFUSED || kind == OUTCOME_MOVED)
        return take_decided(books, record, envelope, event);
    if (kind != OUTCOME_APPLIED || !concerns_books(envelope))
        return OK;
    return decode_event(books, envelope, event) == OK ? applied(books, event) : FATAL_CORRUPT;
}

static enum status apply(void *self, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    struct books *books = self;
    struct span record;
    struct outcome_head head;
    struct submission submission;
    struct event event; /* books->event, until the record is made */
    TRY(pick_outcome(input, &record, &head));
    begin(books, txn, input, head.accepted_at);
    calendar_act(books);
    if (submission_decode(input->records[0], NULL, &submission) == OK)
        TRY(take(books, record, submission.envelope, head.kind, &event));
    if (books->answer.kind == BOOKS_NONE && books->entries == 0 && books->today >= books->first_due) {
        books->event = NULL;
        calendar_do_due(books);
    }
    record_encode(books, output);
    books->event = NULL;
    return store_status(txn);
}

static void dead_letter(void *self, const struct core_input *input, const char *reason, struct buffer *output)
{
    (void)self;
    books_record_encode(&(struct books_record){.position = input->position,
                                               .sender = "exchange",
                                               .kind = BOOKS_DEAD_LETTER,
                                               .deliver_to = {"operator"},
                                               .deliver_count = 1,
                                               .dead_reason = reason},
                        output);
}

static void flush(void *self, struct store_txn *txn)
{
    struct books *books = self;
    books->txn = txn;
    tally_flush(books->ledger, txn);
    tally_flush(books->cells, txn);
    tally_flush(books->figures, txn);
    tally_flush(books->reconciliation, txn);
    tally_flush(books->aging, txn);
    sums_flush(books);
    months_flush(books);
    clock_store(books);
}

static enum status query(void *self, struct store_txn *txn, struct span request, struct buffer *answer)
{
    struct books *books = self;
    books->txn = txn;
    arena_reset(&books->memory);
    return books_query(books, request, answer);
}

/* One row a step, as labels stay; all but that of the oldest late month are 0. */
static unsigned late_figures(struct books *books, struct core_figure *figures)
{
    static const struct {
        enum clearing_task task;
        const char *name;
    } steps[] = {{TASK_STATE, "state"}, {TASK_AGREE, "agree"},     {TASK_REPLY, "reply"},
                 {TASK_PAY, "pay"},     {TASK_RECEIVE, "receive"}, {TASK_TOP_UP, "top_up"}};
    enum { STEPS = sizeof steps / sizeof steps[0], DAY_S = 24 * 60 * 60 };
    struct month_late late = month_views_late(books);
    for (unsigned i = 0; i < STEPS; i++) {
        bool is_late = late.month != 0 && late.task == steps[i].task;
        figures[i] = (struct core_figure){
            .name = "hutong_month_overdue_seconds",
            .help = "Time since the date of the step that the oldest late month of clearing waits for; 0: none is.",
            .value = is_late ? (civil_date_to_day(books->today) - civil_date_to_day(late.until)) * DAY_S : 0};
        (void)snprintf(figures[i].labels, sizeof figures[i].labels, "step=\"%s\"", steps[i].name);
    }
    figures[STEPS] = (struct core_figure){.name = "hutong_month_overdue",
                                          .help = "The oldest late month of clearing, as 202503; 0: none is.",
                                          .value = late.month};
    return STEPS + 1;
}

/* Of the newest month whose tables stand, and of the oldest that is late. */
static unsigned figures_of(void *self, struct store_txn *txn, struct core_figure figures[CORE_FIGURES_COUNT_MAX])
{
    struct books *books = self;
    month_t month = MONTHS_COUNT_MAX;
    unsigned count = 0;
    books->txn = txn;
    arena_reset(&books->memory);
    while (month > 0 && !months_stands(books, month))
        month--;
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        if (pair / REGIONS == pair % REGIONS)
            continue;
        struct advance_state state = advances_state(books, month, pair);
        figures[count] = (struct core_figure){
            .name = "hutong_advance_colour",
            .help = "Advance funds against the newest month that stands: 1 green, 2 yellow, 3 red.",
            .value = state.colour};
        (void)snprintf(figures[count].labels, sizeof figures[count].labels, "party=\"%s\",care=\"%s\"",
                       clearing_region(pair / REGIONS), clearing_region(pair % REGIONS));
        count++;
    }
    return count + late_figures(books, figures + count);
}

static uint32_t logic_version(const void *self)
{
    return ((const struct books *)self)->published->logic;
}

static void close_core(void *self)
{
    struct books *books = self;
    gazette_book_destroy(&books->gazettes);
    tally_destroy(&books->ledger);
    tally_destroy(&books->cells);
    tally_destroy(&books->figures);
    tally_destroy(&books->reconciliation);
    tally_destroy(&books->aging);
    tally_destroy(&books->sums);
    tally_destroy(&books->rolled);
    free(books->memory.memory);
    buffer_fini(&books->scratch);
}

const struct core books_core = {
    .name = "books",
    .tables = tables,
    .table_count = BOOKS_TABLES_COUNT,
    .format = FORMAT_BOOKS,
    .overlaid = true,
    .self_size = sizeof(struct books),
    .open = open_core,
    .apply = apply,
    .dead_letter = dead_letter,
    .flush = flush,
    .query = query,
    .figures = figures_of,
    .logic_version = logic_version,
    .close = close_core,
};
