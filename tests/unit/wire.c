/* SPDX-License-Identifier: Apache-2.0
 * The canonical form (docs/PROTOCOL.md 4), one violation a row; the JSON mapping; the small parts that everything
 * stands on. */
#include "common/base/instant.h"
#include "common/base/money.h"
#include "common/codes/area.h"
#include "common/codes/credit_code.h"
#include "common/codes/identity.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/gazette/published.h"
#include "common/observe/diary.h"
#include "common/pb/event.h"
#include "common/pb/json.h"
#include "tests/support/test.h"

#define BYTES(text) span_of(text, sizeof(text) - 1)

TEST(p1_to_p5_what_is_not_canonical_is_refused)
{
    static const struct {
        const char *what;
        const char *bytes;
        size_t size;
        bool canonical;
    } rows[] = {
        {"empty", "", 0, true},
        {"one field", "\x08\x01", 2, true},
        {"unknown field, kept", "\x08\x01\xb2\x06\x02\x08\x01", 7, true},
        {"P5 a singular field twice", "\x08\x01\x08\x01", 4, false},
        {"P5 fields out of order",
         "\x1a\x01"
         "a"
         "\x08\x01",
         5, false},
        {"P5 overlong varint", "\x08\x81\x00", 3, false},
        {"P5 overlong tag", "\x88\x00\x01", 3, false},
        {"P5 overlong length",
         "\x12\x81\x00"
         "a",
         4, false},
        {"P5 NUL in a string",
         "\x12\x02"
         "a\0",
         4, false},
        {"P5 invalid UTF-8", "\x12\x02\xc3\x28", 4, false},
        {"P5 a surrogate", "\x12\x03\xed\xa0\x80", 5, false},
        {"a group", "\x0b\x0c", 2, false},
        {"field number 0", "\x00\x01", 2, false},
        {"wrong wire type",
         "\x0a\x01"
         "a",
         3, false},
        {"breaks off in a varint", "\x08\x80", 2, false},
        {"breaks off in bytes",
         "\x12\x05"
         "ab",
         4, false},
        {"length beyond 2^31", "\x12\xff\xff\xff\xff\x0f", 6, false},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((wire_check(WIRE_ENVELOPE, span_of(rows[i].bytes, rows[i].size), NULL) == OK) != rows[i].canonical)
            fail_msg("%s", rows[i].what);
}

/* Texts are looked at in words of eight bytes as far as they are plain. */
TEST(p5_a_bad_byte_is_found_at_each_place_of_a_text)
{
    static const uint8_t bad[] = {0x00, 0x80, 0xc3, 0xff};
    for (unsigned size = 1; size <= 26; size++) {
        uint8_t message[2 + 26] = {0x12, (uint8_t)size}; /* the sender */
        memset(message + 2, 'a', size);
        assert_int_equal(wire_check(WIRE_ENVELOPE, span_of(message, 2 + size), NULL), OK);
        for (unsigned place = 0; place < size; place++)
            for (unsigned i = 0; i < sizeof bad; i++) {
                message[2 + place] = bad[i];
                assert_int_equal(wire_check(WIRE_ENVELOPE, span_of(message, 2 + size), NULL), REJECT_MALFORMED);
                message[2 + place] = 'a';
            }
        if (size < 2)
            continue;
        for (unsigned place = 0; place + 1 < size; place++) {
            memcpy(message + 2 + place, "\xc3\xa9", 2);
            assert_int_equal(wire_check(WIRE_ENVELOPE, span_of(message, 2 + size), NULL), OK);
            memcpy(message + 2 + place, "aa", 2);
        }
    }
}

TEST(p2_a_bomb_of_unknown_fields_is_refused)
{
    struct buffer bomb;
    buffer_init(&bomb);
    for (uint32_t i = 0; i < 64; i++)
        wire_put_varint(&bomb, 1000 + i, 1);
    assert_int_equal(wire_check(WIRE_ENVELOPE, buffer_span(&bomb), NULL), OK);
    wire_put_varint(&bomb, 2000, 1);
    assert_int_not_equal(wire_check(WIRE_ENVELOPE, buffer_span(&bomb), NULL), OK);
    buffer_fini(&bomb);
}

static struct event reversal_or_bill(enum event_kind kind, const struct bill_item *items)
{
    struct event event = {.version = 1,
                          .sender = "120000",
                          .message_id = "0190b1c2-0000-7000-8000-000000000001",
                          .person_id = "110101199001010015",
                          .traceparent = "",
                          .kind = kind};
    if (kind == EVENT_BILL_REVERSAL)
        event.body.reversal = (struct bill_reversal){.settlement_position = 7, .reason = "returned"};
    else
        event.body.bill = (struct bill){.bill_id = "B-1",
                                        .institution = "H12010100001",
                                        .insured_area = "110000",
                                        .total = 300,
                                        .items = items,
                                        .item_count = 3,
                                        .special_disease = "M00500",
                                        .replaces_settlement = 5};
    return event;
}

/* All of a bill to be settled but its lines, whatever is in them; anything else as it is. */
TEST(an_event_is_read_without_its_lines)
{
    static const struct bill_item items[3] = {{.code = "A", .amount = 100}, {.code = "B", .amount = 200}, {.code = ""}};
    static const enum event_kind kinds[] = {EVENT_BILL_SETTLE, EVENT_BILL_TRIAL, EVENT_BILL_REVERSAL};
    static uint8_t memory[4096];
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct arena arena;
        struct event event = reversal_or_bill(kinds[i], items), read;
        struct buffer whole = {0}, want = {0}, is = {0};
        envelope_encode(&event, &whole);
        if (kinds[i] == EVENT_BILL_SETTLE)
            event.body.bill.item_count = 0;
        envelope_encode(&event, &want);
        arena_init(&arena, memory, sizeof memory);
        assert_int_equal(event_decode_without_items(buffer_span(&whole), &arena, &read), OK);
        envelope_encode(&read, &is);
        assert_true(span_equal(buffer_span(&is), buffer_span(&want)));
        arena_init(&arena, memory, sizeof memory);
        assert_int_not_equal(event_decode_without_items(span_of(whole.data, whole.size - 1), &arena, &read),
                             OK); /* cut off */
        buffer_fini(&whole);
        buffer_fini(&want);
        buffer_fini(&is);
    }
}

