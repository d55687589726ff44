/* SPDX-License-Identifier: Apache-2.0
 * Accounts by their names. */
#include "common/engines/ledger/account.h"

static const struct account_kind kinds[] = {
#define ACCOUNT_KIND(kind, normal, pending, zh, en) {kind, normal, pending, zh, en},
#include "common/engines/ledger/account.def"
#undef ACCOUNT_KIND
};

/* The part between two colons. */
static struct span part_of(struct span account, unsigned n)
{
    const char *at = (const char *)account.data, *end = at + account.size;
    for (; at <= end; n--) {
        const char *colon = at == end ? NULL : memchr(at, ':', (size_t)(end - at));
        const char *part_end = colon == NULL ? end : colon;
        if (n == 0)
            return span_of(at, (size_t)(part_end - at));
        at = part_end + 1;
    }
    return span_of(NULL, 0);
}

struct span account_code(struct span account, unsigned n)
{
    return part_of(account, n + 1);
}

const struct account_kind *account_kind_of(struct span account)
{
    struct span kind = part_of(account, 0);
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (span_equal(kind, span_text(kinds[i].kind)))
            return &kinds[i];
    return NULL;
}
