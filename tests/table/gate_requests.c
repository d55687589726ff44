/* SPDX-License-Identifier: Apache-2.0
 * A request as a whole: one row a case, what the gate says of it, and what the mailbox endpoint, where a Submit that
 * was taken is refused as not its own. Of several faults one is told, always the same. */

#include "services/ingest/ids.h"
#include "services/ingest/request.h"
#include "tests/support/test.h"

enum { MAX = SUBMIT_ENVELOPES_MAX, FAR = 4 * MAX };
enum { REGION = PARTY_REGION, OPERATOR = PARTY_OPERATOR, SERVICE = PARTY_SERVICE, REVOKED /* operator */ };
enum {
    SUBMIT = GATE_REQUEST_SUBMIT,
    FETCH = GATE_REQUEST_FETCH,
    QUERY = GATE_REQUEST_QUERY,
    CONFIRM = GATE_REQUEST_CONFIRM,
    PING = GATE_REQUEST_PING,
    NOTHING = GATE_REQUEST_NONE
};
enum ready { READY, NOT_YET };
enum plays { LIVE, TRACE };
enum {
    TAKEN = RULE_NONE,
    MALFORMED = RULE_ENVELOPE_MALFORMED,
    TOO_LARGE = RULE_ENVELOPE_TOO_LARGE,
    VERSION = RULE_ENVELOPE_VERSION,
    EMPTY = RULE_BODY_MISSING,
    KEY_GONE = RULE_KEY_REVOKED,
    NOT_YOU = RULE_ROLE_MAY_NOT,
    BUSY = RULE_BUSY,
    CLOCK = RULE_CLOCK_NOT_TRACE
};
#define NOON INT64_C(1741579200000)
#define LAST ID_ACCEPTED_AT_MAX

/* clang-format off */
static const struct {
    const char *name;
    int role;
    enum ready ready;
    enum plays plays;
    uint32_t version;
    int kind;
    uint32_t envelopes, times;
    instant_ms_t time; /* the last of them */
    int gate, mailbox;
} rows[] = {
  /* case                      peer      gate     clock  v  kind    envelopes times   last      gate         mailbox */
  {"one envelope",             REGION,   READY,   LIVE,  1, SUBMIT, 1,       0,       0,        TAKEN,       TAKEN},
  {"as many as may be",        REGION,   READY,   LIVE,  1, SUBMIT, MAX,     0,       0,        TAKEN,       TAKEN},
  {"one too many",             REGION,   READY,   LIVE,  1, SUBMIT, MAX + 1, 0,       0,        TOO_LARGE,   TAKEN},
  {"far too many",             REGION,   READY,   LIVE,  1, SUBMIT, FAR,     0,       0,        TOO_LARGE,   TAKEN},
  {"far too many, and early",  REGION,   NOT_YET, LIVE,  1, SUBMIT, FAR,     0,       0,        BUSY,        TAKEN},
  {"far too many, by nobody",  SERVICE,  NOT_YET, LIVE,  1, SUBMIT, FAR,     0,       0,        NOT_YOU,     NOT_YOU},
  {"far too many, a key gone", REVOKED,  NOT_YET, LIVE,  1, SUBMIT, FAR,     0,       0,        KEY_GONE,    KEY_GONE},
  {"far too many, version 2",  REGION,   READY,   LIVE,  2, SUBMIT, FAR,     0,       0,        VERSION,     VERSION},
  {"no envelopes",             REGION,   READY,   LIVE,  1, SUBMIT, 0,       0,       0,        EMPTY,       TAKEN},
  {"nothing",                  REGION,   NOT_YET, LIVE,  1, NOTHING, 0,       0,       0,        EMPTY,       EMPTY},
  {"too early",                REGION,   NOT_YET, LIVE,  1, SUBMIT, 1,       0,       0,        BUSY,        TAKEN},
  {"the mailbox's",            REGION,   NOT_YET, LIVE,  1, FETCH,  0,       0,       0,        NOT_YOU,     BUSY},
  {"the mailbox's, in time",   REGION,   READY,   LIVE,  1, FETCH,  0,       0,       0,        NOT_YOU,     TAKEN},
  {"a confirmation, early",    REGION,   NOT_YET, LIVE,  1, CONFIRM, 0,      0,       0,        NOT_YOU,     BUSY},
  {"a question, early",        REGION,   NOT_YET, LIVE,  1, QUERY,  0,       0,       0,        BUSY,        BUSY},
  {"a ping, early",            REGION,   NOT_YET, LIVE,  1, PING,   0,       0,       0,        BUSY,        BUSY},
  {"a ping",                   REGION,   READY,   LIVE,  1, PING,   0,       0,       0,        TAKEN,       TAKEN},
  {"of a trace",               OPERATOR, READY,   TRACE, 1, SUBMIT, 2,       2,       NOON,     TAKEN,       TAKEN},
  {"of a trace, all",          OPERATOR, READY,   TRACE, 1, SUBMIT, MAX,     MAX,     LAST,     TAKEN,       TAKEN},
  {"times, no trace's clock",  OPERATOR, READY,   LIVE,  1, SUBMIT, 2,       2,       NOON,     CLOCK,       TAKEN},
  {"a time too few",           OPERATOR, READY,   TRACE, 1, SUBMIT, 3,       2,       NOON,     CLOCK,       TAKEN},
  {"a time below nought",      OPERATOR, READY,   TRACE, 1, SUBMIT, 2,       2,       -1,       MALFORMED,   TAKEN},
  {"the same, no trace's",     REGION,   READY,   LIVE,  1, SUBMIT, 2,       2,       -1,       MALFORMED,   TAKEN},
  {"the same, and early",      OPERATOR, NOT_YET, TRACE, 1, SUBMIT, 2,       2,       -1,       BUSY,        TAKEN},
  {"later than ids can say",   OPERATOR, READY,   TRACE, 1, SUBMIT, 2,       2,       LAST + 1, MALFORMED,   TAKEN},
  {"too many times",           OPERATOR, READY,   TRACE, 1, SUBMIT, 1,       MAX + 1, NOON,     MALFORMED,   TAKEN},
  {"far too many times",       OPERATOR, READY,   TRACE, 1, SUBMIT, 1,       FAR,     NOON,     MALFORMED,   TAKEN},
  {"times alone",              OPERATOR, READY,   TRACE, 1, SUBMIT, 0,       1,       -1,       MALFORMED,   TAKEN},
};
/* clang-format on */

