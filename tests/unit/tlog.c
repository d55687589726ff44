/* SPDX-License-Identifier: Apache-2.0
 * The transparency log's tree and texts: RFC 6962's values, proofs of every kind, what is refused. */
#include "common/base/check.h"
#include "common/engines/tlog/checkpoint.h"
#include "common/engines/tlog/lines.h"
#include "common/engines/tlog/tree.h"
#include "common/engines/tlog/witness_policy.h"
#include "tests/support/test.h"

enum { LEAVES = 70000, BUNDLES = LEAVES / TLOG_TILE_WIDTH + 1 };

static struct rig {
    struct tlog_writer writer;
    uint8_t tiles[3][BUNDLES][TLOG_TILE_SIZE];
    size_t sizes[3][BUNDLES];
    uint8_t bundles[BUNDLES][TLOG_BUNDLE_SIZE];
    size_t bundle_sizes[BUNDLES];
    struct digest *digest;
} rig;

static void keep(void *self, unsigned level, uint64_t number, struct span bytes)
{
    uint8_t *to = level == TLOG_LEVEL_ENTRIES ? rig.bundles[number] : rig.tiles[level][number];
    memcpy(to, bytes.data, bytes.size);
    *(level == TLOG_LEVEL_ENTRIES ? &rig.bundle_sizes[number] : &rig.sizes[level][number]) = bytes.size;
}

static bool load(void *self, unsigned level, uint64_t number, struct span *bytes)
{
    *bytes = level == TLOG_LEVEL_ENTRIES ? span_of(rig.bundles[number], rig.bundle_sizes[number])
                                         : span_of(rig.tiles[level][number], rig.sizes[level][number]);
    return bytes->size > 0;
}

static bool tile(void *self, unsigned level, uint64_t number, unsigned width, struct span *hashes)
{
    return level < 3 && number < BUNDLES && load(self, level, number, hashes);
}

static const struct tlog_source source = {NULL, tile};

static void entry_of(uint64_t index, uint8_t entry[TLOG_ENTRY_SIZE])
{
    struct span outcome = span_text("outcome");
    struct tlog_record record = {.position = index,
                                 .accepted_at = (int64_t)index * 7,
                                 .outcome_kind = 1,
                                 .salt = span_text("salt"),
                                 .submission = span_text("submission"),
                                 .outcomes = &outcome,
                                 .outcome_count = 1};
    tlog_entry(rig.digest, &record, entry);
}

static void grow_to(uint64_t size)
{
    uint8_t entry[TLOG_ENTRY_SIZE];
    for (uint64_t i = rig.writer.size; i < size; i++) {
        entry_of(i, entry);
        tlog_append(&rig.writer, rig.digest, entry);
    }
    tlog_flush(&rig.writer);
}

static int start(void **state)
{
    memset(&rig, 0, sizeof rig);
    rig.digest = digest_new();
    rig.writer.keep = keep;
    return 0;
}

static int stop(void **state)
{
    digest_destroy(&rig.digest);
    return 0;
}

AROUND_EACH(start, stop)

/* By another hand: the tree in memory of merkle.h. */
static void root_of(uint64_t size, struct merkle_hash *root)
{
    struct merkle_hash *tree = calloc(merkle_tree_size(size), sizeof *tree);
    uint8_t entry[TLOG_ENTRY_SIZE];
    for (uint64_t i = 0; i < size; i++) {
        entry_of(i, entry);
        merkle_leaf(rig.digest, span_of(entry, sizeof entry), &tree[i]);
    }
    merkle_tree_build(rig.digest, tree, size);
    *root = tree[merkle_tree_size(size) - 1];
    free(tree);
}

TEST(a_leaf_is_what_the_page_says)
{
    uint8_t entry[TLOG_ENTRY_SIZE], hash[DIGEST_SIZE], salt[DIGEST_SIZE];
    entry_of(258, entry);
    assert_memory_equal(entry, "HTL1\0\0\0\0\0\0\1\2\0\0\0\0\0\0\7\xe\1", 21);
    digest_once(rig.digest, span_text("saltsubmission"), hash);
    assert_memory_equal(entry + 21, hash, sizeof hash);
    digest_once(rig.digest, span_text("outcomesalt"), salt);
    struct buffer text = {0};
    buffer_append(&text, salt, sizeof salt);
    buffer_append_text(&text, "outcome");
    digest_once(rig.digest, buffer_span(&text), hash);
    assert_memory_equal(entry + 53, hash, sizeof hash);
    buffer_fini(&text);
}

