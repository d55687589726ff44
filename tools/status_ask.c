/* SPDX-License-Identifier: Apache-2.0
 * Asking for a status. */
#include "tools/status_ask.h"

#include "common/net/loop.h"

json_t *status_of_broker(struct cli *cli, uint32_t wait_ms)
{
    return cli_member(cli_broker(cli, BUS_STATUS, (union bus_request_body){.status = {0}}, wait_ms), "status");
}

/* ---- ages, by this machine's clock ---- */

/* -1: `at` is not known. */
static int64_t age_ms(int64_t at, int64_t now)
{
    return at == 0 ? -1 : at < now ? now - at : 0;
}

static void set_age(json_t *object, const char *key, int64_t age)
{
    if (age >= 0)
        json_object_set_new(object, key, json_integer(age));
}

/* How far behind it is, in records and in time; what is not known is left out. */
static void add_lag(json_t *status, int64_t now)
{
    int64_t position = cli_integer(status, "position"), end = cli_integer(status, "inputEnd"),
            oldest = cli_integer(status, "oldestWaitingAtMs");
    bool known = json_is_true(json_object_get(status, "lagKnown"));
    json_object_del(status, "lagKnown");
    if (!known)
        return;
    json_object_set_new(status, "lagRecords", json_integer(end > position ? end - position : 0));
    json_object_set_new(status, "lagMs", json_integer(oldest == 0 ? 0 : age_ms(oldest, now)));
    set_age(status, "logAgeMs", age_ms(cli_integer(status, "logAtMs"), now));
    set_age(status, "checkpointAgeMs", age_ms(cli_integer(status, "checkpointAtMs"), now));
    set_age(status, "checkpointFinalAgeMs", age_ms(cli_integer(status, "checkpointFinalAtMs"), now));
}

/* {"position", "ageMs"} of the oldest unconfirmed of each box; absent: all is confirmed. */
static void add_oldest(json_t *party, const char *key, const char *position, const char *at, int64_t now)
{
    int64_t age = age_ms(cli_integer(party, at), now);
    if (age >= 0)
        json_object_set_new(
            party, key,
            json_pack("{s:I,s:I}", "position", (json_int_t)cli_integer(party, position), "ageMs", (json_int_t)age));
    json_object_del(party, position);
    json_object_del(party, at);
}

static void add_ages(json_t *status)
{
    size_t index;
    json_t *party;
    int64_t now = loop_wall_ms();
    add_lag(status, now);
    json_array_foreach(json_object_get(status, "parties"), index, party)
    {
        add_oldest(party, "oldest", "oldestPosition", "oldestAtMs", now);
        add_oldest(party, "booksOldest", "booksOldestPosition", "booksOldestAtMs", now);
    }
}

/* Settlement's limits go beside its own figures. */
static void add_limits(struct cli *cli, const char *service, uint32_t partition, json_t *status)
{
    int64_t running, overdue;
    if (strcmp(service, "settlement") != 0 || !cli_limits(cli, partition, &running, &overdue))
        return;
    json_object_set_new(status, "limitsRunning", json_integer(running));
    json_object_set_new(status, "limitsOverdue", json_integer(overdue));
}

json_t *status_of_service(struct cli *cli, const char *service, uint32_t partition, uint32_t wait_ms)
{
    struct control_request request = {.version = 1, .kind = CONTROL_ASK_STATUS};
    json_t *status = cli_member(cli_control(cli, service, partition, &request, wait_ms), "status");
    if (status != NULL) {
        add_ages(status);
        add_limits(cli, service, partition, status);
    }
    return status;
}
