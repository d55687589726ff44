/* SPDX-License-Identifier: Apache-2.0
 * Signing keys as events: one row a case, what validation says of it; the gate's index takes the same records and must
 * hold the same keys after each. Then which key speaks where and when. */
#include "common/codes/logic.h"
#include "common/engines/signing/signing_keys.h"
#include "services/ingest/ids.h"
#include "services/validation/references.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

#define ADMITTED RULE_NONE
#define NO_PARTY RULE_SIGNING_PARTY_UNKNOWN
#define NO_KEY RULE_SIGNING_KEY_MALFORMED
#define TAKEN RULE_SIGNING_KEY_TAKEN
#define NOT_THERE RULE_SIGNING_KEY_NOT_THERE
#define NO_DEMAND RULE_SIGNING_DEMAND
#define REQUIRED SIGNING_REQUIRED
enum { KEY = EVENT_SIGNING_KEY, REVOKE = EVENT_SIGNING_KEY_REVOCATION, DEMAND = EVENT_SIGNING_POLICY };
enum { ED = SIGN_ED25519, SM2 = SIGN_SM2, MAY_NOT_BE = 3 };

/* `key`: the number of a key, whose bytes are made of it. `size` 0: as its algorithm wants it. */
/* clang-format off */
static const struct {
    const char *name;
    int kind;
    const char *party;
    int algorithm;
    uint8_t key;
    size_t size;
    instant_ms_t ends;
    uint32_t demand;
    enum rule rule;
    const char *field;
} rows[] = {
  /* case                      kind    party     algorithm  key size ends    demand         finding */
  {"a demand without a key",   DEMAND, TIANJIN,  0,          0, 0,  0,        REQUIRED,       NO_DEMAND, "demand"},
  {"one that may wait",        DEMAND, TIANJIN,  0,          0, 0,  0,        SIGNING_WANTED, ADMITTED,  ""},
  {"a key",                    KEY,    TIANJIN,  ED,         1, 0,  0,        0,              ADMITTED,  ""},
  {"it again",                 KEY,    TIANJIN,  ED,         1, 0,  0,        0,              TAKEN,     "public_key"},
  {"another's",                KEY,    BEIJING,  ED,         1, 0,  0,        0,              TAKEN,     "public_key"},
  {"nobody's",                 KEY,    "140000", ED,         2, 0,  0,        0,              NO_PARTY,  "party"},
  {"of no algorithm",          KEY,    TIANJIN,  0,          2, 32, 0,        0,              NO_KEY,    "public_key"},
  {"of one that is not known", KEY,    TIANJIN,  MAY_NOT_BE, 2, 32, 0,        0,              NO_KEY,    "public_key"},
  {"too short",                KEY,    TIANJIN,  ED,         2, 31, 0,        0,              NO_KEY,    "public_key"},
  {"too long",                 KEY,    TIANJIN,  ED,         2, 33, 0,        0,              NO_KEY,    "public_key"},
  {"a point too short",        KEY,    TIANJIN,  SM2,        2, 33, 0,        0,              NO_KEY,    "public_key"},
  {"that has ended",           KEY,    TIANJIN,  ED,         2, 0,  NOON,     0,       NO_KEY,    "valid_until"},
  {"that ends",                KEY,    TIANJIN,  ED,         2, 0,  NOON + 1, 0,              ADMITTED,  ""},
  {"with SM2",                 KEY,    BEIJING,  SM2,        3, 0,  0,        0,              ADMITTED,  ""},
  {"the operator's",           KEY,    "operator", ED,        4, 0,  0,        0,              ADMITTED,  ""},
  {"a demand",                 DEMAND, TIANJIN,  0,          0, 0,  0,        REQUIRED,       ADMITTED,  ""},
  {"less of it",               DEMAND, TIANJIN,  0,          0, 0,  0,        SIGNING_OFF,    ADMITTED,  ""},
  {"none",                     DEMAND, TIANJIN,  0,          0, 0,  0,        0,              NO_DEMAND, "demand"},
  {"one not known",            DEMAND, TIANJIN,  0,          0, 0,  0,        4,              NO_DEMAND, "demand"},
  {"of nobody",                DEMAND, "",       0,          0, 0,  0,        SIGNING_OFF,    NO_PARTY,  "party"},
  {"another's key revoked",    REVOKE, BEIJING,  ED,         1, 0,  0,        0,              NOT_THERE, "key_id"},
  {"a key that never was",     REVOKE, TIANJIN,  ED,         9, 0,  0,        0,              NOT_THERE, "key_id"},
  {"revoked",                  REVOKE, TIANJIN,  ED,         1, 0,  0,        0,              ADMITTED,  ""},
  {"revoked twice",            REVOKE, TIANJIN,  ED,         1, 0,  0,        0,              NOT_THERE, "key_id"},
  {"registered once more",     KEY,    TIANJIN,  ED,         1, 0,  0,        0,              TAKEN,     "public_key"},
  {"the last in force revoked",REVOKE, TIANJIN,  ED,         2, 0,  0,        0,              ADMITTED,  ""},
  {"a demand nobody can meet",DEMAND, TIANJIN,  0,          0, 0,  0,        REQUIRED,       NO_DEMAND, "demand"},
};
/* clang-format on */

