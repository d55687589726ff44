/* SPDX-License-Identifier: Apache-2.0
 * A file, compressed (zstd) and back, with the sums of both. */
#ifndef HUTONG_TOOLS_PACKED_H
#define HUTONG_TOOLS_PACKED_H
#include "tools/directory.h"

/* `to` must not be there; synced. */
MUST_USE enum status packed_write(const char *from, const char *to, struct pace *pace, struct file_sum *plain,
                                  struct file_sum *packed, struct buffer *why);
/* `to` NULL: looked at only. FATAL_CORRUPT: it is no such file. */
MUST_USE enum status packed_read(const char *from, const char *to, struct pace *pace, struct file_sum *plain,
                                 struct file_sum *packed, struct buffer *why);
#endif
