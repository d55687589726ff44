/* SPDX-License-Identifier: Apache-2.0
 * Amounts in words. */
#include "tools/amount_words.h"

static const char *const digits[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

/* One group of four digits. `gap`: a zero stands between what was written before and what comes. */
static void put_group(unsigned group, bool *gap, bool written, struct buffer *out)
{
    static const char *const places[] = {"仟", "佰", "拾", ""};
    static const unsigned weights[] = {1000, 100, 10, 1};
    for (unsigned i = 0; i < 4; i++) {
        unsigned digit = group / weights[i] % 10;
        if (digit == 0) {
            *gap = *gap || written;
            continue;
        }
        buffer_printf(out, "%s%s%s", *gap ? "零" : "", digits[digit], places[i]);
        *gap = false;
        written = true;
    }
}

/* Groups of 万, 亿, 万亿, 亿亿: int64 of fen has five of them. */
static void put_whole(uint64_t yuan, struct buffer *out)
{
    static const char *const units[] = {"", "万", "亿", "万", "亿亿"};
    unsigned groups[5], count = 0;
    bool gap = false, written = false;
    for (; yuan > 0; yuan /= 10000)
        groups[count++] = (unsigned)(yuan % 10000);
    for (unsigned i = count; i-- > 0;) {
        put_group(groups[i], &gap, written, out);
        written = true;
        bool of_hundred_millions = i == 2 && count > 3 && groups[3] > 0; /* 万 of 亿 */
        if (groups[i] > 0 || of_hundred_millions)
            buffer_append_text(out, units[i]);
    }
}

void amount_words(fen_t amount, struct buffer *out)
{
    uint64_t fen = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
    unsigned jiao = (unsigned)(fen / 10 % 10), cents = (unsigned)(fen % 10);
    buffer_append_text(out, amount < 0 ? "负" : "");
    if (fen >= 100 || fen == 0) {
        buffer_append_text(out, fen == 0 ? "零" : "");
        put_whole(fen / 100, out);
        buffer_append_text(out, "元");
    }
    if (jiao > 0)
        buffer_printf(out, "%s角", digits[jiao]);
    else if (cents > 0 && fen >= 100)
        buffer_append_text(out, "零");
    if (cents > 0)
        buffer_printf(out, "%s分", digits[cents]);
    else
        buffer_append_text(out, "整");
}
