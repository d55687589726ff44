/* SPDX-License-Identifier: Apache-2.0
 * Who may say what: each party in each role, each kind of message, its own name and another's; the gate allows what
 * event.def says, and nothing else. */
#include "common/pb/wire.h"
#include "services/ingest/gate_core.h"
#include "tests/support/test.h"

enum who { PARTY, OPERATOR, EXCHANGE };
static const struct {
    const char *name;
    uint32_t number;
    enum who who;
} kinds[] = {
#define EVENT(kind, whom, who, judge, settles, books) {#kind, EVENT_##kind, who},
#include "common/codes/event.def"
#undef EVENT
};

static const char *const names[] = {"110000", "120000", "130000", "operator", "exchange", "validation"};
static const struct {
    enum party_role role;
    const char *party; /* whose key it is; "": none */
} peers[] = {{PARTY_REGION, "110000"},
             {PARTY_REGION, "120000"},
             {PARTY_REGION, "130000"},
             {PARTY_OPERATOR, "operator"},
             {PARTY_LOCAL, ""}};

static void say(struct buffer *out, const char *sender, uint32_t kind)
{
    buffer_reset(out);
    wire_put_uint(out, 1, 1);
    wire_put_text(out, 2, sender);
    wire_put_text(out, 3, "0190b1c2-0000-7000-8000-000000000001");
    wire_put_record(out, kind, span_of("", 0));
}

/* As event.def has it, in words of its own. */
static enum rule wanted(enum party_role role, const char *party, const char *sender, enum who who, bool replaying)
{
    bool operator= role == PARTY_OPERATOR || role == PARTY_LOCAL;
    if (!replaying && strcmp(role == PARTY_LOCAL ? "operator" : party, sender) != 0)
        return RULE_SENDER_NOT_KEY;
    bool may = who == PARTY || (who == OPERATOR && operator) || replaying;
    return may && !(who == OPERATOR && !operator) ? RULE_NONE : RULE_ROLE_MAY_NOT;
}

TEST(every_party_in_every_role_says_what_the_table_allows)
{
    (void)state;
    struct digest *digest = digest_new();
    struct buffer envelope = {0}, path = {0};
    struct gate_view view;
    unsigned allowed = 0, refused = 0;
    for (size_t p = 0; p < sizeof peers / sizeof peers[0]; p++)
        for (size_t s = 0; s < sizeof names / sizeof names[0]; s++)
            for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
                for (int replaying = 0; replaying < 2; replaying++) {
                    struct peer peer = {.role = peers[p].role};
                    (void)snprintf(peer.party, sizeof peer.party, "%s", peers[p].party);
                    say(&envelope, names[s], kinds[k].number);
                    enum rule want = wanted(peers[p].role, peers[p].party, names[s], kinds[k].who, replaying != 0);
                    enum rule is = gate_examine(&peer, replaying != 0, buffer_span(&envelope), digest, &view, &path);
                    if (is != want)
                        fail_msg("%s (%u) as %s says %s: %u, not %u", peers[p].party, peers[p].role, names[s],
                                 kinds[k].name, is, want);
                    allowed += is == RULE_NONE;
                    refused += is != RULE_NONE;
                }
    print_message("%u allowed, %u refused\n", allowed, refused);
    assert_true(allowed > 0 && refused > 0);
    buffer_fini(&envelope);
    buffer_fini(&path);
    digest_destroy(&digest);
}

TEST(a_kind_that_is_not_known_is_for_the_operator_to_look_at)
{
    (void)state;
    struct digest *digest = digest_new();
    struct buffer envelope = {0}, path = {0};
    struct gate_view view;
    struct peer peer = {.role = PARTY_REGION, .party = "110000"};
    say(&envelope, "110000", 500);
    assert_int_equal(gate_examine(&peer, false, buffer_span(&envelope), digest, &view, &path), RULE_NONE);
    buffer_fini(&envelope);
    buffer_fini(&path);
    digest_destroy(&digest);
}
