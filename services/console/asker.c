/* SPDX-License-Identifier: Apache-2.0
 * Asking the command line. */
#include "services/console/asker.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "services/console/child.h"
#include "services/console/said.h"
#include "services/console/words.h"

enum { LONG_CACHE_MS = 10 * 1000, FIXED_WORDS = 10, WORDS_MAX = FIXED_WORDS + QUESTION_WORDS_MAX + 1 };

enum ask_state { ASK_WAITS, ASK_RUNS, ASK_DONE };

/* A question with its arguments, from the first who asks until its answer is too old. */
struct ask {
    struct ask *next; /* in the order in which they came */
    const struct question *question;
    struct question_words words;
    char user[USER_NAME_SIZE];   /* of one that is not shared; "" otherwise */
    char party[PARTY_NAME_SIZE]; /* by whose key it is sent; "": the exchange's own operator's */
    enum ask_state state;
    struct buffer waiting; /* ids */
    struct child child;
    instant_ms_t asked_at;
    int64_t done_at_ms;      /* monotonic */
    struct buffer rows;      /* `"rows":[...],"said":"..."` */
    bool failed, before_act; /* somebody has acted since: whoever asks now is not told what was before */
    struct asker *asker;
};

struct asker {
    struct asker_options options;
    struct ask *first;
    unsigned running, count;
    size_t kept_size;
    struct buffer body;
};

static int64_t now_ms(void)
{
    return loop_monotonic_us() / 1000;
}

/* ---- answers ---- */

static void tell(struct asker *asker, struct ask *ask, uint64_t id, bool cached)
{
    struct asker_answer answer = {.id = id, .cached = cached, .code = ask->child.code};
    instant_ms_t now = loop_wall_ms(), age = now > ask->asked_at ? now - ask->asked_at : 0;
    buffer_reset(&asker->body);
    if (ask->failed) {
        answer.refusal = REFUSAL_FAILED;
    } else {
        buffer_printf(&asker->body, "{\"askedAtMs\":%lld,\"ageMs\":%lld,\"code\":%d,\"cut\":%s,\"late\":%s,",
                      (long long)ask->asked_at, (long long)age, ask->child.code, ask->child.cut ? "true" : "false",
                      ask->child.late ? "true" : "false");
        buffer_append(&asker->body, ask->rows.data, ask->rows.size);
        buffer_append_text(&asker->body, "}");
    }
    answer.body = buffer_span(&asker->body);
    asker->options.answer(asker->options.self, &answer);
}

static void tell_all(struct asker *asker, struct ask *ask)
{
    uint64_t id;
    for (size_t at = 0; at < ask->waiting.size; at += sizeof id) {
        memcpy(&id, ask->waiting.data + at, sizeof id);
        tell(asker, ask, id, at > 0);
    }
    buffer_reset(&ask->waiting);
}

static void refuse(struct asker *asker, uint64_t id, enum console_refusal refusal, struct buffer *why)
{
    asker->options.answer(asker->options.self,
                          &(struct asker_answer){.id = id, .refusal = refusal, .body = buffer_span(why)});
}

/* ---- what is kept ---- */

static void forget(struct asker *asker, struct ask **link)
{
    struct ask *ask = *link;
    *link = ask->next;
    asker->count--;
    asker->kept_size -= ask->rows.size;
    question_words_fini(&ask->words);
    buffer_fini(&ask->waiting);
    buffer_fini(&ask->rows);
    child_fini(&ask->child);
    free(ask);
}

/* What is too old, and the oldest answers beyond what may be kept. */
static void sweep(struct asker *asker)
{
    for (struct ask **link = &asker->first; *link != NULL;) {
        struct ask *ask = *link;
        bool old =
            ask->state == ASK_DONE && (ask->before_act || now_ms() >= ask->done_at_ms + ask->question->cache_ms ||
                                       asker->kept_size > ASKER_CACHE_SIZE_MAX);
        if (old)
            forget(asker, link);
        else
            link = &ask->next;
    }
}

static void sweep_later(void *self)
{
    struct asker *asker = self;
    sweep(asker);
    if (asker->first != NULL)
        loop_once(asker->options.loop, 1000, sweep_later, asker);
}

static bool is_same(const struct ask *ask, const struct question *question, const struct question_words *words)
{
    return ask->question == question && question->cache_ms > 0 && !ask->before_act &&
           span_equal(buffer_span(&ask->words.text), buffer_span(&words->text)) &&
           span_equal(buffer_span(&ask->words.input), buffer_span(&words->input));
}

/* ---- commands ---- */

static void start_next(struct asker *asker);

