/* SPDX-License-Identifier: Apache-2.0
 * Answers as figures. */
#include "tools/watch_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cli.h"
#include "tools/full.h"

void watch_sample_start(struct watch_sample *sample, int64_t at_ms)
{
    *sample = (struct watch_sample){.at_ms = at_ms};
}

void watch_sample_broker(struct watch_sample *sample, const json_t *status)
{
    size_t index;
    json_t *stream;
    const char *cause = status != NULL ? full_cause(status) : NULL;
    sample->broker = status != NULL;
    sample->full = cause != NULL;
    language_half(cause != NULL ? cause : "", sample->full_cause, sizeof sample->full_cause);
    sample->log_used = cli_integer(status, "usedBytes");
    sample->log_limit = cli_integer(status, "limitBytes");
    sample->disk_free = cli_integer(status, "freeBytes");
    sample->disk_reserve = cli_integer(status, "reserveBytes");
    sample->decided = -1;
    json_array_foreach(json_object_get(status, "streams"), index, stream)
    {
        const char *name = cli_text(stream, "stream");
        int64_t end = cli_integer(stream, "end");
        if (strcmp(name, "submissions") == 0)
            sample->accepted = end;
        else if (strncmp(name, "outcomes.", 9) == 0 && (sample->decided < 0 || end < sample->decided))
            sample->decided = end;
    }
    sample->decided = sample->decided < 0 ? 0 : sample->decided;
}

static void take_party(struct watch_party *to, const json_t *party)
{
    const json_t *oldest = json_object_get(party, "oldest"), *books = json_object_get(party, "booksOldest");
    int64_t ages[] = {oldest != NULL ? cli_integer(oldest, "ageMs") : -1,
                      books != NULL ? cli_integer(books, "ageMs") : -1};
    (void)snprintf(to->name, sizeof to->name, "%s", cli_text(party, "party"));
    to->accepted = cli_integer(party, "accepted");
    to->refused = cli_integer(party, "refused");
    to->busy = cli_integer(party, "busy");
    to->unconfirmed = cli_integer(party, "backlog") + cli_integer(party, "booksBacklog");
    to->oldest_ms = ages[0] > ages[1] ? ages[0] : ages[1];
    to->seen_ms = cli_integer(party, "lastSeenMs") > 0 ? cli_integer(party, "lastSeenMs") : -1;
}

static void take_mailbox(struct watch_sample *sample, const json_t *status)
{
    size_t index;
    json_t *each;
    sample->mailbox = true;
    sample->delivered = cli_integer(status, "delivered");
    json_array_foreach(json_object_get(status, "endToEndCounts"), index, each) if (index < WATCH_LATENCIES)
        sample->latencies[index] =
        json_is_string(each) ? strtoll(json_string_value(each), NULL, 10) : json_integer_value(each);
    json_array_foreach(json_object_get(status, "parties"), index, each) if (sample->party_count < WATCH_PARTIES_MAX)
        take_party(&sample->parties[sample->party_count++], each);
}

void watch_sample_service(struct watch_sample *sample, const char *name, const json_t *status)
{
    if (sample->service_count == WATCH_SERVICES_MAX)
        return;
    struct watch_service *service = &sample->services[sample->service_count++];
    (void)snprintf(service->name, sizeof service->name, "%s", name);
    service->answered = status != NULL;
    service->ready = json_is_true(json_object_get(status, "ready"));
    service->lag_known = json_object_get(status, "lagMs") != NULL;
    language_half(cli_text(status, "notReadyReason"), service->why, sizeof service->why);
    service->position = cli_integer(status, "position");
    service->lag_records = cli_integer(status, "lagRecords");
    service->lag_ms = cli_integer(status, "lagMs");
    service->dead_letters = cli_integer(status, "deadLetters");
    service->state = cli_integer(status, "stateBytes");
    service->state_limit = cli_integer(status, "stateLimitBytes");
    service->restarts = cli_integer(status, "restarts");
    if (json_object_get(status, "parties") != NULL)
        take_mailbox(sample, status);
}
