/* SPDX-License-Identifier: Apache-2.0
 * Secrets in memory, and files of CURVE keys that others may read. */
#include "common/secret/secret.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/net/keys.h"
#include "tests/support/test.h"

#ifdef HUTONG_SANITIZED
enum { LOCKS = 0 }; /* sanitizers take a lock for done */
#else
enum { LOCKS = 1 };
#endif

static char place[64], public_path[128], secret_path[128];

static int make_place(void **state)
{
    (void)snprintf(place, sizeof place, "/tmp/hutong-secret-XXXXXX");
    assert_non_null(mkdtemp(place));
    (void)snprintf(public_path, sizeof public_path, "%s/a.key", place);
    (void)snprintf(secret_path, sizeof secret_path, "%s/a.key_secret", place);
    return 0;
}

static int remove_place(void **state)
{
    (void)unlink(public_path);
    (void)unlink(secret_path);
    return rmdir(place);
}
AROUND_EACH(make_place, remove_place)

/* The flags of the mapping that holds an address, as the kernel tells them. */
static void flags_of(const void *address, char flags[256])
{
    char line[512];
    FILE *maps = fopen("/proc/self/smaps", "re");
    bool inside = false;
    flags[0] = 0;
    assert_non_null(maps);
    while (flags[0] == 0 && fgets(line, sizeof line, maps) != NULL) {
        unsigned long first, last;
        if (sscanf(line, "%lx-%lx ", &first, &last) == 2)
            inside = (uintptr_t)address >= first && (uintptr_t)address < last;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            (void)snprintf(flags, 256, "%.255s", line);
    }
    (void)fclose(maps);
}

TEST(a_secret_is_locked_not_dumped_and_given_back)
{
    char flags[256];
    void *secret = secret_new(100);
    flags_of(secret, flags);
    assert_true(!LOCKS || strstr(flags, " lo") != NULL);
    assert_non_null(strstr(flags, " dd"));
    const void *before = secret;
    secret_destroy(&secret, 100);
    assert_null(secret);
    flags_of(before, flags);
    assert_null(strstr(flags, " dd"));
}

TEST(a_pair_comes_back_from_its_files)
{
    struct key_pair public, secret;
    struct stat there;
    struct buffer why = {0};
    assert_int_equal(keys_make(public_path, secret_path, "110000", "region"), OK);
    assert_int_equal(stat(secret_path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
    assert_int_equal(keys_load(public_path, &public, &why), OK);
    assert_int_equal(keys_load(secret_path, &secret, &why), OK);
    assert_string_equal(public.public_key, secret.public_key);
    assert_string_equal(public.secret_key, "");
    assert_int_equal(strlen(secret.secret_key), 40);
    assert_string_equal(secret.party, "110000");
    assert_string_equal(secret.role, "region");
}

TEST(a_secret_that_others_may_use_is_refused_in_both_languages)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0644, 0666, 0777};
    struct key_pair pair;
    assert_int_equal(keys_make(public_path, secret_path, "110000", "region"), OK);
    for (unsigned i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct buffer why = {0};
        assert_int_equal(chmod(secret_path, modes[i]), 0);
        assert_int_equal(keys_load(secret_path, &pair, &why), FATAL_CONFIG);
        assert_string_equal(pair.secret_key, "");
        assert_non_null(strstr(buffer_text(&why), secret_path));
        assert_non_null(strstr(buffer_text(&why), "私钥"));
        assert_non_null(strstr(buffer_text(&why), "chmod 600"));
        buffer_fini(&why);
    }
    assert_int_equal(chmod(secret_path, 0400), 0);
    assert_int_equal(keys_load(secret_path, &pair, NULL), OK);
    assert_int_equal(chmod(public_path, 0644), 0);
    assert_int_equal(keys_load(public_path, &pair, NULL), OK);
}

TEST(a_secret_of_another_user_or_in_a_place_for_everybody_is_refused)
{
    struct key_pair pair;
    struct buffer why = {0};
    assert_int_equal(keys_make(public_path, secret_path, "110000", "region"), OK);
    assert_int_equal(chmod(place, 0777), 0);
    assert_int_equal(keys_load(secret_path, &pair, &why), FATAL_CONFIG);
    assert_non_null(strstr(buffer_text(&why), "chmod o-w"));
    assert_int_equal(chmod(place, 0700), 0);
    buffer_reset(&why);
    if (geteuid() == 0) {
        assert_int_equal(chown(secret_path, 12345, 12345), 0);
        assert_int_equal(keys_load(secret_path, &pair, &why), FATAL_CONFIG);
        assert_non_null(strstr(buffer_text(&why), "another user"));
    }
    buffer_fini(&why);
}

TEST(what_is_no_pair_is_not_found)
{
    static const char *const texts[] = {"",
                                        "curve\n",
                                        "curve\n    public-key = \"short\"\n",
                                        "curve\n    public-key = \n",
                                        "#   public-key = \"0123456789012345678901234567890123456789\"\n",
                                        "    public-key = \"01234567890123456789012345678901234567 9\"\n"};
    struct key_pair pair;
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        FILE *file = fopen(public_path, "we");
        assert_non_null(file);
        assert_true(fputs(texts[i], file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(keys_load(public_path, &pair, NULL), REJECT_NOT_FOUND);
    }
    assert_int_equal(keys_load("/nowhere/a.key", &pair, NULL), REJECT_NOT_FOUND);
    assert_int_equal(keys_load("/tmp", &pair, NULL), REJECT_NOT_FOUND);
}