TEST(roots_of_tiles_are_those_of_the_tree)
{
    static const uint64_t sizes[] = {1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 1025, 65535, 65536, 65537, 69999};
    struct merkle_hash root, other;
    assert_int_equal(tlog_root(&source, rig.digest, 0, &root), OK);
    merkle_empty(rig.digest, &other);
    assert_memory_equal(&root, &other, sizeof root);
    grow_to(LEAVES);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        root_of(sizes[i], &other);
        assert_int_equal(tlog_root(&source, rig.digest, sizes[i], &root), OK);
        assert_memory_equal(&root, &other, sizeof root);
    }
    assert_int_equal(tlog_root(&source, rig.digest, LEAVES + 1, &root), REJECT_NOT_FOUND);
}

static void check_inclusion(uint64_t index, uint64_t size, const struct merkle_hash *root)
{
    struct merkle_hash path[MERKLE_PATH_MAX], leaf, folded;
    uint8_t entry[TLOG_ENTRY_SIZE];
    unsigned count;
    assert_int_equal(tlog_inclusion(&source, rig.digest, index, size, path, &count), OK);
    entry_of(index, entry);
    merkle_leaf(rig.digest, span_of(entry, sizeof entry), &leaf);
    assert_true(merkle_fold(rig.digest, &leaf, index, size, path, count, &folded));
    assert_memory_equal(&folded, root, sizeof folded);
}

static void check_consistency(uint64_t old, uint64_t size, const struct merkle_hash *roots)
{
    struct merkle_hash path[MERKLE_PATH_MAX];
    unsigned count;
    assert_int_equal(tlog_consistency(&source, rig.digest, old, size, path, &count), OK);
    assert_true(tlog_is_consistent(rig.digest, old, &roots[old], size, &roots[size], path, count));
    if (old > 0)
        assert_false(tlog_is_consistent(rig.digest, old, &roots[old - 1], size, &roots[size], path, count));
    if (count > 0) {
        path[count / 2].bytes[5] ^= 1;
        assert_false(tlog_is_consistent(rig.digest, old, &roots[old], size, &roots[size], path, count));
        path[count / 2].bytes[5] ^= 1;
        assert_false(tlog_is_consistent(rig.digest, old, &roots[old], size, &roots[size], path, count - 1));
        assert_false(tlog_is_consistent(rig.digest, old, &roots[old], size, &roots[size], path, count + 1));
    }
}

/* hutong-tlog-proofs leaves nothing out. */
TEST(proofs_of_many_sizes_hold)
{
    static struct merkle_hash roots[1026];
    grow_to(1025);
    for (uint64_t size = 0; size <= 1025; size++)
        assert_int_equal(tlog_root(&source, rig.digest, size, &roots[size]), OK);
    for (uint64_t size = 1; size <= 1025; size += size < 40 ? 1 : 17) {
        for (uint64_t index = 0; index < size; index += index < 9 || index + 9 > size ? 1 : 13)
            check_inclusion(index, size, &roots[size]);
        for (uint64_t old = 0; old <= size; old += old < 9 || old + 9 > size ? 1 : 13)
            check_consistency(old, size, roots);
    }
}

TEST(a_writer_goes_on_where_it_was)
{
    struct merkle_hash root, other;
    for (uint64_t size = 0; size < 66000; size += size % 5 == 0 ? 2999 : 1) {
        grow_to(size);
        assert_int_equal(tlog_writer_open(&rig.writer, size, load, NULL), OK);
    }
    root_of(rig.writer.size, &other);
    assert_int_equal(tlog_root(&source, rig.digest, rig.writer.size, &root), OK);
    assert_memory_equal(&root, &other, sizeof root);
    assert_int_equal(tlog_writer_open(&rig.writer, rig.writer.size + 1, load, NULL), REJECT_MALFORMED);
}

TEST(entries_lie_in_bundles)
{
    struct span entry;
    uint8_t wanted[TLOG_ENTRY_SIZE];
    size_t size;
    grow_to(300);
    struct span bundle = span_of(rig.bundles[1], rig.bundle_sizes[1]);
    assert_int_equal(bundle.size, 44 * (2 + TLOG_ENTRY_SIZE));
    assert_true(tlog_bundle_entry(bundle, 43, &entry));
    entry_of(299, wanted);
    assert_memory_equal(entry.data, wanted, sizeof wanted);
    assert_false(tlog_bundle_entry(bundle, 44, &entry));
    assert_true(tlog_bundle_cut(bundle, 2, &size));
    assert_int_equal(size, 2 * (2 + TLOG_ENTRY_SIZE));
    assert_false(tlog_bundle_cut(bundle, 45, &size));
    assert_false(tlog_bundle_entry(span_of("\0\5abc", 5), 0, &entry));
}

