/* SPDX-License-Identifier: Apache-2.0
 * The client's certificate of a TLS connection (GnuTLS). */
#ifndef HUTONG_SERVICES_CONSOLE_CERTIFICATE_H
#define HUTONG_SERVICES_CONSOLE_CERTIFICATE_H
#include <stdbool.h>

#include "services/console/users.h"

/* `tls`: GnuTLS's session. Its subject, where it was given, holds, and is meant for clients; "" otherwise: whoever has
 * none comes in by a link. */
void certificate_subject(void *tls, char subject[CERTIFICATE_NAME_SIZE]);
#endif
