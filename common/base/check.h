/* SPDX-License-Identifier: Apache-2.0
 * Checks of our own reasoning. They stay on in release: a broken invariant stops the process before it can lie about
 * money. Bad input is never checked with these; it gets a status or a finding. */
#ifndef HUTONG_COMMON_BASE_CHECK_H
#define HUTONG_COMMON_BASE_CHECK_H

__attribute__((noreturn, cold)) void check_failed(const char *kind, const char *text, const char *file, int line);

#define CHECK_(kind, condition)                                                                                        \
    (__builtin_expect(!!(condition), 1) ? (void)0 : check_failed(kind, #condition, __FILE__, __LINE__))
#define PRE(condition) CHECK_("precondition", condition)
#define POST(condition) CHECK_("postcondition", condition)
#define INVARIANT(condition) CHECK_("invariant", condition)
#endif
