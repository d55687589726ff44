/* SPDX-License-Identifier: Apache-2.0
 * The tables that logic version 2 wants to be published, small: the areas that the rigs use, and what was built in. */
#pragma once

#include "hutong/v1/messages.h"

enum { GAZETTES_WANTED = 4 };
/* By index; valid until the end. */
const struct gazette *gazette_wanted(unsigned index);