static struct sign_public key_of(int algorithm, uint8_t number, size_t size)
{
    struct sign_public key = {.algorithm = (enum sign_algorithm)algorithm};
    key.size = (uint8_t)(size > 0 ? size : algorithm == SM2 ? 65 : 32);
    memset(key.bytes, number, key.size);
    key.bytes[0] = algorithm == SM2 ? 4 : number;
    return key;
}

static void draft_row(size_t i, struct sign_public *key, uint8_t id[SIGNED_KEY_ID_SIZE])
{
    struct digest *digest = digest_new();
    *key = key_of(rows[i].algorithm, rows[i].key, rows[i].size);
    signed_key_id(digest, key, id);
    digest_destroy(&digest);
    draft_sound(EVENT_TICK);
    draft.event.kind = (enum event_kind)rows[i].kind;
    if (rows[i].kind == KEY)
        draft.event.body.signing_key = (struct signing_key){.party = rows[i].party,
                                                            .algorithm = (uint32_t)rows[i].algorithm,
                                                            .public_key = span_of(key->bytes, key->size),
                                                            .valid_until_ms = rows[i].ends};
    else if (rows[i].kind == REVOKE)
        draft.event.body.signing_key_revocation =
            (struct signing_key_revocation){rows[i].party, span_of(id, SIGNED_KEY_ID_SIZE), "lost", "wang"};
    else
        draft.event.body.signing_policy = (struct signing_policy){.party = rows[i].party, .demand = rows[i].demand};
}

/* The record that validation had last, to the gate's index at the same position; both hold the same. */
static void index_agrees(struct rig *rig, struct harness *index)
{
    struct digest *digest = digest_new();
    struct signing_keys theirs = {rig->harness.txn, SIGNING_TABLE, digest};
    struct span record = buffer_span(&rig->harness.record);
    struct buffer list[2] = {{0}};
    index->position = rig->harness.position - 1;
    assert_int_equal(harness_apply(index, &record, 1), OK);
    struct signing_keys ours = ids_signing(index->self, index->txn);
    signing_list(&theirs, &list[0]);
    signing_list(&ours, &list[1]);
    assert_true(list[0].size > 0 && span_equal(buffer_span(&list[0]), buffer_span(&list[1])));
    buffer_fini(&list[0]);
    buffer_fini(&list[1]);
    digest_destroy(&digest);
}

