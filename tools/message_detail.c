/* SPDX-License-Identifier: Apache-2.0
 * What is shown of one message. */
#include "tools/message_detail.h"

#include "common/codes/rule.h"
#include "common/pb/outcome.h"
#include "tools/explanation.h"
#include "tools/letter.h"
#include "tools/masked.h"
#include "tools/policy_load.h"

json_t *findings_json(const struct findings *findings)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; findings != NULL && i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        const struct rule_text *rule = rule_find(finding->rule);
        if (rule == NULL)
            continue;
        json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "code", rule->code,
                                              "severity", rule->severity == RULE_WARNING ? "warning" : "error", "path",
                                              finding->path, "detail", finding->detail, "zh", rule->zh, "en", rule->en,
                                              "remedyZh", rule->remedy_zh, "remedyEn", rule->remedy_en, "source",
                                              rule->source, "retryHelps", rule->retry_helps));
    }
    return rows;
}

static json_t *explained(struct cli *cli, const struct outcome *outcome)
{
    static struct policy policy;
    static struct policy_sources sources;
    bool known = policy_load_published(cli, outcome->policy.position, &policy, &sources);
    return explanation_bill_json(outcome->steps, outcome->step_count, &outcome->policy, known ? &policy : NULL,
                                 known ? &sources : NULL, &outcome->amounts);
}

void message_detail_add(struct cli *cli, json_t *to, struct span envelope, struct span outcome)
{
    static uint8_t memory[1 << 20];
    struct arena arena;
    struct outcome decided;
    struct digest *digest = digest_new();
    uint8_t hash[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    digest_once(digest, envelope, hash);
    digest_hex(hash, DIGEST_SIZE, hex);
    digest_destroy(&digest);
    json_t *masked = letter_masked(envelope);
    json_object_set_new(to, "envelopeSha256", json_string(hex));
    if (masked != NULL)
        json_object_set_new(to, "envelope", masked);
    arena_init(&arena, memory, sizeof memory);
    if (outcome.size == 0 || outcome_decode(outcome, &arena, &decided) != OK)
        return;
    json_object_set_new(to, "findings", findings_json(decided.findings));
    if (decided.has_policy)
        json_object_set_new(to, "explained", explained(cli, &decided));
    else if (decided.step_count > 0)
        json_object_set_new(to, "steps", explanation_steps_json(decided.steps, decided.step_count));
}
