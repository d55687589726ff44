/* SPDX-License-Identifier: Apache-2.0
 * Answers against what they should be. */
#include "tools/doctor_exchange.h"

#include <stdio.h>
#include <string.h>

#include "common/codes/logic.h"
#include "tools/full.h"

enum {
    WHERE_SIZE = 256,
    DAY_MS = 86400000,
    LAG_MS_MAX = 60000,
    STATE_PERCENT_MAX = 80,
    LOG_PERCENT_MAX = 80,
    ENDS_DAYS = 30,
    ENDS_LATER_DAYS = 60,
    CLOCK_MS_MAX = 2000 /* daemons and this tool read it one after the other */
};

static bool is_more_than(int64_t part, int64_t whole, int percent)
{
    return whole > 0 && part > whole / 100 * percent;
}

/* ---- the broker ---- */

static void check_readers(struct doctor *doctor, const json_t *stream)
{
    size_t index;
    json_t *reader;
    char where[WHERE_SIZE];
    int64_t end = cli_integer(stream, "end");
    json_array_foreach(json_object_get(stream, "readers"), index, reader)
    {
        if (json_is_true(json_object_get(reader, "connected")) || cli_integer(reader, "cursor") >= end)
            continue;
        (void)snprintf(where, sizeof where, "%s, %lld..%lld", cli_text(reader, "reader"),
                       (long long)cli_integer(reader, "cursor"), (long long)end);
        doctor_found(doctor, FINDING_READER_HOLDS, cli_text(stream, "stream"), where);
    }
}

void doctor_broker(struct doctor *doctor, const json_t *status)
{
    size_t index;
    json_t *stream;
    char where[WHERE_SIZE];
    if (status == NULL) {
        doctor_found(doctor, FINDING_SILENT, "broker-0", "");
        return;
    }
    const char *cause = full_cause(status);
    int64_t used = cli_integer(status, "usedBytes"), limit = cli_integer(status, "limitBytes"),
            damaged = cli_integer(status, "damagedSegments");
    language_half(cause != NULL ? cause : "", where, sizeof where);
    if (cause != NULL)
        doctor_found(doctor, FINDING_LOG_FULL, "broker-0", where);
    (void)snprintf(where, sizeof where, "%lld / %lld MiB", (long long)used >> 20, (long long)limit >> 20);
    if (is_more_than(used, limit, LOG_PERCENT_MAX))
        doctor_found(doctor, FINDING_LOG_FILLS, "broker-0", where);
    (void)snprintf(where, sizeof where, "%lld", (long long)damaged);
    if (damaged > 0)
        doctor_found(doctor, FINDING_LOG_DAMAGED, "broker-0", where);
    json_array_foreach(json_object_get(status, "streams"), index, stream) check_readers(doctor, stream);
}

/* ---- a daemon ---- */

static void check_ends(struct doctor *doctor, const json_t *status)
{
    size_t index;
    json_t *end;
    char where[WHERE_SIZE];
    json_array_foreach(json_object_get(status, "ends"), index, end)
    {
        int64_t left = cli_integer(end, "daysLeft");
        (void)snprintf(where, sizeof where, "%lld (%+lld)", (long long)cli_integer(end, "lastDay"), (long long)left);
        if (left <= ENDS_LATER_DAYS)
            doctor_found(doctor, left <= ENDS_DAYS ? FINDING_ENDS : FINDING_ENDS_LATER, cli_text(end, "table"), where);
    }
}

static void check_parties(struct doctor *doctor, const json_t *status)
{
    size_t index;
    json_t *party;
    char where[WHERE_SIZE];
    json_array_foreach(json_object_get(status, "parties"), index, party)
    {
        const json_t *oldest = json_object_get(party, "oldest");
        bool region = strcmp(cli_text(party, "party"), "operator") != 0;
        if (!region || oldest == NULL || cli_integer(oldest, "ageMs") < DAY_MS)
            continue;
        (void)snprintf(where, sizeof where, said("%lld 条，最早的已 %lld 日", "%lld records, the oldest for %lld days"),
                       (long long)cli_integer(party, "backlog"), (long long)cli_integer(oldest, "ageMs") / DAY_MS);
        doctor_found(doctor, FINDING_UNFETCHED, cli_text(party, "party"), where);
    }
}

