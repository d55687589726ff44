/* SPDX-License-Identifier: Apache-2.0
 * Reference data in the store. */
#include "services/validation/references.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/logic.h"

#define uthash_fatal(what) check_failed("memory", what, __FILE__, __LINE__) /* its own would exit */
#include <uthash.h>

enum { CODE_SIZE = 12, PERSON_SIZE = 18, AREA_SIZE = 6, TYPE_SIZE = 3, INSTITUTION_SIZE = 10, ENROLMENT_SIZE = 26 };
enum { ENROLMENT_KEY_SIZE = PERSON_SIZE + AREA_SIZE + TYPE_SIZE + 4 };

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

static void state_encode(const struct institution_state *state, uint8_t out[INSTITUTION_SIZE])
{
    memcpy(out, state->area, AREA_SIZE);
    out[6] = state->level;
    out[7] = state->municipal;
    out[8] = state->community;
    out[9] = state->status;
}

static struct institution_state state_decode(const uint8_t *bytes)
{
    struct institution_state state = {"", bytes[6], bytes[7] != 0, bytes[8] != 0, bytes[9]};
    memcpy(state.area, bytes, AREA_SIZE);
    return state;
}

struct institution_book *institution_book_new(struct store_txn *txn)
{
    struct institution_book *book = calloc(1, sizeof *book);
    struct store_walk walk;
    INVARIANT(book != NULL);
    for (bool more = store_walk_start(&walk, txn, INSTITUTIONS_TABLE, span_of(NULL, 0)); more;
         more = store_walk_next(&walk)) {
        if (walk.key.size != CODE_SIZE + 4 || walk.value.size != INSTITUTION_SIZE)
            continue;
        char code[CODE_SIZE + 1] = "";
        memcpy(code, walk.key.data, CODE_SIZE);
        struct institution_state state = state_decode(walk.value.data);
        put_row(book, code, (civil_date_t)bytes_get_be(walk.key.data + CODE_SIZE, 4), &state);
    }
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
    uint8_t key[CODE_SIZE + 4], value[INSTITUTION_SIZE];
    struct institution_state state = {"", (uint8_t)institution->level, institution->municipal, institution->community,
                                      (uint8_t)institution->status};
    PRE(strlen(institution->code) == CODE_SIZE && strlen(institution->area) == AREA_SIZE);
    memcpy(state.area, institution->area, AREA_SIZE);
    memcpy(key, institution->code, CODE_SIZE);
    bytes_put_be(key + CODE_SIZE, institution->effective_date, 4);
    state_encode(&state, value);
    store_put(txn, INSTITUTIONS_TABLE, span_of(key, sizeof key), span_of(value, sizeof value));
    put_row(book, institution->code, institution->effective_date, &state);
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
    uint8_t key[CODE_SIZE + 4];
    if (!drop_row(book, institution->code, institution->effective_date))
        return false;
    memcpy(key, institution->code, CODE_SIZE);
    bytes_put_be(key + CODE_SIZE, institution->effective_date, 4);
    store_delete(txn, INSTITUTIONS_TABLE, span_of(key, sizeof key));
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

static void enrolment_key(uint8_t key[ENROLMENT_KEY_SIZE], const char *person, const char *area, const char *type,
                          civil_date_t date)
{
    PRE(strlen(person) == PERSON_SIZE && strlen(area) == AREA_SIZE && strlen(type) == TYPE_SIZE);
    memcpy(key, person, PERSON_SIZE);
    memcpy(key + PERSON_SIZE, area, AREA_SIZE);
    memcpy(key + PERSON_SIZE + AREA_SIZE, type, TYPE_SIZE);
    bytes_put_be(key + PERSON_SIZE + AREA_SIZE + TYPE_SIZE, UINT32_MAX - date, 4);
}

void enrolment_keep(struct store_txn *txn, const char *person, const struct enrolment *enrolment, position_t position)
{
    uint8_t key[ENROLMENT_KEY_SIZE], value[ENROLMENT_SIZE];
    PRE(strlen(enrolment->category) == 4);
    enrolment_key(key, person, enrolment->area, enrolment->insurance_type, enrolment->effective_date);
    memcpy(value, enrolment->category, 4);
    value[4] = (uint8_t)enrolment->poverty;
    value[5] = enrolment->civil_servant;
    bytes_put_le(value + 6, enrolment->end_date, 4);
    bytes_put_le(value + 10, (uint64_t)enrolment->account_balance, 8);
    bytes_put_le(value + 18, position, 8);
    store_put(txn, ENROLMENTS_TABLE, span_of(key, sizeof key), span_of(value, sizeof value));
}

static void enrolment_read(const uint8_t *value, struct enrolment_state *state)
{
    memset(state, 0, sizeof *state);
    memcpy(state->category, value, 4);
    state->poverty = value[4];
    state->civil_servant = value[5] != 0;
    state->end_date = (civil_date_t)bytes_get_le(value + 6, 4);
    state->account_balance = (fen_t)bytes_get_le(value + 10, 8);
    state->position = bytes_get_le(value + 18, 8);
}

bool enrolment_get(struct store_txn *txn, const char *person, const struct enrolment *enrolment,
                   struct enrolment_state *state)
{
    uint8_t key[ENROLMENT_KEY_SIZE];
    struct span value;
    enrolment_key(key, person, enrolment->area, enrolment->insurance_type, enrolment->effective_date);
    if (!store_get(txn, ENROLMENTS_TABLE, span_of(key, sizeof key), &value) || value.size != ENROLMENT_SIZE)
        return false;
    enrolment_read(value.data, state);
    return true;
}

bool enrolment_withdraw(struct store_txn *txn, const char *person, const struct enrolment *enrolment)
{
    uint8_t key[ENROLMENT_KEY_SIZE];
    struct enrolment_state state;
    if (!enrolment_get(txn, person, enrolment, &state))
        return false;
    enrolment_key(key, person, enrolment->area, enrolment->insurance_type, enrolment->effective_date);
    store_delete(txn, ENROLMENTS_TABLE, span_of(key, sizeof key));
    return true;
}

/* Dates are stored falling, so the first row at or after the day's key is the one that began last. */
bool enrolment_on(struct store_txn *txn, const char *person, const char *area, const char *type, civil_date_t day,
                  uint32_t logic, struct enrolment_state *state)
{
    uint8_t key[ENROLMENT_KEY_SIZE];
    struct store_walk walk;
    bool goes_on = false, yields = logic_has(logic, LOGIC_ENDED_ROW_YIELDS);
    enrolment_key(key, person, area, type, day);
    bool more = store_walk_start(&walk, txn, ENROLMENTS_TABLE, span_of(key, sizeof key));
    while (more && !goes_on && walk.key.size == sizeof key && memcmp(walk.key.data, key, sizeof key - 4) == 0 &&
           walk.value.size == ENROLMENT_SIZE) {
        enrolment_read(walk.value.data, state);
        goes_on = state->end_date == 0 || day <= state->end_date;
        more = yields && !goes_on && store_walk_next(&walk);
    }
    store_walk_end(&walk);
    return goes_on;
}
