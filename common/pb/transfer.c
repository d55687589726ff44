/* SPDX-License-Identifier: Apache-2.0
 * The words of transfers. */
#include "common/pb/transfer.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *transfer_scheme_name(uint32_t scheme)
{
    static const char *const names[] = {"none", "pension", "medical", "unemployment", "certification"};
    return scheme < COUNT(names) ? names[scheme] : "unknown";
}

const char *transfer_letter_name(uint32_t letter)
{
    switch (letter) {
#define TRANSFER_LETTER(name, number, word)                                                                            \
    case number:                                                                                                       \
        return word;
#include "common/pb/transfer_letters.def"
#undef TRANSFER_LETTER
    default:
        return "unknown";
    }
}

enum { OPEN, CLOSED };

static const struct {
    const char *word;
    int sides;
} states[] = {
#define TRANSFER_STATE(name, number, word, sides) [number] = {word, sides},
#include "common/pb/transfer_states.def"
#undef TRANSFER_STATE
};

const char *transfer_state_name(uint32_t state)
{
    return state < COUNT(states) ? states[state].word : "unknown";
}

bool transfer_state_is_closed(uint32_t state)
{
    return state < COUNT(states) && states[state].sides == CLOSED;
}
