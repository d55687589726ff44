/* SPDX-License-Identifier: Apache-2.0
 * Provisional limits. */
#include "services/settlement/provisional.h"

#include "common/base/check.h"
#include "common/store/rows/settlement.h"
#include "services/settlement/deadlines.h"
#include "services/settlement/settled.h"

enum { RECKONED_A_TICK_MAX = 4096 }; /* most of them stay what they are, and are told to nobody */
static const char nobody[] = "000000";

static const char *other_region(const struct transfer_record *kept)
{
    return region_of_side(kept, kept->transfer.owner == SOURCE ? TARGET : SOURCE);
}

static struct row_bytes key_of(const struct transfer_key *of, const struct transfer_record *kept, const char *other,
                               uint32_t year)
{
    return provisional_key(year, region_of_side(kept, kept->transfer.owner), other, of->person, of->scheme,
                           span_text(of->id));
}

static void put(struct deciding *deciding, const struct transfer_key *of, const struct transfer_record *kept,
                const char *other)
{
    const struct transfer *transfer = &kept->transfer;
    uint32_t year = calendar_lacks(&deciding->published->calendar, transfer->provisional.from, transfer->due);
    struct row_bytes key = key_of(of, kept, other, year);
    store_put(deciding->txn, PROVISIONAL, row_span(&key), span_of(NULL, 0));
}

/* Under whichever year was lacking when it was put there: its calendar may have come since. */
static void forget(struct deciding *deciding, const struct transfer_key *of, const struct transfer_record *kept)
{
    const struct transfer *transfer = &kept->transfer;
    const char *const others[] = {nobody, other_region(kept)};
    for (unsigned i = 0; i < 2; i++)
        for (uint32_t year = transfer->provisional.from / 10000; year <= transfer->due / 10000; year++) {
            struct row_bytes key = key_of(of, kept, others[i], year);
            store_delete(deciding->txn, PROVISIONAL, row_span(&key));
        }
}

void provisional_change(struct deciding *deciding, const struct transfer_key *key, const struct transfer_record *before,
                        const struct transfer_record *after, bool told)
{
    if (before->transfer.provisional.from != 0)
        forget(deciding, key, before);
    if (after->transfer.provisional.from != 0) /* a kept limit's calendar may have come: the next tick states it */
        put(deciding, key, after, told ? other_region(after) : nobody);
}

/* The first key whose year is published by now; year 0: all were when it was put. */
static bool find(struct deciding *deciding, struct row_bytes *found)
{
    struct store_walk walk;
    for (uint32_t year = 0;; year++) {
        struct row_bytes from = provisional_key(year, "", "", "", 0, span_of(NULL, 0));
        bool more = store_walk_start(&walk, deciding->txn, PROVISIONAL, row_span(&from));
        if (more)
            *found = row_copy(walk.key);
        store_walk_end(&walk);
        if (!more)
            return false;
        year = (uint32_t)bytes_get_be(found->bytes, PROVISIONAL_REGION_IN_CHARGE_AT);
        if (year == 0 || calendar_has(&deciding->published->calendar, year * 10000 + 101))
            return true;
    }
}

/* By the calendar of now: its line, where that moves the limit. */
static enum status restate(struct deciding *deciding, const struct row_bytes *key, civil_date_t today,
                           struct due_item *line)
{
    struct arena *arena = deciding->input->arena;
    struct transfer_key of;
    struct transfer_record kept;
    struct provisional_key parts;
    INVARIANT(provisional_key_read(row_span(key), &parts));
    INVARIANT(transfer_key_read(span_of(key->bytes + PROVISIONAL_PERSON_AT, key->size - PROVISIONAL_PERSON_AT), arena,
                                &of)); /* which it ends with */
    TRY(transfer_record_get(deciding->txn, &of, arena, &kept));
    struct transfer *transfer = &kept.transfer;
    civil_date_t was = transfer->due;
    store_delete(deciding->txn, PROVISIONAL, row_span(key));
    if (transfer->provisional.from == 0)
        return FATAL_CORRUPT;
    transfer_restate(transfer, &deciding->published->calendar);
    transfer_record_put(deciding->txn, &of, &kept, &deciding->self->scratch);
    if (transfer->provisional.from != 0)
        put(deciding, &of, &kept, strcmp(parts.other_region, nobody) == 0 ? nobody : other_region(&kept));
    struct deadline old = {.due = was,
                           .region = region_of_side(&kept, transfer->owner),
                           .scheme = of.scheme,
                           .person = of.person,
                           .id = of.id,
                           .state = transfer->state};
    if (was != transfer->due)
        deadline_move(deciding->published, deciding->txn, &old, transfer->due, today);
    *line = (struct due_item){.transfer_id = of.id,
                              .scheme = of.scheme,
                              .state = transfer->state,
                              .due_date = transfer->due,
                              .person_id = of.person,
                              .previous_due_date = was == transfer->due ? 0 : was};
    return OK;
}

/* Texts of a line: what else was read of its transfer is given back. */
struct texts {
    char person[IDENTITY_SIZE + 1];
    char id[TRANSFER_ID_SIZE_MAX + 1];
};

enum status provisional_tell(struct deciding *deciding, civil_date_t today)
{
    struct arena *arena = deciding->input->arena;
    struct outcome *outcome = &deciding->outcome;
    struct due_item *told = arena_take(arena, DUE_ITEMS_MAX * sizeof *told);
    struct texts *texts = arena_take(arena, DUE_ITEMS_MAX * sizeof *texts);
    uint32_t count = 0;
    struct row_bytes key, pair = {0};
    INVARIANT(told != NULL && texts != NULL);
    for (unsigned i = 0; i < RECKONED_A_TICK_MAX && count < DUE_ITEMS_MAX && find(deciding, &key); i++) {
        size_t mark = arena->used;
        if (count > 0 && !row_shares(row_span(&key), &pair, PROVISIONAL_PERSON_AT))
            break;
        TRY(restate(deciding, &key, today, &told[count]));
        if (told[count].previous_due_date != 0) {
            copy_text(texts[count].person, sizeof texts->person, told[count].person_id);
            copy_text(texts[count].id, sizeof texts->id, told[count].transfer_id);
            told[count].person_id = texts[count].person;
            told[count].transfer_id = texts[count].id;
            pair = key;
            count++;
        }
        arena->used = mark;
    }
    if (count == 0)
        return OK;
    outcome->kind = OUTCOME_NOTICE;
    outcome->due = told;
    outcome->due_count = count;
    memcpy(deciding->regions[0], pair.bytes + PROVISIONAL_REGION_IN_CHARGE_AT, 6);
    memcpy(deciding->regions[1], pair.bytes + PROVISIONAL_OTHER_REGION_AT, 6);
    deliver_to(outcome, deciding->regions[0]);
    if (strcmp(deciding->regions[1], nobody) != 0)
        deliver_to(outcome, deciding->regions[1]);
    return OK;
}
