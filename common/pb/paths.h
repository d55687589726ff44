/* SPDX-License-Identifier: Apache-2.0
 * Every field of a message, by its path in JSON. */
#ifndef HUTONG_COMMON_PB_PATHS_H
#define HUTONG_COMMON_PB_PATHS_H
#include "common/pb/wire.h"

/* "amounts.fundPayTotalFen", also of messages that hold others; places in lists are left out. */
typedef void json_path_fn(void *self, const char *path, bool is_number);
/* Those of its messages as well, as deep as they nest; a message within itself once. */
void json_paths(enum wire_message message, json_path_fn *each, void *self);
#endif
