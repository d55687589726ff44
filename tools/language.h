/* SPDX-License-Identifier: Apache-2.0
 * The language that a command speaks to people: Chinese or English. JSON, CSV by columns and codes speak none. */
#ifndef HUTONG_TOOLS_LANGUAGE_H
#define HUTONG_TOOLS_LANGUAGE_H
#include <stdbool.h>
#include <stddef.h>

/* "zh" or "en"; NULL: by LC_ALL, LC_MESSAGES, LANG, the first that says anything: Chinese where it begins with "zh".
 * The locale itself need not be installed. False: another word. */
bool language_choose(const char *given);
bool language_is_english(void);
/* Of a text in both, "中文; English", the half in the chosen language; one that is in one language alone as it is. */
void language_half(const char *both, char *half, size_t size);
/* Of two texts with the same conversions, the one in the chosen language. */
__attribute__((format_arg(1), format_arg(2))) const char *said(const char *zh, const char *en);
#endif
