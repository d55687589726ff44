/* SPDX-License-Identifier: Apache-2.0
 * Questions about transfers. */
#include "services/settlement/transfer_query.h"

#include "common/codes/identity.h"
#include "common/store/rows/settlement.h"
#include "services/settlement/deadlines.h"
#include "services/settlement/settled.h"
#include "services/settlement/transfer_records.h"

enum { ITEMS_A_PAGE_MAX = 200, LOOKED_AT_MAX = 20000, WORKDAYS_DAYS_MAX = 400 };

struct answering {
    const struct calendar *calendar;
    uint32_t today; /* working days are counted from it; 0: they are not */
    struct store_txn *txn;
    struct arena *arena;
    struct buffer *answer;
    uint32_t left;    /* items */
    uint32_t to_look; /* keys */
};

/* Working days after one day, up to another one that is no earlier. False: the calendar lacks one, or it is too far. */
static bool workdays_between(const struct calendar *calendar, civil_date_t from, civil_date_t to, int64_t *count)
{
    *count = 0;
    if (civil_date_to_day(to) - civil_date_to_day(from) > WORKDAYS_DAYS_MAX)
        return false;
    for (int32_t day = civil_date_to_day(from) + 1; day <= civil_date_to_day(to); day++) {
        bool workday;
        if (workday_is(calendar, civil_date_from_day(day), &workday) != OK)
            return false;
        *count += workday;
    }
    return true;
}

static void count_workdays(const struct answering *answering, struct transfer_view *view)
{
    bool late = view->due_date < answering->today;
    if (answering->today == 0 || view->due_date == 0)
        return;
    view->workdays_known = workdays_between(answering->calendar, late ? view->due_date : answering->today,
                                            late ? answering->today : view->due_date, &view->workdays_left);
    if (late)
        view->workdays_left = -view->workdays_left;
}

static void put_transfer(struct answering *answering, const struct transfer_key *key,
                         const struct transfer_record *kept, bool with_history)
{
    const struct transfer *transfer = &kept->transfer;
    struct transfer_entry entries[TRANSFER_STEPS_MAX];
    struct transfer_view view;
    transfer_view_fill(key, kept, &view);
    count_workdays(answering, &view);
    for (uint32_t i = 0; with_history && i < transfer->step_count; i++) {
        const struct transfer_step_taken *step = &transfer->steps[i];
        entries[i] = (struct transfer_entry){.position = step->position,
                                             .accepted_at = step->accepted_at,
                                             .sender = region_of_side(kept, step->sender),
                                             .letter = step->letter,
                                             .state = step->state,
                                             .due_date = step->due,
                                             .step_region = region_of_side(kept, step->owner),
                                             .amount = step->amount};
        view.history = entries;
        view.history_count = i + 1;
    }
    transfer_answer_put_transfers(answering->answer, &view);
    answering->left--;
}

static void put_certification(struct answering *answering, const char *person, const char *id,
                              const struct certification *certification)
{
    struct certification_view view;
    certification_view_fill(person, id, certification, &view);
    transfer_answer_put_certificates(answering->answer, &view);
    answering->left--;
}

static bool may_go_on(struct answering *answering, struct span key)
{
    if (answering->left > 0 && answering->to_look-- > 0)
        return true;
    transfer_answer_encode(&(struct transfer_answer){.next = key}, answering->answer);
    return false;
}

/* The number alone does not say whose it is: all of a partition's are looked through. */
static enum status find_by_id(struct answering *answering, const struct transfer_query *question)
{
    struct store_walk walk;
    for (bool more = store_walk_start(&walk, answering->txn, TRANSFERS, question->from); more;
         more = store_walk_next(&walk)) {
        struct transfers_key parts;
        struct transfer_key key;
        struct transfer_record kept;
        if (!may_go_on(answering, walk.key))
            break;
        if (!transfers_key_read(walk.key, &parts) || !span_equal(parts.transfer, span_text(question->transfer_id)) ||
            (question->scheme != 0 && parts.scheme != question->scheme))
            continue;
        arena_reset(answering->arena);
        if (!transfer_key_read(walk.key, answering->arena, &key) ||
            transfer_record_read(walk.value, answering->arena, &kept) != OK)
            return FATAL_CORRUPT;
        put_transfer(answering, &key, &kept, true);
    }
    store_walk_end(&walk);
    return OK;
}

static enum status put_due(struct answering *answering, const struct deadline *deadline)
{
    if (deadline->scheme == SCHEME_CERTIFICATION) {
        struct certification certification;
        TRY(certification_get(answering->txn, deadline->person, deadline->id, answering->arena, &certification));
        put_certification(answering, deadline->person, deadline->id, &certification);
        return OK;
    }
    struct transfer_key key = {deadline->person, deadline->scheme, deadline->id};
    struct transfer_record kept;
    TRY(transfer_record_get(answering->txn, &key, answering->arena, &kept));
    put_transfer(answering, &key, &kept, false);
    return OK;
}

/* Certificates by themselves: an answer holds one kind. */
static bool is_wanted(const struct transfer_query *question, const struct deadline *due, civil_date_t until)
{
    bool scheme = question->scheme == 0 ? due->scheme != SCHEME_CERTIFICATION : due->scheme == question->scheme;
    return scheme && (question->region[0] == 0 || strcmp(question->region, due->region) == 0) &&
           (question->state == 0 || question->state == due->state) &&
           (question->overdue_on == 0 || due->due < question->overdue_on) && (until == 0 || due->due <= until);
}

