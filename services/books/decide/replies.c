/* SPDX-License-Identifier: Apache-2.0
 * Replies to clearing tables. */
#include "services/books/decide/replies.h"

#include "common/base/check.h"
#include "services/books/decide/intake.h"
#include "services/books/keep/bills.h"
#include "services/books/keep/record.h"

struct replying {
    const struct clearing_reply *reply;
    month_t month;
    unsigned pair;
    unsigned side; /* of SIDES */
    uint32_t rows;
    fen_t amount;
};

unsigned replies_side(struct books *books, uint64_t reply)
{
    struct row_bytes key = replies_key(reply);
    struct replies_value kept;
    struct span value;
    INVARIANT(store_get(books->txn, REPLIES, row_span(&key), &value) && replies_value_read(value, &kept));
    return kept.side;
}

static struct row_bytes mark_key(const struct replying *replying, uint64_t number)
{
    return marks_key(replying->month, replying->pair, replying->side, number);
}

static bool is_confirmed(struct books *books, const struct replying *replying, uint64_t number)
{
    struct row_bytes key = mark_key(replying, number);
    struct span value;
    return books->pairs[replying->month][replying->pair].confirmed[replying->side] != 0 ||
           store_get(books->txn, MARKS, row_span(&key), &value);
}

/* Each row is in the table, and not confirmed by this side. */
static bool rows_are_open(struct books *books, const struct replying *replying)
{
    struct book_bill bill;
    for (uint32_t i = 0; i < replying->reply->number_count; i++) {
        uint64_t number = replying->reply->numbers[i];
        bool there = bills_load(books, number, &bill) && bill.month == replying->month &&
                     book_bill_pair(&bill) == replying->pair && (i == 0 || replying->reply->numbers[i - 1] < number);
        if (!there)
            record_find(books, RULE_CLEARING_ROW_UNKNOWN, "clearing_reply.numbers", NULL);
        else if (is_confirmed(books, replying, number))
            record_find(books, RULE_CLEARING_ROW_CONFIRMED, "clearing_reply.numbers", NULL);
        if (books->findings.refused)
            return false;
    }
    return true;
}

static void keep_reply(struct books *books, const struct replying *replying)
{
    struct row_bytes key = replies_key(books->position), head = replies_value(replying->side);
    buffer_reset(&books->scratch);
    buffer_append(&books->scratch, head.bytes, head.size);
    clearing_reply_encode(replying->reply, &books->scratch);
    store_append(books->txn, REPLIES, row_span(&key), buffer_span(&books->scratch));
}

static void confirm(struct books *books, struct replying *replying)
{
    struct pair_month *sums = &books->pairs[replying->month][replying->pair];
    struct row_bytes value = marks_value(books->position);
    if (replying->reply->number_count == 0) {
        if (sums->confirmed[replying->side] != 0) {
            record_find(books, RULE_CLEARING_ROW_CONFIRMED, "clearing_reply", NULL);
            return;
        }
        sums->confirmed[replying->side] = books->position;
        sums->dirty = true;
        replying->rows = sums->count_positive + sums->count_negative;
        replying->amount = sums->amount;
    } else if (!rows_are_open(books, replying))
        return;
    for (uint32_t i = 0; i < replying->reply->number_count; i++) {
        struct book_bill bill;
        INVARIANT(bills_load(books, replying->reply->numbers[i], &bill));
        struct row_bytes key = mark_key(replying, bill.row.number);
        store_put(books->txn, MARKS, row_span(&key), row_span(&value));
        replying->rows++;
        replying->amount += book_bill_amount(&bill);
    }
    keep_reply(books, replying);
}

