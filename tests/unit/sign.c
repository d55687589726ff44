/* SPDX-License-Identifier: Apache-2.0
 * Signatures: RFC 8032 7.1, SM2 as OpenSSL's own command makes it with the standard's user id, key files. */
#include "common/sign/sign.h"

#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/sign/base64.h"
#include "tests/support/test.h"

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return size;
}

/* RFC 8032, 7.1: TEST 1, 2, 3. The last: GB/T 32918.5 A.2 gives (r, s) on the standard's curve, in DER; its message
 * is "message digest", its user id the default. */
static const struct {
    enum sign_algorithm algorithm;
    const char *key, *message, *signature;
} vectors[] = {
    {SIGN_ED25519, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
     "55141438e7a100b"},
    {SIGN_ED25519, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
     "00d291612bb0c00"},
    {SIGN_ED25519, "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc"
     "027beceea1ec40a"},
    {SIGN_SM2,
     "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084"
     "A6632F6072DA9AD13",
     "6d65737361676520646967657374",
     "3046022100F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3022100B1B6AA29DF212FD8763182BC0D421CA1B"
     "B9038FD1F7F42D4840B69C485BBC1AA"},
};

TEST(published_signatures_hold)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t key[SIGN_KEY_SIZE_MAX], message[64], signature[SIGN_SIGNATURE_SIZE_MAX + 8];
        struct sign_public public;
        struct sign_verifier *verifier;
        size_t key_size = unhex(vectors[i].key, key), message_size = unhex(vectors[i].message, message),
               size = unhex(vectors[i].signature, signature);
        assert_int_equal(sign_public_read(vectors[i].algorithm, span_of(key, key_size), &public), OK);
        assert_int_equal(sign_verifier_new(&public, &verifier), OK);
        assert_true(sign_verify(verifier, span_of(message, message_size), span_of(signature, size)));
        assert_false(sign_verify(verifier, span_of("another", 7), span_of(signature, size)));
        assert_false(sign_verify(verifier, span_of(message, message_size), span_of(signature, size - 1)));
        for (size_t bit = 0; bit < 8 * size; bit++) {
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(sign_verify(verifier, span_of(message, message_size), span_of(signature, size)));
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        sign_verifier_destroy(&verifier);
    }
}

TEST(a_pair_signs_and_comes_back_from_its_file)
{
    (void)state;
    char directory[] = "/tmp/hutong-sign-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/pair", directory);
    for (enum sign_algorithm algorithm = SIGN_ED25519; algorithm <= SIGN_SM2; algorithm++) {
        struct sign_pair *pair, *again = NULL;
        struct sign_public public, read;
        struct sign_verifier *verifier;
        struct buffer signature, text, why;
        buffer_init(&signature), buffer_init(&text), buffer_init(&why);
        assert_int_equal(sign_pair_load(path, &again, &why), REJECT_NOT_FOUND);
        assert_int_equal(sign_pair_new(algorithm, &pair), OK);
        assert_int_equal(sign_pair_save(pair, path), OK);
        assert_int_equal(sign_pair_save(pair, path), FATAL_IO);
        assert_int_equal(chmod(path, 0640), 0);
        assert_int_equal(sign_pair_load(path, &again, &why), FATAL_CONFIG);
        assert_non_null(strstr(buffer_text(&why), "chmod 600"));
        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(sign_pair_load(path, &again, &why), OK);
        bool made = true;
        struct sign_pair *third = NULL;
        assert_int_equal(sign_pair_load_or_make(path, algorithm, &third, &made, &why), OK);
        assert_false(made);
        sign_pair_destroy(&third);
        sign_make(again, span_text("words"), &signature);
        sign_pair_public(pair, &public);
        sign_public_describe(&public, &text);
        assert_int_equal(sign_public_parse(buffer_text(&text), &read), OK);
        assert_memory_equal(read.bytes, public.bytes, sizeof read.bytes);
        assert_int_equal(sign_verifier_new(&read, &verifier), OK);
        assert_true(sign_verify(verifier, span_text("words"), buffer_span(&signature)));
        sign_verifier_destroy(&verifier);
        sign_pair_destroy(&pair);
        sign_pair_destroy(&again);
        buffer_fini(&signature), buffer_fini(&text), buffer_fini(&why);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(directory), 0);
}

