/* SPDX-License-Identifier: Apache-2.0
 * The one configuration file of an exchange on one machine (YAML, read with libcyaml): every daemon and tool reads the
 * same file. docs/OPERATING.md documents each key. Errors name file, line and key. */
#ifndef HUTONG_COMMON_CONFIG_CONFIG_H
#define HUTONG_COMMON_CONFIG_CONFIG_H
#include "common/base/buffer.h"
#include "common/base/status.h"

struct config {
    char *data_directory;   /* broker/, ingest/, validation-0/, ... below it */
    char *run_directory;    /* ipc sockets, pid files */
    char *key_directory;    /* server.key_secret, parties/ (public), private pairs */
    char *gate_endpoint;    /* tcp://127.0.0.1:7701 */
    char *mailbox_endpoint; /* tcp://127.0.0.1:7702 */
    char *broker_endpoint;  /* optional tcp; empty: ipc only */
    uint32_t partitions;
    uint32_t http_port_base; /* from which daemons count in the order of service.def; 0: none */
    uint64_t segment_size_mib;
    uint64_t log_limit_mib;
    uint64_t state_map_mib;
    uint32_t tick_interval_ms;      /* 0: none */
    uint32_t tick_rush_interval_ms; /* in the first minutes of a day in Shanghai, when limits pass; 0: as above */
    uint32_t tick_rush_minutes;
    uint32_t pipeline_lag_max; /* submissions without outcome before the gate answers BUSY */
    bool trace_clock;          /* replay: times come with the submissions; no ticks of its own */
    char *log_level;
    char *log_origin;     /* the transparency log's name: the first line of its checkpoints, and of its key */
    char *witness_policy; /* a file; empty: no witnesses */
    char *seccomp;        /* on, log, off: common/runtime/confine.h */
    bool core_dumps;
    char *archive_directory; /* where `hutong archive` puts old segments, and what was trimmed is read; empty: none */
    char *backup_directory;  /* of `hutong backup` where none is named; empty: none */
    uint32_t retention_log_days; /* older segments leave the disk once they are archived and backed up; 0: never */
};

/* Fills defaults, then the file. `why` gets a sentence on failure. */
MUST_USE enum status config_load(const char *path, struct config *config, struct buffer *why);
void config_fini(struct config *config);
/* Where things are: "ipc://RUN/broker.sock", "ipc://RUN/SERVICE-P.control", "DATA/SERVICE-P". */
void config_broker_ipc(const struct config *config, struct buffer *out);
void config_control_ipc(const struct config *config, const char *service, uint32_t partition, struct buffer *out);
void config_state_directory(const struct config *config, const char *service, uint32_t partition, struct buffer *out);
uint16_t config_http_port(const struct config *config, const char *service, uint32_t partition);
#endif