TEST(json_goes_there_and_back)
{
    static const char text[] =
        "{\"version\":1,\"sender\":\"110000\",\"messageId\":\"0193a000-0000-7000-8000-000000000001\","
        "\"billReversal\":{\"settlementPosition\":\"9007199254740993\",\"reason\":\"重复\"}}";
    struct buffer bytes, why, back;
    buffer_init(&bytes);
    buffer_init(&why);
    buffer_init(&back);
    assert_int_equal(json_to_message(WIRE_ENVELOPE, BYTES(text), &bytes, &why), OK);
    assert_int_equal(message_to_json(WIRE_ENVELOPE, buffer_span(&bytes), true, &back), OK);
    assert_string_equal(buffer_text(&back), text);
    buffer_fini(&bytes);
    buffer_fini(&why);
    buffer_fini(&back);
}

TEST(f15_json_of_the_mapping_is_read)
{
    static const struct {
        const char *text, *back;
    } rows[] = {{"{\"sender\":\"1\",\"billTrial\":{},\"billSettle\":null,\"enrolment\":null}",
                 "{\"sender\":\"1\",\"billTrial\":{}}"},
                {"{\"billTrial\":{\"totalFen\":2e5,\"admissionDate\":2.02503010e7,\"items\":null}}",
                 "{\"billTrial\":{\"admissionDate\":20250301,\"totalFen\":\"200000\"}}"},
                {"{\"billTrial\":{\"totalFen\":-200.0}}", "{\"billTrial\":{\"totalFen\":\"-200\"}}"},
                {"\xEF\xBB\xBF{\"sender\":\"1\"}", "{\"sender\":\"1\"}"},
                {"{\"requeue\":{\"envelope\":\"-_8\"}}", "{\"requeue\":{\"envelope\":\"+/8=\"}}"},
                {"{\"requeue\":{\"envelope\":\"+/8=\"}}", "{\"requeue\":{\"envelope\":\"+/8=\"}}"},
                {"{\"person_id\":\"1\",\"message_id\":null}", "{\"personId\":\"1\"}"}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer bytes = {0}, why = {0}, back = {0};
        if (json_to_message(WIRE_ENVELOPE, span_text(rows[i].text), &bytes, &why) != OK)
            fail_msg("%s: %s", rows[i].text, buffer_text(&why));
        assert_int_equal(message_to_json(WIRE_ENVELOPE, buffer_span(&bytes), true, &back), OK);
        assert_string_equal(buffer_text(&back), rows[i].back);
        buffer_fini(&bytes);
        buffer_fini(&why);
        buffer_fini(&back);
    }
}

TEST(bad_json_is_refused_and_says_where)
{
    static const char *const texts[] = {
        "", "{", "[]", "{\"version\":\"x\"}", "{\"version\":1.5}", "{\"nonsense\":1}", "{\"version\":99999999999}",
        "{\"sentAtMs\":\"9223372036854775808\"}", "{\"sender\":1}", "{\"billSettle\":{\"items\":{}}}",
        "{\"institution\":{\"status\":\"NO_SUCH\"}}", "{\"requeue\":{\"envelope\":\"***\"}}",
        "{\"sender\":\"\\u0000\"}", "{\"billTrial\":{},\"billSettle\":{}}",
        /* F15: one of them would be lost without a word */
        "{\"personId\":\"1\",\"person_id\":\"2\"}", "{\"person_id\":\"1\",\"personId\":\"1\"}",
        "{\"person_id\":null,\"personId\":\"1\"}", "{\"personId\":\"1\",\"personId\":\"2\"}",
        "{\"billTrial\":{\"totalFen\":\"1\",\"total_fen\":\"2\"}}",
        "{\"billTrial\":{\"items\":[{\"amountFen\":1,\"amount_fen\":1}]}}", "{\"billTrial\":{\"totalFen\":2.5e0}}",
        "{\"billTrial\":{\"totalFen\":1e19}}", "{\"billTrial\":{\"totalFen\":9007199254740994.0}}",
        "{\"billTrial\":{\"admissionDate\":1e10}}", "{\"billTrial\":{\"admissionDate\":-1.0}}",
        "{\"requeue\":{\"envelope\":\"A\"}}", "{\"billTrial\":{\"items\":[null]}}"};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buffer bytes, why;
        buffer_init(&bytes);
        buffer_init(&why);
        if (json_to_message(WIRE_ENVELOPE, span_text(texts[i]), &bytes, &why) == OK)
            fail_msg("taken: %s", texts[i]);
        assert_true(why.size > 0);
        buffer_fini(&bytes);
        buffer_fini(&why);
    }
}

