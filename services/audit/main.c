/* SPDX-License-Identifier: Apache-2.0
 * hutong-audit: the core under the runtime, and around it what is signed of its log. */
#include "hutong/v1/messages.h"
#include "services/audit/audit_core.h"
#include "services/audit/pages.h"

struct around {
    struct service_around given;
    struct signed_log *log;
};

static enum status open_around(void *self, const struct service_around *given, struct buffer *why)
{
    struct around *around = self;
    around->given = *given;
    return signed_log_open(&around->given, &around->log, why);
}

static void close_around(void *self)
{
    signed_log_close(&((struct around *)self)->log);
}

static void advanced(void *self)
{
    signed_log_advanced(((struct around *)self)->log);
}

static const char *why_not(void *self)
{
    return signed_log_why_not(((struct around *)self)->log);
}

static void tell(void *self, struct service_status *status)
{
    const struct around *around = self;
    status->checkpoint_at = signed_log_at(around->log, false);
    status->checkpoint_final_at = signed_log_at(around->log, true);
}

static bool serve(void *self, const struct http_request *request, struct http_answer *answer)
{
    struct around *around = self;
    return pages_serve(around->log, runtime_store(around->given.runtime), request, answer);
}

static enum status status_of(void *self, struct buffer *why)
{
    return signed_log_status(((struct around *)self)->log, why);
}

static const struct service_shell shell = {
    .self_size = sizeof(struct around),
    .open = open_around,
    .close = close_around,
    .advanced = advanced,
    .why_not = why_not,
    .tell = tell,
    .serve = serve,
    .status = status_of,
};

int main(int argc, char **argv)
{
    return service_main(argc, argv, &audit_core, &shell);
}
