/* SPDX-License-Identifier: Apache-2.0
 * Designated institutions by effective date: who is suspended since when and why, told to all three regions (五(一)2).
 * Dates are stored falling, so the first row of a code is what was stated last, and the first at or after a day's key
 * is what holds on that day. */
#include "common/base/check.h"
#include "services/books/ask/question.h"

enum { CODE_SIZE = 12, KEY_SIZE = CODE_SIZE + 4, INSTITUTIONS_PAGE_MAX = 500, INSTITUTIONS_SCAN_MAX = 20000 };
enum { STATE_STATUS = 4, STATE_REASON = 6, STATE_PREVIOUS = 7 };

static void state_key(const uint8_t code[CODE_SIZE], civil_date_t day, uint8_t key[KEY_SIZE])
{
    memcpy(key, code, CODE_SIZE);
    bytes_put_be(key + CODE_SIZE, UINT32_MAX - day, 4);
}

/* The row at this key or, of the same code, the next earlier date. */
static bool state_on(struct books *books, const uint8_t key[KEY_SIZE], struct span *value)
{
    struct store_walk walk;
    bool found = store_walk_start(&walk, books->txn, INSTITUTIONS, span_of(key, KEY_SIZE)) &&
                 walk.key.size == KEY_SIZE && memcmp(walk.key.data, key, CODE_SIZE) == 0;
    *value = found ? walk.value : span_of(NULL, 0);
    store_walk_end(&walk);
    return found;
}

struct standing {
    uint32_t status;
    struct span reason;
};

static struct standing standing_of(struct span state)
{
    struct standing standing = {.status = INSTITUTION_NONE};
    struct wire_field field;
    for (struct wire_reader reader = wire_read(state); !wire_at_end(&reader);) {
        INVARIANT(wire_next(&reader, &field) == OK);
        if (field.number == STATE_STATUS)
            standing.status = (uint32_t)field.value;
        else if (field.number == STATE_REASON)
            standing.reason = field.bytes;
    }
    return standing;
}

static struct span state_of(struct span value)
{
    INVARIANT(value.size > 1);
    return span_of(value.data + 1, value.size - 1);
}

static void put_state(const struct institution *institution, struct buffer *out)
{
    wire_put_text(out, 1, institution->code);
    wire_put_text(out, 2, institution->name);
    wire_put_text(out, 3, institution->area);
    wire_put_uint(out, STATE_STATUS, institution->status);
    wire_put_uint(out, 5, institution->effective_date);
    wire_put_text(out, STATE_REASON, institution->reason);
}

/* An institution of which nothing was said counts as active: a list of active ones is no news. Neither is the level of
 * one that stays active, nor what stands already. */
static bool is_news(const struct institution *institution, const struct standing *before)
{
    uint32_t held = before->status == INSTITUTION_NONE ? INSTITUTION_ACTIVE : before->status;
    return institution->status != held ||
           (held != INSTITUTION_ACTIVE && !span_equal(before->reason, span_text(institution->reason)));
}

static void tell(struct books *books, const struct institution *institution, uint32_t before)
{
    size_t mark = wire_begin(&books->answer.body, 24);
    put_state(institution, &books->answer.body);
    wire_put_uint(&books->answer.body, STATE_PREVIOUS, before);
    wire_end(&books->answer.body, mark);
    for (unsigned region = 0; region < REGIONS; region++)
        books_say(books, BOOKS_INSTITUTION, clearing_region(region));
}

void institution_take(struct books *books, const struct institution *institution)
{
    uint8_t key[KEY_SIZE], level = (uint8_t)institution->level;
    struct span value;
    struct standing before = {.status = INSTITUTION_NONE};
    PRE(strlen(institution->code) == CODE_SIZE);
    state_key((const uint8_t *)institution->code, institution->effective_date, key);
    if (state_on(books, key, &value))
        before = standing_of(state_of(value));
    if (is_news(institution, &before))
        tell(books, institution, before.status);
    buffer_reset(&books->scratch);
    buffer_append(&books->scratch, &level, 1);
    put_state(institution, &books->scratch);
    store_put(books->txn, INSTITUTIONS, span_of(key, sizeof key), buffer_span(&books->scratch));
}

struct institution_now institution_now(struct books *books, const uint8_t code[CODE_SIZE])
{
    uint8_t key[KEY_SIZE];
    struct span value;
    state_key(code, UINT32_MAX, key);
    if (!state_on(books, key, &value))
        return (struct institution_now){.level = 0};
    unsigned level = value.data[0];
    return (struct institution_now){level <= HOSPITAL_LEVELS ? level : 0, state_of(value)};
}

static void put_institution(struct books *books, const uint8_t key[KEY_SIZE], struct span state, struct buffer *answer)
{
    uint8_t earlier[KEY_SIZE];
    struct span value;
    size_t mark = wire_begin(answer, 10);
    buffer_append(answer, state.data, state.size);
    state_key(key, UINT32_MAX - (civil_date_t)bytes_get_be(key + CODE_SIZE, 4) - 1, earlier);
    if (state_on(books, earlier, &value))
        wire_put_uint(answer, STATE_PREVIOUS, standing_of(state_of(value)).status);
    wire_end(answer, mark);
}

/* Code by code: the first row of each. A page ends after so many institutions, or so many looked at. */
void institutions_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct store_walk walk;
    uint8_t key[KEY_SIZE] = {0};
    unsigned count = 0, scanned = 0;
    if (question->after.size == CODE_SIZE) {
        memcpy(key, question->after.data, CODE_SIZE);
        memset(key + CODE_SIZE, UINT8_MAX, 4);
    }
    bool more = store_walk_start(&walk, books->txn, INSTITUTIONS,
                                 span_of(key, question->after.size == CODE_SIZE ? KEY_SIZE : 0));
    for (; more && count < INSTITUTIONS_PAGE_MAX && scanned < INSTITUTIONS_SCAN_MAX; more = store_walk_next(&walk)) {
        scanned++;
        if (walk.key.size != KEY_SIZE || memcmp(walk.key.data, key, CODE_SIZE) == 0)
            continue;
        struct span state = state_of(walk.value);
        memcpy(key, walk.key.data, KEY_SIZE);
        if (question->open && standing_of(state).status == INSTITUTION_ACTIVE)
            continue;
        put_institution(books, key, state, answer);
        count++;
    }
    store_walk_end(&walk);
    if (more)
        wire_put_bytes(answer, 15, span_of(key, CODE_SIZE));
}
