/* SPDX-License-Identifier: Apache-2.0
 * Merkle trees: the published roots of Certificate Transparency's test data, and all places of all small trees. */
#include "common/base/merkle.h"

#include "tests/support/test.h"

enum { LEAVES_MAX = 1025 };

static struct merkle_hash tree[2 * LEAVES_MAX + 16];

static void assert_hex(const struct merkle_hash *hash, const char *hex)
{
    char text[2 * DIGEST_SIZE + 1];
    digest_hex(hash->bytes, DIGEST_SIZE, text);
    assert_string_equal(text, hex);
}

/* RFC 6962, 2.1, word by word: recursive, as the tree's definition is. */
static void defined_root(struct digest *digest, const struct merkle_hash *leaves, size_t count, struct merkle_hash *out)
{
    struct merkle_hash left, right;
    size_t split = 1;
    if (count == 1) {
        *out = leaves[0];
        return;
    }
    while (2 * split < count)
        split *= 2;
    defined_root(digest, leaves, split, &left);
    defined_root(digest, leaves + split, count - split, &right);
    merkle_node(digest, &left, &right, out);
}

/* google/certificate-transparency, merkle_tree_test.cc: inputs and roots of sizes 1 to 8. */
TEST(published_roots)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } inputs[8] = {{"", 0},
                   {"\x00", 1},
                   {"\x10", 1},
                   {"\x20\x21", 2},
                   {"\x30\x31", 2},
                   {"\x40\x41\x42\x43", 4},
                   {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
                   {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
    static const char *const roots[8] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct digest *digest = digest_new();
    struct merkle_hash root;
    merkle_empty(digest, &root);
    assert_hex(&root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t count = 1; count <= 8; count++) {
        for (size_t i = 0; i < count; i++)
            merkle_leaf(digest, span_of(inputs[i].bytes, inputs[i].size), &tree[i]);
        merkle_tree_build(digest, tree, count);
        assert_hex(&tree[merkle_tree_size(count) - 1], roots[count - 1]);
    }
    digest_destroy(&digest);
}

TEST(every_place_of_every_size_folds_to_the_defined_root)
{
    (void)state;
    struct digest *digest = digest_new();
    for (uint64_t count = 1; count <= LEAVES_MAX; count += count < 70 ? 1 : 191) {
        struct merkle_hash root, folded, path[MERKLE_PATH_MAX];
        for (uint64_t i = 0; i < count; i++)
            merkle_leaf(digest, span_of(&i, sizeof i), &tree[i]);
        defined_root(digest, tree, count, &root);
        merkle_tree_build(digest, tree, count);
        assert_memory_equal(&tree[merkle_tree_size(count) - 1], &root, sizeof root);
        for (uint64_t i = 0; i < count; i++) {
            unsigned length = merkle_path(tree, count, i, path);
            assert_true(merkle_fold(digest, &tree[i], i, count, path, length, &folded));
            assert_memory_equal(&folded, &root, sizeof root);
            assert_false(merkle_fold(digest, &tree[i], i, count, path, length + 1, &folded));
            assert_true(length == 0 || !merkle_fold(digest, &tree[i], i, count, path, length - 1, &folded));
            assert_false(merkle_fold(digest, &tree[i], count, count, path, length, &folded));
            if (length == 0)
                continue;
            path[i % length].bytes[i % DIGEST_SIZE] ^= 1;
            assert_true(merkle_fold(digest, &tree[i], i, count, path, length, &folded));
            assert_memory_not_equal(&folded, &root, sizeof root);
        }
    }
    digest_destroy(&digest);
}
