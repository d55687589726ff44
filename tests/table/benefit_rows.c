/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/table/benefit_rows.h"

#include "common/engines/policy/policy_file.h"
#include "tests/support/test.h"

enum { POLICIES_MAX = 10 };

const struct policy *policy_named(const char *name)
{
    static struct policy policies[POLICIES_MAX];
    static char names[POLICIES_MAX][16];
    static unsigned count;
    struct buffer why;
    char path[64];
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return &policies[i];
    assert_true(count < POLICIES_MAX);
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", name);
    (void)snprintf(names[count], sizeof names[count], "%s", name);
    buffer_init(&why);
    if (policy_file_load(path, &policies[count], NULL, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    return &policies[count++];
}

struct bill_item line(uint8_t level, fen_t price, fen_t limit, uint32_t share)
{
    return (struct bill_item){.code = "X00000000000000000000A",
                              .level = level,
                              .unit_price_micro = price * 10000,
                              .quantity_e4 = 10000,
                              .amount = price,
                              .first_own_share_bp = share,
                              .price_limit_micro = limit * 10000};
}

/* A bill with these parts: 丙, above the limit (a line of one yuan more, of which the yuan is in scope), 乙 own whole,
 * 甲. */
static uint32_t lines_of(const struct row *row, struct bill_item items[4])
{
    uint32_t count = 0;
    fen_t in_scope = row->in_scope;
    if (row->own > 0)
        items[count++] = line(3, row->own, 0, 0);
    if (row->above > 0) {
        items[count++] = line(1, row->above + Y(1), Y(1), 0);
        in_scope -= Y(1);
    }
    if (row->first > 0)
        items[count++] = line(2, row->first, 0, 10000);
    if (in_scope > 0)
        items[count++] = line(1, in_scope, 0, 0);
    return count;
}

static void run_row(const struct row *row)
{
    struct bill_item items[4];
    struct benefit_result result;
    struct bill bill = {.insurance_type = row->policy + 7,
                        .care_kind = row->kind,
                        .admission_date = 20250301,
                        .discharge_date = 20250310,
                        .total = row->own + row->above + row->first + row->in_scope,
                        .items = items,
                        .item_count = lines_of(row, items)};
    struct bill_facts facts = {.hospital_level = row->level,
                               .hospital_municipal = row->municipal,
                               .hospital_community = row->community,
                               .poverty = row->poverty};
    (void)snprintf(facts.category, sizeof facts.category, "%s", row->category);
    struct benefit_input input = {
        .policy = policy_named(row->policy), .bill = &bill, .facts = &facts, .age = row->age, .year = &row->year};
    enum rule rule = benefit_compute(published_first(), &input, &result);
    if (rule != RULE_NONE)
        fail_msg("%s: refused by rule %d", row->name, rule);
    const struct amounts *is = &result.amounts;
    const struct {
        const char *what;
        fen_t found, wanted;
    } figures[] = {{"wholly own", is->wholly_own, row->own},
                   {"above limit", is->above_limit, row->above},
                   {"first own share", is->first_own_share, row->first},
                   {"in scope", is->in_scope, row->in_scope},
                   {"deductible", is->deductible, row->deductible},
                   {"pool", is->pool_pay, row->pool},
                   {"large amount", is->large_amount_pay, row->large},
                   {"catastrophic", is->catastrophic_pay, row->catastrophic},
                   {"assistance", is->assistance_pay, row->assistance},
                   {"person", is->person_pay_total, row->person},
                   {"cash", is->cash_pay, row->person},
                   {"total", is->fund_pay_total + is->person_pay_total, bill.total}};
    for (unsigned i = 0; i < sizeof figures / sizeof figures[0]; i++)
        if (figures[i].found != figures[i].wanted)
            fail_msg("%s: %s is %lld, not %lld", row->name, figures[i].what, (long long)figures[i].found,
                     (long long)figures[i].wanted);
}

void run_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run_row(&rows[i]);
}
