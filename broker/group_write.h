/* SPDX-License-Identifier: Apache-2.0
 * A group of changes (tail.h), one transaction of the log. */
#ifndef HUTONG_BROKER_GROUP_WRITE_H
#define HUTONG_BROKER_GROUP_WRITE_H
#include "broker/tail.h"

/* Frees the changes, whatever comes of it. */
MUST_USE enum status group_write(struct log *log, struct change *changes);
/* Frees them unwritten. */
void group_forget(struct change_group *group);
#endif
