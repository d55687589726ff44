/* SPDX-License-Identifier: Apache-2.0
 * Stored transfers and certifications. */
#include "services/settlement/transfer_records.h"

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/store/rows/settlement.h"
#include "services/settlement/settled.h"

/* A copy, with a NUL behind it; NULL: the arena is full. */
static const char *text_of(struct span bytes, struct arena *arena)
{
    char *text = arena_take(arena, bytes.size + 1);
    if (text == NULL)
        return NULL;
    if (bytes.size > 0)
        memcpy(text, bytes.data, bytes.size);
    text[bytes.size] = 0;
    return text;
}

/* ---- transfers ---- */

enum status transfer_record_read(struct span record, struct arena *arena, struct transfer_record *kept)
{
    struct stored_transfer stored;
    if (transfer_record_decode(record, arena, &stored) != OK || stored.step_count > TRANSFER_STEPS_MAX)
        return FATAL_CORRUPT;
    *kept = (struct transfer_record){.source_area = stored.source_area,
                                     .target_area = stored.target_area,
                                     .source_type = stored.source_type,
                                     .target_type = stored.target_type,
                                     .account_held = stored.account_held,
                                     .account_total = stored.account_total,
                                     .pooled_total = stored.pooled_total,
                                     .waiting_months = stored.waiting_months,
                                     .benefits_from = stored.benefits_from,
                                     .refund_area = stored.refund_area,
                                     .refund = stored.refund,
                                     .application = stored.application,
                                     .paid_twice = stored.paid_twice,
                                     .paid_twice_count = stored.paid_twice_count};
    struct transfer *transfer = &kept->transfer;
    transfer->step_count = stored.step_count;
    if (stored.step_count > 0) {
        memcpy(transfer->steps, stored.steps, stored.step_count * sizeof *stored.steps);
        transfer_stand(transfer, transfer->step_count - 1);
    }
    return transfer_check(transfer) ? OK : FATAL_CORRUPT;
}

enum status transfer_record_get(struct store_txn *txn, const struct transfer_key *key, struct arena *arena,
                                struct transfer_record *kept)
{
    struct row_bytes row = transfers_key(key->person, key->scheme, span_text(key->id));
    struct span record = {NULL, 0};
    if (store_get(txn, TRANSFERS, row_span(&row), &record)) /* what is lent ends with the next write */
        record.data = (const uint8_t *)text_of(record, arena);
    return record.size > 0 && record.data == NULL ? FATAL_CORRUPT : transfer_record_read(record, arena, kept);
}

void transfer_record_put(struct store_txn *txn, const struct transfer_key *key, const struct transfer_record *kept,
                         struct buffer *scratch)
{
    struct row_bytes row = transfers_key(key->person, key->scheme, span_text(key->id));
    buffer_reset(scratch);
    struct stored_transfer stored = {.source_area = kept->source_area,
                                     .target_area = kept->target_area,
                                     .source_type = kept->source_type,
                                     .target_type = kept->target_type,
                                     .account_held = kept->account_held,
                                     .account_total = kept->account_total,
                                     .pooled_total = kept->pooled_total,
                                     .waiting_months = kept->waiting_months,
                                     .benefits_from = kept->benefits_from,
                                     .refund_area = kept->refund_area,
                                     .refund = kept->refund,
                                     .application = kept->application,
                                     .steps = kept->transfer.steps,
                                     .step_count = kept->transfer.step_count,
                                     .paid_twice = kept->paid_twice,
                                     .paid_twice_count = kept->paid_twice_count};
    transfer_record_encode(&stored, scratch);
    store_put(txn, TRANSFERS, row_span(&row), buffer_span(scratch));
}

bool transfer_key_read(struct span key, struct arena *arena, struct transfer_key *parts)
{
    struct transfers_key read;
    if (!transfers_key_read(key, &read))
        return false;
    parts->person = text_of(span_text(read.person), arena);
    parts->scheme = read.scheme;
    parts->id = text_of(read.transfer, arena);
    return parts->person != NULL && parts->id != NULL;
}

bool transfer_record_find_open(struct store_txn *txn, const char *person, uint32_t scheme, struct arena *arena,
                               const char **id, uint64_t *position)
{
    struct row_bytes from = transfers_key(person, scheme, span_of(NULL, 0));
    struct store_walk walk;
    bool found = false;
    for (bool more = store_walk_start(&walk, txn, TRANSFERS, row_span(&from)); more && !found;
         more = store_walk_next(&walk)) {
        struct transfer_record kept;
        struct transfer_key parts;
        if (!row_shares(walk.key, &from, from.size))
            break;
        size_t mark = arena->used; /* closed ones may be many */
        if (transfer_record_read(walk.value, arena, &kept) != OK)
            break;
        arena->used = mark;
        found = !transfer_state_is_closed(kept.transfer.state) && transfer_key_read(walk.key, arena, &parts);
        if (found) {
            *id = parts.id;
            *position = kept.transfer.steps[0].position;
        }
    }
    store_walk_end(&walk);
    return found;
}

/* ---- certifications ---- */

