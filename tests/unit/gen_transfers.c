/* SPDX-License-Identifier: Apache-2.0
 * Generated conversations, round by round through validation and settlement: every letter moves but those that must
 * not, every transfer ends, no limit runs on, the books are equal; same seed, same bytes. */
#include "common/engines/ledger/ledger.h"
#include "services/settlement/settled.h"
#include "services/settlement/settlement_core.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"
#include "tools/gen/conversations.h"
#include "tools/gen/gen.h"

enum { TODAY = 20251124, TRANSFERS_MADE = 300 };

TEST(every_generated_conversation_ends)
{
    struct transfer_rig rig;
    struct gen_options options = {.seed = 7, .institutions = 12, .persons = 1, .today = TODAY};
    struct gen *gen = gen_new(&options);
    struct buffer envelope;
    unsigned ended[TRANSFER_STATES_COUNT] = {0}, mismatched = 0, carved = 0, repeated = 0, refused = 0, late = 0;
    buffer_init(&envelope);
    transfer_rig_start(&rig, TODAY, 0, 1);
    for (unsigned round = 0; round < GEN_TRANSFER_ROUNDS; round++)
        for (unsigned i = 0; i < TRANSFERS_MADE; i++) {
            if (!gen_transfer(gen, i, round, &envelope)) {
                late += round == 2;
                continue;
            }
            enum outcome_kind want = round == 0                               ? OUTCOME_APPLIED
                                     : gen_transfer_is_refused(gen, i, round) ? OUTCOME_REFUSED
                                                                              : OUTCOME_MOVED;
            send_envelope(&rig, buffer_span(&envelope));
            if (rig.outcome.kind != want)
                fail_msg("transfer %u, round %u: %s, %u", i, round, outcome_kind_name(rig.outcome.kind),
                         rig.outcome.findings->count > 0 ? rig.outcome.findings->items[0].rule : 0);
            refused += want == OUTCOME_REFUSED;
            if (want != OUTCOME_MOVED)
                continue;
            uint32_t is = rig.outcome.transfer->state;
            repeated += rig.outcome.original_position != 0;
            ended[is] += transfer_state_is_closed(is);
            mismatched += is == TRANSFER_MISMATCHED;
            carved += is == TRANSFER_CARVED_OUT;
        }
    unsigned closed = ended[TRANSFER_CLOSED], withdrawn = ended[TRANSFER_WITHDRAWN], no = ended[TRANSFER_REFUSED];
    assert_int_equal(store_count(rig.settlement.txn, DEADLINES), 0); /* no limit runs on */
    assert_ledger_is_zero(&rig);
    assert_in_range(TRANSFERS_MADE - closed - withdrawn - no, 1, refused); /* those who could not even apply */
    assert_true(closed > 200 && withdrawn > 10 && no > 10 && mismatched > 20);
    assert_true(carved > 2 && repeated > 20 && refused > 20 && late > 10);
    transfer_rig_stop(&rig);
    buffer_fini(&envelope);
    gen_destroy(&gen);
}

TEST(same_seed_same_bytes)
{
    struct gen_options options = {.seed = 9, .institutions = 12, .persons = 1, .today = TODAY};
    struct gen *one = gen_new(&options), *two = gen_new(&options);
    struct buffer a, b;
    buffer_init(&a);
    buffer_init(&b);
    for (unsigned i = 0; i < 50; i++)
        for (unsigned round = 0; round < GEN_TRANSFER_ROUNDS; round++) {
            bool first = gen_transfer(one, i, round, &a);
            assert_int_equal(gen_transfer(two, i, round, &b), first);
            assert_true(!first || span_equal(buffer_span(&a), buffer_span(&b)));
        }
    buffer_fini(&a);
    buffer_fini(&b);
    gen_destroy(&one);
    gen_destroy(&two);
}
