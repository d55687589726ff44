/* SPDX-License-Identifier: Apache-2.0
 * The schema's descriptors and limits, for the check and the JSON mapping. */
#ifndef HUTONG_COMMON_PB_SCHEMA_INTERNAL_H
#define HUTONG_COMMON_PB_SCHEMA_INTERNAL_H
#include <protobuf-c/protobuf-c.h>

#include "common/pb/wire.h"

struct message_schema {
    const ProtobufCMessageDescriptor *descriptor;
    const uint32_t *limits;                     /* a field, in the descriptor's order; 0: none */
    const uint8_t *personal;                    /* likewise: enum personal (common/pb/personal.h) */
    const struct message_schema *const *nested; /* likewise; NULL: no message */
};
const struct message_schema *schema_of(enum wire_message message);
/* The field with this number, or NULL. */
const ProtobufCFieldDescriptor *schema_field(const ProtobufCMessageDescriptor *message, uint32_t number);
#endif
