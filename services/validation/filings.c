/* SPDX-License-Identifier: Apache-2.0
 * Filings and qualifications in the store. */
#include "services/validation/filings.h"

#include "common/base/check.h"

enum { PERSON_SIZE = 18, AREA_SIZE = 6, TYPE_SIZE = 3, DISEASE_SIZE = 6, DATE_SIZE = 4 };
enum { HEAD_SIZE = PERSON_SIZE + AREA_SIZE + TYPE_SIZE, FILING_SIZE = 1 + AREA_SIZE + DATE_SIZE };
enum { FILING_KEY_SIZE_MAX = HEAD_SIZE + DATE_SIZE + FILING_ID_SIZE_MAX };
enum { QUALIFICATION_KEY_SIZE = HEAD_SIZE + DISEASE_SIZE + DATE_SIZE };

static void head_of(uint8_t *key, const char *person, const char *area, const char *type)
{
    PRE(strlen(person) == PERSON_SIZE && strlen(area) == AREA_SIZE && strlen(type) == TYPE_SIZE);
    memcpy(key, person, PERSON_SIZE);
    memcpy(key + PERSON_SIZE, area, AREA_SIZE);
    memcpy(key + PERSON_SIZE + AREA_SIZE, type, TYPE_SIZE);
}

bool filing_kind_is_long_term(uint32_t kind)
{
    return kind >= FILING_RESETTLED_RETIREE && kind <= FILING_POSTED_WORKER;
}

void filing_keep(struct store_txn *txn, unsigned table, const char *person, const struct filing *filing)
{
    uint8_t key[FILING_KEY_SIZE_MAX], value[FILING_SIZE];
    size_t id_size = strlen(filing->filing_id);
    PRE(id_size > 0 && id_size <= FILING_ID_SIZE_MAX);
    head_of(key, person, filing->insured_area, filing->insurance_type);
    bytes_put_be(key + HEAD_SIZE, filing->valid_from, DATE_SIZE);
    memcpy(key + HEAD_SIZE + DATE_SIZE, filing->filing_id, id_size);
    value[0] = (uint8_t)filing->kind;
    memcpy(value + 1, filing->care_area, AREA_SIZE);
    bytes_put_le(value + 1 + AREA_SIZE, filing->valid_to, DATE_SIZE);
    store_put(txn, table, span_of(key, HEAD_SIZE + DATE_SIZE + id_size), span_of(value, sizeof value));
}

/* One stored filing; false past the last of this person, area and type, or of this day. */
struct stored {
    uint32_t kind;
    char care_area[AREA_SIZE + 1];
    civil_date_t from, to;
};

static bool stored_read(const struct store_walk *walk, const uint8_t head[HEAD_SIZE], civil_date_t day,
                        struct stored *stored)
{
    if (walk->key.size <= HEAD_SIZE + DATE_SIZE || memcmp(walk->key.data, head, HEAD_SIZE) != 0 ||
        walk->value.size != FILING_SIZE)
        return false;
    stored->from = (civil_date_t)bytes_get_be(walk->key.data + HEAD_SIZE, DATE_SIZE);
    stored->kind = walk->value.data[0];
    memcpy(stored->care_area, walk->value.data + 1, AREA_SIZE);
    stored->care_area[AREA_SIZE] = 0;
    stored->to = (civil_date_t)bytes_get_le(walk->value.data + 1 + AREA_SIZE, DATE_SIZE);
    return stored->from <= day;
}

static bool has_number(const struct store_walk *walk, const char *number)
{
    return number != NULL &&
           span_equal(span_of(walk->key.data + HEAD_SIZE + DATE_SIZE, walk->key.size - HEAD_SIZE - DATE_SIZE),
                      span_text(number));
}

/* The first one under the number; its key is copied. */
static bool find_number(struct store_txn *txn, unsigned table, const uint8_t head[HEAD_SIZE], const char *number,
                        struct stored *stored, uint8_t key[FILING_KEY_SIZE_MAX], size_t *key_size)
{
    struct store_walk walk;
    bool found = false;
    bool more = store_walk_start(&walk, txn, table, span_of(head, HEAD_SIZE));
    while (more && !found && stored_read(&walk, head, UINT32_MAX, stored)) {
        found = has_number(&walk, number);
        if (found) {
            *key_size = walk.key.size;
            memcpy(key, walk.key.data, walk.key.size);
        } else {
            more = store_walk_next(&walk);
        }
    }
    store_walk_end(&walk);
    return found;
}

