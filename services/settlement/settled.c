/* SPDX-License-Identifier: Apache-2.0
 * Settlement's stored values. */
#include "services/settlement/settled.h"

#include "common/base/check.h"

const struct store_table settlement_tables[SETTLEMENT_TABLES_COUNT] = {
    {"policies", false}, {"persons", false},   {"bills", false},          {"balances", false},
    {"meta", false},     {"transfers", false}, {"certifications", false}, {"deadlines", false}};

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

static void year_encode(const struct accumulators *year, struct buffer *out)
{
    struct accumulators copy = *year;
    wire_put_uint(out, 1, copy.stays);
    for (uint32_t i = 0; accumulators_at(&copy, i) != NULL; i++)
        wire_put_int(out, 2 + i, *accumulators_at(&copy, i));
}

static void year_decode(struct span bytes, struct accumulators *year)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(year, 0, sizeof *year);
    while (!wire_at_end(&reader)) {
        INVARIANT(wire_next(&reader, &field) == OK);
        if (field.number == 1)
            year->stays = (uint32_t)field.value;
        else if (accumulators_at(year, field.number - 2) != NULL)
            *accumulators_at(year, field.number - 2) = (fen_t)field.value;
    }
}

void year_get(struct store_txn *txn, const struct year_key *key, struct accumulators *year)
{
    struct person_key encoded = year_key_encode(key);
    struct span value = {NULL, 0};
    (void)store_get(txn, PERSONS, key_span(&encoded), &value);
    year_decode(value, year);
}

void year_put(struct store_txn *txn, const struct year_key *key, const struct accumulators *year,
              struct buffer *scratch)
{
    struct person_key encoded = year_key_encode(key);
    buffer_reset(scratch);
    year_encode(year, scratch);
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
    wire_put_text(scratch, 1, settled->key.person);
    wire_put_text(scratch, 2, settled->bill_id);
    wire_put_text(scratch, 3, settled->institution);
    wire_put_text(scratch, 4, settled->key.area);
    wire_put_text(scratch, 5, settled->key.type);
    wire_put_uint(scratch, 6, settled->key.year);
    wire_put_text(scratch, 7, settled->care_region);
    size_t mark = wire_begin(scratch, 8);
    amounts_encode(&settled->amounts, scratch);
    wire_end(scratch, mark);
    mark = wire_begin(scratch, 9);
    year_encode(&settled->added, scratch);
    wire_end(scratch, mark);
    wire_put_uint(scratch, 10, settled->enrolment_position);
    wire_put_uint(scratch, 11, settled->reversed_by);
    if (settled->split) {
        mark = wire_begin(scratch, 12);
        year_encode(&settled->added_before, scratch);
        wire_end(scratch, mark);
    }
    if (fresh)
        store_append(txn, BILLS, span_of(key, sizeof key), buffer_span(scratch));
    else
        store_put(txn, BILLS, span_of(key, sizeof key), buffer_span(scratch));
}

static void text_take(char *to, size_t size, struct span bytes)
{
    INVARIANT(bytes.size < size);
    memcpy(to, bytes.data, bytes.size);
    to[bytes.size] = 0;
}

bool settled_get(struct store_txn *txn, position_t position, struct settled *settled)
{
    uint8_t key[8];
    struct span value;
    struct wire_field field;
    bytes_put_be(key, position, 8);
    if (!store_get(txn, BILLS, span_of(key, sizeof key), &value))
        return false;
    memset(settled, 0, sizeof *settled);
    for (struct wire_reader reader = wire_read(value); !wire_at_end(&reader);) {
        INVARIANT(wire_next(&reader, &field) == OK);
        switch (field.number) {
        case 1:
            text_take(settled->key.person, sizeof settled->key.person, field.bytes);
            break;
        case 2:
            text_take(settled->bill_id, sizeof settled->bill_id, field.bytes);
            break;
        case 3:
            text_take(settled->institution, sizeof settled->institution, field.bytes);
            break;
        case 4:
            text_take(settled->key.area, sizeof settled->key.area, field.bytes);
            break;
        case 5:
            text_take(settled->key.type, sizeof settled->key.type, field.bytes);
            break;
        case 6:
            settled->key.year = (uint32_t)field.value;
            break;
        case 7:
            text_take(settled->care_region, sizeof settled->care_region, field.bytes);
            break;
        case 8:
            INVARIANT(amounts_decode(field.bytes, &settled->amounts) == OK);
            break;
        case 9:
            year_decode(field.bytes, &settled->added);
            break;
        case 10:
            settled->enrolment_position = field.value;
            break;
        case 11:
            settled->reversed_by = field.value;
            break;
        case 12:
            settled->split = true;
            year_decode(field.bytes, &settled->added_before);
            break;
        default:
            break;
        }
    }
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
    struct wire_field field;
    if (!store_get(txn, PERSONS, key_span(&encoded), &value))
        return false;
    memset(key, 0, sizeof *key);
    memset(added, 0, sizeof *added);
    text_take(key->person, sizeof key->person, span_text(person));
    for (struct wire_reader reader = wire_read(value); !wire_at_end(&reader);) {
        INVARIANT(wire_next(&reader, &field) == OK);
        if (field.number == 1)
            key->year = (uint32_t)field.value;
        else if (field.number == 2)
            text_take(key->area, sizeof key->area, field.bytes);
        else if (field.number == 3)
            text_take(key->type, sizeof key->type, field.bytes);
        else if (field.number == 4)
            year_decode(field.bytes, added);
    }
    return true;
}

void local_care_put(struct store_txn *txn, const char *local_id, const struct year_key *key,
                    const struct accumulators *added, struct buffer *scratch)
{
    struct person_key encoded = local_key_encode(key->person, local_id);
    buffer_reset(scratch);
    wire_put_uint(scratch, 1, key->year);
    wire_put_text(scratch, 2, key->area);
    wire_put_text(scratch, 3, key->type);
    size_t mark = wire_begin(scratch, 4);
    year_encode(added, scratch);
    wire_end(scratch, mark);
    store_put(txn, PERSONS, key_span(&encoded), buffer_span(scratch));
}

void local_care_delete(struct store_txn *txn, const char *person, const char *local_id)
{
    struct person_key encoded = local_key_encode(person, local_id);
    store_delete(txn, PERSONS, key_span(&encoded));
}
