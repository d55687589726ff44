/* SPDX-License-Identifier: Apache-2.0
 * What is signed of the transparency log. A thread of its own, so that neither disk nor witnesses hold audit up:
 * once a second while the tree grows it takes the committed size and root, and
 *
 *   1. looks whether the root at the size signed last is still the one that was signed: if not, the process ends
 *      (FATAL_CONTRADICTED) before anything is said
 *   2. signs, and keeps the checkpoint in DATA/checkpoint, outside of the store, before anybody sees it
 *   3. asks the witnesses of the policy; with what they cosigned, the checkpoint is shown again
 *   4. where the policy is met, or there is none, keeps it in DATA/checkpoint.final
 *
 * Nothing is signed after a start before the log was found to go on from DATA/checkpoint: the same root at its size,
 * or less than it only as long as the log is still being read. */
#ifndef HUTONG_SERVICES_AUDIT_SIGNED_LOG_H
#define HUTONG_SERVICES_AUDIT_SIGNED_LOG_H
#include "common/runtime/runtime.h"

struct signed_log;
MUST_USE enum status signed_log_open(const struct service_around *around, struct signed_log **log, struct buffer *why);
void signed_log_close(struct signed_log **log);
void signed_log_advanced(struct signed_log *log);
/* "": the log has been held against its last signed checkpoint, and goes on from there. */
const char *signed_log_why_not(const struct signed_log *log);
/* When the latest checkpoint was signed, and the latest that is final, ms; 0: there is none. From any thread. */
int64_t signed_log_at(const struct signed_log *log, bool final);
/* FATAL_ once it has stopped the loop. */
enum status signed_log_status(struct signed_log *log, struct buffer *why);
/* The latest checkpoint with the cosignatures that came so far, or the latest that is final; from any thread. False:
 * there is none yet. */
bool signed_log_checkpoint(struct signed_log *log, bool final, struct buffer *text);
#endif
