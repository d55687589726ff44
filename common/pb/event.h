/* SPDX-License-Identifier: Apache-2.0
 * Envelopes: struct event (hutong/v1/messages.h), and what belongs to it beside its coding. */
#ifndef HUTONG_COMMON_PB_EVENT_H
#define HUTONG_COMMON_PB_EVENT_H
#include "common/base/limits.h"
#include "common/pb/books.h"
#include "common/pb/reference.h"
#include "common/pb/transfer.h"
#include "common/pb/wire.h"

/* REJECT_MALFORMED; REJECT_TOO_LARGE (arena or item limit); REJECT_UNDECODABLE: a body that this build does not know
 * (the head is filled). `envelope` must have passed wire_check(WIRE_ENVELOPE). */
MUST_USE enum status event_decode(struct span envelope, struct arena *arena, struct event *event);

/* As event_decode, but the lines of a bill to be settled are left out, undecoded: for who reads none. */
MUST_USE enum status event_decode_without_items(struct span envelope, struct arena *arena, struct event *event);

/* A bill of more lines than were settled before LOGIC_LINES_OF_A_STAY. */
bool event_is_too_long(const struct event *event, uint32_t logic);
/* An event of a kind that there was under this version; before, it was a body that nobody knows. */
bool event_is_of_logic(const struct event *event, uint32_t logic);
/* Partition key of a person: XXH64(person_id upper-cased, seed 0), low 32 bits, 0 replaced by 1; 0 for empty. */
uint32_t person_hash(struct span person_id);
/* Canonical lower-case UUID text to 16 bytes; REJECT_MALFORMED. */
MUST_USE enum status message_id_parse(struct span text, uint8_t id[16]);
void message_id_describe(const uint8_t id[16], char text[37]);
#endif