/* OpenSSL's heap that is locked, and no core file's: what it holds grows by a key, made or read, and is given back. */
TEST(private_keys_lie_in_the_secure_heap)
{
    static const enum sign_algorithm algorithms[] = {SIGN_ED25519, SIGN_SM2};
    char path[] = "/tmp/hutong-sign-XXXXXX";
    for (unsigned i = 0; i < 2; i++) {
        struct sign_pair *made, *read;
        struct buffer why = {0};
        size_t before = CRYPTO_secure_used();
        assert_int_equal(sign_pair_new(algorithms[i], &made), OK);
        assert_int_equal(CRYPTO_secure_malloc_initialized(), 1);
        size_t with_one = CRYPTO_secure_used();
        assert_true(with_one >= before + 32);
        int fd = mkstemp(path);
        assert_true(fd >= 0 && close(fd) == 0 && unlink(path) == 0);
        assert_int_equal(sign_pair_save(made, path), OK);
        assert_int_equal(sign_pair_load(path, &read, &why), OK);
        assert_true(CRYPTO_secure_used() >= with_one + 32);
        sign_pair_destroy(&read);
        sign_pair_destroy(&made);
        assert_int_equal(CRYPTO_secure_used(), before);
        assert_int_equal(unlink(path), 0);
        memcpy(path + sizeof path - 7, "XXXXXX", 6);
        buffer_fini(&why);
    }
}

TEST(what_is_no_key_is_refused)
{
    (void)state;
    static const char *const texts[] = {
        "", "ed25519", "ed25519:", "ed25519:AAAA", "rsa:AAAA", "sm2:BAAA",
        /* 65 bytes, no point of the curve */
        "sm2:BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    struct sign_public key;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(sign_public_parse(texts[i], &key), REJECT_MALFORMED);
}

TEST(base64_has_one_text_for_each_value)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
    } cases[] = {
        {"", ""},        {"Zg==", "f"},  {"Zm8=", "fo"}, {"Zm9v", "foo"}, {"Zm9vYmFy", "foobar"}, /* RFC 4648, 10 */
        {"Zh==", NULL},  {"Zg=", NULL},  {"Zg", NULL},   {"Zm8", NULL},   {"Zm9v\n", NULL},
        {" Zm9v", NULL}, {"====", NULL}, {"Z===", NULL}, {"Zm9-", NULL},  {"Zg==Zg==", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out, again;
        buffer_init(&out), buffer_init(&again);
        enum status status = base64_take(span_text(cases[i].text), &out);
        assert_int_equal(status, cases[i].bytes != NULL ? OK : REJECT_MALFORMED);
        assert_int_equal(out.size, cases[i].bytes != NULL ? strlen(cases[i].bytes) : 0);
        if (cases[i].bytes != NULL) {
            base64_put(&again, buffer_span(&out));
            assert_string_equal(buffer_text(&again), cases[i].text);
        }
        buffer_fini(&out), buffer_fini(&again);
    }
}

TEST(a_pair_is_made_where_there_is_none_and_nowhere_else)
{
    (void)state;
    char directory[] = "/tmp/hutong-sign-XXXXXX", path[64];
    struct sign_pair *pair = NULL;
    struct buffer why = {0};
    bool made = false;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/pair", directory);
    assert_int_equal(sign_pair_load_or_make(path, SIGN_SM2, &pair, &made, &why), OK);
    assert_true(made);
    sign_pair_destroy(&pair);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(sign_pair_load_or_make(path, SIGN_SM2, &pair, &made, &why), FATAL_CONFIG);
    assert_false(made);
    assert_null(pair);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
    assert_int_equal(sign_pair_load_or_make(path, SIGN_SM2, &pair, &made, &why), FATAL_IO);
    assert_null(pair);
    buffer_fini(&why);
}