TEST(every_request_is_told_its_first_fault)
{
    static struct span envelopes[FAR];
    static instant_ms_t times[FAR];
    static uint8_t memory[REQUEST_ARENA_SIZE];
    struct buffer bytes;
    buffer_init(&bytes);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct peer peer = {.role = rows[i].role == REVOKED ? PARTY_OPERATOR : (enum party_role)rows[i].role,
                            .revoked = rows[i].role == REVOKED};
        struct gate_request request = {.version = rows[i].version,
                                       .request = 7,
                                       .kind = (enum gate_request_kind)rows[i].kind},
                            read;
        struct arena arena;
        for (uint32_t at = 0; at < rows[i].times; at++)
            times[at] = at + 1 < rows[i].times ? NOON : rows[i].time;
        bool is_ready = rows[i].ready == READY;
        const struct mailbox_ready ready = {{is_ready, is_ready}, is_ready};
        if (rows[i].kind == SUBMIT)
            request.body.submit = (struct submit){.envelopes = envelopes,
                                                  .envelope_count = rows[i].envelopes,
                                                  .accepted_at = times,
                                                  .accepted_at_count = rows[i].times};
        buffer_reset(&bytes);
        gate_request_encode(&request, &bytes);
        for (int gate = 0; gate < 2; gate++) {
            arena_init(&arena, memory, sizeof memory);
            int want = gate ? rows[i].gate : rows[i].mailbox;
            enum rule is =
                gate ? request_read_at_gate(&peer, is_ready, rows[i].plays == TRACE, buffer_span(&bytes), &arena, &read)
                     : request_read_at_mailbox(&peer, &ready, buffer_span(&bytes), &arena, &read);
            if ((int)is != want || read.request != 7)
                fail_msg("%s: %s, %s", gate ? "the gate" : "the mailbox", rows[i].name,
                         is == RULE_NONE ? "taken" : rule_find((uint32_t)is)->code);
        }
    }
    buffer_fini(&bytes);
}

static enum rule at_mailbox(int kind, uint32_t box, struct mailbox_ready ready)
{
    uint8_t memory[64];
    struct arena arena;
    struct peer peer = {.role = PARTY_REGION};
    struct gate_request request = {.version = 1, .request = 7, .kind = (enum gate_request_kind)kind}, read;
    struct buffer bytes;
    if (kind == FETCH)
        request.body.fetch.box = box;
    else if (kind == CONFIRM)
        request.body.confirm.box = box;
    buffer_init(&bytes);
    arena_init(&arena, memory, sizeof memory);
    gate_request_encode(&request, &bytes);
    enum rule rule = request_read_at_mailbox(&peer, &ready, buffer_span(&bytes), &arena, &read);
    buffer_fini(&bytes);
    return rule;
}

