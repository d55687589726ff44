/* SPDX-License-Identifier: Apache-2.0
 * Settlement's stored values. */
#include "services/settlement/settled.h"

#include "common/base/check.h"

const struct store_table settlement_tables[SETTLEMENT_TABLES_COUNT] = {
#define SETTLEMENT(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

enum {
    PERSON_SIZE = 18,
    INSTITUTION_SIZE = 12,
    PERSON_KEY_SIZE_MAX = PERSON_SIZE + 1 + INSTITUTION_SIZE + BILL_ID_SIZE_MAX
};

/* A key of `persons`. */
struct person_key {
    uint8_t bytes[PERSON_KEY_SIZE_MAX];
    size_t size;
};

static void add(struct person_key *key, const char *text, size_t size)
{
    PRE(strlen(text) == size && size <= sizeof key->bytes - key->size);
    memcpy(key->bytes + key->size, text, size);
    key->size += size;
}

static struct person_key person_key(const char *person, char kind)
{
    struct person_key key = {.size = 0};
    add(&key, person, PERSON_SIZE);
    key.bytes[key.size++] = (uint8_t)kind;
    return key;
}

static struct person_key year_key_encode(const struct year_key *year)
{
    struct person_key key = person_key(year->person, 'Y');
    bytes_put_be(key.bytes + key.size, year->year, 2);
    key.size += 2;
    add(&key, year->area, 6);
    add(&key, year->type, 3);
    return key;
}

static struct span key_span(const struct person_key *key)
{
    return span_of(key->bytes, key->size);
}

void year_get(struct store_txn *txn, const struct year_key *key, struct accumulators *year)
{
    struct person_key encoded = year_key_encode(key);
    struct span value = {NULL, 0};
    (void)store_get(txn, PERSONS, key_span(&encoded), &value);
    INVARIANT(accumulators_decode(value, NULL, year) == OK);
}

void year_put(struct store_txn *txn, const struct year_key *key, const struct accumulators *year,
              struct buffer *scratch)
{
    struct person_key encoded = year_key_encode(key);
    buffer_reset(scratch);
    accumulators_encode(year, scratch);
    store_put(txn, PERSONS, key_span(&encoded), buffer_span(scratch));
}

void year_add(struct accumulators *year, const struct accumulators *added, int sign)
{
    struct accumulators copy = *added;
    INVARIANT(sign > 0 || year->stays >= added->stays);
    year->stays = sign > 0 ? year->stays + added->stays : year->stays - added->stays;
    for (uint32_t i = 0; accumulators_at(&copy, i) != NULL; i++) {
        fen_t *amount = accumulators_at(year, i);
        INVARIANT(money_add(*amount, sign * *accumulators_at(&copy, i), amount) == OK);
    }
}

void settled_put(struct store_txn *txn, position_t position, const struct settled *settled, bool fresh,
                 struct buffer *scratch)
{
    uint8_t key[8];
    bytes_put_be(key, position, 8);
    buffer_reset(scratch);
    settled_bill_encode(settled, scratch);
    if (fresh)
        store_append(txn, BILLS, span_of(key, sizeof key), buffer_span(scratch));
    else
        store_put(txn, BILLS, span_of(key, sizeof key), buffer_span(scratch));
}

bool settled_get(struct store_txn *txn, position_t position, struct settled *settled)
{
    uint8_t key[8];
    struct span value;
    bytes_put_be(key, position, 8);
    if (!store_get(txn, BILLS, span_of(key, sizeof key), &value))
        return false;
    INVARIANT(settled_bill_decode(value, NULL, settled) == OK);
    return true;
}

static struct person_key bill_number_encode(const struct bill_number *number)
{
    struct person_key key = person_key(number->person, 'B');
    add(&key, number->institution, INSTITUTION_SIZE);
    add(&key, number->bill_id, strlen(number->bill_id));
    return key;
}

bool bill_number_find(struct store_txn *txn, const struct bill_number *number, position_t *position)
{
    struct person_key key = bill_number_encode(number);
    struct span value;
    if (!store_get(txn, PERSONS, key_span(&key), &value))
        return false;
    INVARIANT(value.size == 8);
    *position = bytes_get_be(value.data, 8);
    return true;
}

void bill_number_put(struct store_txn *txn, const struct bill_number *number, position_t position)
{
    struct person_key key = bill_number_encode(number);
    uint8_t value[8];
    bytes_put_be(value, position, sizeof value);
    store_put(txn, PERSONS, key_span(&key), span_of(value, sizeof value));
}

void bill_number_delete(struct store_txn *txn, const struct bill_number *number)
{
    struct person_key key = bill_number_encode(number);
    store_delete(txn, PERSONS, key_span(&key));
}

static bool bill_walk_read(struct bill_walk *walk, bool more)
{
    struct person_key head = person_key(walk->person, 'B');
    if (!more || walk->walk.key.size <= head.size || memcmp(walk->walk.key.data, head.bytes, head.size) != 0)
        return false;
    INVARIANT(walk->walk.value.size == 8);
    walk->position = bytes_get_be(walk->walk.value.data, 8);
    return true;
}

bool bill_walk_start(struct bill_walk *walk, struct store_txn *txn, const char *person)
{
    struct person_key head = person_key(person, 'B');
    walk->person = person;
    return bill_walk_read(walk, store_walk_start(&walk->walk, txn, PERSONS, key_span(&head)));
}

bool bill_walk_next(struct bill_walk *walk)
{
    return bill_walk_read(walk, store_walk_next(&walk->walk));
}

void bill_walk_end(struct bill_walk *walk)
{
    store_walk_end(&walk->walk);
}

/* ---- days of care ---- */

static struct person_key care_key(const char *person, enum care_form form, civil_date_t admission, position_t position)
{
    static const char kinds[] = {[CARE_STAY] = 'S', [CARE_VISIT] = 'V'};
    struct person_key key = person_key(person, kinds[form]);
    bytes_put_be(key.bytes + key.size, admission, 4);
    bytes_put_be(key.bytes + key.size + 4, position, 8);
    key.size += 12;
    return key;
}

void care_days_put(struct store_txn *txn, const char *person, enum care_form form, const struct care_days *days)
{
    struct person_key key = care_key(person, form, days->admission, days->position);
    uint8_t value[4];
    bytes_put_le(value, days->discharge, sizeof value);
    store_put(txn, PERSONS, key_span(&key), span_of(value, sizeof value));
}

void care_days_delete(struct store_txn *txn, const char *person, civil_date_t admission, position_t position)
{
    for (enum care_form form = CARE_STAY; form <= CARE_VISIT; form++) {
        struct person_key key = care_key(person, form, admission, position);
        store_delete(txn, PERSONS, key_span(&key));
    }
}

static bool care_walk_read(struct care_walk *walk, bool more)
{
    struct person_key head = care_key(walk->person, walk->form, 0, 0);
    const uint8_t *key = walk->walk.key.data;
    if (!more || walk->walk.key.size != head.size || memcmp(key, head.bytes, head.size - 12) != 0)
        return false;
    INVARIANT(walk->walk.value.size == 4);
    walk->days = (struct care_days){.admission = (civil_date_t)bytes_get_be(key + head.size - 12, 4),
                                    .position = bytes_get_be(key + head.size - 8, 8),
                                    .discharge = (civil_date_t)bytes_get_le(walk->walk.value.data, 4)};
    return true;
}

bool care_walk_start(struct care_walk *walk, struct store_txn *txn, const char *person, enum care_form form,
                     civil_date_t from)
{
    struct person_key key = care_key(person, form, from, 0);
    walk->person = person;
    walk->form = form;
    return care_walk_read(walk, store_walk_start(&walk->walk, txn, PERSONS, key_span(&key)));
}

bool care_walk_next(struct care_walk *walk)
{
    return care_walk_read(walk, store_walk_next(&walk->walk));
}

void care_walk_end(struct care_walk *walk)
{
    store_walk_end(&walk->walk);
}

static struct person_key account_key_encode(const struct year_key *account)
{
    struct person_key key = person_key(account->person, 'A');
    add(&key, account->area, 6);
    add(&key, account->type, 3);
    return key;
}

fen_t account_get(struct store_txn *txn, const struct year_key *key)
{
    struct person_key encoded = account_key_encode(key);
    struct span value;
    if (!store_get(txn, PERSONS, key_span(&encoded), &value))
        return 0;
    INVARIANT(value.size == 8);
    return (fen_t)bytes_get_le(value.data, 8);
}

bool account_is_stated(struct store_txn *txn, const struct year_key *key)
{
    struct person_key encoded = account_key_encode(key);
    struct span value;
    return store_get(txn, PERSONS, key_span(&encoded), &value);
}

void account_put(struct store_txn *txn, const struct year_key *key, fen_t balance)
{
    struct person_key encoded = account_key_encode(key);
    uint8_t value[8];
    bytes_put_le(value, (uint64_t)balance, sizeof value);
    store_put(txn, PERSONS, key_span(&encoded), span_of(value, sizeof value));
}

static struct person_key local_key_encode(const char *person, const char *local_id)
{
    struct person_key key = person_key(person, 'L');
    add(&key, local_id, strlen(local_id));
    return key;
}

bool local_care_get(struct store_txn *txn, const char *person, const char *local_id, struct year_key *key,
                    struct accumulators *added)
{
    struct person_key encoded = local_key_encode(person, local_id);
    struct span value;
    struct local_care_record record;
    if (!store_get(txn, PERSONS, key_span(&encoded), &value))
        return false;
    INVARIANT(local_care_record_decode(value, NULL, &record) == OK);
    memset(key, 0, sizeof *key);
    memcpy(key->person, person, PERSON_SIZE);
    key->year = record.policy_year;
    memcpy(key->area, record.insured_area, sizeof key->area);
    memcpy(key->type, record.insurance_type, sizeof key->type);
    *added = record.added;
    return true;
}

void local_care_put(struct store_txn *txn, const char *local_id, const struct year_key *key,
                    const struct accumulators *added, struct buffer *scratch)
{
    struct person_key encoded = local_key_encode(key->person, local_id);
    buffer_reset(scratch);
    struct local_care_record record = {.policy_year = key->year, .added = *added};
    memcpy(record.insured_area, key->area, sizeof record.insured_area);
    memcpy(record.insurance_type, key->type, sizeof record.insurance_type);
    local_care_record_encode(&record, scratch);
    store_put(txn, PERSONS, key_span(&encoded), buffer_span(scratch));
}

void local_care_delete(struct store_txn *txn, const char *person, const char *local_id)
{
    struct person_key encoded = local_key_encode(person, local_id);
    store_delete(txn, PERSONS, key_span(&encoded));
}