static void hold_also(struct row_period *held, bool first, const struct stored *stored)
{
    if (first || stored->from < held->valid_from)
        held->valid_from = stored->from;
    if (first || stored->to == 0 || (held->valid_to != 0 && stored->to > held->valid_to))
        held->valid_to = stored->to;
}

bool filing_withdraw(struct store_txn *txn, unsigned table, const char *person, const struct filing *filing,
                     struct row_period *held, bool *same)
{
    uint8_t head[HEAD_SIZE], key[FILING_KEY_SIZE_MAX];
    struct stored stored;
    size_t key_size;
    unsigned count = 0;
    *same = true;
    head_of(head, person, filing->insured_area, filing->insurance_type);
    /* Before LOGIC_REFERENCE_WITHDRAWN one number could stand with several first days. */
    for (; find_number(txn, table, head, filing->filing_id, &stored, key, &key_size); count++) {
        hold_also(held, count == 0, &stored);
        *same = *same && stored.from == filing->valid_from && stored.to == filing->valid_to &&
                stored.kind == filing->kind && strcmp(stored.care_area, filing->care_area) == 0;
        store_delete(txn, table, span_of(key, key_size));
    }
    return count > 0;
}

bool filing_long_term_on(struct store_txn *txn, unsigned table, const char *person, const char *area, const char *type,
                         civil_date_t day, const char *but, civil_date_t *valid_from, char care_area[7])
{
    uint8_t head[HEAD_SIZE];
    struct store_walk walk;
    struct stored stored;
    bool found = false;
    head_of(head, person, area, type);
    bool more = store_walk_start(&walk, txn, table, span_of(head, sizeof head));
    for (; more && stored_read(&walk, head, day, &stored); more = store_walk_next(&walk))
        if (filing_kind_is_long_term(stored.kind) && !has_number(&walk, but)) {
            found = true;
            *valid_from = stored.from;
            memcpy(care_area, stored.care_area, sizeof stored.care_area);
        }
    store_walk_end(&walk);
    return found;
}

/* Filed to the pooling area itself, or to the whole region. */
static bool covers(const char *filed_to, const char *care_area)
{
    return strcmp(filed_to, care_area) == 0 ||
           (memcmp(filed_to + 2, "0000", 4) == 0 && memcmp(filed_to, care_area, 2) == 0);
}

enum filing_standing filing_standing_on(struct store_txn *txn, unsigned table, const char *person, const char *area,
                                        const char *type, const char *care_area, civil_date_t day)
{
    uint8_t head[HEAD_SIZE];
    struct store_walk walk;
    struct stored stored;
    bool long_term = false, urgent = false, other = false;
    head_of(head, person, area, type);
    bool more = store_walk_start(&walk, txn, table, span_of(head, sizeof head));
    for (; more && stored_read(&walk, head, day, &stored); more = store_walk_next(&walk)) {
        bool holds = covers(stored.care_area, care_area) && (stored.to == 0 || day <= stored.to);
        if (filing_kind_is_long_term(stored.kind))
            long_term = holds; /* the last one that began decides */
        else if (stored.kind == FILING_OTHER_TEMPORARY)
            other = other || holds;
        else
            urgent = urgent || holds;
    }
    store_walk_end(&walk);
    return long_term ? STANDING_LONG_TERM
           : urgent  ? STANDING_REFERRAL_OR_EMERGENCY
           : other   ? STANDING_OTHER_TEMPORARY
                     : STANDING_UNFILED;
}

/* From which day on another answer may hold: the first start or day after an end that is later than `day`. */
struct standing {
    bool urgent, other, long_term;
    civil_date_t changes; /* 0: never */
};

static void change_on(struct standing *standing, civil_date_t day, civil_date_t change)
{
    if (change > day && (standing->changes == 0 || change < standing->changes))
        standing->changes = change;
}

/* PRE: `walk` stands on the first filing of the person, area and type. */
static struct standing standing_of_day(struct store_walk *walk, const uint8_t head[HEAD_SIZE], const char *care_area,
                                       civil_date_t day)
{
    struct standing standing = {0};
    struct stored stored;
    for (bool more = true; more && stored_read(walk, head, UINT32_MAX, &stored); more = store_walk_next(walk)) {
        bool holds = stored.from <= day && (stored.to == 0 || day <= stored.to);
        bool here = covers(stored.care_area, care_area);
        change_on(&standing, day, stored.from);
        change_on(&standing, day, stored.to == 0 ? 0 : civil_date_add_days(stored.to, 1));
        if (!holds)
            continue;
        if (filing_kind_is_long_term(stored.kind))
            standing.long_term = here; /* the last one that began decides */
        else if (stored.kind == FILING_OTHER_TEMPORARY)
            standing.other = standing.other || here;
        else
            standing.urgent = standing.urgent || here;
    }
    return standing;
}

