/* SPDX-License-Identifier: Apache-2.0
 * What the gate decides about one envelope before it may stand in the log: is it canonical, may this party say it, has
 * its id been decided. Pure: bytes and facts in, a ruling out. A refusal here consumes no id and stores nothing; the
 * same bytes get the same refusal again. */
#ifndef HUTONG_SERVICES_INGEST_GATE_CORE_H
#define HUTONG_SERVICES_INGEST_GATE_CORE_H
#include "common/codes/rule.h"
#include "common/net/server.h"
#include "common/pb/event.h"
#include "services/ingest/ids.h"

struct gate_view {
    struct envelope_head head;
    uint8_t id[16];
    uint8_t sha256[DIGEST_SIZE];
};

/* RULE_NONE: it may be accepted, and `view` is filled. Otherwise the rule; `path` says where. `replaying`: the operator
 * plays a trace back into an exchange that runs on a trace's clock, and so speaks for everybody in it, ticks included.
 */
enum rule gate_examine(const struct peer *peer, bool replaying, struct span envelope, struct digest *digest,
                       struct gate_view *view, struct buffer *path);

/* The stored fact, byte for byte the same for every duplicate. */
void gate_receipt_accepted(const struct gate_view *view, const struct id_entry *entry, struct buffer *out);
void gate_receipt_conflict(const struct gate_view *view, const struct id_entry *entry, struct buffer *out);
void gate_receipt_refused(enum rule rule, const char *path, struct span message_id, struct buffer *out);
void gate_receipt_busy(enum rule rule, struct span message_id, uint32_t retry_after_ms, struct buffer *out);
/* The message Refusal. */
void gate_refusal(enum rule rule, const char *path, const char *detail, struct buffer *out);

/* How often the exchange's clock goes onto the log. A day's passed limits are told in portions, one a tick, so right
 * after midnight in Shanghai it ticks faster. */
struct gate_ticks {
    uint32_t interval_ms;
    uint32_t rush_interval_ms; /* 0: no rush */
    uint32_t rush_minutes;
};
/* What a timer must fire at for both. PRE: interval_ms > 0. */
uint32_t gate_tick_timer(const struct gate_ticks *ticks);
/* Half a timer's period early counts as due, so that a timer that comes early by a millisecond skips nothing. */
bool gate_tick_is_due(const struct gate_ticks *ticks, instant_ms_t last, instant_ms_t now);
#endif
