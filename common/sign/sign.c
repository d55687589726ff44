/* SPDX-License-Identifier: Apache-2.0
 * Signatures. A failure of OpenSSL that no input explains is a broken library, and stops the process. */
#include "common/sign/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/secret/secret.h"
#include "common/sign/base64.h"

static const char SM2_USER_ID[] = "1234567812345678"; /* GB/T 32918.5, default */

struct sign_pair {
    struct sign_public public;
    EVP_PKEY *key;
};

struct sign_verifier {
    enum sign_algorithm algorithm;
    EVP_PKEY *key;
};

static const struct {
    const char *name, *openssl;
    uint8_t key_size;
} algorithms[] = {[SIGN_ED25519] = {"ed25519", "ED25519", 32}, [SIGN_SM2] = {"sm2", "SM2", 65}};

enum { SECURE_HEAP_SIZE = 64 * 1024, SECURE_HEAP_BLOCK_SIZE = 32 }; /* powers of two; hundreds of keys */
enum { ALGORITHMS_COUNT = sizeof algorithms / sizeof algorithms[0] };

static bool is_known(enum sign_algorithm algorithm)
{
    return algorithm > SIGN_NONE && (unsigned)algorithm < ALGORITHMS_COUNT;
}

const char *sign_algorithm_name(enum sign_algorithm algorithm)
{
    return is_known(algorithm) ? algorithms[algorithm].name : "";
}

enum sign_algorithm sign_algorithm_of(const char *name)
{
    for (unsigned i = SIGN_NONE + 1; i < ALGORITHMS_COUNT; i++)
        if (strcmp(name, algorithms[i].name) == 0)
            return (enum sign_algorithm)i;
    return SIGN_NONE;
}

/* ---- pairs ---- */

/* Locked into memory, in no core dump, with guard pages beside; wiped when given back. Where the kernel refuses it, the
 * ordinary heap serves. */
static void open_secure_heap(void)
{
    (void)CRYPTO_secure_malloc_init(SECURE_HEAP_SIZE, SECURE_HEAP_BLOCK_SIZE);
}

static void use_secure_heap(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, open_secure_heap);
}

static void read_public(struct sign_pair *pair)
{
    size_t size = 0;
    const char *part =
        pair->public.algorithm == SIGN_SM2 ? OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY : OSSL_PKEY_PARAM_PUB_KEY;
    INVARIANT(EVP_PKEY_get_octet_string_param(pair->key, part, pair->public.bytes, SIGN_KEY_SIZE_MAX, &size) == 1);
    INVARIANT(size == algorithms[pair->public.algorithm].key_size);
    pair->public.size = (uint8_t)size;
}

static struct sign_pair *pair_of(enum sign_algorithm algorithm, EVP_PKEY *key)
{
    struct sign_pair *pair = calloc(1, sizeof *pair);
    INVARIANT(pair != NULL);
    pair->public.algorithm = algorithm;
    pair->key = key;
    read_public(pair);
    return pair;
}

enum status sign_pair_new(enum sign_algorithm algorithm, struct sign_pair **pair)
{
    PRE(is_known(algorithm));
    use_secure_heap();
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, algorithms[algorithm].openssl);
    if (key == NULL)
        return FATAL_IO;
    *pair = pair_of(algorithm, key);
    return OK;
}

void sign_pair_destroy(struct sign_pair **pair)
{
    if (*pair == NULL)
        return;
    EVP_PKEY_free((*pair)->key);
    free(*pair);
    *pair = NULL;
}

static enum sign_algorithm algorithm_of(const EVP_PKEY *key)
{
    for (unsigned i = SIGN_NONE + 1; i < ALGORITHMS_COUNT; i++)
        if (EVP_PKEY_is_a(key, algorithms[i].openssl))
            return (enum sign_algorithm)i;
    return SIGN_NONE;
}

enum status sign_pair_load(const char *path, struct sign_pair **pair, struct buffer *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return REJECT_NOT_FOUND;
    if (fd < 0) {
        buffer_printf(why, "cannot read %s: %s", path, strerror(errno));
        return FATAL_CONFIG;
    }
    use_secure_heap();
    FILE *file = secret_file_is_safe(fd, path, why) ? fdopen(fd, "r") : NULL;
    if (file == NULL) {
        (void)close(fd);
        return FATAL_CONFIG;
    }
    (void)setvbuf(file, NULL, _IONBF, 0); /* no copy of the text stays behind */
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, "");
    enum sign_algorithm algorithm = key != NULL ? algorithm_of(key) : SIGN_NONE;
    (void)fclose(file);
    ERR_clear_error();
    if (algorithm == SIGN_NONE) {
        EVP_PKEY_free(key);
        buffer_printf(why, "%s holds no Ed25519 or SM2 key in PEM", path);
        return FATAL_CONFIG;
    }
    *pair = pair_of(algorithm, key);
    return OK;
}

static bool sync_directory_of(const char *path)
{
    char directory[4096];
    const char *slash = strrchr(path, '/');
    (void)snprintf(directory, sizeof directory, "%.*s", slash != NULL ? (int)(slash - path) : 1,
                   slash != NULL ? path : ".");
    int fd = open(directory[0] != 0 ? directory : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd);
    return synced;
}

enum status sign_pair_save(const struct sign_pair *pair, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL)
        return FATAL_IO;
    bool written = PEM_write_PKCS8PrivateKey(file, pair->key, NULL, NULL, 0, NULL, NULL) == 1 && fflush(file) == 0 &&
                   fsync(fd) == 0;
    written = fclose(file) == 0 && written;
    return written && sync_directory_of(path) ? OK : FATAL_IO;
}

