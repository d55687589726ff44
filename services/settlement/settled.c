/* SPDX-License-Identifier: Apache-2.0
 * Settlement's stored values. */
#include "services/settlement/settled.h"

#include "common/base/check.h"
#include "common/store/rows/settlement.h"

const struct store_table settlement_tables[SETTLEMENT_TABLES_COUNT] = {
#define SETTLEMENT(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

static struct row_bytes year_row(const struct year_key *key)
{
    return persons_year_key(key->person, key->year, key->area, key->type);
}

void year_get(struct store_txn *txn, const struct year_key *key, struct accumulators *year)
{
    struct row_bytes row = year_row(key);
    struct span value = {NULL, 0};
    (void)store_get(txn, PERSONS, row_span(&row), &value);
    INVARIANT(accumulators_decode(value, NULL, year) == OK);
}

void year_put(struct store_txn *txn, const struct year_key *key, const struct accumulators *year,
              struct buffer *scratch)
{
    struct row_bytes row = year_row(key);
    buffer_reset(scratch);
    accumulators_encode(year, scratch);
    store_put(txn, PERSONS, row_span(&row), buffer_span(scratch));
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
    struct row_bytes key = bills_key(position);
    buffer_reset(scratch);
    settled_bill_encode(settled, scratch);
    (fresh ? store_append : store_put)(txn, BILLS, row_span(&key), buffer_span(scratch));
}

bool settled_get(struct store_txn *txn, position_t position, struct settled *settled)
{
    struct row_bytes key = bills_key(position);
    struct span value;
    if (!store_get(txn, BILLS, row_span(&key), &value))
        return false;
    INVARIANT(settled_bill_decode(value, NULL, settled) == OK);
    return true;
}

static struct row_bytes bill_row(const struct bill_number *number)
{
    return persons_bill_key(number->person, number->institution, span_text(number->bill_id));
}

static position_t bill_read(struct span value)
{
    struct persons_bill_value kept;
    INVARIANT(persons_bill_value_read(value, &kept));
    return kept.position;
}

bool bill_number_find(struct store_txn *txn, const struct bill_number *number, position_t *position)
{
    struct row_bytes key = bill_row(number);
    struct span value;
    if (!store_get(txn, PERSONS, row_span(&key), &value))
        return false;
    *position = bill_read(value);
    return true;
}

void bill_number_put(struct store_txn *txn, const struct bill_number *number, position_t position)
{
    struct row_bytes key = bill_row(number), value = persons_bill_value(position);
    store_put(txn, PERSONS, row_span(&key), row_span(&value));
}

void bill_number_delete(struct store_txn *txn, const struct bill_number *number)
{
    struct row_bytes key = bill_row(number);
    store_delete(txn, PERSONS, row_span(&key));
}

static bool bill_walk_read(struct bill_walk *walk, bool more)
{
    struct persons_bill_key key;
    if (!more || !persons_bill_key_read(walk->walk.key, &key) || strcmp(key.person, walk->person) != 0)
        return false;
    walk->position = bill_read(walk->walk.value);
    return true;
}

bool bill_walk_start(struct bill_walk *walk, struct store_txn *txn, const char *person)
{
    struct row_bytes from = persons_bill_key(person, "", span_of(NULL, 0));
    walk->person = person;
    return bill_walk_read(walk, store_walk_start(&walk->walk, txn, PERSONS, row_span(&from)));
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

void care_days_put(struct store_txn *txn, const char *person, enum care_form form, const struct care_days *days)
{
    struct row_bytes key = persons_days_key(person, (char)form, days->admission, days->position),
                     value = persons_days_value(days->discharge);
    store_put(txn, PERSONS, row_span(&key), row_span(&value));
}

void care_days_delete(struct store_txn *txn, const char *person, civil_date_t admission, position_t position)
{
    static const char forms[] = {CARE_STAY, CARE_VISIT};
    for (unsigned i = 0; i < sizeof forms; i++) {
        struct row_bytes key = persons_days_key(person, forms[i], admission, position);
        store_delete(txn, PERSONS, row_span(&key));
    }
}

static bool care_walk_read(struct care_walk *walk, bool more)
{
    struct persons_days_key key;
    struct persons_days_value value;
    if (!more || !persons_days_key_read(walk->walk.key, &key) || key.form != (char)walk->form ||
        strcmp(key.person, walk->person) != 0)
        return false;
    INVARIANT(persons_days_value_read(walk->walk.value, &value));
    walk->days = (struct care_days){key.admission, value.discharge, key.position};
    return true;
}

bool care_walk_start(struct care_walk *walk, struct store_txn *txn, const char *person, enum care_form form,
                     civil_date_t from)
{
    struct row_bytes key = persons_days_key(person, (char)form, from, 0);
    walk->person = person;
    walk->form = form;
    return care_walk_read(walk, store_walk_start(&walk->walk, txn, PERSONS, row_span(&key)));
}

bool care_walk_next(struct care_walk *walk)
{
    return care_walk_read(walk, store_walk_next(&walk->walk));
}

void care_walk_end(struct care_walk *walk)
{
    store_walk_end(&walk->walk);
}

static struct row_bytes account_row(const struct year_key *key)
{
    return persons_account_key(key->person, key->area, key->type);
}

fen_t account_get(struct store_txn *txn, const struct year_key *key)
{
    struct row_bytes row = account_row(key);
    struct persons_account_value account;
    struct span value;
    if (!store_get(txn, PERSONS, row_span(&row), &value))
        return 0;
    INVARIANT(persons_account_value_read(value, &account));
    return account.balance;
}

bool account_is_stated(struct store_txn *txn, const struct year_key *key)
{
    struct row_bytes row = account_row(key);
    struct span value;
    return store_get(txn, PERSONS, row_span(&row), &value);
}

void account_put(struct store_txn *txn, const struct year_key *key, fen_t balance)
{
    struct row_bytes row = account_row(key), value = persons_account_value(balance);
    store_put(txn, PERSONS, row_span(&row), row_span(&value));
}

bool local_care_get(struct store_txn *txn, const char *person, const char *local_id, struct year_key *key,
                    struct accumulators *added)
{
    struct row_bytes row = persons_local_care_key(person, span_text(local_id));
    struct span value;
    struct local_care_record record;
    if (!store_get(txn, PERSONS, row_span(&row), &value))
        return false;
    INVARIANT(local_care_record_decode(value, NULL, &record) == OK);
    memset(key, 0, sizeof *key);
    memcpy(key->person, person, sizeof key->person);
    key->year = record.policy_year;
    memcpy(key->area, record.insured_area, sizeof key->area);
    memcpy(key->type, record.insurance_type, sizeof key->type);
    *added = record.added;
    return true;
}

void local_care_put(struct store_txn *txn, const char *local_id, const struct year_key *key,
                    const struct accumulators *added, struct buffer *scratch)
{
    struct row_bytes row = persons_local_care_key(key->person, span_text(local_id));
    buffer_reset(scratch);
    struct local_care_record record = {.policy_year = key->year, .added = *added};
    memcpy(record.insured_area, key->area, sizeof record.insured_area);
    memcpy(record.insurance_type, key->type, sizeof record.insurance_type);
    local_care_record_encode(&record, scratch);
    store_put(txn, PERSONS, row_span(&row), buffer_span(scratch));
}

void local_care_delete(struct store_txn *txn, const char *person, const char *local_id)
{
    struct row_bytes row = persons_local_care_key(person, span_text(local_id));
    store_delete(txn, PERSONS, row_span(&row));
}
