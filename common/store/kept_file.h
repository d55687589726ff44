/* SPDX-License-Identifier: Apache-2.0
 * A small file that is replaced whole: after a crash it is the old one or the new one, and the new one once the write
 * has returned. */
#ifndef HUTONG_COMMON_STORE_KEPT_FILE_H
#define HUTONG_COMMON_STORE_KEPT_FILE_H
#include "common/base/buffer.h"
#include "common/base/status.h"

/* FATAL_IO. The file and its directory are synced. */
MUST_USE enum status kept_file_write(const char *path, struct span bytes);
/* Appends. REJECT_NOT_FOUND: there is none; REJECT_TOO_LARGE: beyond `size_max`; FATAL_IO. */
MUST_USE enum status kept_file_read(const char *path, size_t size_max, struct buffer *bytes);
#endif