enum status sign_pair_load_or_make(const char *path, enum sign_algorithm algorithm, struct sign_pair **pair, bool *made,
                                   struct buffer *why)
{
    struct sign_pair *found = NULL;
    enum status status = sign_pair_load(path, &found, why);
    *made = status == REJECT_NOT_FOUND;
    if (*made)
        status = sign_pair_new(algorithm, &found);
    if (*made && status == OK)
        status = sign_pair_save(found, path);
    if (status == OK)
        *pair = found;
    else
        sign_pair_destroy(&found);
    return status;
}

void sign_pair_public(const struct sign_pair *pair, struct sign_public *key)
{
    *key = pair->public;
}

/* ---- signatures ---- */

/* A context that knows the user id, where the algorithm has one. */
static EVP_MD_CTX *context_of(enum sign_algorithm algorithm, EVP_PKEY *key, EVP_PKEY_CTX **with_id)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    INVARIANT(context != NULL);
    *with_id = NULL;
    if (algorithm == SIGN_SM2) {
        *with_id = EVP_PKEY_CTX_new(key, NULL);
        INVARIANT(*with_id != NULL && EVP_PKEY_CTX_set1_id(*with_id, SM2_USER_ID, sizeof SM2_USER_ID - 1) == 1);
        EVP_MD_CTX_set_pkey_ctx(context, *with_id);
    }
    return context;
}

static const char *hash_of(enum sign_algorithm algorithm)
{
    return algorithm == SIGN_SM2 ? "SM3" : NULL;
}

void sign_make(struct sign_pair *pair, struct span message, struct buffer *signature)
{
    uint8_t made[SIGN_SIGNATURE_SIZE_MAX];
    size_t size = sizeof made;
    EVP_PKEY_CTX *with_id;
    enum sign_algorithm algorithm = pair->public.algorithm;
    EVP_MD_CTX *context = context_of(algorithm, pair->key, &with_id);
    INVARIANT(EVP_DigestSignInit_ex(context, NULL, hash_of(algorithm), NULL, NULL, pair->key, NULL) == 1);
    INVARIANT(EVP_DigestSign(context, made, &size, message.data, message.size) == 1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(with_id);
    buffer_append(signature, made, size);
}

static EVP_PKEY *public_of(const struct sign_public *key)
{
    if (key->algorithm == SIGN_ED25519)
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, key->size);
    uint8_t point[SIGN_KEY_SIZE_MAX];
    char group[] = "SM2";
    EVP_PKEY *made = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    memcpy(point, key->bytes, sizeof point);
    OSSL_PARAM parts[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                          OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
                          OSSL_PARAM_construct_end()};
    INVARIANT(context != NULL && EVP_PKEY_fromdata_init(context) == 1);
    (void)EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, parts);
    EVP_PKEY_CTX_free(context);
    return made;
}

enum status sign_verifier_new(const struct sign_public *key, struct sign_verifier **verifier)
{
    PRE(is_known(key->algorithm));
    EVP_PKEY *made = public_of(key);
    ERR_clear_error();
    if (made == NULL)
        return REJECT_MALFORMED;
    *verifier = calloc(1, sizeof **verifier);
    INVARIANT(*verifier != NULL);
    (*verifier)->algorithm = key->algorithm;
    (*verifier)->key = made;
    return OK;
}

void sign_verifier_destroy(struct sign_verifier **verifier)
{
    if (*verifier == NULL)
        return;
    EVP_PKEY_free((*verifier)->key);
    free(*verifier);
    *verifier = NULL;
}

bool sign_verify(struct sign_verifier *verifier, struct span message, struct span signature)
{
    EVP_PKEY_CTX *with_id;
    EVP_MD_CTX *context = context_of(verifier->algorithm, verifier->key, &with_id);
    INVARIANT(EVP_DigestVerifyInit_ex(context, NULL, hash_of(verifier->algorithm), NULL, NULL, verifier->key, NULL) ==
              1);
    bool holds = EVP_DigestVerify(context, signature.data, signature.size, message.data, message.size) == 1;
    ERR_clear_error();
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(with_id);
    return holds;
}

/* ---- public keys ---- */

enum status sign_public_read(enum sign_algorithm algorithm, struct span bytes, struct sign_public *key)
{
    struct sign_public read = {.algorithm = algorithm};
    struct sign_verifier *verifier;
    if (!is_known(algorithm) || bytes.size != algorithms[algorithm].key_size)
        return REJECT_MALFORMED;
    read.size = (uint8_t)bytes.size;
    memcpy(read.bytes, bytes.data, bytes.size);
    TRY(sign_verifier_new(&read, &verifier));
    sign_verifier_destroy(&verifier);
    *key = read;
    return OK;
}

void sign_public_describe(const struct sign_public *key, struct buffer *text)
{
    buffer_printf(text, "%s:", sign_algorithm_name(key->algorithm));
    base64_put(text, span_of(key->bytes, key->size));
}

enum status sign_public_parse(const char *text, struct sign_public *key)
{
    char name[16];
    const char *colon = strchr(text, ':');
    struct buffer bytes;
    if (colon == NULL || colon - text >= (ptrdiff_t)sizeof name)
        return REJECT_MALFORMED;
    (void)snprintf(name, sizeof name, "%.*s", (int)(colon - text), text);
    buffer_init(&bytes);
    enum status status = base64_take(span_text(colon + 1), &bytes);
    if (status == OK)
        status = sign_public_read(sign_algorithm_of(name), buffer_span(&bytes), key);
    buffer_fini(&bytes);
    return status;
}
