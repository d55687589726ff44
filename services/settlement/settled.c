/* SPDX-License-Identifier: Apache-2.0
 * Settlement's stored values. */
#include "services/settlement/settled.h"

#include "common/base/check.h"

const struct store_table settlement_tables[SETTLEMENT_TABLES_COUNT] = {
    {"policies", false}, {"accumulators", false}, {"bills", false}, {"bill_keys", false},
    {"accounts", false}, {"balances", false},     {"meta", false}};

enum { YEAR_KEY_SIZE = 18 + 2 + 6 + 3, ACCOUNT_KEY_SIZE = 18 + 6 + 3, YEAR_FIELDS = 8 };

static void year_key_encode(const struct year_key *key, uint8_t out[YEAR_KEY_SIZE])
{
    PRE(strlen(key->person) == 18 && strlen(key->area) == 6 && strlen(key->type) == 3);
    memcpy(out, key->person, 18);
    bytes_put_be(out + 18, key->year, 2);
    memcpy(out + 20, key->area, 6);
    memcpy(out + 26, key->type, 3);
}

/* The fen of Accumulators, fields 2 to 9. */
static fen_t *year_field(struct accumulators *year, uint32_t number)
{
    fen_t *const fields[YEAR_FIELDS] = {&year->pool_paid,           &year->large_amount_paid, &year->catastrophic_base,
                                        &year->catastrophic_paid,   &year->assistance_base,   &year->assistance_paid,
                                        &year->outpatient_in_scope, &year->outpatient_paid};
    return number >= 2 && number < 2 + YEAR_FIELDS ? fields[number - 2] : NULL;
}

static void year_encode(const struct accumulators *year, struct buffer *out)
{
    struct accumulators copy = *year;
    wire_put_uint(out, 1, copy.stays);
    for (uint32_t number = 2; number < 2 + YEAR_FIELDS; number++)
        wire_put_int(out, number, *year_field(&copy, number));
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
        else if (year_field(year, field.number) != NULL)
            *year_field(year, field.number) = (fen_t)field.value;
    }
}

void year_get(struct store_txn *txn, const struct year_key *key, struct accumulators *year)
{
    uint8_t bytes[YEAR_KEY_SIZE];
    struct span value = {NULL, 0};
    year_key_encode(key, bytes);
    (void)store_get(txn, ACCUMULATORS, span_of(bytes, sizeof bytes), &value);
    year_decode(value, year);
}

void year_put(struct store_txn *txn, const struct year_key *key, const struct accumulators *year,
              struct buffer *scratch)
{
    uint8_t bytes[YEAR_KEY_SIZE];
    year_key_encode(key, bytes);
    buffer_reset(scratch);
    year_encode(year, scratch);
    store_put(txn, ACCUMULATORS, span_of(bytes, sizeof bytes), buffer_span(scratch));
}

void year_add(struct accumulators *year, const struct accumulators *added, int sign)
{
    struct accumulators copy = *added;
    INVARIANT(sign > 0 || year->stays >= added->stays);
    year->stays = sign > 0 ? year->stays + added->stays : year->stays - added->stays;
    for (uint32_t number = 2; number < 2 + YEAR_FIELDS; number++)
        INVARIANT(money_add(*year_field(year, number), sign * *year_field(&copy, number), year_field(year, number)) ==
                  OK);
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
        default:
            break;
        }
    }
    return true;
}

void bill_key(struct digest *digest, const char *person, const char *institution, const char *bill_id,
              uint8_t key[BILL_KEY_SIZE])
{
    uint8_t whole[DIGEST_SIZE];
    digest_start(digest);
    digest_add(digest, span_of(person, strlen(person) + 1)); /* the NUL parts the fields */
    digest_add(digest, span_of(institution, strlen(institution) + 1));
    digest_add(digest, span_text(bill_id));
    digest_finish(digest, whole);
    memcpy(key, whole, BILL_KEY_SIZE);
}

bool bill_key_find(struct store_txn *txn, const uint8_t key[BILL_KEY_SIZE], position_t *position)
{
    struct span value;
    if (!store_get(txn, BILL_KEYS, span_of(key, BILL_KEY_SIZE), &value) || value.size != 8)
        return false;
    *position = bytes_get_be(value.data, 8);
    return true;
}

static void account_key_encode(const struct year_key *key, uint8_t out[ACCOUNT_KEY_SIZE])
{
    PRE(strlen(key->person) == 18 && strlen(key->area) == 6 && strlen(key->type) == 3);
    memcpy(out, key->person, 18);
    memcpy(out + 18, key->area, 6);
    memcpy(out + 24, key->type, 3);
}

fen_t account_get(struct store_txn *txn, const struct year_key *key)
{
    uint8_t bytes[ACCOUNT_KEY_SIZE];
    struct span value;
    account_key_encode(key, bytes);
    bool stated = store_get(txn, ACCOUNTS, span_of(bytes, sizeof bytes), &value);
    INVARIANT(!stated || value.size == 8);
    return stated ? (fen_t)bytes_get_le(value.data, 8) : 0;
}

void account_put(struct store_txn *txn, const struct year_key *key, fen_t balance)
{
    uint8_t bytes[ACCOUNT_KEY_SIZE], value[8];
    account_key_encode(key, bytes);
    bytes_put_le(value, (uint64_t)balance, sizeof value);
    store_put(txn, ACCOUNTS, span_of(bytes, sizeof bytes), span_of(value, sizeof value));
}
