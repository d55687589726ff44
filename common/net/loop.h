/* SPDX-License-Identifier: Apache-2.0
 * One thread's event loop: sockets, file descriptors and timers of the adapters, over zmq_poll. Signals never end it
 * (FAILURES Z11): EINTR is a turn without events; only loop_stop ends loop_run. Everything a loop calls runs on its
 * thread. */
#ifndef HUTONG_COMMON_NET_LOOP_H
#define HUTONG_COMMON_NET_LOOP_H
#include "common/base/instant.h"
#include "common/base/status.h"

struct loop;
typedef void loop_ready_fn(void *self);
typedef void loop_timer_fn(void *self);

struct loop *loop_new(void);
void loop_destroy(struct loop **loop);
/* `socket`: an adapter's ZeroMQ socket (void * of libzmq), borrowed. Called while it is readable; drain it in bounded
 * portions. */
void loop_add_socket(struct loop *loop, void *socket, loop_ready_fn *ready, void *self);
void loop_add_fd(struct loop *loop, int fd, loop_ready_fn *ready, void *self);
void loop_remove(struct loop *loop, void *self); /* everything registered with this self */
/* Repeats every `period_ms` until removed; monotonic clock. */
void loop_add_timer(struct loop *loop, uint32_t period_ms, loop_timer_fn *fire, void *self);
/* Called once per turn, after all ready handlers of the turn: where batches are cut. */
void loop_add_turn(struct loop *loop, loop_ready_fn *turn, void *self);
/* One turn: waits at most `wait_ms`. */
void loop_turn(struct loop *loop, uint32_t wait_ms);
/* Asks for the next turn not to wait: work is left over. */
void loop_again(struct loop *loop);
void loop_run(struct loop *loop);
/* May be called from a signal handler or another thread. */
void loop_stop(struct loop *loop);
int64_t loop_monotonic_us(void);
instant_ms_t loop_wall_ms(void);
#endif