TEST(names_of_tiles)
{
    static const struct {
        unsigned level, width;
        uint64_t number;
        const char *path;
    } rows[] = {{0, 256, 0, "tile/0/000"},
                {1, 5, 999, "tile/1/999.p/5"},
                {0, 256, 1000, "tile/0/x001/000"},
                {TLOG_LEVEL_ENTRIES, 255, 1234067, "tile/entries/x001/x234/067.p/255"}};
    static const char *const wrong[] = {"",
                                        "tile/",
                                        "tile/8/000",
                                        "tile/0/00",
                                        "tile/0/0000",
                                        "tile/0/x000/001",
                                        "tile/0/001/001",
                                        "tile/0/x001",
                                        "tile/0/x001/",
                                        "tile/0/001.p/0",
                                        "tile/0/001.p/256",
                                        "tile/0/001.p/05",
                                        "tile/0/001.p/5x",
                                        "tile/0/001.p/99999999999999999999",
                                        "tile/00/001",
                                        "tile/-1/001",
                                        "tile/entries/../001",
                                        "tile/0/x001/x001/x001/x001/x001/x001/x001/001"};
    unsigned level, width;
    uint64_t number;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer path = {0};
        tlog_tile_path(rows[i].level, rows[i].number, rows[i].width, &path);
        assert_string_equal(buffer_text(&path), rows[i].path);
        assert_int_equal(tlog_tile_parse(rows[i].path, &level, &number, &width), OK);
        assert_true(level == rows[i].level && number == rows[i].number && width == rows[i].width);
        buffer_fini(&path);
    }
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (tlog_tile_parse(wrong[i], &level, &number, &width) != REJECT_MALFORMED)
            fail_msg("taken: %s", wrong[i]);
}

/* ---- texts ---- */

