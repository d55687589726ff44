/* SPDX-License-Identifier: Apache-2.0
 * The mailboxes. */
#include "services/mailbox/mailbox_core.h"

#include "common/base/limits.h"
#include "common/pb/outcome.h"
#include "common/store/rows/mailbox.h"

enum {
#define MAILBOX(place, ...) place,
#include "common/store/store.def"
    TABLES_COUNT
};
enum { PARTIES_COUNT_MAX = 32 };

struct mailbox_party {
    char name[PARTY_SIZE_MAX + 1];
    uint64_t end;
    bool dirty;
};

struct mailboxes {
    struct mailbox_party parties[PARTIES_COUNT_MAX];
    unsigned count;
};

static const struct store_table tables[] = {
#define MAILBOX(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};
/* Of other words, in the same places, as far as they go. */
static const struct store_table news_tables[] = {
#define NEWS(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

static enum status open_core(void *self, struct store_txn *txn, struct core_partition partition)
{
    struct mailboxes *mailboxes = self;
    struct store_walk walk;
    (void)partition;
    for (bool more = store_walk_start(&walk, txn, ENDS, span_of(NULL, 0)); more; more = store_walk_next(&walk)) {
        struct ends_value kept;
        if (!ends_value_read(walk.value, &kept) || kept.number >= PARTIES_COUNT_MAX || walk.key.size > PARTY_SIZE_MAX)
            return FATAL_CORRUPT;
        struct mailbox_party *party = &mailboxes->parties[kept.number];
        memcpy(party->name, walk.key.data, walk.key.size);
        party->end = kept.end;
        mailboxes->count++;
    }
    store_walk_end(&walk);
    return store_status(txn);
}

static int party_number(const struct mailboxes *mailboxes, struct span name)
{
    for (unsigned i = 0; i < mailboxes->count; i++)
        if (span_equal(span_text(mailboxes->parties[i].name), name))
            return (int)i;
    return -1;
}

/* `place`: the outcome's key in OUTCOMES. */
static enum status deliver(struct mailboxes *mailboxes, struct store_txn *txn, struct span name, struct span place)
{
    int number = party_number(mailboxes, name);
    if (number < 0) {
        if (mailboxes->count == PARTIES_COUNT_MAX || name.size > PARTY_SIZE_MAX)
            return FATAL_CORRUPT; /* settlement names regions and the operator alone */
        number = (int)mailboxes->count++;
        memcpy(mailboxes->parties[number].name, name.data, name.size);
    }
    struct mailbox_party *party = &mailboxes->parties[number];
    struct row_bytes key = mailbox_first_key((unsigned)number, party->end++);
    party->dirty = true;
    store_put(txn, MAILBOX, row_span(&key), place);
    return OK;
}

static enum status keep(struct mailboxes *mailboxes, struct store_txn *txn, const struct core_input *input,
                        unsigned index, bool first)
{
    struct outcome_head head;
    struct row_bytes place = first ? outcomes_first_key(input->position) : outcomes_further_key(input->position, index);
    if (outcome_head_read(input->records[index], &head) != OK || head.position != input->position)
        return FATAL_CORRUPT;
    if (!first && head.kind != OUTCOME_NOTICE)
        return FATAL_CORRUPT; /* two partitions answered one submission */
    store_append(txn, OUTCOMES, row_span(&place), input->records[index]);
    for (uint32_t i = 0; i < head.deliver_count; i++)
        TRY(deliver(mailboxes, txn, head.deliver_to[i], row_span(&place)));
    return OK;
}

/* Of a row that was stated before, or a settlement that is taken back: nobody is told by the older outcome. */
static enum status note_newest(struct store_txn *txn, struct span record)
{
    struct outcome_newest_peek newest;
    TRY(outcome_newest_peek_read(record, &newest));
    struct row_bytes settlement = rows_settlement_key(newest.original_position),
                     position = rows_settlement_value(newest.position);
    bool back = newest.kind == OUTCOME_REVERSED || (newest.kind == OUTCOME_SETTLED && newest.original_position != 0);
    if (newest.row.size > 0)
        store_put(txn, ROWS, newest.row, row_span(&position));
    if (back)
        store_put(txn, ROWS, row_span(&settlement), row_span(&position));
    return OK;
}

position_t mailbox_superseded_by(struct store_txn *txn, struct span record)
{
    struct outcome_newest_peek newest;
    struct rows_settlement_value last;
    struct span value;
    if (outcome_newest_peek_read(record, &newest) != OK)
        return 0;
    struct row_bytes settlement = rows_settlement_key(newest.position);
    struct span key = newest.kind == OUTCOME_SETTLED ? row_span(&settlement) : newest.row;
    if (key.size == 0 || !store_get(txn, ROWS, key, &value) || !rows_settlement_value_read(value, &last))
        return 0;
    return last.position > newest.position ? last.position : 0;
}

/* `sparse`: a position may have nothing to say. */
static enum status take(void *self, struct store_txn *txn, const struct core_input *input, bool sparse)
{
    bool first = true;
    for (unsigned i = 0; i < input->record_count; i++)
        if (input->records[i].size > 0) {
            TRY(keep(self, txn, input, i, first));
            if (!sparse)
                TRY(note_newest(txn, input->records[i]));
            first = false;
        }
    return first && !sparse ? FATAL_CORRUPT : OK;
}

static enum status apply(void *self, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    (void)output;
    return take(self, txn, input, false);
}

static enum status apply_sparse(void *self, struct store_txn *txn, const struct core_input *input,
                                struct buffer *output)
{
    (void)output;
    return take(self, txn, input, true);
}

static void flush(void *self, struct store_txn *txn)
{
    struct mailboxes *mailboxes = self;
    for (unsigned i = 0; i < mailboxes->count; i++) {
        struct mailbox_party *party = &mailboxes->parties[i];
        if (!party->dirty)
            continue;
        struct row_bytes value = ends_value(i, party->end);
        store_put(txn, ENDS, span_text(party->name), row_span(&value));
        party->dirty = false;
    }
}

uint64_t mailbox_end(void *self, const char *party)
{
    struct mailboxes *mailboxes = self;
    int number = party_number(mailboxes, span_text(party));
    return number < 0 ? 0 : mailboxes->parties[number].end;
}

bool mailbox_outcome(struct store_txn *txn, position_t position, struct span *outcome)
{
    struct row_bytes key = outcomes_first_key(position);
    return store_get(txn, OUTCOMES, row_span(&key), outcome);
}

static bool place_at(void *self, struct store_txn *txn, const char *party, uint64_t seq, struct span *place)
{
    struct mailboxes *mailboxes = self;
    int number = party_number(mailboxes, span_text(party));
    if (number < 0 || seq >= mailboxes->parties[number].end)
        return false;
    struct row_bytes key = mailbox_first_key((unsigned)number, seq);
    return store_get(txn, MAILBOX, row_span(&key), place) && place->size >= MAILBOX_FIRST_VALUE_SIZE;
}

bool mailbox_at(void *self, struct store_txn *txn, const char *party, uint64_t seq, struct span *outcome)
{
    struct span place;
    return place_at(self, txn, party, seq, &place) && store_get(txn, OUTCOMES, place, outcome);
}

uint64_t mailbox_seq_of(void *self, struct store_txn *txn, const char *party, position_t position)
{
    uint64_t low = 0, high = mailbox_end(self, party);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct span place;
        if (place_at(self, txn, party, middle, &place) && bytes_get_be(place.data, 8) < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct core mailbox_core = {
    .name = "mailbox",
    .tables = tables,
    .table_count = TABLES_COUNT,
    .format = FORMAT_MAILBOX,
    .self_size = sizeof(struct mailboxes),
    .open = open_core,
    .apply = apply,
    .flush = flush,
};

const struct core mailbox_books_core = {
    .name = "mailbox_books",
    .tables = news_tables,
    .table_count = sizeof news_tables / sizeof news_tables[0],
    .format = FORMAT_NEWS,
    .self_size = sizeof(struct mailboxes),
    .open = open_core,
    .apply = apply_sparse,
    .flush = flush,
};
