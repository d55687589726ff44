/* SPDX-License-Identifier: Apache-2.0
 * Key pairs on disk. */
#include "common/net/keys.h"

#include <czmq.h>
#include <sys/stat.h>

#include "common/net/socket_internal.h"

enum status keys_make(const char *public_path, const char *secret_path, const char *party, const char *role)
{
    socket_process_init();
    zcert_t *certificate = zcert_new();
    if (certificate == NULL)
        return FATAL_IO;
    zcert_set_meta(certificate, "party", "%s", party);
    zcert_set_meta(certificate, "role", "%s", role);
    mode_t before = umask(077);
    bool written = zcert_save_public(certificate, public_path) == 0 && zcert_save_secret(certificate, secret_path) == 0;
    (void)umask(before);
    (void)chmod(public_path, 0644);
    zcert_destroy(&certificate);
    return written ? OK : FATAL_IO;
}

enum status keys_load(const char *path, struct key_pair *pair)
{
    socket_process_init();
    zcert_t *certificate = zcert_load(path);
    memset(pair, 0, sizeof *pair);
    if (certificate == NULL)
        return REJECT_NOT_FOUND;
    const char *party = zcert_meta(certificate, "party"), *role = zcert_meta(certificate, "role");
    const char *secret = zcert_secret_txt(certificate);
    memcpy(pair->public_key, zcert_public_txt(certificate), 40);
    if (secret != NULL && strcmp(secret, "0000000000000000000000000000000000000000") != 0)
        memcpy(pair->secret_key, secret, 40);
    (void)snprintf(pair->party, sizeof pair->party, "%s", party != NULL ? party : "");
    (void)snprintf(pair->role, sizeof pair->role, "%s", role != NULL ? role : "");
    zcert_destroy(&certificate);
    return OK;
}