static void dispute(struct books *books, struct replying *replying)
{
    if (replying->reply->number_count == 0)
        record_find(books, RULE_BOOKS_FIELD_INVALID, "clearing_reply.numbers", "rows are named");
    else if (rows_are_open(books, replying)) {
        keep_reply(books, replying);
        for (uint32_t i = 0; i < replying->reply->number_count; i++) {
            struct book_bill bill;
            INVARIANT(bills_load(books, replying->reply->numbers[i], &bill));
            if (bill.month != replying->month)
                continue; /* it went with what it takes back */
            replying->rows++;
            replying->amount += book_bill_amount(&bill);
            intake_dispute(books, &bill, books->position);
        }
    }
}

/* Undoes what the earlier reply did, as far as it still holds. */
static void undo(struct books *books, struct replying *replying, const struct clearing_reply *earlier)
{
    struct pair_month *sums = &books->pairs[replying->month][replying->pair];
    for (uint32_t i = 0; i < earlier->number_count; i++) {
        struct book_bill bill;
        INVARIANT(bills_load(books, earlier->numbers[i], &bill));
        struct row_bytes key = mark_key(replying, bill.row.number);
        store_delete(books->txn, MARKS, row_span(&key));
        if (bill.disputed_by == replying->reply->reply)
            intake_undispute(books, &bill, replying->month);
        replying->rows++;
        replying->amount += book_bill_amount(&bill);
    }
    if (earlier->number_count == 0) {
        sums->confirmed[replying->side] = 0;
        sums->dirty = true;
        replying->rows = sums->count_positive + sums->count_negative;
        replying->amount = sums->amount;
    }
}

static void roll_back(struct books *books, struct replying *replying)
{
    struct row_bytes key = replies_key(replying->reply->reply);
    struct replies_value kept;
    struct span value;
    struct clearing_reply earlier;
    bool found = store_get(books->txn, REPLIES, row_span(&key), &value) && replies_value_read(value, &kept) &&
                 kept.side == replying->side &&
                 clearing_reply_decode(kept.clearingreply, &books->memory, &earlier) == OK &&
                 month_of_number(earlier.month) == replying->month &&
                 clearing_region_index(earlier.insured_region) * REGIONS + clearing_region_index(earlier.care_region) ==
                     replying->pair;
    if (!found) {
        record_find(books, RULE_CLEARING_REPLY_UNKNOWN, "clearing_reply.reply", NULL);
        return;
    }
    undo(books, replying, &earlier);
    store_delete(books->txn, REPLIES, row_span(&key));
}

static void say_reply(struct books *books, const struct replying *replying)
{
    bool rolls_back = replying->reply->action == ACTION_ROLL_BACK;
    struct clearing_reply_result *result = record_part(books, sizeof *result);
    record_say_pair(books, BOOKS_CLEARING_REPLY, replying->pair);
    *result = (struct clearing_reply_result){.month = replying->reply->month,
                                             .insured_region = clearing_region(replying->pair / REGIONS),
                                             .care_region = clearing_region(replying->pair % REGIONS),
                                             .action = replying->reply->action,
                                             .reply = rolls_back ? replying->reply->reply : books->position,
                                             .rows = replying->rows,
                                             .amount = replying->amount};
    books->answer.clearing_reply = result;
}

/* Within one region both sides are the same party; it replies as the region of care. */
void replies_take(struct books *books, const struct clearing_reply *reply)
{
    unsigned insured = clearing_region_index(reply->insured_region), care = clearing_region_index(reply->care_region);
    struct replying replying = {.reply = reply,
                                .month = month_of_number(reply->month),
                                .pair = insured * REGIONS + care,
                                .side = strcmp(books->event->sender, reply->care_region) != 0};
    const struct month_record *record = &books->months[replying.month];
    INVARIANT(insured < REGIONS && care < REGIONS && replying.month != 0);
    if (record->state != CLEARING_GENERATED || books->today > record->dates.confirm_by)
        record_find(books, RULE_CLEARING_NOT_STANDING, "clearing_reply.month", NULL);
    else if (reply->action == ACTION_CONFIRM)
        confirm(books, &replying);
    else if (reply->action == ACTION_DISPUTE)
        dispute(books, &replying);
    else
        roll_back(books, &replying);
    say_reply(books, &replying);
}
