/* SPDX-License-Identifier: Apache-2.0
 * Who may speak at an endpoint. */
#ifndef HUTONG_COMMON_NET_PARTY_H
#define HUTONG_COMMON_NET_PARTY_H
enum party_role { PARTY_NONE, PARTY_LOCAL /* ipc on this machine */, PARTY_REGION, PARTY_OPERATOR, PARTY_SERVICE };
#endif
