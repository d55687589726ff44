/* SPDX-License-Identifier: Apache-2.0
 * What the log holds on one person, in its order: messages that concern them with what became of them, notices and
 * records of the books that name them, and who looked at their records. Read at the broker, position by position. */
#ifndef HUTONG_TOOLS_PERSON_LOG_H
#define HUTONG_TOOLS_PERSON_LOG_H
#include "tools/cli.h"

struct person_log {
    const char *person;  /* identity number, as the messages bear it */
    uint64_t from, to;   /* positions looked at: from..to, `to` not included */
    uint64_t *positions; /* of the person's messages, ascending */
    size_t count, capacity;
};

/* One thing that was found; the object is the receiver's. */
typedef void person_log_take_t(void *self, json_t *found);

/* False: the log could not be read up to `to`, said why. */
bool person_log_read(struct cli *cli, struct person_log *log, person_log_take_t *take, void *self);
void person_log_free(struct person_log *log);
/* Whether one of the person's messages stands there; numbers that the books gave to what replaced it count. */
bool person_log_has(const struct person_log *log, uint64_t number);
/* The person's number is in there. */
bool person_is_in(const char *person, struct span bytes);
/* Takes out of a message what speaks of other persons: members of lists. */
void person_alone(const char *person, json_t *value);
#endif
