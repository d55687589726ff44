/* SPDX-License-Identifier: Apache-2.0
 * Secrets: files that hold them, and the memory that they lie in. What OpenSSL keeps of private keys lies in its secure
 * heap (common/sign); libzmq's own copy of a CURVE secret is in its ordinary heap, which no daemon dumps
 * (common/runtime/process.h) and systemd's units keep out of the swap. */
#ifndef HUTONG_COMMON_SECRET_SECRET_H
#define HUTONG_COMMON_SECRET_SECRET_H
#include <stdbool.h>
#include <stddef.h>

#include "common/base/buffer.h"

/* Zeroed pages of their own: locked into memory, in no core dump. Where the kernel refuses the lock (RLIMIT_MEMLOCK)
 * they are pages all the same. Never NULL. */
void *secret_new(size_t size);
/* Wipes, and gives back. NULL is fine. */
void secret_destroy(void **secret, size_t size);

/* Whether an open file is its owner's alone: a file, of this user or root, that nobody else may use, in a directory
 * where nobody else may replace it. A sentence in Chinese and English otherwise. */
bool secret_file_is_safe(int fd, const char *path, struct buffer *why);
/* The same of a directory whose files say who may speak: not everybody may write into it. One that is not there is
 * safe. */
bool secret_directory_is_safe(const char *directory, struct buffer *why);
#endif
