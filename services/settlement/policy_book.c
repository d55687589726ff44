/* SPDX-License-Identifier: Apache-2.0
 * The policies in force. */
#include "services/settlement/policy_book.h"

#include <stdlib.h>

#include "common/base/check.h"

/* One version; the policy first, so that it is found by its address. */
struct version {
    struct policy policy;
    position_t position;
};

struct policy_book {
    unsigned table;
    unsigned count;
    struct version *versions[POLICIES_COUNT_MAX];
};

static struct version *slot_for(struct policy_book *book, const struct policy *policy)
{
    for (unsigned i = 0; i < book->count; i++)
        if (strcmp(book->versions[i]->policy.area, policy->area) == 0 &&
            book->versions[i]->policy.valid_from == policy->valid_from &&
            strcmp(book->versions[i]->policy.insurance_type, policy->insurance_type) == 0)
            return book->versions[i];
    if (book->count == POLICIES_COUNT_MAX)
        return NULL;
    struct version *fresh = malloc(sizeof *fresh);
    INVARIANT(fresh != NULL);
    return book->versions[book->count++] = fresh;
}

static enum status record_read(struct span bytes, position_t *position, struct policy *policy)
{
    struct policy_record record;
    TRY(policy_record_decode(bytes, NULL, &record));
    *position = record.position;
    return policy_decode(record.policy, NULL, policy);
}

struct policy_book *policy_book_new(struct store_txn *txn, unsigned table)
{
    struct policy_book *book = calloc(1, sizeof *book);
    struct policy *policy = malloc(sizeof *policy);
    struct store_walk walk;
    INVARIANT(book != NULL && policy != NULL);
    book->table = table;
    for (bool more = store_walk_start(&walk, txn, table, span_of(NULL, 0)); more; more = store_walk_next(&walk)) {
        position_t position;
        struct version *slot = record_read(walk.value, &position, policy) == OK ? slot_for(book, policy) : NULL;
        if (slot == NULL) {
            policy_book_destroy(&book);
            break;
        }
        *slot = (struct version){*policy, position};
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
        free((*book)->versions[i]);
    free(*book);
    *book = NULL;
}

const struct policy *policy_book_find(const struct policy_book *book, const char *area, const char *type,
                                      civil_date_t day)
{
    const struct policy *found = NULL;
    for (unsigned i = 0; i < book->count; i++) {
        const struct policy *policy = &book->versions[i]->policy;
        bool covers = policy->valid_from <= day && (policy->valid_to == 0 || day <= policy->valid_to);
        if (covers && strcmp(policy->area, area) == 0 && strcmp(policy->insurance_type, type) == 0 &&
            (found == NULL || policy->valid_from > found->valid_from))
            found = policy;
    }
    return found;
}

position_t policy_book_position(const struct policy *policy)
{
    return ((const struct version *)(const void *)policy)->position;
}

enum status policy_book_keep(struct policy_book *book, struct store_txn *txn, const struct policy *policy,
                             position_t position, struct buffer *scratch)
{
    uint8_t key[13];
    struct version *slot = slot_for(book, policy);
    if (slot == NULL)
        return RETRY_FULL;
    *slot = (struct version){*policy, position};
    memcpy(key, policy->area, 6);
    memcpy(key + 6, policy->insurance_type, 3);
    bytes_put_be(key + 9, policy->valid_from, 4);
    buffer_reset(scratch);
    policy_encode(policy, scratch);
    struct buffer record = {0};
    policy_record_encode(&(struct policy_record){position, buffer_span(scratch)}, &record);
    store_put(txn, book->table, span_of(key, sizeof key), buffer_span(&record));
    buffer_fini(&record);
    return OK;
}
