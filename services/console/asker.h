/* SPDX-License-Identifier: Apache-2.0
 * Who asks the command line for everybody: the same question within its time has one answer, and one command under way
 * for all who wait for it; two commands run at a time, so that what the console does cannot grow with the number of
 * browsers. Once somebody has acted, answers of before are kept for nobody. */
#ifndef HUTONG_SERVICES_CONSOLE_ASKER_H
#define HUTONG_SERVICES_CONSOLE_ASKER_H
#include "common/base/buffer.h"
#include "common/net/loop.h"
#include "services/console/console_core.h"

enum { ASKER_COMMANDS_MAX = 2, ASKS_COUNT_MAX = 128, ASKER_CACHE_SIZE_MAX = 16 * 1024 * 1024 };

struct asker;
struct asker_answer {
    uint64_t id;
    enum console_refusal
        refusal; /* NONE: `body` is the answer; otherwise what is wrong, in both languages, or nothing */
    bool cached; /* no command was run for it */
    int code;    /* of the command */
    struct span body;
};
struct asker_options {
    struct loop *loop;
    const char *program, *config_path;
    void (*answer)(void *self, const struct asker_answer *answer);
    void *self;
};

/* Who asks, and by whose key what is his own party's is sent. */
struct asker_user {
    const char *name, *party;
};

struct asker *asker_new(const struct asker_options *options);
/* Is answered, now or later, once. `arguments`: the JSON object that came. */
void asker_ask(struct asker *asker, uint64_t id, unsigned question, const struct asker_user *user,
               struct span arguments);
void asker_destroy(struct asker **asker);
#endif
