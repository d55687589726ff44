/* SPDX-License-Identifier: Apache-2.0
 * Pseudonyms: valid numbers, one a person, of the same birth, sex and partition; nothing of a person left. */
#include "tools/pseudonym.h"
#include "common/base/digest.h"
#include "common/codes/identity.h"
#include "common/codes/insurance.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "tests/support/test.h"

enum { PARTITIONS = 3 };
static const char PERSON[] = "11010519491231002X";

static struct pseudonyms *with_key(const char *key)
{
    return pseudonyms_new(span_text(key), PARTITIONS);
}

static void number(const char *division, const char *birth, unsigned sequence, char out[32])
{
    (void)snprintf(out, 32, "%s%s%03u", division, birth, sequence % 1000);
    out[17] = identity_check_character(out);
    out[18] = 0;
}

static const char *replaced(struct pseudonyms *pseudonyms, const char *text, struct buffer *out)
{
    buffer_reset(out);
    pseudonym_of(pseudonyms, span_text(text), out);
    return buffer_text(out);
}

static int text_order(const void *left, const void *right)
{
    return memcmp(left, right, IDENTITY_SIZE);
}

TEST(no_two_persons_become_one)
{
    enum { DIVISIONS = 4, ALL = DIVISIONS * 1000 };
    static const char *const divisions[DIVISIONS] = {"110105", "120101", "130102", "999999"};
    static char made[ALL][32];
    struct pseudonyms *pseudonyms = with_key("a key of sixteen");
    struct buffer out = {0};
    unsigned kept = 0;
    for (unsigned i = 0; i < ALL; i++) {
        char was[32];
        struct identity before, after;
        number(divisions[i / 1000], "19570811", i % 1000, was);
        (void)snprintf(made[i], sizeof made[i], "%s", replaced(pseudonyms, was, &out));
        assert_int_equal(identity_parse(was, &before), OK);
        assert_int_equal(identity_parse(made[i], &after), OK);
        assert_int_equal(before.birth_date, after.birth_date);
        assert_int_equal(before.male, after.male);
        assert_int_equal(division_is_known(before.division), division_is_known(after.division));
        assert_int_equal(person_hash(span_text(was)) % PARTITIONS, person_hash(span_text(made[i])) % PARTITIONS);
        kept += strcmp(was, made[i]) == 0 && before.division != 999999;
    }
    qsort(made, ALL, sizeof made[0], text_order);
    for (unsigned i = 1; i < ALL; i++)
        assert_int_not_equal(memcmp(made[i - 1], made[i], IDENTITY_SIZE), 0);
    assert_true(kept <= 1);
    buffer_fini(&out);
    pseudonyms_destroy(&pseudonyms);
}

TEST(a_key_gives_the_same_and_another_key_another)
{
    struct pseudonyms *first = with_key("a key of sixteen"), *again = with_key("a key of sixteen"),
                      *other = with_key("another of sixteen");
    struct buffer one = {0}, two = {0}, lower = {0};
    assert_string_equal(replaced(first, PERSON, &one), replaced(again, PERSON, &two));
    assert_string_equal(buffer_text(&one), replaced(first, "11010519491231002x", &lower));
    assert_string_not_equal(buffer_text(&one), replaced(other, PERSON, &two));
    assert_string_not_equal(buffer_text(&one), PERSON);
    buffer_fini(&one);
    buffer_fini(&two);
    buffer_fini(&lower);
    pseudonyms_destroy(&first);
    pseudonyms_destroy(&again);
    pseudonyms_destroy(&other);
}

TEST(a_foreigner_keeps_the_province_alone)
{
    struct pseudonyms *pseudonyms = with_key("a key of sixteen");
    struct buffer out = {0};
    struct identity after;
    char was[32];
    number("912840", "19800229", 7, was);
    assert_int_equal(identity_parse(replaced(pseudonyms, was, &out), &after), OK);
    assert_int_equal(after.kind, IDENTITY_FOREIGNER);
    assert_int_equal(after.division, 120000);
    assert_int_equal(after.birth_date, 19800229);
    assert_string_not_equal(buffer_text(&out), was);
    buffer_fini(&out);
    pseudonyms_destroy(&pseudonyms);
}