TEST(keys_are_admitted_or_refused_and_both_stores_agree)
{
    (void)state;
    static struct rig rig;
    struct harness index;
    struct sign_public key_before;
    uint8_t id_before[SIGNED_KEY_ID_SIZE];
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    rig_start(&rig, 0, 1);
    draft_row(2, &key_before, id_before);
    assert_int_equal(submit(&rig), REJECT_UNDECODABLE); /* a body that nobody knew */
    rig_logic(&rig, LOGIC_VERSION_KNOWN);
    harness_start(&index, &ids_core, 0, 1, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sign_public key;
        uint8_t id[SIGNED_KEY_ID_SIZE];
        char uuid[37];
        draft_row(i, &key, id);
        (void)snprintf(uuid, sizeof uuid, "0190b1c2-0000-7000-8000-%012zu", i);
        draft.event.message_id = uuid;
        harness_digest(&rig.harness, before);
        assert_int_equal(submit(&rig), OK);
        const struct findings *findings = rig.verdict.findings;
        bool as_wanted = rows[i].rule == ADMITTED ? findings == NULL || findings->count == 0
                                                  : findings->count == 1 && findings->items[0].rule == rows[i].rule &&
                                                        strstr(findings->items[0].path, rows[i].field) != NULL;
        if (!as_wanted)
            fail_msg("%s: %u at %s", rows[i].name, findings->count > 0 ? findings->items[0].rule : 0,
                     findings->count > 0 ? findings->items[0].path : "");
        harness_digest(&rig.harness, after);
        if ((memcmp(before, after, sizeof after) == 0) != (rows[i].rule != ADMITTED))
            fail_msg("%s: the state", rows[i].name);
        if (i > 0)
            index_agrees(&rig, &index);
    }
    harness_stop(&index);
    rig_stop(&rig);
}

/* clang-format off */
static const struct {
    position_t from, until;
    instant_ms_t ends;
    const char *party;
    position_t at;
    instant_ms_t accepted_at;
    enum rule rule;
} speaks[] = {
  /* from until ends  who       at  accepted  */
  {10, 0,  0,    TIANJIN, 11, 1000, RULE_NONE},
  {10, 0,  0,    TIANJIN, 10, 1000, RULE_SIGNING_KEY_UNKNOWN},
  {10, 0,  0,    TIANJIN, 9,  1000, RULE_SIGNING_KEY_UNKNOWN},
  {10, 0,  0,    BEIJING, 11, 1000, RULE_SIGNING_KEY_UNKNOWN},
  {10, 20, 0,    TIANJIN, 20, 1000, RULE_NONE},
  {10, 20, 0,    TIANJIN, 21, 1000, RULE_SIGNING_KEY_REVOKED},
  {10, 20, 0,    TIANJIN, 15, 9000, RULE_NONE},
  {10, 0,  1000, TIANJIN, 15, 1000, RULE_NONE},
  {10, 0,  1000, TIANJIN, 15, 1001, RULE_SIGNING_KEY_EXPIRED},
  {10, 20, 1000, TIANJIN, 21, 1001, RULE_SIGNING_KEY_REVOKED},
  {0,  0,  0,    TIANJIN, 1,  0,    RULE_NONE},
};
/* clang-format on */

TEST(a_key_speaks_between_its_positions_and_up_to_its_end)
{
    (void)state;
    for (size_t i = 0; i < sizeof speaks / sizeof speaks[0]; i++) {
        struct signing_key_row row = {
            .party = TIANJIN, .from = speaks[i].from, .until = speaks[i].until, .valid_until = speaks[i].ends};
        enum rule rule = signing_key_speaks(&row, span_text(speaks[i].party), speaks[i].at, speaks[i].accepted_at);
        if (rule != speaks[i].rule)
            fail_msg("row %zu: %u", i, (unsigned)rule);
    }
    assert_int_equal(signing_key_speaks(NULL, span_text(TIANJIN), 1, 0), RULE_SIGNING_KEY_UNKNOWN);
}

