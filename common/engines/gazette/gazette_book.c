/* SPDX-License-Identifier: Apache-2.0
 * What has been published. */
#include "common/engines/gazette/gazette_book.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/store/rows/settlement.h" /* the other services' lie alike */

enum { GROWS_TO = 16, ROOM_LEAST = 1 << 16 }; /* decoded, a row takes more room than encoded */

struct entry {
    uint8_t key[GAZETTES_KEY_SIZE];
    void *memory; /* of all that `gazette` points to */
    struct gazette gazette;
};

struct gazette_book {
    unsigned table;
    uint32_t logic;
    unsigned count;
    struct entry entries[GAZETTES_COUNT_MAX];
    struct published published;
    /* made from the entries; NULL where there are none */
    struct workday_exception *exceptions;
    struct parameter_row *parameters;
    struct benefit_standard *standards;
    uint32_t *divisions;
};

/* Entries ascend by key, as the store has them. NULL: full. */
static struct entry *entry_for(struct gazette_book *book, const uint8_t key[GAZETTES_KEY_SIZE])
{
    unsigned at = 0;
    while (at < book->count && memcmp(book->entries[at].key, key, GAZETTES_KEY_SIZE) < 0)
        at++;
    if (at < book->count && memcmp(book->entries[at].key, key, GAZETTES_KEY_SIZE) == 0)
        return &book->entries[at];
    if (book->count == GAZETTES_COUNT_MAX)
        return NULL;
    memmove(&book->entries[at + 1], &book->entries[at], (book->count - at) * sizeof book->entries[0]);
    book->count++;
    book->entries[at] = (struct entry){0};
    memcpy(book->entries[at].key, key, GAZETTES_KEY_SIZE);
    return &book->entries[at];
}

/* Reads the encoded table into memory of its own. */
static enum status entry_fill(struct entry *entry, struct span bytes)
{
    struct arena arena;
    size_t room = bytes.size * GROWS_TO + ROOM_LEAST;
    void *memory = malloc(room);
    INVARIANT(memory != NULL);
    arena_init(&arena, memory, room);
    free(entry->memory);
    entry->memory = memory;
    return gazette_decode(bytes, &arena, &entry->gazette);
}

static void *room_for(size_t count, size_t size)
{
    void *room = calloc(count + 1, size);
    INVARIANT(room != NULL);
    return room;
}

static void take_calendar(struct gazette_book *book, const struct calendar_year *year)
{
    struct calendar *calendar = &book->published.calendar;
    calendar->years[year->year - CALENDAR_YEAR_FIRST] = 1;
    for (uint32_t i = 0; i < year->day_count; i++)
        book->exceptions[calendar->count++] = (struct workday_exception){year->days[i].date, year->days[i].workday};
}

static int by_parameter_and_day(const void *left_, const void *right_)
{
    const struct parameter_row *left = left_, *right = right_;
    if (left->parameter != right->parameter)
        return left->parameter < right->parameter ? -1 : 1;
    return left->valid_from < right->valid_from ? -1 : left->valid_from > right->valid_from;
}

static void take_parameters(struct gazette_book *book, const struct transfer_parameters *parameters)
{
    struct published *published = &book->published;
    book->parameters = room_for(parameters->row_count, sizeof *book->parameters);
    for (uint32_t i = 0; i < parameters->row_count; i++) {
        const struct published_parameter *row = &parameters->rows[i];
        book->parameters[i] = (struct parameter_row){parameter_of(row->name), row->valid_from, (int32_t)row->value,
                                                     row->grade[0], row->source};
    }
    qsort(book->parameters, parameters->row_count, sizeof *book->parameters, by_parameter_and_day);
    published->parameters = book->parameters;
    published->parameter_count = parameters->row_count;
    published->benefit_months = parameters->benefit_months;
    published->benefit_months_count = parameters->benefit_month_count;
}

static void take_standard(struct gazette_book *book, const struct gazette *gazette)
{
    const struct unemployment_standard *standard = &gazette->table.unemployment_standard;
    for (uint32_t i = 0; i < standard->row_count; i++) {
        const struct published_benefit *row = &standard->rows[i];
        struct benefit_standard *to = &book->standards[book->published.standard_count++];
        *to = (struct benefit_standard){.area_class = row->area_class,
                                        .valid_from = row->valid_from,
                                        .valid_to = row->valid_to,
                                        .years_from = row->years_from,
                                        .month_from = row->month_from,
                                        .monthly = row->monthly};
        memcpy(to->region, gazette->region, sizeof to->region);
    }
}

static void take_divisions(struct gazette_book *book, const struct divisions *divisions)
{
    book->divisions = room_for(divisions->row_count, sizeof *book->divisions);
    for (uint32_t i = 0; i < divisions->row_count; i++)
        book->divisions[i] = divisions->rows[i].code;
    book->published.divisions = book->divisions;
    book->published.division_count = divisions->row_count;
}

