/* SPDX-License-Identifier: Apache-2.0
 * The systems of the parties: each sends its share of the load, asks again until every message has a receipt that it
 * believes, and reads its mailbox. A system that dies knows what it had kept: its messages, its receipts, how far it
 * has read and confirmed. Whatever it hears is held against what it heard before. */
#ifndef HUTONG_TESTS_SIM_CLIENT_H
#define HUTONG_TESTS_SIM_CLIENT_H
#include "tests/sim/load.h"
#include "tests/sim/world.h"

struct clients;
struct clients *clients_new(struct world *world, struct load *load);
void clients_free(struct clients **clients);
void clients_start(struct clients *clients);
/* All messages have receipts, and the outcome of each has come. `why_not`: which has not. */
bool clients_are_done(const struct clients *clients, const char **why_not);
/* Reads all mailboxes once more from the beginning, and holds them against what was read before. */
void clients_read_again(struct clients *clients);
bool clients_have_read_again(const struct clients *clients);
/* All that they heard. */
struct checks *clients_checks(struct clients *clients);
/* "1234 accepted, 1200 settled or applied, 20 refused, 5 conflicts" */
void clients_tell(const struct clients *clients, char *text, size_t size);
#endif
