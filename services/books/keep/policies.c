/* SPDX-License-Identifier: Apache-2.0
 * Clearing policies. */
#include "services/books/keep/policies.h"

#include "common/base/check.h"
#include "services/books/keep/record.h"

static void keep_policy(struct books *books, const struct clearing_policy *policy)
{
    unsigned at = 0;
    while (at < books->policy_count && books->policies[at].valid_from != policy->valid_from)
        at++;
    INVARIANT(at < CLEARING_POLICIES_MAX);
    books->policies[at] = *policy;
    books->policy_count = at == books->policy_count ? at + 1 : books->policy_count;
}

void policies_take(struct books *books, const struct clearing_policy *policy)
{
    struct row_bytes key = policies_key(policy->valid_from);
    bool known = false;
    for (unsigned i = 0; i < books->policy_count; i++)
        known = known || books->policies[i].valid_from == policy->valid_from;
    record_say(books, BOOKS_POLICY, books->event->sender);
    if (!known && books->policy_count == CLEARING_POLICIES_MAX) {
        record_find(books, RULE_CLEARING_POLICY_INVALID, "clearing_policy", "too many policies");
        return;
    }
    keep_policy(books, policy);
    buffer_reset(&books->scratch);
    clearing_policy_encode(policy, &books->scratch);
    store_put(books->txn, POLICIES, row_span(&key), buffer_span(&books->scratch));
}

enum status policies_open(struct books *books)
{
    struct store_walk walk;
    struct clearing_policy policy;
    enum status status = OK;
    bool more = store_walk_start(&walk, books->txn, POLICIES, span_of(NULL, 0));
    for (; more && status == OK; more = store_walk_next(&walk)) {
        status = clearing_policy_decode(walk.value, NULL, &policy);
        if (status == OK)
            keep_policy(books, &policy);
    }
    store_walk_end(&walk);
    return status == OK ? OK : FATAL_CORRUPT;
}

const struct clearing_policy *policies_on(const struct books *books, civil_date_t day)
{
    const struct clearing_policy *found = NULL;
    for (unsigned i = 0; i < books->policy_count; i++)
        if (books->policies[i].valid_from <= day &&
            (found == NULL || books->policies[i].valid_from > found->valid_from))
            found = &books->policies[i];
    return found;
}