static void finish(struct asker *asker, struct ask *ask)
{
    for (struct ask *other = asker->first; ask->question->action && other != NULL; other = other->next)
        other->before_act = true;
    said_write(&ask->child, &ask->rows);
    buffer_fini(&ask->child.out);
    buffer_fini(&ask->child.error);
    asker->kept_size += ask->rows.size;
    ask->state = ASK_DONE;
    ask->done_at_ms = now_ms();
    asker->running--;
    tell_all(asker, ask);
    sweep(asker);
}

static void ended(void *self)
{
    struct ask *ask = self;
    struct asker *asker = ask->asker;
    finish(asker, ask);
    start_next(asker);
}

static void start(struct asker *asker, struct ask *ask)
{
    char *words[WORDS_MAX] = {(char *)(uintptr_t)asker->options.program, "--json", "--config",
                              (char *)(uintptr_t)asker->options.config_path};
    unsigned count = 4;
    if (ask->user[0] != 0) {
        words[count++] = "--by";
        words[count++] = ask->user;
    }
    if (ask->party[0] != 0) {
        words[count++] = "--as";
        words[count++] = ask->party;
    }
    char *at = (char *)ask->words.text.data;
    for (unsigned i = 0; i < ask->words.count; i++, at += strlen(at) + 1)
        words[count++] = at;
    words[count] = NULL;
    ask->asked_at = loop_wall_ms();
    ask->state = ASK_RUNS;
    asker->running++;
    if (child_start(&ask->child, asker->options.loop, words, buffer_span(&ask->words.input), ended, ask))
        return;
    ask->failed = true;
    finish(asker, ask);
}

/* What is asked seldom may take long: one of that kind leaves room for the others. */
static bool is_long(const struct ask *ask)
{
    return ask->question->cache_ms >= LONG_CACHE_MS;
}

static bool may_start(const struct asker *asker, const struct ask *ask)
{
    if (ask->state != ASK_WAITS)
        return false;
    for (const struct ask *other = asker->first; is_long(ask) && other != NULL; other = other->next)
        if (other->state == ASK_RUNS && is_long(other))
            return false;
    return true;
}

static void start_next(struct asker *asker)
{
    struct ask *ask = asker->first;
    while (ask != NULL && asker->running < ASKER_COMMANDS_MAX) {
        if (may_start(asker, ask)) {
            start(asker, ask); /* which may change the list */
            ask = asker->first;
        } else {
            ask = ask->next;
        }
    }
}

/* ---- asking ---- */

static struct ask *add(struct asker *asker, const struct question *question, struct question_words *words,
                       const struct asker_user *user)
{
    struct ask *ask = calloc(1, sizeof *ask), **link = &asker->first;
    INVARIANT(ask != NULL);
    ask->asker = asker;
    ask->question = question;
    ask->words = *words;
    *words = (struct question_words){0};
    if (question->cache_ms == 0)
        (void)snprintf(ask->user, sizeof ask->user, "%s", user->name);
    if (question_is_own(question))
        (void)snprintf(ask->party, sizeof ask->party, "%s", user->party);
    while (*link != NULL)
        link = &(*link)->next;
    *link = ask;
    asker->count++;
    return ask;
}

void asker_ask(struct asker *asker, uint64_t id, unsigned number, const struct asker_user *user, struct span arguments)
{
    const struct question *question = &questions[number];
    struct question_words words = {0};
    struct buffer why = {0};
    struct ask *ask;
    sweep(asker);
    if (question_is_own(question) && (user->party[0] == 0 || question->cache_ms > 0)) {
        refuse(asker, id, REFUSAL_NO_PARTY, &why);
        return;
    }
    if (question_make(question, arguments, &words, &why) != OK) {
        refuse(asker, id, REFUSAL_BAD_ARGUMENT, &why);
        question_words_fini(&words);
        buffer_fini(&why);
        return;
    }
    for (ask = asker->first; ask != NULL && !is_same(ask, question, &words);)
        ask = ask->next;
    if (ask == NULL && asker->count < ASKS_COUNT_MAX)
        ask = add(asker, question, &words, user);
    if (ask == NULL)
        refuse(asker, id, REFUSAL_BUSY, &why);
    else if (ask->state == ASK_DONE)
        tell(asker, ask, id, true);
    else
        buffer_append(&ask->waiting, &id, sizeof id);
    question_words_fini(&words);
    start_next(asker);
    loop_once(asker->options.loop, 1000, sweep_later, asker);
}

struct asker *asker_new(const struct asker_options *options)
{
    struct asker *asker = calloc(1, sizeof *asker);
    INVARIANT(asker != NULL);
    asker->options = *options;
    return asker;
}

void asker_destroy(struct asker **asker)
{
    if (*asker == NULL)
        return;
    loop_remove((*asker)->options.loop, *asker);
    while ((*asker)->first != NULL)
        forget(*asker, &(*asker)->first);
    buffer_fini(&(*asker)->body);
    free(*asker);
    *asker = NULL;
}
