/* SPDX-License-Identifier: Apache-2.0
 * Reference data in the store. */
#include "services/validation/references.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/logic.h"
#include "common/store/rows/validation.h"

#define uthash_fatal(what) check_failed("memory", what, __FILE__, __LINE__) /* its own would exit */
#include <uthash.h>

enum { CODE_SIZE = 12 };

/* One row of one institution; rows of a code hang on the first, by falling date. */
struct row {
    char code[CODE_SIZE + 1];
    civil_date_t effective_date;
    struct institution_state state;
    struct row *older;
    UT_hash_handle hh;
};

struct institution_book {
    struct row *by_code;
};

static struct row *first_row(const struct institution_book *book, const char *code)
{
    struct row *row = NULL;
    if (strlen(code) == CODE_SIZE)
        HASH_FIND(hh, book->by_code, code, CODE_SIZE, row);
    return row;
}

static struct row *new_row(const char *code, civil_date_t date, const struct institution_state *state)
{
    struct row *row = calloc(1, sizeof *row);
    INVARIANT(row != NULL);
    memcpy(row->code, code, CODE_SIZE);
    row->effective_date = date;
    row->state = *state;
    return row;
}

static void put_row(struct institution_book *book, const char *code, civil_date_t date,
                    const struct institution_state *state)
{
    struct row *first = first_row(book, code);
    if (first == NULL || date > first->effective_date) {
        struct row *row = new_row(code, date, state);
        if (first != NULL)
            HASH_DEL(book->by_code, first);
        row->older = first;
        HASH_ADD(hh, book->by_code, code, CODE_SIZE, row);
        return;
    }
    struct row *row = first;
    while (row->older != NULL && row->older->effective_date >= date)
        row = row->older;
    if (row->effective_date == date) {
        row->state = *state;
        return;
    }
    struct row *between = new_row(code, date, state);
    between->older = row->older;
    row->older = between;
}

static void row_read(struct institution_book *book, struct span key, struct span value)
{
    struct institutions_key at;
    struct institutions_value kept;
    if (!institutions_key_read(key, &at) || !institutions_value_read(value, &kept))
        return;
    struct institution_state state = {"", kept.level, kept.municipal != 0, kept.community != 0, kept.status};
    memcpy(state.area, kept.area, sizeof state.area);
    put_row(book, at.institution, at.effective_date, &state);
}

struct institution_book *institution_book_new(struct store_txn *txn)
{
    struct institution_book *book = calloc(1, sizeof *book);
    struct store_walk walk;
    INVARIANT(book != NULL);
    for (bool more = store_walk_start(&walk, txn, INSTITUTIONS_TABLE, span_of(NULL, 0)); more;
         more = store_walk_next(&walk))
        row_read(book, walk.key, walk.value);
    store_walk_end(&walk);
    return book;
}

void institution_book_destroy(struct institution_book **book)
{
    struct row *row, *next;
    if (*book == NULL)
        return;
    HASH_ITER(hh, (*book)->by_code, row, next)
    {
        HASH_DEL((*book)->by_code, row);
        while (row != NULL) {
            struct row *older = row->older;
            free(row);
            row = older;
        }
    }
    free(*book);
    *book = NULL;
}

void institution_keep(struct institution_book *book, struct store_txn *txn, const struct institution *institution)
{
    struct row_bytes key = institutions_key(institution->code, institution->effective_date),
                     value = institutions_value(institution->area, institution->level, institution->municipal,
                                                institution->community, institution->status);
    store_put(txn, INSTITUTIONS_TABLE, row_span(&key), row_span(&value));
    row_read(book, row_span(&key), row_span(&value));
}

/* Unlinks; what hangs on the first row of a code hangs on the next one then. */
static bool drop_row(struct institution_book *book, const char *code, civil_date_t date)
{
    struct row *row = first_row(book, code), *younger = NULL;
    while (row != NULL && row->effective_date != date) {
        younger = row;
        row = row->older;
    }
    if (row == NULL)
        return false;
    if (younger != NULL) {
        younger->older = row->older;
    } else {
        struct row *next = row->older;
        HASH_DEL(book->by_code, row);
        if (next != NULL)
            HASH_ADD(hh, book->by_code, code, CODE_SIZE, next);
    }
    free(row);
    return true;
}

bool institution_withdraw(struct institution_book *book, struct store_txn *txn, const struct institution *institution)
{
    struct row_bytes key = institutions_key(institution->code, institution->effective_date);
    if (!drop_row(book, institution->code, institution->effective_date))
        return false;
    store_delete(txn, INSTITUTIONS_TABLE, row_span(&key));
    return true;
}

bool institution_is_known(const struct institution_book *book, const char *code)
{
    return first_row(book, code) != NULL;
}

bool institution_on(const struct institution_book *book, const char *code, civil_date_t day,
                    struct institution_state *state)
{
    for (const struct row *row = first_row(book, code); row != NULL; row = row->older)
        if (row->effective_date <= day) {
            *state = row->state;
            return true;
        }
    return false;
}

static struct row_bytes enrolment_row(const char *person, const struct enrolment *enrolment)
{
    return enrolments_key(person, enrolment->area, enrolment->insurance_type, enrolment->effective_date);
}

void enrolment_keep(struct store_txn *txn, const char *person, const struct enrolment *enrolment, position_t position)
{
    struct row_bytes key = enrolment_row(person, enrolment),
                     value = enrolments_value(enrolment->category, enrolment->poverty, enrolment->civil_servant,
                                              enrolment->end_date, enrolment->account_balance, position);
    store_put(txn, ENROLMENTS_TABLE, row_span(&key), row_span(&value));
}

static bool enrolment_read(struct span value, struct enrolment_state *state)
{
    struct enrolments_value kept;
    if (!enrolments_value_read(value, &kept))
        return false;
    *state = (struct enrolment_state){
        "", kept.poverty, kept.civil_servant != 0, kept.end_date, kept.account_balance, kept.position};
    memcpy(state->category, kept.category, sizeof state->category);
    return true;
}

bool enrolment_get(struct store_txn *txn, const char *person, const struct enrolment *enrolment,
                   struct enrolment_state *state)
{
    struct row_bytes key = enrolment_row(person, enrolment);
    struct span value;
    return store_get(txn, ENROLMENTS_TABLE, row_span(&key), &value) && enrolment_read(value, state);
}

bool enrolment_withdraw(struct store_txn *txn, const char *person, const struct enrolment *enrolment)
{
    struct row_bytes key = enrolment_row(person, enrolment);
    struct enrolment_state state;
    if (!enrolment_get(txn, person, enrolment, &state))
        return false;
    store_delete(txn, ENROLMENTS_TABLE, row_span(&key));
    return true;
}

/* Dates are stored falling, so the first row at or after the day's key is the one that began last. */
bool enrolment_on(struct store_txn *txn, const char *person, const char *area, const char *type, civil_date_t day,
                  uint32_t logic, struct enrolment_state *state)
{
    struct row_bytes from = enrolments_key(person, area, type, day);
    struct store_walk walk;
    bool goes_on = false, yields = logic_has(logic, LOGIC_ENDED_ROW_YIELDS);
    bool more = store_walk_start(&walk, txn, ENROLMENTS_TABLE, row_span(&from));
    while (more && !goes_on && row_shares(walk.key, &from, ENROLMENTS_EFFECTIVE_DATE_AT) &&
           enrolment_read(walk.value, state)) {
        goes_on = state->end_date == 0 || day <= state->end_date;
        more = yields && !goes_on && store_walk_next(&walk);
    }
    store_walk_end(&walk);
    return goes_on;
}
