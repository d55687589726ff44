/* SPDX-License-Identifier: Apache-2.0
 * The transfer machine, explored whole: from an application, every letter, from either region, with every amount that
 * matters, in every situation that can come about; and every straight way to the end. */
#include "common/engines/transfer/transfer_machine.h"
#include "common/engines/gazette/published.h"
#include "tests/support/test.h"

enum { DAY = 20250310, SITUATIONS_MAX = 256, LETTERS_COUNT = 13, AMOUNTS_COUNT = 3, WAY_LENGTH_MAX = 24 };

static const fen_t amounts[AMOUNTS_COUNT] = {0, 723600, 700000};

/* What decides the future: state and money. Steps and dates do not. */
struct situation {
    struct transfer transfer;
    bool expanded;
};

struct world {
    const struct transfer_machine *machine;
    struct situation situations[SITUATIONS_MAX];
    unsigned count;
    unsigned moves, refusals;
    bool follows[SITUATIONS_MAX][SITUATIONS_MAX];
};

static struct world world;

static bool same(const struct transfer *a, const struct transfer *b)
{
    return a->state == b->state && a->total == b->total && a->sent == b->sent && a->received == b->received &&
           a->joined == b->joined;
}

static unsigned situation_of(const struct transfer *transfer)
{
    for (unsigned i = 0; i < world.count; i++)
        if (same(&world.situations[i].transfer, transfer))
            return i;
    assert_true(world.count < SITUATIONS_MAX);
    world.situations[world.count].transfer = *transfer;
    world.situations[world.count].transfer.step_count = 0; /* its own history is the test's, below */
    return world.count++;
}

static struct transfer_message message_of(uint32_t letter, fen_t amount, bool unproven, unsigned salt)
{
    struct transfer_message message = {.letter = letter, .amount = amount, .one_off_unproven = unproven};
    message.hash[0] = (uint8_t)letter;
    message.hash[1] = (uint8_t)salt;
    message.hash[2] = (uint8_t)(amount % 251);
    message.hash[3] = unproven;
    return message;
}

static void assert_same_transfer(const struct transfer *a, const struct transfer *b)
{
    assert_int_equal(a->step_count, b->step_count);
    assert_int_equal(a->due, b->due);
    assert_int_equal(a->owner, b->owner);
    assert_true(same(a, b));
}

/* Takes the step; the same letter again changes nothing and points at it. */
static void take_and_repeat(const struct transfer *before, const struct ruling *ruling,
                            const struct transfer_message *message, enum transfer_side sender, struct transfer *after)
{
    *after = *before;
    transfer_take(after, ruling, message, 7, 1741579200000);
    assert_true(transfer_check(after));
    struct transfer kept = *after;
    struct ruling again = transfer_step(calendar_first(), world.machine, after, message, sender, DAY);
    assert_int_equal(again.kind, RULING_REPEATED);
    assert_int_equal(again.repeated, after->step_count - 1);
    assert_same_transfer(after, &kept);
}

/* Exactly the table's rows move; everything else is refused with a code of this scheme's series. */
static void try_letter(unsigned from, uint32_t letter, enum transfer_side sender, fen_t amount, bool unproven)
{
    const struct transfer before = world.situations[from].transfer;
    struct transfer_message message = message_of(letter, amount, unproven, from);
    struct ruling ruling = transfer_step(calendar_first(), world.machine, &before, &message, sender, DAY);
    struct transfer after;
    if (ruling.kind == RULING_REFUSED) {
        static const char *const families[SCHEMES_COUNT] = {"", "TRP-", "TRM-", "TRU-"};
        assert_memory_equal(rule_find((uint32_t)ruling.rule)->code, families[world.machine->scheme], 4);
        world.refusals++;
        return;
    }
    assert_int_equal(ruling.kind, RULING_MOVED);
    assert_int_equal(ruling.row->state, before.state);
    assert_int_equal(ruling.row->letter, letter);
    assert_int_equal(ruling.row->sender, sender);
    assert_false(transfer_state_is_closed(before.state));
    world.moves++;
    take_and_repeat(&before, &ruling, &message, sender, &after);
    unsigned to = situation_of(&after);
    world.follows[from][to] = true;
}

static void expand(unsigned from)
{
    for (uint32_t letter = LETTER_APPLICATION; letter < LETTER_APPLICATION + LETTERS_COUNT; letter++)
        for (enum transfer_side sender = SOURCE; sender <= TARGET; sender++)
            for (unsigned amount = 0; amount < AMOUNTS_COUNT; amount++)
                for (int unproven = 0; unproven < 2; unproven++) {
                    if (unproven && (world.machine->scheme != SCHEME_PENSION))
                        continue; /* one-off contributions are the pension's */
                    try_letter(from, letter, sender, amounts[amount], unproven != 0);
                }
}