/* docs/PROTOCOL.md, 13: the key of RFC 8032's TEST 1. */
TEST(the_example_of_the_protocol_holds)
{
    (void)state;
    static const char *const envelopes[] = {"one", "two", "three"};
    static const char id_hex[] = "bcd1d56b5845f21e",
                      key_text[] = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                      root_hex[] = "20f4ee52d1e1a101805861876569a852e8f5dfeed221da87aea446788a12f4c8",
                      signature_hex[] = "6c4c77bc4671ac500585681a72ba0d7a4e62088c140fee3739eff5dd74c0bfee"
                                        "a1e39451fa7cab7a4d4b5b3c1e121404d8a6f4c85466b49760ab790905b26f00";
    struct digest *digest = digest_new();
    struct signed_tree tree = {0};
    struct signed_statement statement;
    struct sign_public key;
    struct sign_verifier *verifier;
    uint8_t id[SIGNED_KEY_ID_SIZE], signature[64];
    char hex[2 * DIGEST_SIZE + 1];
    signed_tree_start(&tree);
    for (unsigned i = 0; i < 3; i++)
        signed_tree_add(&tree, digest, span_text(envelopes[i]));
    signed_tree_close(&tree, digest, SIGNED_ENVELOPES, &statement);
    digest_hex(statement.bytes + statement.size - DIGEST_SIZE, DIGEST_SIZE, hex);
    assert_string_equal(hex, root_hex);
    assert_int_equal(sign_public_parse(key_text, &key), OK);
    signed_key_id(digest, &key, id);
    digest_hex(id, sizeof id, hex);
    assert_string_equal(hex, id_hex);
    for (unsigned i = 0; i < sizeof signature; i++) {
        unsigned byte;
        assert_int_equal(sscanf(signature_hex + 2 * i, "%2x", &byte), 1);
        signature[i] = (uint8_t)byte;
    }
    assert_int_equal(sign_verifier_new(&key, &verifier), OK);
    assert_true(sign_verify(verifier, signed_bytes(&statement), span_of(signature, sizeof signature)));
    statement.bytes[0] ^= 1;
    assert_false(sign_verify(verifier, signed_bytes(&statement), span_of(signature, sizeof signature)));
    sign_verifier_destroy(&verifier);
    signed_tree_fini(&tree);
    digest_destroy(&digest);
}

/* One of a frame alone, at each place of frames of all small sizes; nothing else folds to what was signed. */
TEST(each_envelope_of_a_frame_is_provable_alone)
{
    (void)state;
    struct digest *digest = digest_new();
    struct signed_tree tree = {0};
    struct signed_statement whole, alone;
    for (uint32_t count = 1; count <= 70; count++) {
        signed_tree_start(&tree);
        for (uint32_t i = 0; i < count; i++)
            signed_tree_add(&tree, digest, span_of(&i, sizeof i));
        signed_tree_close(&tree, digest, SIGNED_ENVELOPES, &whole);
        for (uint32_t i = 0; i < count; i++) {
            struct merkle_hash hashes[MERKLE_PATH_MAX];
            struct span path[MERKLE_PATH_MAX];
            unsigned length = signed_tree_path(&tree, i, hashes);
            for (unsigned at = 0; at < length; at++)
                path[at] = span_of(hashes[at].bytes, DIGEST_SIZE);
            struct signed_place place = {i, count, path, length};
            uint32_t other = i + 1;
            assert_true(signed_fold(digest, SIGNED_ENVELOPES, span_of(&i, sizeof i), &place, &alone));
            assert_true(span_equal(signed_bytes(&alone), signed_bytes(&whole)));
            assert_true(signed_fold(digest, SIGNED_ENVELOPES, span_of(&other, sizeof other), &place, &alone));
            assert_false(span_equal(signed_bytes(&alone), signed_bytes(&whole)));
            assert_true(signed_fold(digest, SIGNED_RECEIPTS, span_of(&i, sizeof i), &place, &alone));
            assert_false(span_equal(signed_bytes(&alone), signed_bytes(&whole)));
            place.index = count;
            assert_false(signed_fold(digest, SIGNED_ENVELOPES, span_of(&i, sizeof i), &place, &alone));
        }
    }
    signed_tree_fini(&tree);
    digest_destroy(&digest);
}