static void check_progress(struct doctor *doctor, const char *name, const json_t *status)
{
    char where[WHERE_SIZE];
    int64_t lag_ms = cli_integer(status, "lagMs"), letters = cli_integer(status, "deadLetters"),
            restarts = cli_integer(status, "restarts");
    language_half(cli_text(status, "notReadyReason"), where, sizeof where);
    if (!json_is_true(json_object_get(status, "ready")))
        doctor_found(doctor, FINDING_NOT_READY, name, where);
    (void)snprintf(where, sizeof where, said("%lld 条，%lld 秒", "%lld records, %lld s"),
                   (long long)cli_integer(status, "lagRecords"), (long long)lag_ms / 1000);
    if (lag_ms > LAG_MS_MAX)
        doctor_found(doctor, FINDING_LAGS, name, where);
    (void)snprintf(where, sizeof where, "%lld", (long long)letters);
    if (letters > 0)
        doctor_found(doctor, FINDING_DEAD_LETTERS, name, where);
    (void)snprintf(where, sizeof where, "%lld", (long long)restarts);
    if (restarts > 0)
        doctor_found(doctor, FINDING_RESTARTED, name, where);
}

void doctor_service(struct doctor *doctor, const char *name, const json_t *status, const char *build, instant_ms_t now)
{
    char where[WHERE_SIZE];
    if (status == NULL) {
        doctor_found(doctor, FINDING_SILENT, name, "");
        return;
    }
    check_progress(doctor, name, status);
    int64_t used = cli_integer(status, "stateBytes"), limit = cli_integer(status, "stateLimitBytes"),
            logic = cli_integer(status, "logicVersion"), log_at = cli_integer(status, "logAtMs");
    (void)snprintf(where, sizeof where, "%lld / %lld MiB", (long long)used >> 20, (long long)limit >> 20);
    if (is_more_than(used, limit, STATE_PERCENT_MAX))
        doctor_found(doctor, FINDING_STATE_FILLS, name, where);
    (void)snprintf(where, sizeof where, "%.60s, hutong %.60s", cli_text(status, "build"), build);
    if (strcmp(cli_text(status, "build"), build) != 0)
        doctor_found(doctor, FINDING_BUILDS_DIFFER, name, where);
    (void)snprintf(where, sizeof where, "%lld < %d", (long long)logic, LOGIC_VERSION_KNOWN);
    if (logic > 0 && logic < LOGIC_VERSION_KNOWN)
        doctor_found(doctor, FINDING_LOGIC_OLDER, name, where);
    (void)snprintf(where, sizeof where, said("%lld 秒", "%lld s"), (long long)(log_at - now) / 1000);
    if (log_at > now + CLOCK_MS_MAX)
        doctor_found(doctor, FINDING_CLOCK_BEHIND, name, where);
    check_ends(doctor, status);
    check_parties(doctor, status);
}

/* ---- signing keys ---- */

void doctor_signing_keys(struct doctor *doctor, const json_t *list, instant_ms_t now)
{
    size_t index;
    json_t *key;
    char where[WHERE_SIZE];
    json_array_foreach(json_object_get(list, "keys"), index, key)
    {
        instant_ms_t ends = cli_integer(key, "validUntilMs");
        bool speaks = cli_integer(key, "until") == 0 && ends > now;
        (void)snprintf(where, sizeof where, said("还有 %lld 日", "in %lld days"), (long long)(ends - now) / DAY_MS);
        if (speaks && ends - now <= (int64_t)ENDS_DAYS * DAY_MS)
            doctor_found(doctor, FINDING_KEY_ENDS, cli_text(key, "party"), where);
    }
}
