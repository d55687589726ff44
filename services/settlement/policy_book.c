/* SPDX-License-Identifier: Apache-2.0
 * The policies in force. */
#include "services/settlement/policy_book.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/store/rows/settlement.h"

/* One version; the policy first, so that it is found by its address. */
struct version {
    struct policy policy;
    position_t position;
    char *exceptions; /* "\npath\n=path\n": graded otherwise than the policy, and stated; NULL: not known */
};

struct policy_book {
    unsigned table;
    unsigned count;
    struct version *versions[POLICIES_COUNT_MAX];
};

/* book->count: none of its area, type and start. */
static unsigned index_of(const struct policy_book *book, const struct policy *policy)
{
    unsigned i = 0;
    while (i < book->count && (strcmp(book->versions[i]->policy.area, policy->area) != 0 ||
                               book->versions[i]->policy.valid_from != policy->valid_from ||
                               strcmp(book->versions[i]->policy.insurance_type, policy->insurance_type) != 0))
        i++;
    return i;
}

static struct version *slot_for(struct policy_book *book, const struct policy *policy)
{
    unsigned i = index_of(book, policy);
    if (i < book->count)
        return book->versions[i];
    if (book->count == POLICIES_COUNT_MAX)
        return NULL;
    struct version *fresh = calloc(1, sizeof *fresh);
    INVARIANT(fresh != NULL);
    return book->versions[book->count++] = fresh;
}

static void version_set(struct version *version, const struct policy *policy, position_t position,
                        struct span exceptions)
{
    free(version->exceptions);
    *version = (struct version){.policy = *policy, .position = position};
    if (exceptions.size == 0)
        return;
    version->exceptions = calloc(1, exceptions.size + 1);
    INVARIANT(version->exceptions != NULL);
    memcpy(version->exceptions, exceptions.data, exceptions.size);
}

static void version_destroy(struct version *version)
{
    free(version->exceptions);
    free(version);
}

static enum status record_read(struct span bytes, struct policy_record *record, struct policy *policy)
{
    TRY(policy_record_decode(bytes, NULL, record));
    return policy_decode(record->policy, NULL, policy);
}

struct policy_book *policy_book_new(struct store_txn *txn, unsigned table)
{
    struct policy_book *book = calloc(1, sizeof *book);
    struct policy *policy = malloc(sizeof *policy);
    struct store_walk walk;
    INVARIANT(book != NULL && policy != NULL);
    book->table = table;
    for (bool more = store_walk_start(&walk, txn, table, span_of(NULL, 0)); more; more = store_walk_next(&walk)) {
        struct policy_record record;
        struct version *slot = record_read(walk.value, &record, policy) == OK ? slot_for(book, policy) : NULL;
        if (slot == NULL) {
            policy_book_destroy(&book);
            break;
        }
        version_set(slot, policy, record.position, record.exceptions);
    }
    store_walk_end(&walk);
    free(policy);
    return book;
}

void policy_book_destroy(struct policy_book **book)
{
    if (*book == NULL)
        return;
    for (unsigned i = 0; i < (*book)->count; i++)
        version_destroy((*book)->versions[i]);
    free(*book);
    *book = NULL;
}

static bool applies_to(const struct policy *policy, const char *area)
{
    for (uint32_t i = 0; i < policy->applies_to_count; i++)
        if (strcmp(policy->applies_to[i].area, area) == 0)
            return true;
    return false;
}

/* Its own, or (`applied`) another's that applies to it. */
static bool speaks_for(const struct policy *policy, const struct policy_wanted *wanted, bool applied)
{
    return applied ? applies_to(policy, wanted->area) : strcmp(policy->area, wanted->area) == 0;
}

static bool covers(const struct policy *policy, civil_date_t day)
{
    return policy->valid_from <= day && (policy->valid_to == 0 || day <= policy->valid_to);
}

/* The latest start: of those that cover the day, or, where policies go on, of all that have begun by then, so that an
 * earlier version never comes back when the one after it ends. */
static const struct policy *latest(const struct policy_book *book, const struct policy_wanted *wanted, bool applied)
{
    const struct policy *found = NULL;
    for (unsigned i = 0; i < book->count; i++) {
        const struct policy *policy = &book->versions[i]->policy;
        bool holds = wanted->goes_on ? policy->valid_from <= wanted->day : covers(policy, wanted->day);
        if (holds && strcmp(policy->insurance_type, wanted->type) == 0 &&
            (found == NULL || policy->valid_from > found->valid_from) && speaks_for(policy, wanted, applied))
            found = policy;
    }
    return found;
}

