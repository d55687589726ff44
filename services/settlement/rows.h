/* SPDX-License-Identifier: Apache-2.0
 * Which row of reference data an event states, so that whoever states the same bytes again can be told that something
 * newer stands. */
#ifndef HUTONG_SERVICES_SETTLEMENT_ROWS_H
#define HUTONG_SERVICES_SETTLEMENT_ROWS_H
#include "services/settlement/deciding.h"

enum { ROW_NAME_SIZE = DIGEST_SIZE / 2 };
/* The name of the row that an event states of this person (normalised; "": everybody); false: it states none. Areas are
 * those that settle (areas_without_offices). */
bool row_name(const struct event *event, const char *person, struct digest *digest, struct buffer *scratch,
              uint8_t name[ROW_NAME_SIZE]);

/* outcome.row of an event that was applied, from logic version 2 on: two events with the same one state the same row.
 * Nothing for what states no row. */
void name_row(struct deciding *deciding);
#endif