TEST(what_is_no_number_stays_none)
{
    static const char *const wrong[] = {"110105194912310021", "1", "11010519490230002X", "张三", "****"};
    struct pseudonyms *pseudonyms = with_key("a key of sixteen");
    struct buffer out = {0};
    struct identity identity;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *made = replaced(pseudonyms, wrong[i], &out);
        assert_int_not_equal(identity_parse(made, &identity), OK);
        assert_int_equal(strlen(made), strlen(wrong[i]));
        if (i < 4)
            assert_string_not_equal(made, wrong[i]);
    }
    buffer_fini(&out);
    pseudonyms_destroy(&pseudonyms);
}

/* Everything that a message says of persons, once. */
static void write_requeue(struct buffer *out)
{
    struct buffer inner = {0};
    struct event event = {.version = 1, .sender = "110000", .message_id = "0197f1a2-0000-7000-8000-000000000001"};
    event.person_id = PERSON;
    event.kind = EVENT_BILL_SETTLE;
    event.body.bill = (struct bill){.bill_id = "B11010519491231002X-7", .diagnosis = "J18.900x002", .total = 12345};
    envelope_encode(&event, &inner);
    wire_put_text(&inner, 900, PERSON); /* unknown here */
    struct event outer = {.version = 1, .sender = "operator", .message_id = "0197f1a2-0000-7000-8000-000000000002"};
    outer.person_id = PERSON;
    outer.kind = EVENT_REQUEUE;
    outer.body.requeue = (struct requeue){.position = 4, .envelope = buffer_span(&inner)};
    envelope_encode(&outer, out);
    buffer_fini(&inner);
}

TEST(nothing_of_the_person_is_left_and_references_hold)
{
    static uint8_t memory[1 << 16];
    struct arena arena;
    struct event outer, inner;
    struct buffer was = {0}, is = {0}, person = {0}, bill = {0};
    struct pseudonyms *pseudonyms = with_key("a key of sixteen");
    write_requeue(&was);
    assert_int_equal(pseudonymise(pseudonyms, WIRE_ENVELOPE, buffer_span(&was), &is), OK);
    assert_null(memmem(is.data, is.size, PERSON, IDENTITY_SIZE));
    assert_null(memmem(is.data, is.size, "J18.900", 7));
    assert_int_equal(wire_check(WIRE_ENVELOPE, buffer_span(&is), NULL), OK);
    arena_init(&arena, memory, sizeof memory);
    assert_int_equal(event_decode(buffer_span(&is), &arena, &outer), OK);
    assert_int_equal(event_decode(outer.body.requeue.envelope, &arena, &inner), OK);
    assert_int_equal(outer.body.requeue.position, 4);
    (void)replaced(pseudonyms, PERSON, &person);
    assert_string_equal(outer.person_id, buffer_text(&person));
    assert_string_equal(inner.person_id, buffer_text(&person));
    buffer_printf(&bill, "B%s-7", buffer_text(&person));
    assert_string_equal(inner.body.bill.bill_id, buffer_text(&bill));
    assert_string_equal(inner.message_id, "0197f1a2-0000-7000-8000-000000000001");
    assert_int_equal(inner.body.bill.total, 12345);
    assert_true(diagnosis_is_shaped(inner.body.bill.diagnosis));
    assert_string_not_equal(inner.body.bill.diagnosis, "J18.900x002");
    buffer_fini(&was);
    buffer_fini(&is);
    buffer_fini(&person);
    buffer_fini(&bill);
    pseudonyms_destroy(&pseudonyms);
}