/* The last day of the version that begins last; 0: it is open. */
static civil_date_t last_day_of(const struct policy_book *book, const struct policy *of)
{
    const struct policy *last = of;
    for (unsigned i = 0; i < book->count; i++) {
        const struct policy *policy = &book->versions[i]->policy;
        if (strcmp(policy->area, of->area) == 0 && strcmp(policy->insurance_type, of->insurance_type) == 0 &&
            policy->valid_from > last->valid_from)
            last = policy;
    }
    return last->valid_to;
}

unsigned policy_book_ends(const struct policy_book *book, struct core_end ends[CORE_ENDS_COUNT_MAX])
{
    unsigned count = 0;
    for (unsigned i = 0; i < book->count && count < CORE_ENDS_COUNT_MAX; i++) {
        const struct policy *policy = &book->versions[i]->policy;
        struct core_end end = {.last_day = last_day_of(book, policy)};
        (void)snprintf(end.table, sizeof end.table, "policy_%.6s_%.3s", policy->area, policy->insurance_type);
        (void)snprintf(end.region, sizeof end.region, "%.2s0000", policy->area);
        bool told = false;
        for (unsigned j = 0; j < count; j++)
            told = told || strcmp(ends[j].table, end.table) == 0;
        if (end.last_day != 0 && !told)
            ends[count++] = end;
    }
    return count;
}

const struct policy *policy_book_find(const struct policy_book *book, const struct policy_wanted *wanted)
{
    const struct policy *own = latest(book, wanted, false);
    if (own != NULL && covers(own, wanted->day))
        return own;
    const struct policy *applied = wanted->applies ? latest(book, wanted, true) : NULL;
    bool applies = applied != NULL && (own == NULL || covers(applied, wanted->day));
    return applies ? applied : own; /* what has ended goes on */
}

position_t policy_book_position(const struct policy *policy)
{
    return ((const struct version *)(const void *)policy)->position;
}

bool policy_book_withdraw(struct policy_book *book, struct store_txn *txn, const struct policy *policy)
{
    struct row_bytes key = policies_key(policy->area, policy->insurance_type, policy->valid_from);
    unsigned i = index_of(book, policy);
    if (i == book->count)
        return false;
    version_destroy(book->versions[i]);
    book->versions[i] = book->versions[--book->count];
    store_delete(txn, book->table, row_span(&key));
    return true;
}

#define STATED_CIVIL_SERVANT "=civil_servant\n"

static bool is_made_up(const char *grade)
{
    return grade[0] == 'M';
}

enum status policy_exceptions(struct span stated, const struct policy *policy, struct buffer *out)
{
    struct policy_sources_peek peek;
    struct policy_source source;
    TRY(policy_sources_peek_read(stated, &peek));
    buffer_append_text(out, "\n");
    for (uint32_t i = 0; i < peek.source_count; i++) {
        TRY(parameter_source_decode(peek.sources[i], NULL, &source));
        if (is_made_up(source.grade) != is_made_up(policy->grade))
            buffer_printf(out, "%s\n", source.path);
        if (strcmp(source.path, "civil_servant") == 0)
            buffer_append_text(out, STATED_CIVIL_SERVANT);
    }
    return OK;
}

bool policy_book_is_unstated(const struct policy *policy, const char *path)
{
    const struct version *version = (const struct version *)(const void *)policy;
    char line[PARAMETER_SOURCE_PATH_MAX + 3];
    if (version->exceptions == NULL)
        return false;
    (void)snprintf(line, sizeof line, "\n%s\n", path);
    return (strstr(version->exceptions, line) != NULL) != is_made_up(policy->grade);
}

bool policy_book_states_civil_servant(const struct policy *policy)
{
    const struct version *version = (const struct version *)(const void *)policy;
    return policy->civil_servant_aid > 0 ||
           (version->exceptions != NULL && strstr(version->exceptions, "\n" STATED_CIVIL_SERVANT) != NULL);
}

enum status policy_book_keep(struct policy_book *book, struct store_txn *txn, const struct policy *policy,
                             struct span exceptions, position_t position, struct buffer *scratch)
{
    struct row_bytes key = policies_key(policy->area, policy->insurance_type, policy->valid_from);
    struct version *slot = slot_for(book, policy);
    if (slot == NULL)
        return RETRY_FULL;
    version_set(slot, policy, position, exceptions);
    buffer_reset(scratch);
    policy_encode(policy, scratch);
    struct buffer record = {0};
    policy_record_encode(&(struct policy_record){position, buffer_span(scratch), exceptions}, &record);
    store_put(txn, book->table, row_span(&key), buffer_span(&record));
    buffer_fini(&record);
    return OK;
}
