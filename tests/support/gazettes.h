/* SPDX-License-Identifier: Apache-2.0
 * What version 1 of logic had in the build, as tables to be published: a log that is switched to version 2 goes on by
 * the same calendars, parameters and standards. Small tables of areas, divisions, kinds of care and item codes go with
 * them. */
#ifndef HUTONG_TESTS_SUPPORT_GAZETTES_H
#define HUTONG_TESTS_SUPPORT_GAZETTES_H
#include "hutong/v1/messages.h"

/* A sound table of a kind; its rows may be changed until the next call of the same kind. Region: of a standard. */
struct gazette gazette_sound(enum gazette_kind kind, const char *region);
/* The calendar that version 1 had of a year: 2024 to 2026. */
struct gazette gazette_calendar_first(uint32_t year);
/* A made-up calendar of 2027: 1 January and 8 to 12 February are days off, 13 February is worked. */
struct gazette gazette_calendar_2027(void);
enum { GAZETTES_WANTED = 4 };
/* What version 2 of logic cannot do without, by index; valid until the next call. */
const struct gazette *gazette_wanted(unsigned index);
/* All of them but 2027's calendar, one after the other. */
void gazettes_publish(void (*publish)(void *rig, const struct gazette *gazette), void *rig);
#endif