static void take(struct gazette_book *book, const struct gazette *gazette)
{
    switch (gazette->kind) {
    case GAZETTE_CALENDAR:
        take_calendar(book, &gazette->table.calendar);
        break;
    case GAZETTE_DIVISIONS:
        take_divisions(book, &gazette->table.divisions);
        break;
    case GAZETTE_AREAS:
        book->published.areas = gazette->table.areas;
        break;
    case GAZETTE_UNEMPLOYMENT_STANDARD:
        take_standard(book, gazette);
        break;
    case GAZETTE_TRANSFER_PARAMETERS:
        take_parameters(book, &gazette->table.transfer_parameters);
        break;
    case GAZETTE_CARE_KINDS:
        published_take_care_kinds(&book->published, &gazette->table.care_kinds);
        break;
    case GAZETTE_ITEM_SHAPES:
        book->published.item_shapes = gazette->table.item_shapes;
        break;
    case GAZETTE_NONE:
        break;
    }
}

static void forget(struct gazette_book *book)
{
    free(book->exceptions);
    free(book->parameters);
    free(book->standards);
    free(book->divisions);
    book->exceptions = NULL;
    book->parameters = NULL;
    book->standards = NULL;
    book->divisions = NULL;
}

/* The tables in force, out of the entries or of version 1. */
static void settle(struct gazette_book *book)
{
    size_t days = 0, rows = 0;
    forget(book);
    if (!logic_has(book->logic, LOGIC_PUBLISHED_TABLES)) {
        book->published = *published_first();
        return;
    }
    for (unsigned i = 0; i < book->count; i++) {
        const struct gazette *gazette = &book->entries[i].gazette;
        if (gazette->kind == GAZETTE_CALENDAR)
            days += gazette->table.calendar.day_count;
        else if (gazette->kind == GAZETTE_UNEMPLOYMENT_STANDARD)
            rows += gazette->table.unemployment_standard.row_count;
    }
    book->exceptions = room_for(days, sizeof *book->exceptions);
    book->standards = room_for(rows, sizeof *book->standards);
    book->published = (struct published){.logic = book->logic,
                                         .calendar = {.exceptions = book->exceptions, .provisional = true},
                                         .standards = book->standards};
    for (unsigned i = 0; i < book->count; i++)
        take(book, &book->entries[i].gazette);
}

struct gazette_book *gazette_book_new(struct store_txn *txn, unsigned table, uint32_t logic)
{
    struct gazette_book *book = calloc(1, sizeof *book);
    struct store_walk walk;
    enum status status = OK;
    INVARIANT(book != NULL);
    book->table = table;
    book->logic = logic;
    bool more = txn != NULL && store_walk_start(&walk, txn, table, span_of(NULL, 0));
    for (; more && status == OK; more = store_walk_next(&walk)) {
        if (walk.key.size != GAZETTES_KEY_SIZE)
            continue; /* the version of logic, where a service keeps it beside */
        struct entry *entry = entry_for(book, walk.key.data);
        status = entry != NULL ? entry_fill(entry, walk.value) : FATAL_CORRUPT;
    }
    if (txn != NULL)
        store_walk_end(&walk);
    if (status == OK)
        settle(book);
    else
        gazette_book_destroy(&book);
    return book;
}

void gazette_book_destroy(struct gazette_book **book)
{
    if (*book == NULL)
        return;
    forget(*book);
    for (unsigned i = 0; i < (*book)->count; i++)
        free((*book)->entries[i].memory);
    free(*book);
    *book = NULL;
}

enum status gazette_book_keep(struct gazette_book *book, struct store_txn *txn, const struct gazette *gazette)
{
    struct row_bytes key = gazettes_key(gazette->kind, gazette->region,
                                        gazette->kind == GAZETTE_CALENDAR ? gazette->table.calendar.year : 0);
    struct buffer bytes;
    struct entry *entry = entry_for(book, key.bytes);
    if (entry == NULL)
        return REJECT_TOO_LARGE;
    buffer_init(&bytes);
    gazette_encode(gazette, &bytes);
    if (txn != NULL)
        store_put(txn, book->table, row_span(&key), buffer_span(&bytes));
    enum status status = entry_fill(entry, buffer_span(&bytes));
    INVARIANT(status == OK); /* it was decoded before, and is encoded as it was */
    buffer_fini(&bytes);
    settle(book);
    return OK;
}

void gazette_book_switch(struct gazette_book *book, uint32_t logic)
{
    book->logic = logic;
    settle(book);
}

const struct published *gazette_book_published(const struct gazette_book *book)
{
    return &book->published;
}

bool gazette_book_has(const struct gazette_book *book, enum gazette_kind kind)
{
    for (unsigned i = 0; i < book->count; i++)
        if (book->entries[i].gazette.kind == kind)
            return true;
    return false;
}
