/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books, carried from the mailbox endpoint to the books' daemon and back. One is under way at a time,
 * the others wait in order, so that the answer needs no number and nobody's long question is asked twice. What a party
 * may see the books decide; that it asks as itself is decided here. */
#ifndef HUTONG_SERVICES_MAILBOX_QUESTIONS_H
#define HUTONG_SERVICES_MAILBOX_QUESTIONS_H
#include "common/config/config.h"
#include "common/net/loop.h"
#include "services/ingest/request.h"

struct questions;
MUST_USE enum status questions_open(struct loop *loop, const struct config *config, struct questions **questions);
void questions_close(struct questions **questions);
/* RULE_NONE: taken, and answered through `server` once the books have answered or failed to. Otherwise why not: another
 * viewer (RULE_NOT_YOUR_BOOKS), or too many wait (RULE_BUSY). Copies the question. */
enum rule questions_ask(struct questions *questions, struct server *server, const struct peer *peer, uint64_t number,
                        struct span question);
#endif