/* clang-format off */
static const struct {
    const char *name;
    int role;
    enum plays plays;
    uint32_t envelopes, times, salts, signatures;
    size_t salt_size;
    const char *signature; /* of each */
    int gate;
} recorded[] = {
  /* case                      peer      clock  envelopes times salts signatures size signature gate */
  {"a trace's salts",          OPERATOR, TRACE, 2,       2,    2,    2,         16,  "",        TAKEN},
  {"all that may be",          OPERATOR, TRACE, MAX,     MAX,  MAX,  MAX,       16,  "",        TAKEN},
  {"records without salts",    OPERATOR, TRACE, 2,       2,    2,    2,         0,   "",        TAKEN},
  {"signed ones",              OPERATOR, TRACE, 2,       2,    2,    2,         16,  "\n\1k\022\1s", TAKEN},
  {"no signature at all",      OPERATOR, TRACE, 2,       2,    2,    2,         16,  "k",       MALFORMED},
  {"a salt too short",         OPERATOR, TRACE, 2,       2,    2,    2,         15,  "",        MALFORMED},
  {"a salt too long",          OPERATOR, TRACE, 2,       2,    2,    2,         17,  "",        MALFORMED},
  {"a salt too few",           OPERATOR, TRACE, 2,       2,    1,    2,         16,  "",        CLOCK},
  {"a signature too few",      OPERATOR, TRACE, 2,       2,    2,    1,         16,  "",        CLOCK},
  {"salts without times",      OPERATOR, TRACE, 2,       0,    2,    0,         16,  "",        CLOCK},
  {"salts, no trace's clock",  OPERATOR, LIVE,  2,       2,    2,    2,         16,  "",        CLOCK},
  {"salts of a region's",      REGION,   LIVE,  2,       0,    2,    0,         16,  "",        CLOCK},
  {"signatures of a region's", REGION,   LIVE,  2,       0,    0,    2,         16,  "",        CLOCK},
};
/* clang-format on */

TEST(what_a_traces_records_had_is_taken_of_a_trace_alone)
{
    static struct span envelopes[MAX], salts[MAX], signatures[MAX];
    static instant_ms_t times[MAX];
    static uint8_t memory[REQUEST_ARENA_SIZE];
    struct buffer bytes = {0};
    for (size_t i = 0; i < sizeof recorded / sizeof recorded[0]; i++) {
        struct peer peer = {.role = (enum party_role)recorded[i].role};
        struct gate_request request = {.version = 1, .request = 7, .kind = GATE_REQUEST_SUBMIT}, read;
        struct arena arena;
        for (unsigned at = 0; at < MAX; at++) {
            times[at] = NOON;
            salts[at] = span_of("0123456789abcdefg", recorded[i].salt_size);
            signatures[at] = span_text(recorded[i].signature);
        }
        request.body.submit = (struct submit){.envelopes = envelopes,
                                              .envelope_count = recorded[i].envelopes,
                                              .accepted_at = times,
                                              .accepted_at_count = recorded[i].times,
                                              .salts = salts,
                                              .salt_count = recorded[i].salts,
                                              .signatures = signatures,
                                              .signature_count = recorded[i].signatures};
        buffer_reset(&bytes);
        gate_request_encode(&request, &bytes);
        arena_init(&arena, memory, sizeof memory);
        enum rule is =
            request_read_at_gate(&peer, true, recorded[i].plays == TRACE, buffer_span(&bytes), &arena, &read);
        if ((int)is != recorded[i].gate)
            fail_msg("%s: %u", recorded[i].name, (unsigned)is);
        if (is == RULE_NONE)
            assert_int_equal(read.body.submit.signature_count, recorded[i].signatures);
    }
    buffer_fini(&bytes);
}

TEST(the_mailbox_answers_what_it_knows_again)
{
    const struct mailbox_ready outcomes = {{true, false}, false}, books = {{false, true}, false},
                               boxes = {{true, true}, false}, submissions = {{false, true}, true};
    for (int i = 0; i < 2; i++) {
        int kind = i == 0 ? FETCH : CONFIRM;
        assert_int_equal(at_mailbox(kind, BOX_OUTCOMES, outcomes), TAKEN);
        assert_int_equal(at_mailbox(kind, BOX_BOOKS, outcomes), BUSY);
        assert_int_equal(at_mailbox(kind, BOX_OUTCOMES, books), BUSY);
        assert_int_equal(at_mailbox(kind, BOX_BOOKS, books), TAKEN);
        assert_int_equal(at_mailbox(kind, BOX_BOOKS + 1, outcomes), TAKEN); /* of a newer build: none named */
        assert_int_equal(at_mailbox(kind, BOX_BOOKS + 1, books), BUSY);
    }
    for (int i = 0; i < 2; i++) { /* both speak of what was accepted and of what was decided */
        int kind = i == 0 ? QUERY : PING;
        assert_int_equal(at_mailbox(kind, 0, boxes), BUSY);
        assert_int_equal(at_mailbox(kind, 0, submissions), BUSY);
        assert_int_equal(at_mailbox(kind, 0, (struct mailbox_ready){{true, false}, true}), TAKEN);
    }
}