/* The last day that is meant by `within_workdays`; 0: any. */
static enum status until_of(const struct answering *answering, const struct transfer_query *question,
                            civil_date_t *until)
{
    *until = 0;
    if (question->within_workdays == 0)
        return OK;
    if (!civil_date_exists(question->today))
        return REJECT_MALFORMED;
    return workday_add(answering->calendar, question->today, question->within_workdays, until) == OK ? OK
                                                                                                     : REJECT_MALFORMED;
}

static void put_totals(struct answering *answering, uint64_t skipped)
{
    transfer_answer_encode(&(struct transfer_answer){.running = store_count(answering->txn, DEADLINES),
                                                     .overdue = deadlines_overdue(answering->txn),
                                                     .skipped = skipped},
                           answering->answer);
}

static enum status list_due(struct answering *answering, const struct transfer_query *question)
{
    struct deadline_walk walk;
    struct deadline *due = &walk.deadline;
    enum status status = OK;
    civil_date_t until;
    uint64_t skipped = 0;
    TRY(until_of(answering, question, &until));
    arena_reset(answering->arena);
    for (bool more = deadline_walk_start(&walk, answering->txn, question->from, answering->arena); more && status == OK;
         more = deadline_walk_next(&walk, answering->arena)) {
        if (!may_go_on(answering, walk.walk.key))
            break;
        if (is_wanted(question, due, until) && skipped++ >= question->skip) {
            status = put_due(answering, due);
            skipped--;
        }
        arena_reset(answering->arena);
    }
    deadline_walk_end(&walk);
    put_totals(answering, skipped);
    return status;
}

/* The count of this kind, state and region; there are few. NULL: more than there is room for. */
static struct transfer_count *count_of(struct transfer_count *counts, uint32_t *size, const struct deadline *due)
{
    for (uint32_t i = 0; i < *size; i++)
        if (counts[i].scheme == due->scheme && counts[i].state == due->state &&
            strcmp(counts[i].region, due->region) == 0)
            return &counts[i];
    if (*size == TRANSFER_ANSWER_COUNTS_MAX)
        return NULL;
    struct transfer_count *count = &counts[(*size)++];
    *count = (struct transfer_count){.scheme = due->scheme, .state = due->state};
    memcpy(count->region, due->region, strnlen(due->region, sizeof count->region - 1));
    return count;
}

static enum status count_due(struct answering *answering, const struct transfer_query *question)
{
    struct transfer_count counts[TRANSFER_ANSWER_COUNTS_MAX];
    struct transfer_answer found = {.counts = counts};
    struct deadline_walk walk;
    arena_reset(answering->arena);
    for (bool more = deadline_walk_start(&walk, answering->txn, question->from, answering->arena); more;
         more = deadline_walk_next(&walk, answering->arena)) {
        if (!may_go_on(answering, walk.walk.key))
            break;
        struct transfer_count *count = count_of(counts, &found.count_count, &walk.deadline);
        arena_reset(answering->arena);
        if (count == NULL)
            continue;
        count->running++;
        count->overdue += walk.deadline.due < question->today;
    }
    deadline_walk_end(&walk);
    transfer_answer_encode(&found, answering->answer);
    return OK;
}

static enum status list_certificates(struct answering *answering, const struct transfer_query *question)
{
    struct store_walk walk;
    struct row_bytes from = certifications_request_key(question->certificate_of, span_of(NULL, 0));
    if (strlen(question->certificate_of) != IDENTITY_SIZE)
        return OK;
    for (bool more = store_walk_start(&walk, answering->txn, CERTIFICATIONS, row_span(&from)); more;
         more = store_walk_next(&walk)) {
        struct transfer_key key;
        struct certification certification;
        if (!row_shares(walk.key, &from, from.size) || answering->left == 0)
            break;
        arena_reset(answering->arena);
        if (!transfer_key_read(walk.key, answering->arena, &key))
            return FATAL_CORRUPT;
        TRY(certification_get(answering->txn, key.person, key.id, answering->arena, &certification));
        put_certification(answering, key.person, key.id, &certification);
    }
    store_walk_end(&walk);
    return OK;
}

enum status transfer_query(const struct published *published, struct store_txn *txn, struct arena *arena,
                           struct span request, struct buffer *answer)
{
    struct transfer_query question;
    struct answering answering = {&published->calendar, 0, txn, arena, answer, ITEMS_A_PAGE_MAX, LOOKED_AT_MAX};
    TRY(wire_check(WIRE_TRANSFER_QUERY, request, NULL));
    uint8_t texts[1024]; /* the question's own, while the arena is reset from item to item */
    struct arena own;
    arena_init(&own, texts, sizeof texts);
    if (transfer_query_decode(request, &own, &question) != OK)
        return REJECT_MALFORMED;
    if (question.count_max > 0 && question.count_max < ITEMS_A_PAGE_MAX)
        answering.left = question.count_max;
    if (question.certificate_of[0] != 0)
        return list_certificates(&answering, &question);
    if (question.today != 0 && !civil_date_exists(question.today))
        return REJECT_MALFORMED;
    answering.today = question.today;
    if (question.count_only)
        return count_due(&answering, &question);
    return question.transfer_id[0] != 0 ? find_by_id(&answering, &question) : list_due(&answering, &question);
}
