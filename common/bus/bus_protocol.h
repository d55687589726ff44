/* SPDX-License-Identifier: Apache-2.0
 * docs/PROTOCOL-BUS.md. */
#ifndef HUTONG_COMMON_BUS_BUS_PROTOCOL_H
#define HUTONG_COMMON_BUS_BUS_PROTOCOL_H

enum { BUS_PROTOCOL = 2 /* version of BusRequest and BusReply */ };
#endif
