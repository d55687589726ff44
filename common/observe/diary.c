/* SPDX-License-Identifier: Apache-2.0
 * One line an event, written with one write(2), so that lines of several processes do not mix. */
#include "common/observe/diary.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/buffer.h"
#include "common/base/instant.h"
#include "common/base/text.h"

static const char *service_name = "hutong";
static enum diary_level least_level = DIARY_INFO;
static bool readable;

static const char *const level_names[] = {"debug", "info", "warn", "error", "fatal"};

void diary_start(const char *service, enum diary_level least)
{
    service_name = service;
    least_level = least;
    readable = isatty(STDERR_FILENO) == 1;
}

/* 17 digits, and a digit or X behind them. */
static bool is_number(const char *at)
{
    size_t digits = text_digits(at);
    return digits >= 18 || (digits == 17 && (at[17] == 'X' || at[17] == 'x'));
}

static bool holds_birth(const char *at)
{
    civil_date_t date = 0;
    for (unsigned i = 6; i < 14; i++)
        date = date * 10 + (civil_date_t)(at[i] - '0');
    return civil_date_exists(date);
}

void diary_mask_text(char *text)
{
    for (size_t i = 0; text[i] != 0; i++) {
        bool apart = i == 0 || !text_is_digit(text[i - 1]);
        bool alone = apart && text_digits(text + i) <= 18;
        if (is_number(text + i) && (alone || holds_birth(text + i)))
            memset(text + i + 6, '*', 8);
    }
}

static void escaped(struct buffer *line, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char character = (unsigned char)text[i];
        if (character == '"' || character == '\\')
            buffer_printf(line, "\\%c", character);
        else if (character < 0x20)
            buffer_printf(line, "\\u%04x", character);
        else
            buffer_append(line, &character, 1);
    }
}

/* "a=1 b=two words c=3": a key is a word before '=', its value runs to the next such word. */
static void members(struct buffer *line, const char *fields)
{
    const char *at = fields;
    while (*at != 0) {
        size_t key = strcspn(at, "= ");
        if (at[key] != '=')
            break;
        const char *value = at + key + 1, *end = value, *next = NULL;
        for (const char *space = strchr(value, ' '); space != NULL; space = strchr(space + 1, ' ')) {
            size_t word = strcspn(space + 1, "= ");
            if (word > 0 && space[1 + word] == '=') {
                next = space + 1;
                end = space;
                break;
            }
        }
        if (next == NULL)
            end = value + strlen(value);
        buffer_append_text(line, ",\"");
        escaped(line, at, key);
        buffer_append_text(line, "\":\"");
        escaped(line, value, (size_t)(end - value));
        buffer_append_text(line, "\"");
        at = next == NULL ? end : next;
    }
}

void diary_event(enum diary_level level, const char *event, const char *format, ...)
{
    if (level < least_level)
        return;
    char fields[2048], when[32];
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    instant_describe((instant_ms_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, when);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(fields, sizeof fields, format, arguments);
    va_end(arguments);
    diary_mask_text(fields);
    struct buffer line = {0};
    if (readable) {
        buffer_printf(&line, "%s %-5s %s %s %s\n", when, level_names[level], service_name, event, fields);
    } else {
        buffer_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"event\":\"%s\"", when,
                      level_names[level], service_name, event);
        members(&line, fields);
        buffer_append_text(&line, "}\n");
    }
    (void)!write(STDERR_FILENO, line.data, line.size);
    buffer_fini(&line);
}