enum status certification_get(struct store_txn *txn, const char *person, const char *id, struct arena *arena,
                              struct certification *certification)
{
    struct row_bytes key = certifications_request_key(person, span_text(id));
    struct span record = {NULL, 0};
    (void)store_get(txn, CERTIFICATIONS, row_span(&key), &record);
    if (certification_record_decode(record, arena, certification) != OK)
        return FATAL_CORRUPT;
    /* what the store lends ends with the next write */
    certification->request_hash.data = (const uint8_t *)text_of(certification->request_hash, arena);
    certification->result_hash.data = (const uint8_t *)text_of(certification->result_hash, arena);
    return OK;
}

void certification_put(struct store_txn *txn, const char *person, const char *id,
                       const struct certification *certification, struct buffer *scratch)
{
    struct row_bytes key = certifications_request_key(person, span_text(id));
    buffer_reset(scratch);
    certification_record_encode(certification, scratch);
    store_put(txn, CERTIFICATIONS, row_span(&key), buffer_span(scratch));
}

enum status pension_get(struct store_txn *txn, const char *person, const char *area, struct arena *arena,
                        struct pension *pension)
{
    struct row_bytes key = certifications_pension_key(person, area);
    struct span record = {NULL, 0};
    (void)store_get(txn, CERTIFICATIONS, row_span(&key), &record);
    return pension_record_decode(record, arena, pension) == OK ? OK : FATAL_CORRUPT;
}

void pension_put(struct store_txn *txn, const char *person, const char *area, const struct pension *pension,
                 struct buffer *scratch)
{
    struct row_bytes key = certifications_pension_key(person, area);
    buffer_reset(scratch);
    pension_record_encode(pension, scratch);
    store_put(txn, CERTIFICATIONS, row_span(&key), buffer_span(scratch));
}

/* Before logic version 2 the month alone was kept: the pension stops from the next one. */
static civil_date_t death_of(const struct pension *pension)
{
    if (pension->died_on != 0 || pension->stopped_from_month == 0)
        return pension->died_on;
    return civil_date_add_days(pension->stopped_from_month * 100 + 1, -1);
}

enum status pension_death(struct store_txn *txn, const char *person, struct arena *arena, civil_date_t *died)
{
    struct row_bytes from = certifications_pension_key(person, "");
    struct store_walk walk;
    struct pension pension;
    enum status status = OK;
    *died = 0;
    bool more = store_walk_start(&walk, txn, CERTIFICATIONS, row_span(&from));
    for (; more && status == OK && row_shares(walk.key, &from, CERTIFICATIONS_PENSION_PAYING_AREA_AT);
         more = store_walk_next(&walk)) {
        status = pension_record_decode(walk.value, arena, &pension) == OK ? OK : FATAL_CORRUPT;
        civil_date_t told = status == OK ? death_of(&pension) : 0;
        if (told != 0 && (*died == 0 || told < *died))
            *died = told;
    }
    store_walk_end(&walk);
    return status;
}

/* ---- as they are shown ---- */

const char *region_of_side(const struct transfer_record *kept, enum transfer_side side)
{
    if (side == NOBODY)
        return "";
    const char *region = region_of(side == SOURCE ? kept->source_area : kept->target_area);
    INVARIANT(region != NULL);
    return region;
}

void transfer_view_fill(const struct transfer_key *key, const struct transfer_record *kept, struct transfer_view *view)
{
    const struct transfer *transfer = &kept->transfer;
    *view = (struct transfer_view){.transfer_id = key->id,
                                   .scheme = key->scheme,
                                   .state = transfer->state,
                                   .source_area = kept->source_area,
                                   .target_area = kept->target_area,
                                   .person_id = key->person,
                                   .step_region = region_of_side(kept, transfer->owner),
                                   .due_date = transfer->due,
                                   .due_is_provisional = transfer->provisional.from != 0,
                                   .account_total = kept->account_total,
                                   .pooled_total = kept->pooled_total,
                                   .transfer_total = transfer->total,
                                   .sent = transfer->sent,
                                   .received = transfer->received,
                                   .joined = transfer->joined,
                                   .waiting_months = kept->waiting_months,
                                   .benefits_from = kept->benefits_from,
                                   .refund = kept->refund,
                                   .paid_twice = kept->paid_twice,
                                   .paid_twice_count = kept->paid_twice_count,
                                   .refund_area = kept->refund_area};
}

void certification_view_fill(const char *person, const char *id, const struct certification *certification,
                             struct certification_view *view)
{
    *view = (struct certification_view){.certification_id = id,
                                        .paying_area = certification->paying_area,
                                        .residence_area = certification->residence_area,
                                        .person_id = person,
                                        .status = certification->status,
                                        .due_date = certification->due,
                                        .certified_until = certification->certified_until,
                                        .suspended_from_month = certification->suspended_from_month,
                                        .resumed_from_month = certification->resumed_from_month,
                                        .back_pay_months = certification->back_pay_months,
                                        .back_pay = certification->back_pay,
                                        .stopped_from_month = certification->stopped_from_month,
                                        .claim_months = certification->claim_months,
                                        .claim = certification->claim};
}
