/* SPDX-License-Identifier: Apache-2.0
 * Client certificates. */
#include "services/console/certificate.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

static bool holds(gnutls_session_t session)
{
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT};
    unsigned status = 0;
    return gnutls_certificate_verify_peers(session, &purpose, 1, &status) == GNUTLS_E_SUCCESS && status == 0;
}

void certificate_subject(void *tls, char subject[CERTIFICATE_NAME_SIZE])
{
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(tls, &count);
    gnutls_x509_crt_t certificate;
    gnutls_datum_t name = {NULL, 0};
    subject[0] = 0;
    if (chain == NULL || count == 0 || !holds(tls) || gnutls_x509_crt_init(&certificate) != GNUTLS_E_SUCCESS)
        return;
    /* By 0 in RFC 4514's order, the last part first, as openssl's RFC2253; without a NUL within. */
    if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
        gnutls_x509_crt_get_dn3(certificate, &name, 0) == GNUTLS_E_SUCCESS && name.size < CERTIFICATE_NAME_SIZE &&
        memchr(name.data, 0, name.size) == NULL)
        memcpy(subject, name.data, name.size + 1);
    gnutls_free(name.data);
    gnutls_x509_crt_deinit(certificate);
}