/* Whose refusal names the request, where one of a malformed request cannot. */
TEST(a_question_beyond_its_limits_is_for_the_books_to_refuse)
{
    uint8_t memory[1];
    struct arena arena;
    struct peer peer = {.role = PARTY_REGION};
    struct gate_request request = {.version = 1, .request = 7, .kind = GATE_REQUEST_BOOKS_QUERY}, read;
    struct buffer tree, question, bytes;
    buffer_init(&tree);
    buffer_init(&question);
    buffer_init(&bytes);
    arena_init(&arena, memory, sizeof memory);
    for (unsigned i = 0; i <= TREE_EXCHANGE_RANGES_MAX; i++)
        tree_exchange_put_ranges(&tree, &(struct tree_range){.rows = true});
    books_query_encode(&(struct books_query){.kind = ASK_TREE, .body.tree = buffer_span(&tree)}, &question);
    request.body.books_query = buffer_span(&question);
    gate_request_encode(&request, &bytes);
    assert_int_equal(request_read_at_mailbox(&peer, &(struct mailbox_ready){{false, false}, false}, buffer_span(&bytes),
                                             &arena, &read),
                     RULE_NONE);
    assert_int_equal(read.request, 7);
    assert_int_equal(wire_check(WIRE_BOOKS_QUERY, read.body.books_query, NULL), REJECT_TOO_LARGE);
    buffer_fini(&tree);
    buffer_fini(&question);
    buffer_fini(&bytes);
}

/* D14: whoever waits for its number hears of it, and which field it was. What protobufjs up to 7 makes of {from: 0}. */
TEST(d14_a_request_that_is_not_canonical_is_told_by_its_number_and_its_field)
{
    static const struct {
        const char *name;
        uint8_t bytes[16];
        size_t size;
        uint64_t number;
        const char *path;
    } cases[] = {
        {"zeros that were set", {0x08, 1, 0x10, 2, 0x2a, 6, 0x10, 0, 0x18, 3, 0x20, 0}, 12, 2, "fetch.from"},
        {"a zero at the end", {0x08, 1, 0x10, 7, 0x2a, 4, 0x18, 3, 0x20, 0}, 10, 7, "fetch.wait_ms"},
        {"a number in a longer form", {0x08, 1, 0x10, 0x87, 0x00, 0x3a, 0}, 7, 0, "request"},
        {"a number that comes late", {0x08, 1, 0x3a, 0, 0x10, 7}, 6, 0, "request"},
        {"no number", {0x08, 1, 0x2a, 2, 0x10, 0}, 6, 0, "fetch.from"},
        {"nothing that can be read", {0xff}, 1, 0, "#0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t memory[4096];
        struct arena arena;
        struct gate_request request;
        struct gate_reply reply;
        struct buffer out = {0};
        const struct peer peer = {.role = PARTY_REGION};
        const struct mailbox_ready ready = {{true, true}, true};
        struct span bytes = span_of(cases[i].bytes, cases[i].size);
        arena_init(&arena, memory, sizeof memory);
        enum rule rule = request_read_at_mailbox(&peer, &ready, bytes, &arena, &request);
        assert_int_equal(rule, MALFORMED);
        assert_int_equal(request_read_at_gate(&peer, true, false, bytes, &arena, &request), MALFORMED);
        if (request.request != cases[i].number)
            fail_msg("%s: told as %llu", cases[i].name, (unsigned long long)request.request);
        reply_not_taken(&out, request.request, rule, bytes);
        assert_int_equal(gate_reply_decode(buffer_span(&out), &arena, &reply), OK);
        assert_int_equal(reply.request, cases[i].number);
        if (strcmp(reply.body.refusal.path, cases[i].path) != 0)
            fail_msg("%s: in \"%s\", not \"%s\"", cases[i].name, reply.body.refusal.path, cases[i].path);
        buffer_fini(&out);
    }
}
