/* SPDX-License-Identifier: Apache-2.0
 * Amounts in words, as the rules for filling in cheques give them. */
#include "tools/amount_words.h"

#include "tests/support/test.h"

TEST(amounts_are_written_as_the_rules_for_cheques_say)
{
    static const struct {
        fen_t amount;
        const char *words;
    } table[] = {
        {0, "零元整"},
        {1, "壹分"},
        {30, "叁角整"},
        {35, "叁角伍分"},
        {100, "壹元整"},
        {101, "壹元零壹分"},
        {1000, "壹拾元整"},
        {140950, "壹仟肆佰零玖元伍角整"},
        {600714, "陆仟零柒元壹角肆分"},
        {32504, "叁佰贰拾伍元零肆分"},
        {1640902, "壹万陆仟肆佰零玖元零贰分"},
        {10700053, "壹拾万零柒仟元伍角叁分"}, /* as the rules print it */
        {168032, "壹仟陆佰捌拾元叁角贰分"},
        {10000000, "壹拾万元整"},
        {10000000100, "壹亿零壹元整"},
        {1000000000000, "壹佰亿元整"},
        {100000000000000, "壹万亿元整"},
        {100001000000000, "壹万亿零壹仟万元整"},
        {123456789012345678, "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌亿玖仟零壹拾贰万叁仟肆佰伍拾陆元柒角捌分"},
        {-140950, "负壹仟肆佰零玖元伍角整"},
    };
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct buffer text = {0};
        amount_words(table[i].amount, &text);
        assert_string_equal(buffer_text(&text), table[i].words);
        buffer_fini(&text);
    }
}
