/* SPDX-License-Identifier: Apache-2.0
 * The tables that version 2 of logic wants on the log: those of version 1, as they are published. */
#ifndef HUTONG_TESTS_SUPPORT_GAZETTES_H
#define HUTONG_TESTS_SUPPORT_GAZETTES_H
#include "common/engines/gazette/published.h"

enum { TEST_GAZETTES = 4 };
/* Areas, kinds of care, shapes of codes, parameters; index below TEST_GAZETTES. Valid until the next call. */
const struct gazette *test_gazette(unsigned index);
#endif