static void explore(uint32_t scheme)
{
    memset(&world, 0, sizeof world);
    world.machine = transfer_machine_of(scheme);
    (void)situation_of(&(struct transfer){.state = TRANSFER_ABSENT});
    for (unsigned i = 0; i < world.count; i++)
        expand(i);
}

/* Backwards from the ends: what cannot reach one would be a dead end. */
static void every_situation_can_end(void)
{
    bool ends[SITUATIONS_MAX] = {false};
    bool grew = true;
    for (unsigned i = 0; i < world.count; i++)
        ends[i] = transfer_state_is_closed(world.situations[i].transfer.state);
    while (grew) {
        grew = false;
        for (unsigned i = 0; i < world.count; i++)
            for (unsigned k = 0; k < world.count && !ends[i]; k++)
                if (world.follows[i][k] && ends[k])
                    ends[i] = grew = true;
    }
    for (unsigned i = 0; i < world.count; i++)
        if (!ends[i])
            fail_msg("%s is a dead end", transfer_state_name(world.situations[i].transfer.state));
}

/* Every way that visits no situation twice, to its end. Iterative: where the way stands, and what was tried there. */
static unsigned count_ways(unsigned *longest)
{
    unsigned way[WAY_LENGTH_MAX] = {0}, tried[WAY_LENGTH_MAX] = {0}, ways = 0;
    bool on_way[SITUATIONS_MAX] = {true};
    int depth = 0;
    *longest = 0;
    while (depth >= 0) {
        unsigned here = way[depth], next = tried[depth]++;
        if (next >= world.count) {
            on_way[here] = false;
            depth--;
            continue;
        }
        if (!world.follows[here][next] || on_way[next])
            continue;
        const struct transfer *there = &world.situations[next].transfer;
        if (transfer_state_is_closed(there->state)) {
            assert_int_equal(there->sent, there->received);
            assert_int_equal(there->received, there->joined);
            ways++;
            *longest = (unsigned)depth + 1 > *longest ? (unsigned)depth + 1 : *longest;
            continue;
        }
        assert_true(depth + 1 < WAY_LENGTH_MAX);
        way[++depth] = next;
        tried[depth] = 0;
        on_way[next] = true;
    }
    return ways;
}

static void explored(uint32_t scheme)
{
    unsigned longest, closed = 0;
    explore(scheme);
    every_situation_can_end();
    unsigned ways = count_ways(&longest);
    bool seen[TRANSFER_STATES_COUNT] = {false};
    for (unsigned i = 0; i < world.count; i++) {
        const struct transfer *transfer = &world.situations[i].transfer;
        seen[transfer->state] = true;
        closed += transfer_state_is_closed(transfer->state);
        if (transfer->state == TRANSFER_MISMATCHED)
            assert_int_equal(transfer->joined, 0);
        if (transfer->state == TRANSFER_CLOSED)
            assert_int_equal(transfer->joined, transfer->total);
    }
    for (uint32_t i = 0; i < TRANSFER_STATES_COUNT; i++)
        if (!seen[i] && !(scheme != SCHEME_PENSION && (i == TRANSFER_CARVE_OUT_DUE || i == TRANSFER_CARVED_OUT)))
            fail_msg("%s is never reached", transfer_state_name(i));
    print_message("%s: %u situations (%u closed), %u moves, %u refusals, %u ways to the end, the longest of %u steps\n",
                  transfer_scheme_name(scheme), world.count, closed, world.moves, world.refusals, ways, longest);
    assert_true(ways > 20 && closed >= 4);
}

TEST(pension_explored)
{
    explored(SCHEME_PENSION);
}

TEST(medical_explored)
{
    explored(SCHEME_MEDICAL);
}

TEST(unemployment_explored)
{
    explored(SCHEME_UNEMPLOYMENT);
}

/* The table says a thing once, and every row is used by the exploration above. */
TEST(rows_are_unambiguous)
{
    for (uint32_t scheme = SCHEME_PENSION; scheme < SCHEMES_COUNT; scheme++) {
        const struct transfer_machine *machine = transfer_machine_of(scheme);
        for (unsigned i = 0; i < machine->row_count; i++)
            for (unsigned k = 0; k < i; k++) {
                const struct transfer_row *a = &machine->rows[i], *b = &machine->rows[k];
                assert_false(a->state == b->state && a->letter == b->letter && a->sender == b->sender &&
                             (a->finding == b->finding || a->finding == ALWAYS || b->finding == ALWAYS));
            }
    }
}

