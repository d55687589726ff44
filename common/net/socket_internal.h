/* SPDX-License-Identifier: Apache-2.0
 * The one place where socket options are set (FAILURES Z1-Z17): maximum message size, mandatory routing, heartbeats,
 * linger, handshake time, high-water marks, CURVE with ZAP domain and enforcement. For adapters in common/net only. */
#ifndef HUTONG_COMMON_NET_SOCKET_INTERNAL_H
#define HUTONG_COMMON_NET_SOCKET_INTERNAL_H
#include <stdbool.h>

#include "common/base/status.h"

/* Calls zsys_init once, without CZMQ's signal handler, and lifts its limits. */
void socket_process_init(void);
/* Whether the endpoint is another machine's too (tcp): CURVE and heartbeats are for those. */
bool socket_is_remote(const char *endpoint);
/* A socket with the options that every socket of ours has. ZMQ_ROUTER or ZMQ_DEALER; heartbeats where `endpoint` leaves
 * this machine: on ipc the kernel tells of an end, and a process that hangs is the business of who waits for it. Never
 * NULL. */
void *socket_open(int type, const char *endpoint);
/* No bound on the messages that wait for a peer. Before bind. */
void socket_send_unbounded(void *socket);
/* Few messages wait for a peer: for peers on other machines, which are not ours. Before bind. */
void socket_send_little(void *socket);
/* Server side CURVE with ZAP enforced (Z1: domain AND enforcement). */
void socket_serve_curve(void *socket, const char *public_key_z85, const char *secret_key_z85);
/* False: one of them is no key of 40 characters in Z85. */
MUST_USE bool socket_use_curve(void *socket, const char *server_key_z85, const char *public_key_z85,
                               const char *secret_key_z85);
void socket_close(void **socket);
#endif
