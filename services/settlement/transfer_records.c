/* SPDX-License-Identifier: Apache-2.0
 * Stored transfers and certifications. */
#include "services/settlement/transfer_records.h"

#include <stddef.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/pb/flat.h"
#include "services/settlement/settled.h"

enum {
    PERSON_SIZE = 18,
    AREA_SIZE = 6,
    KEY_SIZE_MAX = PERSON_SIZE + 1 + TRANSFER_ID_SIZE_MAX,
    STEPS_NUMBER = 16,
    PAID_TWICE_NUMBER = 18
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FLAT(table) ((struct flat_message){table, COUNT(table)})
#define AT(number, kind, member)                                                                                       \
    {                                                                                                                  \
        number, FLAT_##kind, offsetof(struct OBJECT, member)                                                           \
    }

#define OBJECT transfer_record
static const struct flat_field record_fields[] = {
    AT(1, TEXT, source_area),      AT(2, TEXT, target_area),     AT(3, TEXT, source_type),
    AT(4, TEXT, target_type),      AT(5, INT64, account_total),  AT(6, INT64, pooled_total),
    AT(7, UINT32, waiting_months), AT(8, UINT32, benefits_from), AT(9, TEXT, refund_area),
    AT(10, INT64, refund),         AT(15, SPAN, application),
};
#undef OBJECT

/* A step as it is stored: what the machine keeps of it, with the hash as bytes. */
struct stored_step {
    struct span letter_hash;
    uint64_t position;
    instant_ms_t accepted_at;
    uint32_t letter, sender, state;
    civil_date_t due;
    uint32_t owner;
    fen_t amount, total, sent, received, joined;
};
#define OBJECT stored_step
static const struct flat_field step_fields[] = {
    AT(1, SPAN, letter_hash), AT(2, UINT64, position), AT(3, INT64, accepted_at), AT(4, UINT32, letter),
    AT(5, UINT32, sender),    AT(6, UINT32, state),    AT(7, UINT32, due),        AT(8, UINT32, owner),
    AT(9, INT64, amount),     AT(10, INT64, total),    AT(11, INT64, sent),       AT(12, INT64, received),
    AT(13, INT64, joined),
};
#undef OBJECT
#define OBJECT month_range
static const struct flat_field range_fields[] = {AT(1, UINT32, from_month), AT(2, UINT32, to_month)};
#undef OBJECT
#define OBJECT certification
static const struct flat_field certification_fields[] = {
    AT(1, TEXT, paying_area),
    AT(2, TEXT, residence_area),
    AT(3, UINT32, due),
    AT(4, UINT32, status),
    AT(5, SPAN, request_hash),
    AT(6, UINT64, request_position),
    AT(7, SPAN, result_hash),
    AT(8, UINT64, result_position),
    AT(9, UINT32, certified_until),
    AT(10, UINT32, suspended_from_month),
    AT(11, UINT32, resumed_from_month),
    AT(12, UINT32, back_pay_months),
    AT(13, INT64, back_pay),
    AT(14, UINT32, stopped_from_month),
    AT(15, UINT32, claim_months),
    AT(16, INT64, claim),
};
#undef OBJECT
#define OBJECT pension
static const struct flat_field pension_fields[] = {AT(1, UINT32, certified_until), AT(2, UINT32, suspended_from_month),
                                                   AT(3, UINT32, stopped_from_month), AT(4, INT64, monthly)};
#undef OBJECT

struct key {
    uint8_t bytes[KEY_SIZE_MAX];
    size_t size;
};

static struct key key_of(const char *person, uint8_t kind, const char *id)
{
    struct key key = {.size = PERSON_SIZE + 1 + strlen(id)};
    PRE(strlen(person) == PERSON_SIZE && key.size <= sizeof key.bytes);
    memcpy(key.bytes, person, PERSON_SIZE);
    key.bytes[PERSON_SIZE] = kind;
    memcpy(key.bytes + PERSON_SIZE + 1, id, strlen(id));
    return key;
}

static struct span span_of_key(const struct key *key)
{
    return span_of(key->bytes, key->size);
}

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

static void step_put(const struct transfer_step_taken *step, struct buffer *out)
{
    struct stored_step stored = {.letter_hash = span_of(step->letter_hash, LETTER_HASH_SIZE),
                                 .position = step->position,
                                 .accepted_at = step->accepted_at,
                                 .letter = step->letter,
                                 .sender = step->sender,
                                 .state = step->state,
                                 .due = step->due,
                                 .owner = step->owner,
                                 .amount = step->amount,
                                 .total = step->total,
                                 .sent = step->sent,
                                 .received = step->received,
                                 .joined = step->joined};
    size_t mark = wire_begin(out, STEPS_NUMBER);
    flat_encode(FLAT(step_fields), &stored, 0, UINT32_MAX, out);
    wire_end(out, mark);
}

static enum status step_get(struct span bytes, struct arena *arena, struct transfer *transfer)
{
    struct stored_step stored = {.letter = 0};
    if (transfer->step_count == TRANSFER_STEPS_MAX || flat_decode(FLAT(step_fields), bytes, arena, &stored) != OK ||
        stored.letter_hash.size != LETTER_HASH_SIZE)
        return FATAL_CORRUPT;
    struct transfer_step_taken *step = &transfer->steps[transfer->step_count++];
    *step = (struct transfer_step_taken){.position = stored.position,
                                         .accepted_at = stored.accepted_at,
                                         .letter = stored.letter,
                                         .sender = (enum transfer_side)stored.sender,
                                         .state = stored.state,
                                         .due = stored.due,
                                         .owner = (enum transfer_side)stored.owner,
                                         .amount = stored.amount,
                                         .total = stored.total,
                                         .sent = stored.sent,
                                         .received = stored.received,
                                         .joined = stored.joined};
    memcpy(step->letter_hash, stored.letter_hash.data, LETTER_HASH_SIZE);
    return OK;
}

static enum status ranges_get(struct span record, struct arena *arena, struct transfer_record *kept)
{
    struct wire_reader reader = wire_read(record);
    struct wire_field field;
    struct month_range *ranges = arena_take(arena, kept->paid_twice_count * sizeof *ranges + 1);
    if (ranges == NULL)
        return FATAL_CORRUPT; /* it was written from an arena of this size */
    kept->paid_twice = ranges;
    for (uint32_t i = 0; !wire_at_end(&reader);) {
        if (wire_next(&reader, &field) != OK)
            return FATAL_CORRUPT;
        if (field.number == PAID_TWICE_NUMBER &&
            flat_decode(FLAT(range_fields), field.bytes, arena, &ranges[i++]) != OK)
            return FATAL_CORRUPT;
    }
    return OK;
}

enum status transfer_record_decode(struct span record, struct arena *arena, struct transfer_record *kept)
{
    struct wire_reader reader = wire_read(record);
    struct wire_field field;
    memset(kept, 0, sizeof *kept);
    if (flat_decode(FLAT(record_fields), record, arena, kept) != OK)
        return FATAL_CORRUPT;
    while (!wire_at_end(&reader)) {
        if (wire_next(&reader, &field) != OK)
            return FATAL_CORRUPT;
        if (field.number == STEPS_NUMBER)
            TRY(step_get(field.bytes, arena, &kept->transfer));
        kept->paid_twice_count += field.number == PAID_TWICE_NUMBER;
    }
    struct transfer *transfer = &kept->transfer;
    if (transfer->step_count > 0)
        transfer_stand(transfer, transfer->step_count - 1);
    if (!transfer_check(transfer))
        return FATAL_CORRUPT;
    return ranges_get(record, arena, kept);
}

enum status transfer_record_get(struct store_txn *txn, const struct transfer_key *key, struct arena *arena,
                                struct transfer_record *kept)
{
    struct key encoded = key_of(key->person, (uint8_t)key->scheme, key->id);
    struct span record = {NULL, 0};
    if (store_get(txn, TRANSFERS, span_of_key(&encoded), &record)) /* what is lent ends with the next write */
        record.data = (const uint8_t *)text_of(record, arena);
    return record.size > 0 && record.data == NULL ? FATAL_CORRUPT : transfer_record_decode(record, arena, kept);
}

void transfer_record_put(struct store_txn *txn, const struct transfer_key *key, const struct transfer_record *kept,
                         struct buffer *scratch)
{
    struct key encoded = key_of(key->person, (uint8_t)key->scheme, key->id);
    buffer_reset(scratch);
    flat_encode(FLAT(record_fields), kept, 0, UINT32_MAX, scratch);
    for (uint32_t i = 0; i < kept->transfer.step_count; i++)
        step_put(&kept->transfer.steps[i], scratch);
    for (uint32_t i = 0; i < kept->paid_twice_count; i++) {
        size_t mark = wire_begin(scratch, PAID_TWICE_NUMBER);
        flat_encode(FLAT(range_fields), &kept->paid_twice[i], 0, UINT32_MAX, scratch);
        wire_end(scratch, mark);
    }
    store_put(txn, TRANSFERS, span_of_key(&encoded), buffer_span(scratch));
}

bool transfer_key_read(struct span key, struct arena *arena, struct transfer_key *parts)
{
    if (key.size <= PERSON_SIZE + 1 || key.size > KEY_SIZE_MAX)
        return false;
    parts->person = text_of(span_of(key.data, PERSON_SIZE), arena);
    parts->scheme = key.data[PERSON_SIZE];
    parts->id = text_of(span_of(key.data + PERSON_SIZE + 1, key.size - PERSON_SIZE - 1), arena);
    return parts->person != NULL && parts->id != NULL;
}

bool transfer_record_find_open(struct store_txn *txn, const char *person, uint32_t scheme, struct arena *arena,
                               const char **id, uint64_t *position)
{
    struct key from = key_of(person, (uint8_t)scheme, "");
    struct store_walk walk;
    bool found = false;
    for (bool more = store_walk_start(&walk, txn, TRANSFERS, span_of_key(&from)); more && !found;
         more = store_walk_next(&walk)) {
        struct transfer_record kept;
        struct transfer_key parts;
        if (walk.key.size < from.size || memcmp(walk.key.data, from.bytes, from.size) != 0)
            break;
        size_t mark = arena->used; /* closed ones may be many */
        if (transfer_record_decode(walk.value, arena, &kept) != OK)
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

static enum status value_get(struct store_txn *txn, const struct key *key, struct flat_message message,
                             struct arena *arena, void *object)
{
    struct span record = {NULL, 0};
    (void)store_get(txn, CERTIFICATIONS, span_of_key(key), &record);
    return flat_decode(message, record, arena, object) == OK ? OK : FATAL_CORRUPT;
}

enum status certification_get(struct store_txn *txn, const char *person, const char *id, struct arena *arena,
                              struct certification *certification)
{
    struct key key = key_of(person, 'R', id);
    memset(certification, 0, sizeof *certification);
    TRY(value_get(txn, &key, FLAT(certification_fields), arena, certification));
    /* what the store lends ends with the next write */
    certification->request_hash.data = (const uint8_t *)text_of(certification->request_hash, arena);
    certification->result_hash.data = (const uint8_t *)text_of(certification->result_hash, arena);
    return OK;
}

void certification_put(struct store_txn *txn, const char *person, const char *id,
                       const struct certification *certification, struct buffer *scratch)
{
    struct key key = key_of(person, 'R', id);
    buffer_reset(scratch);
    flat_encode(FLAT(certification_fields), certification, 0, UINT32_MAX, scratch);
    store_put(txn, CERTIFICATIONS, span_of_key(&key), buffer_span(scratch));
}

enum status pension_get(struct store_txn *txn, const char *person, const char *area, struct arena *arena,
                        struct pension *pension)
{
    struct key key = key_of(person, 'P', area);
    memset(pension, 0, sizeof *pension);
    return value_get(txn, &key, FLAT(pension_fields), arena, pension);
}

void pension_put(struct store_txn *txn, const char *person, const char *area, const struct pension *pension,
                 struct buffer *scratch)
{
    struct key key = key_of(person, 'P', area);
    buffer_reset(scratch);
    flat_encode(FLAT(pension_fields), pension, 0, UINT32_MAX, scratch);
    store_put(txn, CERTIFICATIONS, span_of_key(&key), buffer_span(scratch));
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