enum filing_standing filing_standing_during(struct store_txn *txn, unsigned table, const char *person, const char *area,
                                            const char *type, const char *care_area, civil_date_t admission,
                                            civil_date_t discharge)
{
    uint8_t head[HEAD_SIZE];
    struct standing best = {.changes = admission};
    head_of(head, person, area, type);
    while (best.changes != 0 && best.changes <= discharge && !best.long_term) {
        struct store_walk walk;
        struct standing standing = {0};
        if (store_walk_start(&walk, txn, table, span_of(head, sizeof head)))
            standing = standing_of_day(&walk, head, care_area, best.changes);
        store_walk_end(&walk);
        best = (struct standing){best.urgent || standing.urgent, best.other || standing.other, standing.long_term,
                                 standing.changes};
    }
    return best.long_term ? STANDING_LONG_TERM
           : best.urgent  ? STANDING_REFERRAL_OR_EMERGENCY
           : best.other   ? STANDING_OTHER_TEMPORARY
                          : STANDING_UNFILED;
}

static void qualification_key(uint8_t key[QUALIFICATION_KEY_SIZE], const char *person, const char *area,
                              const char *type, const char *disease)
{
    head_of(key, person, area, type);
    PRE(strlen(disease) == DISEASE_SIZE);
    memcpy(key + HEAD_SIZE, disease, DISEASE_SIZE);
    memset(key + HEAD_SIZE + DISEASE_SIZE, 0, DATE_SIZE);
}

void qualification_keep(struct store_txn *txn, unsigned table, const char *person,
                        const struct qualification *qualification)
{
    uint8_t key[QUALIFICATION_KEY_SIZE], value[DATE_SIZE];
    qualification_key(key, person, qualification->insured_area, qualification->insurance_type,
                      qualification->special_disease);
    bytes_put_be(key + HEAD_SIZE + DISEASE_SIZE, qualification->valid_from, DATE_SIZE);
    bytes_put_le(value, qualification->valid_to, DATE_SIZE);
    store_put(txn, table, span_of(key, sizeof key), span_of(value, sizeof value));
}

bool qualification_get(struct store_txn *txn, unsigned table, const char *person,
                       const struct qualification *qualification, struct row_period *held)
{
    uint8_t key[QUALIFICATION_KEY_SIZE];
    struct span value;
    qualification_key(key, person, qualification->insured_area, qualification->insurance_type,
                      qualification->special_disease);
    bytes_put_be(key + HEAD_SIZE + DISEASE_SIZE, qualification->valid_from, DATE_SIZE);
    if (!store_get(txn, table, span_of(key, sizeof key), &value) || value.size != DATE_SIZE)
        return false;
    *held = (struct row_period){qualification->valid_from, (civil_date_t)bytes_get_le(value.data, DATE_SIZE)};
    return true;
}

void qualification_withdraw(struct store_txn *txn, unsigned table, const char *person,
                            const struct qualification *qualification)
{
    uint8_t key[QUALIFICATION_KEY_SIZE];
    qualification_key(key, person, qualification->insured_area, qualification->insurance_type,
                      qualification->special_disease);
    bytes_put_be(key + HEAD_SIZE + DISEASE_SIZE, qualification->valid_from, DATE_SIZE);
    store_delete(txn, table, span_of(key, sizeof key));
}

bool qualification_on(struct store_txn *txn, unsigned table, const char *person, const char *area, const char *type,
                      const char *special_disease, civil_date_t day)
{
    uint8_t key[QUALIFICATION_KEY_SIZE];
    struct store_walk walk;
    bool holds = false;
    qualification_key(key, person, area, type, special_disease);
    bool more = store_walk_start(&walk, txn, table, span_of(key, sizeof key));
    for (; more && walk.key.size == sizeof key && walk.value.size == DATE_SIZE &&
           memcmp(walk.key.data, key, sizeof key - DATE_SIZE) == 0;
         more = store_walk_next(&walk)) {
        civil_date_t from = (civil_date_t)bytes_get_be(walk.key.data + sizeof key - DATE_SIZE, DATE_SIZE),
                     to = (civil_date_t)bytes_get_le(walk.value.data, DATE_SIZE);
        holds = holds || (from <= day && (to == 0 || day <= to));
    }
    store_walk_end(&walk);
    return holds;
}
