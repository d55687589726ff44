/* SPDX-License-Identifier: Apache-2.0
 * One thread's event loop: sockets, file descriptors and timers of the adapters, over one poll a turn. Signals never
 * end it (FAILURES Z11): EINTR is a turn without events; only loop_stop ends loop_run. Everything a loop calls runs on
 * its thread. It sleeps until something comes or the next timer is due, however long that is. */
#ifndef HUTONG_COMMON_NET_LOOP_H
#define HUTONG_COMMON_NET_LOOP_H
#include "common/base/instant.h"
#include "common/base/status.h"

struct loop;
typedef void loop_ready_fn(void *self);
typedef void loop_timer_fn(void *self);

struct loop *loop_new(void);
void loop_destroy(struct loop **loop);
/* `socket`: an adapter's ZeroMQ socket (void * of libzmq), borrowed. Called while it is readable, and now and then when
 * it is not; drain it in bounded portions: what is left over calls again in the next turn. */
void loop_add_socket(struct loop *loop, void *socket, loop_ready_fn *ready, void *self);
/* The socket was used otherwise than by its handler: something was sent on it, say. Whatever calls libzmq may take in
 * the signal that a message has come, and then no file descriptor tells of it: it is looked at before the loop sleeps.
 */
void loop_touched(struct loop *loop, const void *socket);
void loop_add_fd(struct loop *loop, int fd, loop_ready_fn *ready, void *self);
void loop_remove(struct loop *loop, void *self); /* everything registered with this self */
/* Repeats every `period_ms` until removed, at multiples of the period on the monotonic clock: timers of one period fire
 * together, in all processes of a machine, so that an idle machine wakes once for all of them. Timers that are due
 * together fire in the order of their due times. */
void loop_add_timer(struct loop *loop, uint32_t period_ms, loop_timer_fn *fire, void *self);
/* Once, `delay_ms` from now. Where the same (fire, self) waits already, the earlier of the two times stands. */
void loop_once(struct loop *loop, uint32_t delay_ms, loop_timer_fn *fire, void *self);
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