TEST(half_a_fen_is_rounded_away_from_zero)
{
    assert_int_equal((int)money_round_half_up(5, 10), 1);
    assert_int_equal((int)money_round_half_up(-5, 10), -1);
    assert_int_equal((int)money_round_half_up(49, 100), 0);
    fen_t amount;
    assert_int_equal(money_line(1005000, 10000, &amount), OK); /* 1.005 yuan */
    assert_int_equal(amount, 101);
    assert_int_equal(money_add(FEN_MAX, 1, &amount), REJECT_RANGE);
    assert_int_equal(money_line(INT64_MAX, INT64_MAX, &amount), REJECT_RANGE);
}

TEST(identity_numbers)
{
    struct identity identity;
    char masked[IDENTITY_MASKED_SIZE];
    assert_int_equal(identity_parse("11010519491231002X", &identity), OK); /* GB 11643, the standard's own example */
    assert_int_equal(identity.birth_date, 19491231);
    assert_false(identity.male);
    assert_int_equal(identity_parse("11010519491231002x", &identity), OK);
    assert_string_equal(identity.number, "11010519491231002X");
    static const char *const bad[] = {"",
                                      "110105194912310021",
                                      "11010519491331002X",
                                      "1101051949123100",
                                      "11010519491231002Y",
                                      "１10105194912310",
                                      "110105194912310020X"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (identity_parse(bad[i], &identity) == OK)
            fail_msg("taken: %s", bad[i]);
    identity_mask("11010519491231002X", masked);
    assert_string_equal(masked, "110105********002X");
    char line[] = "person 11010519491231002X and 12345678901234567890";
    diary_mask_text(line);
    assert_null(strstr(line, "19491231"));
    char rows[] = "11010519491231002X11010519491231002x 9110105194912310021 110105999999990024 1152921504606846976 "
                  "12345678901234567";
    diary_mask_text(rows);
    assert_string_equal(
        rows, "110105********002X110105********002x 9110105********0021 110105********0024 1152921504606846976 "
              "12345678901234567");
    assert_int_equal(identity_age_on(20000229, 20230228), 22);
    assert_int_equal(identity_age_on(20000229, 20230301), 23);
}

TEST(areas_codes_and_days)
{
    civil_date_t deadline;
    bool workday;
    assert_string_equal(area_of_division(published_first(), "130105")->code, "130100");
    assert_string_equal(area_of_division(published_first(), "110101")->code, "110000");
    assert_null(area_of_division(published_first(), "310101"));
    assert_string_equal(region_of("130399"), "130000");
    assert_true(credit_code_is_shaped("91350100M000100Y43"));
    assert_true(credit_code_check_holds("91350100M000100Y43"));
    assert_false(credit_code_check_holds("91350100M000100Y44"));
    assert_int_equal(workday_is(calendar_first(), 20251001, &workday), OK);
    assert_false(workday);
    assert_int_equal(workday_add(calendar_first(), 20250930, 1, &deadline), OK);
    assert_int_equal(deadline, 20251009);
    assert_int_equal(workday_add(calendar_first(), 20991230, 5, &deadline), REJECT_RANGE);
    assert_int_equal(civil_date_of_instant(1763999999000), 20251124); /* 23:59:59 in Shanghai */
    assert_int_equal(civil_date_of_instant(1764000000000), 20251125);
    assert_false(civil_date_exists(20250229));
    assert_true(civil_date_exists(20240229));
}

TEST(a_message_id_is_canonical_text)
{
    uint8_t id[16];
    char text[37];
    assert_int_equal(message_id_parse(span_text("0193a000-0000-7000-8000-00000000000a"), id), OK);
    message_id_describe(id, text);
    assert_string_equal(text, "0193a000-0000-7000-8000-00000000000a");
    assert_int_not_equal(message_id_parse(span_text("0193A000-0000-7000-8000-00000000000a"), id), OK);
    assert_int_not_equal(message_id_parse(span_text("{193a000-0000-7000-8000-00000000000}"), id), OK);
    assert_int_not_equal(message_id_parse(span_text("0193a0000000700080000000000000a"), id), OK);
    assert_true(person_hash(span_text("11010519491231002X")) == person_hash(span_text("11010519491231002x")));
    assert_int_equal(person_hash(span_text("")), 0);
}
