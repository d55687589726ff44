/* SPDX-License-Identifier: Apache-2.0
 * The schema's descriptors, for the checker and the JSON mapping. Generated code stays inside common/pb. */
#ifndef HUTONG_COMMON_PB_SCHEMA_INTERNAL_H
#define HUTONG_COMMON_PB_SCHEMA_INTERNAL_H
#include <protobuf-c/protobuf-c.h>

#include "common/pb/wire.h"

const ProtobufCMessageDescriptor *schema_of(enum wire_message message);
/* The field with this number, or NULL. */
const ProtobufCFieldDescriptor *schema_field(const ProtobufCMessageDescriptor *message, uint32_t number);
#endif
