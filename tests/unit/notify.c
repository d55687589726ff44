/* SPDX-License-Identifier: Apache-2.0
 * What the manager of units hears. */
#include "common/observe/notify.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/test.h"

static char directory[64], heard[2048];

/* Binds what NOTIFY_SOCKET will name; '@' first: an abstract name. */
static int listen_at(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, name, strlen(name));
    if (name[0] == '@')
        at.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(
        bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static const char *hear(int fd)
{
    ssize_t size = recv(fd, heard, sizeof heard - 1, 0);
    heard[size > 0 ? size : 0] = 0;
    return heard;
}

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/hutong-notify-XXXXXX");
    return mkdtemp(directory) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/socket", directory);
    (void)unlink(path);
    (void)unsetenv("NOTIFY_SOCKET");
    return rmdir(directory);
}

AROUND_EACH(set_up, tear_down)

static void says_all(int fd)
{
    struct notify notify;
    notify_open(&notify);
    notify_beat(&notify, false, "catching up");
    assert_string_equal(hear(fd), "EXTEND_TIMEOUT_USEC=300000000\nWATCHDOG=1\nSTATUS=catching up");
    notify_beat(&notify, false, "catching up");
    assert_string_equal(hear(fd), "EXTEND_TIMEOUT_USEC=300000000\nWATCHDOG=1\n");
    notify_beat(&notify, true, "");
    assert_string_equal(hear(fd), "READY=1\nWATCHDOG=1\nSTATUS=ready");
    notify_beat(&notify, true, "");
    assert_string_equal(hear(fd), "WATCHDOG=1\n");
    notify_beat(&notify, false, "the disk is full");
    assert_string_equal(hear(fd), "WATCHDOG=1\nSTATUS=the disk is full");
    notify_beat(&notify, true, "");
    assert_string_equal(hear(fd), "WATCHDOG=1\nSTATUS=ready");
    notify_stopping(&notify, "");
    assert_string_equal(hear(fd), "STOPPING=1\nSTATUS=stopping");
    notify_close(&notify);
    notify_beat(&notify, true, "");
    assert_string_equal(hear(fd), "");
    (void)close(fd);
}

TEST(what_changes_is_said_once_and_life_each_time)
{
    char path[128];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/socket", directory);
    says_all(listen_at(path));
}

TEST(an_abstract_socket_hears_the_same)
{
    char name[128];
    (void)state;
    (void)snprintf(name, sizeof name, "@%s", directory);
    says_all(listen_at(name));
}

TEST(nobody_listens_and_nothing_fails)
{
    static const char *const nobody[] = {"", "@", "relative", "/nowhere/there", NULL};
    struct notify notify;
    (void)state;
    for (unsigned i = 0; nobody[i] != NULL; i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", nobody[i], 1), 0);
        notify_open(&notify);
        assert_int_equal(notify.fd, -1);
        notify_beat(&notify, true, "");
        notify_stopping(&notify, "why");
        notify_close(&notify);
    }
}

TEST(a_long_cause_is_cut_and_one_that_ends_otherwise_is_said)
{
    char path[128], why[2000];
    struct notify notify;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/socket", directory);
    int fd = listen_at(path);
    memset(why, 'x', sizeof why);
    why[sizeof why - 1] = 0;
    notify_open(&notify);
    notify_beat(&notify, false, why);
    assert_int_equal(strlen(hear(fd)), strlen("EXTEND_TIMEOUT_USEC=300000000\nWATCHDOG=1\nSTATUS=") + 511);
    notify_beat(&notify, false, why);
    assert_string_equal(hear(fd), "EXTEND_TIMEOUT_USEC=300000000\nWATCHDOG=1\n");
    notify_stopping(&notify, why);
    assert_int_equal(strlen(hear(fd)), strlen("STOPPING=1\nSTATUS=") + 900);
    notify_close(&notify);
    (void)close(fd);
}
