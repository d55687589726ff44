/* SPDX-License-Identifier: Apache-2.0
 * Letters at random, most of them out of place, from all sides, with ticks between: whatever comes, the books balance,
 * every transfer holds its invariants, and a second exchange that is stopped and started on the way says the same
 * byte for byte. */
#include "services/settlement/settled.h"
#include "services/settlement/transfer_records.h"
#include "tests/support/random.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

enum { EVENTS = 60000, PEOPLE = 8, RESTART_EACH = 5000, FIRST_DAY = 20250310 };

static uint64_t chance = 7;

static uint32_t below(uint32_t count)
{
    return (uint32_t)(random_next(&chance) % count);
}

/* Sound in itself, at a time and from a side that may be wrong; now and then with a wrong amount, another number. */
static struct transfer_letter draw_letter(char id[16])
{
    struct transfer_letter letter = letter_of(SCHEME_PENSION + below(3), LETTER_APPLICATION + below(13));
    (void)snprintf(id, 16, "T-%u", below(8) == 0 ? 2 : 1);
    letter.transfer_id = id;
    if (letter.kind == LETTER_CORRECTION) {
        struct transfer_letter form = letter_of(letter.scheme, LETTER_INFORMATION);
        letter.has_form = below(2) == 0;
        letter.has_contact = !letter.has_form;
        letter.form = form.form;
        letter.contact = (struct contact_letter){"office", "bank", "1", ""};
    }
    if (letter.amount > 0 && below(3) == 0)
        letter.amount -= 100;
    if (letter.reference[0] != 0)
        letter.reference = below(2) ? "B-1" : "B-2";
    return letter;
}

static void draw_event(struct transfer_rig *rig, struct transfer_rig *other)
{
    static struct transfer_letter letter;
    static char id[16];
    static const char *const senders[] = {BEIJING, TIANJIN, TIANJIN, BEIJING, HEBEI};
    struct event event = {.sender = "exchange", .kind = EVENT_TICK};
    if (below(10) > 0) {
        letter = draw_letter(id);
        event = (struct event){.sender = senders[below(20) == 0 ? 4 : below(4)],
                               .person_id = somebody(19850615, true, below(PEOPLE)),
                               .kind = EVENT_TRANSFER,
                               .body.transfer = &letter};
    }
    send_event(rig, &event);
    send_event(other, &event);
    assert_true(span_equal(buffer_span(&rig->settlement.output), buffer_span(&other->settlement.output)));
}

static void assert_transfers_hold(struct transfer_rig *rig)
{
    struct store_walk walk;
    uint64_t open = 0;
    for (bool more = store_walk_start(&walk, rig->settlement.txn, TRANSFERS, span_of(NULL, 0)); more;
         more = store_walk_next(&walk)) {
        struct transfer_record kept;
        arena_reset(&rig->settlement.arena);
        assert_int_equal(transfer_record_read(walk.value, &rig->settlement.arena, &kept), OK); /* checks it too */
        open += !transfer_state_is_closed(kept.transfer.state);
    }
    store_walk_end(&walk);
    assert_int_equal(store_count(rig->settlement.txn, DEADLINES), open); /* each open one has one limit */
}

TEST(whatever_comes)
{
    struct transfer_rig rig, other;
    uint8_t digest[DIGEST_SIZE], second[DIGEST_SIZE];
    unsigned moved = 0, refused = 0, notices = 0;
    transfer_rig_start(&rig, FIRST_DAY, 0, 1);
    transfer_rig_start(&other, FIRST_DAY, 0, 1);
    for (unsigned i = 0; i < PEOPLE; i++)
        for (unsigned k = 0; k < 2; k++) {
            enrol_at(k ? &other : &rig, TIANJIN, somebody(19850615, true, i), "110", "1101", 20250201, 0);
            enrol_at(k ? &other : &rig, TIANJIN, somebody(19850615, true, i), "310", "1101", 20250201, 0);
        }
    for (unsigned i = 0; i < EVENTS; i++) {
        if (i % 600 == 599) /* a hundred days in all */
            rig.today = other.today = civil_date_add_days(rig.today, 1);
        draw_event(&rig, &other);
        moved += rig.outcome.kind == OUTCOME_MOVED;
        refused += rig.outcome.kind == OUTCOME_REFUSED;
        notices += rig.outcome.kind == OUTCOME_NOTICE;
        if (i % RESTART_EACH != 0)
            continue;
        harness_restart(&other.settlement);
        assert_ledger_is_zero(&rig);
        assert_transfers_hold(&rig);
    }
    harness_digest(&rig.settlement, digest);
    harness_digest(&other.settlement, second);
    assert_memory_equal(digest, second, DIGEST_SIZE);
    print_message("%u moved, %u refused, %u notices\n", moved, refused, notices);
    assert_true(moved > 2000 && refused > 20000 && notices > 5);
    transfer_rig_stop(&rig);
    transfer_rig_stop(&other);
}