/* The key and the last note of golang.org/x/mod/sumdb/note's documentation. */
static const char peter[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char peters_note[] =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static struct note_key key_of(const char *text)
{
    struct note_key key;
    assert_int_equal(note_key_parse(span_text(text), &key), OK);
    return key;
}

TEST(a_note_that_others_signed)
{
    struct note_key key = key_of(peter);
    struct note note;
    char changed[sizeof peters_note];
    assert_int_equal(note_parse(span_text(peters_note), &note), OK);
    assert_int_equal(note_verify(&note, &key, NULL), OK);
    memcpy(changed, peters_note, sizeof changed);
    changed[3] = 'Y';
    assert_int_equal(note_parse(span_text(changed), &note), OK);
    assert_int_equal(note_verify(&note, &key, NULL), REJECT_UNAUTHORIZED);
    key.id++;
    assert_int_equal(note_verify(&note, &key, NULL), REJECT_NOT_FOUND);
}

TEST(what_is_no_key)
{
    static const char *const wrong[] = {"",
                                        "PeterNeumann",
                                        "PeterNeumann+c74f20a3",
                                        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                        "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                                        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
                                        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"};
    struct note_key key;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(note_key_parse(span_text(wrong[i]), &key), REJECT_MALFORMED);
}

TEST(what_is_no_note)
{
    static const char *const wrong[] = {"",
                                        "\n",
                                        "text\n",
                                        "text\n\n",
                                        "text\n\n\xe2\x80\x94 a",
                                        "text\n\n\xe2\x80\x94 a AAAAAA==",
                                        "text\n\n- a AAAAAAA=\n",
                                        "text\n\n\xe2\x80\x94 a  AAAAAAA=\n",
                                        "text\n\n\xe2\x80\x94 a+b AAAAAAA=\n",
                                        "text\n\n\xe2\x80\x94 a AAAAAA==\n",
                                        "te\txt\n\n\xe2\x80\x94 a AAAAAAA=\n",
                                        "te\xc0\x80xt\n\n\xe2\x80\x94 a AAAAAAA=\n",
                                        "text\n\n\xe2\x80\x94 a AAAAAAA=\n\n"};
    struct note note;
    assert_int_equal(note_parse(span_text("text\n\n\xe2\x80\x94 a AAAAAAA=\n"), &note), OK);
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (note_parse(span_text(wrong[i]), &note) == OK)
            fail_msg("taken: %u", i);
}

static struct note_key new_key(const char *name, enum note_kind kind, enum sign_algorithm algorithm,
                               struct sign_pair **pair)
{
    struct sign_public public;
    struct note_key key;
    assert_int_equal(sign_pair_new(algorithm, pair), OK);
    sign_pair_public(*pair, &public);
    assert_int_equal(note_key_of(name, kind, &public, &key), OK);
    return key;
}

TEST(checkpoints_signed_and_cosigned)
{
    static const enum sign_algorithm algorithms[] = {SIGN_ED25519, SIGN_SM2};
    for (unsigned i = 0; i < 2; i++) {
        struct sign_pair *pair, *witness;
        struct note_key key = new_key("log.example", NOTE_SIGNATURE, algorithms[i], &pair), again;
        struct note_key other = new_key("w.example", NOTE_COSIGNATURE, SIGN_ED25519, &witness);
        struct checkpoint checkpoint = {.origin = "log.example", .size = 5}, read;
        struct buffer text = {0}, note_text = {0}, vkey = {0};
        struct note note;
        uint64_t time;
        note_key_describe(&key, &vkey);
        assert_int_equal(note_key_parse(buffer_span(&vkey), &again), OK);
        assert_memory_equal(&key, &again, sizeof key);
        checkpoint_write(&checkpoint, &text);
        buffer_append(&note_text, text.data, text.size);
        buffer_append_text(&note_text, "\n");
        note_sign(pair, &key, buffer_span(&text), 0, &note_text);
        note_sign(witness, &other, buffer_span(&text), 1700000000, &note_text);
        assert_int_equal(checkpoint_open(buffer_span(&note_text), &key, &note, &read), OK);
        assert_int_equal(read.size, 5);
        assert_int_equal(note_verify(&note, &other, &time), OK);
        assert_int_equal(time, 1700000000);
        note_text.data[12] = '6';
        assert_int_equal(checkpoint_open(buffer_span(&note_text), &key, &note, &read), REJECT_UNAUTHORIZED);
        note_text.data[0] = 'b';
        assert_int_equal(checkpoint_open(buffer_span(&note_text), &key, &note, &read), REJECT_NOT_FOUND);
        buffer_fini(&text);
        buffer_fini(&note_text);
        buffer_fini(&vkey);
        sign_pair_destroy(&pair);
        sign_pair_destroy(&witness);
    }
}

TEST(what_is_no_checkpoint)
{
    static const char *const wrong[] = {"a\n5\n",
                                        "a\n05\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                        "a\n-5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                        "a\n9223372036854775808\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                        "\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                        "a\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n",
                                        "a\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
                                        "a\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nx"};
    struct checkpoint checkpoint;
    assert_int_equal(
        checkpoint_parse(span_text("a\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n"), &checkpoint), OK);
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(checkpoint_parse(span_text(wrong[i]), &checkpoint), REJECT_MALFORMED);
}

TEST(a_proof_file_there_and_back)
{
    struct proof_file proof = {.index = 3, .path_count = 2, .checkpoint = span_text("note")}, read;
    struct buffer text = {0}, again = {0};
    buffer_append_text(&proof.extra, "extra bytes");
    proof_file_write(&proof, &text);
    assert_int_equal(proof_file_parse(buffer_span(&text), &read), OK);
    proof_file_write(&read, &again);
    assert_true(span_equal(buffer_span(&text), buffer_span(&again)));
    proof_file_fini(&read);
    for (size_t size = 0; size + 4 < text.size; size++)
        assert_int_equal(proof_file_parse(span_of(text.data, size), &read), REJECT_MALFORMED);
    proof_file_fini(&proof);
    buffer_fini(&text);
    buffer_fini(&again);
}

static void put_witness(struct buffer *text, const char *name)
{
    struct sign_pair *pair;
    struct note_key key = new_key(name, NOTE_COSIGNATURE, SIGN_ED25519, &pair);
    buffer_printf(text, "witness %s ", name);
    note_key_describe(&key, text);
    buffer_append_text(text, " http://127.0.0.1:9\n");
    sign_pair_destroy(&pair);
}

TEST(two_of_three_regions)
{
    static struct witness_policy policy;
    struct buffer text = {0}, why = {0};
    buffer_append_text(&text, "# regions\n\n");
    put_witness(&text, "beijing");
    put_witness(&text, "tianjin");
    put_witness(&text, "hebei");
    size_t witnesses = text.size;
    buffer_append_text(&text, "group regions 2 beijing tianjin hebei\nquorum regions\n");
    assert_int_equal(witness_policy_parse(buffer_span(&text), &policy, &why), OK);
    for (uint32_t cosigned = 0; cosigned < 8; cosigned++)
        assert_int_equal(witness_policy_is_met(&policy, cosigned), __builtin_popcount(cosigned) >= 2);
    static const char *const wrong[] = {"group regions 4 beijing tianjin hebei\nquorum regions\n",
                                        "group regions 0 beijing\nquorum regions\n",
                                        "group regions 2 beijing beijing\nquorum regions\n",
                                        "group regions any nobody\nquorum regions\n",
                                        "quorum nobody\n",
                                        "quorum none\nquorum none\n",
                                        "witness beijing x\nquorum none\n",
                                        "",
                                        "quorum none",
                                        "other\nquorum none\n"};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        text.size = witnesses;
        buffer_append_text(&text, wrong[i]);
        assert_int_equal(witness_policy_parse(buffer_span(&text), &policy, &why), REJECT_MALFORMED);
    }
    buffer_fini(&text);
    buffer_fini(&why);
}
