/* SPDX-License-Identifier: Apache-2.0
 * Questions under way. */
#include "services/mailbox/questions.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/lanes.h"
#include "common/observe/diary.h"
#include "services/mailbox/question_wrap.h"

enum { SEND_AGAIN_MS = 200 };

struct asking {
    struct server *server;
    uint64_t session, number;
    unsigned party;        /* its place in `fair` */
    bool again;            /* it was under way when the books went away */
    struct buffer request; /* for the books; its memory is kept for the next one in this place */
};

struct questions {
    struct loop *loop;
    struct buffer endpoint;
    struct dealer *dealer;
    struct asking ring[QUESTIONS_WAITING_MAX];
    unsigned first, count;
    struct fair fair; /* whose question is next */
    int64_t asked_us;
    bool asked; /* the first one, until `until_us` */
    int64_t until_us;
    struct buffer answer, reply;
};

static struct asking *at(struct questions *questions, unsigned index)
{
    return &questions->ring[(questions->first + index) % QUESTIONS_WAITING_MAX];
}

static void on_answer(void *self);
static void watch(void *self);

/* Afresh: an answer that comes too late for its question is not taken for another's. */
static enum status connect_books(struct questions *questions)
{
    struct dealer_options options = {.endpoint = buffer_text(&questions->endpoint)};
    dealer_close(&questions->dealer);
    TRY(dealer_open(&options, &questions->dealer));
    dealer_watch(questions->dealer, questions->loop, on_answer, questions);
    return OK;
}

/* The oldest question of the party whose turn it is comes first; the others keep their order. */
static void bring_forward(struct questions *questions)
{
    unsigned party = fair_next(&questions->fair), index = 0;
    while (at(questions, index)->party != party)
        index++;
    struct asking chosen = *at(questions, index);
    for (; index > 0; index--)
        *at(questions, index) = *at(questions, index - 1);
    *at(questions, 0) = chosen;
}

static void ask_next(struct questions *questions)
{
    if (questions->asked || questions->count == 0)
        return;
    bring_forward(questions);
    questions->asked_us = loop_monotonic_us();
    questions->asked = dealer_send(questions->dealer, buffer_span(&at(questions, 0)->request)) == OK;
    questions->until_us = loop_monotonic_us() + (int64_t)QUESTION_PATIENCE_MS * 1000;
    loop_once(questions->loop, questions->asked ? QUESTION_PATIENCE_MS : SEND_AGAIN_MS, watch, questions);
}

/* The first one has its reply. */
static void finish(struct questions *questions)
{
    struct asking *waiting = at(questions, 0);
    (void)server_reply(waiting->server, waiting->session, buffer_span(&questions->reply));
    fair_leave(&questions->fair, waiting->party, 0);
    fair_spent(&questions->fair, waiting->party, loop_monotonic_us() - questions->asked_us + 1);
    questions->first = (questions->first + 1) % QUESTIONS_WAITING_MAX;
    questions->count--;
    questions->asked = false;
    ask_next(questions);
}

/* An answer to nothing is dropped. */
static void on_answer(void *self)
{
    struct questions *questions = self;
    while (dealer_receive(questions->dealer, 0, &questions->answer) == OK) {
        if (!questions->asked)
            continue;
        question_unwrap(at(questions, 0)->number, buffer_span(&questions->answer), &questions->reply);
        finish(questions);
    }
    watch(self);
}

/* Of the peer, and of the patience with it. */
static void watch(void *self)
{
    struct questions *questions = self;
    struct asking *first = at(questions, 0);
    bool lost = dealer_lost_its_peer(questions->dealer) && questions->asked;
    if (lost && !first->again && connect_books(questions) == OK) {
        first->again = true; /* once: if it was the question that they died of, it is not asked for ever */
        questions->asked = false;
    } else if (lost || (questions->asked && loop_monotonic_us() >= questions->until_us)) {
        diary_event(DIARY_WARN, "books_silent", "waiting=%u", questions->count);
        if (connect_books(questions) != OK)
            return; /* never: the endpoint was good once */
        buffer_reset(&questions->reply);
        reply_refusal(&questions->reply, first->number, RULE_BUSY, "books_query");
        finish(questions);
    }
    ask_next(questions);
    int64_t left_us = questions->until_us - loop_monotonic_us();
    if (questions->asked) /* the timer may have been set for the one before */
        loop_once(questions->loop, left_us > 0 ? (uint32_t)(left_us / 1000 + 1) : 1, watch, questions);
}

enum rule questions_ask(struct questions *questions, struct server *server, const struct peer *peer, uint64_t number,
                        struct span question)
{
    unsigned own = 0;
    for (unsigned i = 0; i < questions->count; i++) {
        if (at(questions, i)->session != peer->session || at(questions, i)->server != server)
            continue;
        if (at(questions, i)->number == number)
            return RULE_NONE; /* asked again after silence: it has one answer */
        own++;
    }
    unsigned party = fair_place(&questions->fair, lanes_name(peer));
    if (questions->count == QUESTIONS_WAITING_MAX || own == QUESTIONS_A_SESSION_MAX)
        return RULE_BUSY;
    if (questions->fair.parties[party].messages >= QUESTIONS_A_PARTY_MAX)
        return RULE_LIMIT;
    struct asking *waiting = at(questions, questions->count);
    enum rule rule = question_wrap(peer, question, &waiting->request);
    if (rule != RULE_NONE)
        return rule;
    if (!fair_enter(&questions->fair, party, 0))
        return RULE_LIMIT;
    waiting->party = party;
    waiting->server = server;
    waiting->session = peer->session;
    waiting->number = number;
    waiting->again = false;
    questions->count++;
    ask_next(questions);
    return RULE_NONE;
}

enum status questions_open(struct loop *loop, const struct config *config, struct questions **out)
{
    struct questions *questions = calloc(1, sizeof *questions);
    INVARIANT(questions != NULL);
    questions->loop = loop;
    config_control_ipc(config, "books", 0, &questions->endpoint);
    *out = questions;
    return connect_books(questions);
}

void questions_close(struct questions **out)
{
    struct questions *questions = *out;
    if (questions == NULL)
        return;
    loop_remove(questions->loop, questions);
    dealer_close(&questions->dealer);
    for (unsigned i = 0; i < QUESTIONS_WAITING_MAX; i++)
        buffer_fini(&questions->ring[i].request);
    buffer_fini(&questions->endpoint);
    buffer_fini(&questions->answer);
    buffer_fini(&questions->reply);
    free(questions);
    *out = NULL;
}
