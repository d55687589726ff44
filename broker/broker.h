/* SPDX-License-Identifier: Apache-2.0
 * The broker's shell: frames in, log, frames out. A turn of the loop takes in everything that arrived, hands it over to
 * the thread that writes the log, and delivers; what has come onto the disk meanwhile is acknowledged.
 *
 *   session:  (first frame) --> KNOWN --(nothing for 15 s)--> gone; its readers close, their cursors stay
 *   reader:   OPEN --(credit > 0 and position < end)--> delivering --> waiting for credit or for data
 *   append:   decided by stream_core; answered in its turn, when it is on disk */
#ifndef HUTONG_BROKER_BROKER_H
#define HUTONG_BROKER_BROKER_H
#include "broker/log.h"
#include "common/net/server.h"
#include "common/observe/metrics.h"

struct broker;

struct broker_options {
    struct loop *loop;
    struct log *log;
    struct metrics *metrics;
    const char *ipc_endpoint;
    const char *tcp_endpoint; /* NULL: none */
    const char *last_backup;  /* the file in which `hutong backup` notes its last; NULL: none */
    struct zap *zap;          /* for tcp */
    instant_ms_t started_at;  /* this process */
    uint64_t restarts;        /* of it, before */
};

MUST_USE enum status broker_open(const struct broker_options *options, struct broker **broker, struct buffer *why);
void broker_close(struct broker **broker);
/* Why appends are refused, or wait; "": they do not. From any thread. */
const char *broker_why_not_ready(const struct broker *broker);
/* FATAL_ after a failed commit: answers have been sent, the process must exit. */
enum status broker_status(const struct broker *broker);
#endif
