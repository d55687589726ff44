/* SPDX-License-Identifier: Apache-2.0
 * GET by HTTP/1.0: the answer ends with the connection, so nothing of its framing need be read. */
#include "tools/http_get.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { HOST_SIZE_MAX = 255, PORT_SIZE_MAX = 5, READ_SIZE = 16384 };

struct address {
    char host[HOST_SIZE_MAX + 1], port[PORT_SIZE_MAX + 1];
};

/* Of "http://HOST[:PORT][/]", nothing behind it. */
static bool address_read(const char *base, struct address *address)
{
    int end = 0;
    *address = (struct address){.port = "80"};
    if (strncmp(base, "http://", 7) != 0 || sscanf(base + 7, "%255[A-Za-z0-9.-]%n", address->host, &end) != 1)
        return false;
    const char *rest = base + 7 + end;
    if (*rest == ':') {
        if (sscanf(rest + 1, "%5[0-9]%n", address->port, &end) != 1)
            return false;
        rest += 1 + end;
    }
    return rest[0] == 0 || strcmp(rest, "/") == 0;
}

/* -1: errno says why. */
static int connect_to(const struct addrinfo *at, uint32_t wait_ms)
{
    struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0 &&
        connect(fd, at->ai_addr, at->ai_addrlen) == 0)
        return fd;
    int cause = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = cause == EINPROGRESS ? ETIMEDOUT : cause;
    return -1;
}

static bool send_all(int fd, struct buffer *request)
{
    const char *text = buffer_text(request);
    for (size_t left = strlen(text); left > 0;) {
        ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        text += sent;
        left -= (size_t)sent;
    }
    return true;
}

static bool read_all(int fd, struct buffer *answer, struct buffer *why)
{
    for (;;) {
        ssize_t size = recv(fd, buffer_reserve(answer, READ_SIZE), READ_SIZE, 0);
        if (size < 0)
            buffer_printf(why, "%s", errno == EAGAIN ? "no answer in time" : strerror(errno));
        if (size <= 0)
            return size == 0;
        answer->size += (size_t)size;
        if (answer->size > HTTP_GET_SIZE_MAX) {
            buffer_printf(why, "the answer is longer than %d bytes", HTTP_GET_SIZE_MAX);
            return false;
        }
    }
}

static bool body_of(struct buffer *answer, struct buffer *body, struct buffer *why)
{
    unsigned code = 0;
    const char *text = buffer_text(answer), *end = strstr(text, "\r\n\r\n");
    if (end == NULL || sscanf(text, "HTTP/1.%*1[01] %3u", &code) != 1 || code != 200) {
        buffer_printf(why, "%.*s", (int)strcspn(text, "\r\n"), text[0] != 0 ? text : "an empty answer");
        return false;
    }
    buffer_append(body, end + 4, answer->size - (size_t)(end + 4 - text));
    return true;
}

static bool converse(int fd, const struct address *address, const char *path, struct buffer *body, struct buffer *why)
{
    struct buffer request = {0}, answer = {0};
    buffer_printf(&request, "GET %s HTTP/1.0\r\nHost: %s:%s\r\nAccept: */*\r\n\r\n", path, address->host,
                  address->port);
    bool got = send_all(fd, &request);
    if (!got)
        buffer_printf(why, "%s", strerror(errno));
    got = got && read_all(fd, &answer, why) && body_of(&answer, body, why);
    buffer_fini(&request);
    buffer_fini(&answer);
    return got;
}

bool http_get(const char *base, const char *path, uint32_t wait_ms, struct buffer *body, struct buffer *why)
{
    struct address address;
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    if (!address_read(base, &address)) {
        buffer_printf(why, "not of the form http://HOST:PORT");
        return false;
    }
    int code = getaddrinfo(address.host, address.port, &wanted, &found), fd = -1;
    for (const struct addrinfo *at = found; code == 0 && fd < 0 && at != NULL; at = at->ai_next)
        fd = connect_to(at, wait_ms);
    if (fd < 0)
        buffer_printf(why, "%s", code != 0 ? gai_strerror(code) : strerror(errno));
    bool got = fd >= 0 && converse(fd, &address, path, body, why);
    if (found != NULL)
        freeaddrinfo(found);
    if (fd >= 0)
        (void)close(fd);
    return got;
}
