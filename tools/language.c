/* SPDX-License-Identifier: Apache-2.0
 * Which language. */
#include "tools/language.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum { LANGUAGE_UNKNOWN, LANGUAGE_ZH, LANGUAGE_EN } chosen;

static const char *of_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != 0)
            return strncmp(value, "zh", 2) == 0 ? "zh" : "en";
    }
    return "en";
}

bool language_choose(const char *given)
{
    const char *word = given != NULL ? given : of_environment();
    bool zh = strcmp(word, "zh") == 0;
    if (!zh && strcmp(word, "en") != 0)
        return false;
    chosen = zh ? LANGUAGE_ZH : LANGUAGE_EN;
    return true;
}

bool language_is_english(void)
{
    if (chosen == LANGUAGE_UNKNOWN)
        (void)language_choose(NULL);
    return chosen == LANGUAGE_EN;
}

const char *said(const char *zh, const char *en)
{
    return language_is_english() ? en : zh;
}

void language_half(const char *both, char *half, size_t size)
{
    const char *end = strstr(both, "; ");
    bool chinese_first = end != NULL && ((unsigned char)both[0] & 0x80) != 0;
    if (chinese_first && language_is_english())
        (void)snprintf(half, size, "%s", end + 2);
    else
        (void)snprintf(half, size, "%.*s", chinese_first ? (int)(end - both) : (int)strlen(both), both);
}