/* Whose step it is can take one: the owner of each state has a row that leaves it. */
TEST(the_owner_can_always_act)
{
    for (uint32_t scheme = SCHEME_PENSION; scheme < SCHEMES_COUNT; scheme++) {
        const struct transfer_machine *machine = transfer_machine_of(scheme);
        for (unsigned i = 0; i < machine->row_count; i++) {
            const struct transfer_row *into = &machine->rows[i];
            bool acts = into->owner == NOBODY && transfer_state_is_closed(into->next);
            for (unsigned k = 0; k < machine->row_count; k++)
                acts = acts || (machine->rows[k].state == into->next && machine->rows[k].sender == into->owner &&
                                machine->rows[k].next != into->next);
            if (!acts)
                fail_msg("%s: row %u leads to %s, whose owner cannot act", transfer_scheme_name(scheme), i,
                         transfer_state_name(into->next));
        }
    }
}

static void move(const struct transfer_machine *machine, struct transfer *transfer, uint32_t letter,
                 enum transfer_side sender, fen_t amount, civil_date_t day)
{
    struct transfer_message message = message_of(letter, amount, false, transfer->step_count);
    struct ruling ruling = transfer_step(calendar_first(), machine, transfer, &message, sender, day);
    if (ruling.kind != RULING_MOVED)
        fail_msg("%s: refused by %u", transfer_letter_name(letter), (unsigned)ruling.rule);
    transfer_take(transfer, &ruling, &message, transfer->step_count, 0);
}

/* Each limit to the day, over the May holiday of 2025 and the new year. */
TEST(limits_to_the_day)
{
    static const struct {
        uint32_t scheme;
        civil_date_t applied, answer, contact, form, funds, join;
    } cases[] = {
        /* 27 April works, 1-5 May do not; form and money share one limit, but for unemployment's month */
        {SCHEME_PENSION, 20250425, 20250520, 20250428, 20250522, 20250522, 20250522},
        {SCHEME_MEDICAL, 20250425, 20250506, 20250428, 20250515, 20250515, 20250508},
        {SCHEME_UNEMPLOYMENT, 20250425, 20250506, 20250428, 20250508, 20250528, 20250508},
        {SCHEME_UNEMPLOYMENT, 20241230, 20250107, 20241230, 20250107, 20250205, 20250107},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct transfer_machine *machine = transfer_machine_of(cases[i].scheme);
        struct transfer transfer = {.state = TRANSFER_ABSENT};
        move(machine, &transfer, LETTER_APPLICATION, TARGET, 0, cases[i].applied);
        assert_int_equal(transfer.due, cases[i].answer);
        assert_int_equal(transfer.owner, TARGET);
        move(machine, &transfer, LETTER_CONTACT, TARGET, 0, cases[i].contact);
        assert_int_equal(transfer.due, cases[i].form);
        assert_int_equal(transfer.owner, SOURCE);
        move(machine, &transfer, LETTER_INFORMATION, SOURCE, 723600, cases[i].contact);
        assert_int_equal(transfer.due, cases[i].funds);
        move(machine, &transfer, LETTER_FUNDS_NOTICE, SOURCE, 723600, cases[i].contact);
        assert_int_equal(transfer.due, cases[i].join);
        assert_int_equal(transfer.owner, TARGET);
    }
}

TEST(past_the_calendar_is_refused_never_guessed)
{
    const struct transfer_machine *machine = transfer_machine_of(SCHEME_PENSION);
    struct transfer transfer = {.state = TRANSFER_ABSENT};
    struct transfer_message message = message_of(LETTER_APPLICATION, 0, false, 0);
    struct ruling ruling = transfer_step(calendar_first(), machine, &transfer, &message, TARGET, 20261225);
    assert_int_equal(ruling.kind, RULING_REFUSED);
    assert_int_equal(ruling.rule, RULE_TRP_CALENDAR);
    civil_date_t due;
    assert_int_equal(transfer_deadline(calendar_first(), 20261215, 1, MONTHS, &due), REJECT_RANGE);
    assert_int_equal(transfer_deadline(calendar_first(), 20250131, 1, MONTHS, &due),
                     OK); /* no 31st: the last day, a Friday */
    assert_int_equal(due, 20250228);
    assert_int_equal(transfer_deadline(calendar_first(), 20240930, 5, WORKDAYS, &due), OK);
    assert_int_equal(due, 20241012);
    assert_int_equal(transfer_deadline(calendar_first(), 20250901, 1, MONTHS, &due), OK); /* 1-8 October are days off */
    assert_int_equal(due, 20251009);
}