/* Reasons of letters: as long, of the same kinds of characters, different where they differed. */
TEST(words_become_other_words)
{
    static const char *const reasons[] = {"王小明 called: 13800138000, MRS. Ｗang é𠀀",
                                          "王小明 called: 13800138001, MRS. Ｗang é𠀀"};
    struct pseudonyms *pseudonyms = with_key("a key of sixteen");
    struct buffer made[2] = {0};
    for (unsigned i = 0; i < 2; i++) {
        struct buffer was = {0};
        struct event event = {.version = 1, .sender = "110000", .message_id = "0197f1a2-0000-7000-8000-000000000001"};
        event.person_id = PERSON;
        event.kind = EVENT_BILL_REVERSAL;
        event.body.reversal = (struct bill_reversal){3, reasons[i]};
        envelope_encode(&event, &was);
        assert_int_equal(pseudonymise(pseudonyms, WIRE_ENVELOPE, buffer_span(&was), &made[i]), OK);
        assert_int_equal(made[i].size, was.size);
        assert_null(memmem(made[i].data, made[i].size, "王小明", 9));
        assert_null(memmem(made[i].data, made[i].size, "13800138", 8));
        assert_int_equal(wire_check(WIRE_ENVELOPE, buffer_span(&made[i]), NULL), OK);
        buffer_fini(&was);
    }
    assert_false(span_equal(buffer_span(&made[0]), buffer_span(&made[1])));
    buffer_fini(&made[0]);
    buffer_fini(&made[1]);
    pseudonyms_destroy(&pseudonyms);
}

/* A notice's lines stand in the order of the persons, as settlement keeps its limits. */
TEST(a_notice_is_in_the_order_of_the_new_numbers)
{
    static const char *const persons[] = {"11010519491231002X", "110105199003072524", "110105199003074909"};
    struct due_item due[3];
    struct outcome outcome = {.position = 9, .sender = "exchange", .message_id = "", .kind = OUTCOME_NOTICE};
    static uint8_t memory[1 << 20];
    struct arena arena;
    struct pseudonyms *pseudonyms = with_key("a key of sixteen");
    struct buffer was = {0}, is = {0}, envelope = {0}, changed = {0};
    for (unsigned i = 0; i < 3; i++)
        due[i] = (struct due_item){.transfer_id = "T", .scheme = 1, .person_id = persons[i], .due_date = 20250301};
    outcome.dead_reason = outcome.event = outcome.bill_id = outcome.institution = "";
    outcome.due = due;
    outcome.due_count = 3;
    outcome_encode(&outcome, &was);
    envelope_encode(&(struct event){.version = 1, .sender = "exchange", .person_id = "", .kind = EVENT_TICK},
                    &envelope);
    assert_int_equal(pseudonymise(pseudonyms, WIRE_ENVELOPE, buffer_span(&envelope), &changed), OK);
    assert_int_equal(
        pseudonymise_outcome(pseudonyms, buffer_span(&was), buffer_span(&envelope), buffer_span(&changed), NULL, &is),
        OK);
    arena_init(&arena, memory, sizeof memory);
    assert_int_equal(outcome_decode(buffer_span(&is), &arena, &outcome), OK);
    assert_int_equal(outcome.due_count, 3);
    for (unsigned i = 1; i < 3; i++)
        assert_true(strcmp(outcome.due[i - 1].person_id, outcome.due[i].person_id) < 0);
    buffer_fini(&was);
    buffer_fini(&is);
    buffer_fini(&envelope);
    buffer_fini(&changed);
    pseudonyms_destroy(&pseudonyms);
}

/* RFC 4231, cases 2 and 6. */
TEST(keyed_sums_are_hmac_sha_256)
{
    static const uint8_t long_key[131] = {[0 ... 130] = 0xaa};
    struct digest *digest = digest_new();
    uint8_t mac[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    digest_keyed(digest, span_text("Jefe"), span_text("what do ya want for nothing?"), mac);
    digest_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    digest_keyed(digest, span_of(long_key, sizeof long_key),
                 span_text("Test Using Larger Than Block-Size Key - Hash Key First"), mac);
    digest_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    digest_destroy(&digest);
}
