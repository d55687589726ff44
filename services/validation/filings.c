/* SPDX-License-Identifier: Apache-2.0
 * Filings and qualifications in the store. */
#include "services/validation/filings.h"

#include "common/store/rows/validation.h"

/* Before the first filing of this person, area and type. */
static struct row_bytes first_of(const char *person, const char *area, const char *type)
{
    return filings_key(person, area, type, 0, span_of(NULL, 0));
}

bool filing_kind_is_long_term(uint32_t kind)
{
    return kind >= FILING_RESETTLED_RETIREE && kind <= FILING_POSTED_WORKER;
}

void filing_keep(struct store_txn *txn, unsigned table, const char *person, const struct filing *filing)
{
    struct row_bytes key = filings_key(person, filing->insured_area, filing->insurance_type, filing->valid_from,
                                       span_text(filing->filing_id)),
                     value = filings_value(filing->kind, filing->care_area, filing->valid_to);
    store_put(txn, table, row_span(&key), row_span(&value));
}

/* One stored filing; false past the last of this person, area and type, or of this day. */
struct stored {
    uint32_t kind;
    char care_area[7];
    civil_date_t from, to;
    struct span number; /* lent by the walk */
};

static bool stored_read(const struct store_walk *walk, const struct row_bytes *first, civil_date_t day,
                        struct stored *stored)
{
    struct filings_key key;
    struct filings_value value;
    if (!row_shares(walk->key, first, FILINGS_FIRST_DAY_AT) || !filings_key_read(walk->key, &key) ||
        !filings_value_read(walk->value, &value))
        return false;
    *stored = (struct stored){value.kind, "", key.first_day, value.last_day, key.number};
    memcpy(stored->care_area, value.care_area, sizeof stored->care_area);
    return stored->from <= day;
}

static bool has_number(const struct stored *stored, const char *number)
{
    return number != NULL && span_equal(stored->number, span_text(number));
}

/* The first one under the number. */
static bool find_number(struct store_txn *txn, unsigned table, const struct row_bytes *first, const char *number,
                        struct stored *stored)
{
    struct store_walk walk;
    bool found = false;
    bool more = store_walk_start(&walk, txn, table, row_span(first));
    for (; more && !found && stored_read(&walk, first, UINT32_MAX, stored); more = store_walk_next(&walk))
        found = has_number(stored, number);
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
    struct row_bytes first = first_of(person, filing->insured_area, filing->insurance_type), key;
    struct stored stored;
    unsigned count = 0;
    *same = true;
    /* Before LOGIC_REFERENCE_WITHDRAWN one number could stand with several first days. */
    for (; find_number(txn, table, &first, filing->filing_id, &stored); count++) {
        hold_also(held, count == 0, &stored);
        *same = *same && stored.from == filing->valid_from && stored.to == filing->valid_to &&
                stored.kind == filing->kind && strcmp(stored.care_area, filing->care_area) == 0;
        key = filings_key(person, filing->insured_area, filing->insurance_type, stored.from,
                          span_text(filing->filing_id));
        store_delete(txn, table, row_span(&key));
    }
    return count > 0;
}

bool filing_long_term_on(struct store_txn *txn, unsigned table, const char *person, const char *area, const char *type,
                         civil_date_t day, const char *but, civil_date_t *valid_from, char care_area[7])
{
    struct row_bytes first = first_of(person, area, type);
    struct store_walk walk;
    struct stored stored;
    bool found = false;
    bool more = store_walk_start(&walk, txn, table, row_span(&first));
    for (; more && stored_read(&walk, &first, day, &stored); more = store_walk_next(&walk))
        if (filing_kind_is_long_term(stored.kind) && !has_number(&stored, but)) {
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
    struct row_bytes first = first_of(person, area, type);
    struct store_walk walk;
    struct stored stored;
    bool long_term = false, urgent = false, other = false;
    bool more = store_walk_start(&walk, txn, table, row_span(&first));
    for (; more && stored_read(&walk, &first, day, &stored); more = store_walk_next(&walk)) {
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
static struct standing standing_of_day(struct store_walk *walk, const struct row_bytes *first, const char *care_area,
                                       civil_date_t day)
{
    struct standing standing = {0};
    struct stored stored;
    for (bool more = true; more && stored_read(walk, first, UINT32_MAX, &stored); more = store_walk_next(walk)) {
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
    struct row_bytes first = first_of(person, area, type);
    struct standing best = {.changes = admission};
    while (best.changes != 0 && best.changes <= discharge && !best.long_term) {
        struct store_walk walk;
        struct standing standing = {0};
        if (store_walk_start(&walk, txn, table, row_span(&first)))
            standing = standing_of_day(&walk, &first, care_area, best.changes);
        store_walk_end(&walk);
        best = (struct standing){best.urgent || standing.urgent, best.other || standing.other, standing.long_term,
                                 standing.changes};
    }
    return best.long_term ? STANDING_LONG_TERM
           : best.urgent  ? STANDING_REFERRAL_OR_EMERGENCY
           : best.other   ? STANDING_OTHER_TEMPORARY
                          : STANDING_UNFILED;
}

static struct row_bytes qualification_row(const char *person, const struct qualification *qualification)
{
    return qualifications_key(person, qualification->insured_area, qualification->insurance_type,
                              qualification->special_disease, qualification->valid_from);
}

void qualification_keep(struct store_txn *txn, unsigned table, const char *person,
                        const struct qualification *qualification)
{
    struct row_bytes key = qualification_row(person, qualification),
                     value = qualifications_value(qualification->valid_to);
    store_put(txn, table, row_span(&key), row_span(&value));
}

bool qualification_get(struct store_txn *txn, unsigned table, const char *person,
                       const struct qualification *qualification, struct row_period *held)
{
    struct row_bytes key = qualification_row(person, qualification);
    struct qualifications_value kept;
    struct span value;
    if (!store_get(txn, table, row_span(&key), &value) || !qualifications_value_read(value, &kept))
        return false;
    *held = (struct row_period){qualification->valid_from, kept.last_day};
    return true;
}

void qualification_withdraw(struct store_txn *txn, unsigned table, const char *person,
                            const struct qualification *qualification)
{
    struct row_bytes key = qualification_row(person, qualification);
    store_delete(txn, table, row_span(&key));
}

bool qualification_on(struct store_txn *txn, unsigned table, const char *person, const char *area, const char *type,
                      const char *special_disease, civil_date_t day)
{
    struct row_bytes from = qualifications_key(person, area, type, special_disease, 0);
    struct qualifications_key key;
    struct qualifications_value value;
    struct store_walk walk;
    bool holds = false;
    bool more = store_walk_start(&walk, txn, table, row_span(&from));
    for (; more && row_shares(walk.key, &from, QUALIFICATIONS_FIRST_DAY_AT) &&
           qualifications_key_read(walk.key, &key) && qualifications_value_read(walk.value, &value);
         more = store_walk_next(&walk))
        holds = holds || (key.first_day <= day && (value.last_day == 0 || day <= value.last_day));
    store_walk_end(&walk);
    return holds;
}
