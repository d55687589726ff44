/* SPDX-License-Identifier: Apache-2.0
 * What an exchange says of itself at one moment, as `hutong watch` needs it: out of the answers of status_ask.h, NULL
 * where there was none. */
#ifndef HUTONG_TOOLS_WATCH_SAMPLE_H
#define HUTONG_TOOLS_WATCH_SAMPLE_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { WATCH_SERVICES_MAX = 40, WATCH_PARTIES_MAX = 8, WATCH_LATENCIES = 28 };

struct watch_service {
    char name[32];
    bool answered, ready, lag_known;
    char why[120]; /* it is not ready */
    int64_t position, lag_records, lag_ms, dead_letters, state, state_limit, restarts;
};

struct watch_party {
    char name[32];
    int64_t accepted, refused, busy, unconfirmed, oldest_ms, seen_ms; /* -1: there is none */
};

struct watch_sample {
    int64_t at_ms; /* of this machine's clock */
    bool broker, full;
    char full_cause[120];
    int64_t log_used, log_limit, disk_free, disk_reserve, accepted, decided; /* ends of the streams */
    bool mailbox;                                                            /* what comes now is known */
    int64_t delivered, latencies[WATCH_LATENCIES];
    struct watch_party parties[WATCH_PARTIES_MAX];
    unsigned party_count;
    struct watch_service services[WATCH_SERVICES_MAX];
    unsigned service_count;
};

void watch_sample_start(struct watch_sample *sample, int64_t at_ms);
void watch_sample_broker(struct watch_sample *sample, const json_t *status);
/* `name`: as it is shown. */
void watch_sample_service(struct watch_sample *sample, const char *name, const json_t *status);
#endif
