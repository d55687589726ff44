/* SPDX-License-Identifier: Apache-2.0
 * Outcomes for people. */
#include "tools/outcome_print.h"

#include <stdio.h>

#include "tools/refusal_text.h"

void outcome_print(json_t *outcome)
{
    json_t *amounts = json_object_get(outcome, "amounts");
    char total[32], funds[32], person[32];
    const char *kind = cli_text(outcome, "kind");
    (void)printf("%8lld  %-12s %-14s", (long long)cli_integer(outcome, "position"),
                 strncmp(kind, "OUTCOME_KIND_", 13) == 0 ? kind + 13 : kind, cli_text(outcome, "event"));
    if (amounts != NULL) {
        money_describe(cli_integer(amounts, "totalFen"), total);
        money_describe(cli_integer(amounts, "fundPayTotalFen"), funds);
        money_describe(cli_integer(amounts, "personPayTotalFen"), person);
        (void)printf(said(" %s 总额 %s 基金 %s 个人 %s", " %s total %s funds %s person %s"),
                     cli_text(outcome, "billId"), total, funds, person);
    }
    size_t index;
    json_t *finding;
    json_array_foreach(json_object_get(outcome, "findings"), index, finding)
    {
        (void)printf("\n");
        refusal_print(10, (uint32_t)cli_integer(finding, "rule"), cli_text(finding, "path"),
                      cli_text(finding, "detail"));
    }
    if (cli_text(outcome, "deadReason")[0] != 0)
        (void)printf("\n          %s", cli_text(outcome, "deadReason"));
    (void)printf("\n");
}
