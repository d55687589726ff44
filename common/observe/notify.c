/* SPDX-License-Identifier: Apache-2.0
 * sd_notify(3) without libsystemd. */
#include "common/observe/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 1024 };

void notify_open(struct notify *notify)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t size = path == NULL ? 0 : strlen(path);
    *notify = (struct notify){.fd = -1};
    if (size < 2 || size >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, size);
    if (path[0] == '@')
        to.sun_path[0] = 0; /* an abstract name: as long as is said, and not ended by a zero */
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t to_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    if (notify->fd >= 0 && connect(notify->fd, (const struct sockaddr *)&to, to_size) != 0)
        notify_close(notify);
}

/* A manager that does not listen now hears the next. */
static void tell(const struct notify *notify, const char *text)
{
    (void)!send(notify->fd, text, strlen(text), MSG_NOSIGNAL);
}

void notify_beat(struct notify *notify, bool serves, const char *why_not)
{
    char text[MESSAGE_SIZE], more[64] = "";
    bool first = serves && !notify->ready;
    if (notify->fd < 0)
        return;
    notify->ready = notify->ready || serves;
    if (!notify->ready)
        (void)snprintf(more, sizeof more, "EXTEND_TIMEOUT_USEC=%d000000\n", NOTIFY_WITHIN_S);
    const char *status = why_not[0] != 0 ? why_not : "ready";
    bool changed = strncmp(notify->said, status, sizeof notify->said - 1) != 0;
    (void)snprintf(notify->said, sizeof notify->said, "%s", status);
    (void)snprintf(text, sizeof text, "%s%sWATCHDOG=1\n%s%s", first ? "READY=1\n" : "", more, changed ? "STATUS=" : "",
                   changed ? notify->said : "");
    tell(notify, text);
}

void notify_stopping(struct notify *notify, const char *why)
{
    char text[MESSAGE_SIZE];
    if (notify->fd < 0)
        return;
    (void)snprintf(text, sizeof text, "STOPPING=1\nSTATUS=%.900s", why[0] != 0 ? why : "stopping");
    tell(notify, text);
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        (void)close(notify->fd);
    notify->fd = -1;
}
