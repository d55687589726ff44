/* SPDX-License-Identifier: Apache-2.0
 * hutong-benefit-bench: the benefit engine alone, one core, ten-item bills; one JSON object. */
#include <stdio.h>
#include <stdlib.h>

#include "common/net/loop.h"
#include "services/settlement/benefit/benefit.h"
#include "services/settlement/policy/policy_file.h"

enum { BILLS = 3000000, VARIANTS = 64 };

int main(void)
{
    static struct policy policy;
    static struct benefit_result result;
    static struct bill_item items[VARIANTS][10];
    static struct bill bills[VARIANTS];
    struct buffer why;
    struct accumulators year = {0};
    struct bill_facts facts = {.hospital_level = 3, .category = "1101"};
    fen_t sum = 0;
    buffer_init(&why);
    if (policy_file_load("data/policies/110000-310.yaml", &policy, NULL, &why) != OK) {
        (void)fprintf(stderr, "%s", buffer_text(&why));
        return 1;
    }
    for (int v = 0; v < VARIANTS; v++) {
        bills[v] = (struct bill){.care_kind = "21",
                                 .insured_area = "110000",
                                 .insurance_type = "310",
                                 .admission_date = 20250301,
                                 .discharge_date = 20250310,
                                 .items = items[v],
                                 .item_count = 10};
        for (int i = 0; i < 10; i++) {
            struct bill_item *item = &items[v][i];
            *item = (struct bill_item){.code = "X",
                                       .level = (uint8_t)(1 + (v + i) % 3),
                                       .unit_price_micro = INT64_C(54321000) * (v % 16 + i + 1),
                                       .quantity_e4 = 30000 + 10000 * i,
                                       .first_own_share_bp = (v + i) % 3 == 1 ? 1000 : 0,
                                       .price_limit_micro = i % 4 == 0 ? INT64_C(50000000) * (v % 16 + 1) : 0};
            if (money_line(item->unit_price_micro, item->quantity_e4, &item->amount) != OK)
                return 1;
            bills[v].total += item->amount;
        }
    }
    int64_t start = loop_monotonic_us();
    for (int i = 0; i < BILLS; i++) {
        struct benefit_input input = {&policy, &bills[i % VARIANTS], &facts, 40, &year, 0};
        if (benefit_compute(&input, &result) != RULE_NONE)
            return 1;
        sum += result.amounts.pool_pay;
    }
    double seconds = (double)(loop_monotonic_us() - start) / 1e6;
    (void)printf("{\"bills_per_s_per_core\": %.0f, \"ns_per_bill\": %.0f, \"check\": %lld}\n", BILLS / seconds,
                 seconds * 1e9 / BILLS, (long long)sum);
    return 0;
}