TEST(refusals_say_why)
{
    const struct transfer_machine *machine = transfer_machine_of(SCHEME_PENSION);
    struct transfer transfer = {.state = TRANSFER_ABSENT};
    static const struct {
        uint32_t letter;
        enum transfer_side sender;
        fen_t amount;
        bool unproven;
        unsigned rule; /* 0: moves */
    } letters[] = {
        {LETTER_CONTACT, TARGET, 0, false, RULE_TRP_UNKNOWN},
        {LETTER_APPLICATION, SOURCE, 0, false, RULE_TRP_NOT_YOUR_STEP},
        {LETTER_APPLICATION, TARGET, 0, false, 0},
        {LETTER_INFORMATION, SOURCE, 723600, false, RULE_TRP_NOT_NOW},
        {LETTER_CONTACT, SOURCE, 0, false, RULE_TRP_NOT_YOUR_STEP},
        {LETTER_CONTACT, TARGET, 0, false, 0},
        {LETTER_CLOSING, SOURCE, 0, false, RULE_TRP_NOT_NOW},
        {LETTER_INFORMATION, SOURCE, 723600, true, 0},
        {LETTER_FUNDS_NOTICE, SOURCE, 723600, false, RULE_TRP_NOT_NOW},
        {LETTER_CARVE_OUT, TARGET, 0, false, 0},
        {LETTER_CORRECTION, SOURCE, 723600, true, RULE_TRP_ONE_OFF},
        {LETTER_CORRECTION, SOURCE, 723600, false, 0},
        {LETTER_FUNDS_NOTICE, SOURCE, 700000, false, RULE_TRP_AMOUNT},
        {LETTER_FUNDS_NOTICE, SOURCE, 723600, false, 0},
        {LETTER_WITHDRAWAL, TARGET, 0, false, RULE_TRP_NOT_NOW},
        {LETTER_FUNDS_RECEIPT, TARGET, 700000, false, 0},
        {LETTER_JOINING, TARGET, 0, false, RULE_TRP_NOT_NOW}, /* nothing is joined while mismatched */
        {LETTER_FUNDS_RETURN, TARGET, 1, false, RULE_TRP_AMOUNT},
        {LETTER_FUNDS_RECEIPT, TARGET, 723600, false, 0},
        {LETTER_JOINING, TARGET, 0, false, 0},
        {LETTER_CLOSING, SOURCE, 0, false, RULE_TRP_NOT_NOW}, /* before the target has confirmed */
        {LETTER_CONFIRMATION, TARGET, 0, false, 0},
        {LETTER_CLOSING, SOURCE, 0, false, 0},
        {LETTER_WITHDRAWAL, TARGET, 0, false, RULE_TRP_CLOSED},
    };
    for (unsigned i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        struct transfer_message message = message_of(letters[i].letter, letters[i].amount, letters[i].unproven, i);
        struct ruling ruling = transfer_step(calendar_first(), machine, &transfer, &message, letters[i].sender, DAY);
        if (ruling.kind != (letters[i].rule ? RULING_REFUSED : RULING_MOVED) || ruling.rule != letters[i].rule)
            fail_msg("letter %u (%s): %d, rule %u", i, transfer_letter_name(letters[i].letter), (int)ruling.kind,
                     (unsigned)ruling.rule);
        if (ruling.kind == RULING_MOVED)
            transfer_take(&transfer, &ruling, &message, i, 0);
    }
    assert_int_equal(transfer.state, TRANSFER_CLOSED);
    assert_int_equal(transfer.joined, 723600);
}

/* Corrections without end are refused in time; the way out stays open. */
TEST(repairs_are_bounded)
{
    const struct transfer_machine *machine = transfer_machine_of(SCHEME_MEDICAL);
    struct transfer transfer = {.state = TRANSFER_ABSENT};
    move(machine, &transfer, LETTER_APPLICATION, TARGET, 0, DAY);
    move(machine, &transfer, LETTER_CONTACT, TARGET, 0, DAY);
    move(machine, &transfer, LETTER_INFORMATION, SOURCE, 500, DAY);
    unsigned corrections = 0;
    for (;; corrections++) {
        struct transfer_message message = message_of(LETTER_CORRECTION, 500, false, 100 + corrections);
        struct ruling ruling = transfer_step(calendar_first(), machine, &transfer, &message, SOURCE, DAY);
        if (ruling.kind == RULING_REFUSED) {
            assert_int_equal(ruling.rule, RULE_TRM_REPAIRS);
            break;
        }
        transfer_take(&transfer, &ruling, &message, 0, 0);
    }
    assert_int_equal(corrections, TRANSFER_STEPS_MAX - TRANSFER_STEPS_SPARE - 3);
    move(machine, &transfer, LETTER_FUNDS_NOTICE, SOURCE, 500, DAY);
    move(machine, &transfer, LETTER_FUNDS_RECEIPT, TARGET, 499, DAY);
    move(machine, &transfer, LETTER_FUNDS_RECEIPT, TARGET, 500, DAY);
    move(machine, &transfer, LETTER_JOINING, TARGET, 0, DAY);
    move(machine, &transfer, LETTER_CONFIRMATION, TARGET, 0, DAY);
    move(machine, &transfer, LETTER_CLOSING, SOURCE, 0, DAY);
    assert_int_equal(transfer.state, TRANSFER_CLOSED);
}
