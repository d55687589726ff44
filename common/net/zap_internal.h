/* SPDX-License-Identifier: Apache-2.0
 * Between server.c and zap.c: the secret, and the socket monitors that count failed handshakes. */
#ifndef HUTONG_COMMON_NET_ZAP_INTERNAL_H
#define HUTONG_COMMON_NET_ZAP_INTERNAL_H
struct zap;
const char *zap_server_secret_key(const struct zap *zap);
void zap_watch(struct zap *zap, void *socket);
/* A message has come over the connection with this descriptor. */
void zap_spoke(struct zap *zap, void *socket, int fd);
void zap_unwatch(struct zap *zap, void *socket);
#endif
