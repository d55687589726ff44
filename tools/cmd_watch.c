/* SPDX-License-Identifier: Apache-2.0
 * hutong watch: a terminal that is drawn anew each second; piped, a line each second. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/net/loop.h"
#include "tools/cli.h"
#include "tools/status_ask.h"
#include "tools/watch_frame.h"
#include "tools/wrap.h"

/* Figures are of the last five samples: steady enough to read, and news within a second. */
enum { ASK_MS = 300, KEPT = 6, FRAME_LINES = 24 };

static volatile sig_atomic_t stopped, resized;

static void on_signal(int number)
{
    if (number == SIGWINCH)
        resized = 1;
    else
        stopped = 1;
}

struct watch {
    struct cli *cli;
    bool terminal, keyboard;
    struct termios before;
    struct watch_sample *samples; /* KEPT of them, in a ring */
    uint64_t taken;
};

/* ---- samples ---- */

static const struct watch_sample *sample_at(const struct watch *watch, uint64_t number)
{
    return &watch->samples[number % KEPT];
}

static void take_sample(struct watch *watch)
{
    struct watch_sample *sample = &watch->samples[watch->taken % KEPT];
    struct cli *cli = watch->cli;
    const char *service;
    uint32_t partition;
    watch_sample_start(sample, loop_wall_ms());
    json_t *broker = status_of_broker(cli, ASK_MS);
    watch_sample_broker(sample, broker);
    json_decref(broker);
    for (unsigned i = 0; !stopped && service_state_at(cli->config.partitions, i, &service, &partition); i++) {
        char name[SERVICE_STATE_NAME_SIZE];
        service_state_name(service, partition, name);
        json_t *status = status_of_service(cli, service, partition, ASK_MS);
        watch_sample_service(sample, name, status);
        json_decref(status);
    }
    watch->taken++;
}

static const struct watch_sample *earlier(const struct watch *watch)
{
    return watch->taken < 2 ? NULL : sample_at(watch, watch->taken < KEPT ? 0 : watch->taken - KEPT);
}

/* ---- the terminal ---- */

static void begin(struct watch *watch)
{
    struct termios raw;
    if (watch->terminal)
        (void)fputs("\x1b[?1049h\x1b[?25l", stdout);
    watch->keyboard = watch->terminal && isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &watch->before) == 0;
    if (!watch->keyboard)
        return;
    raw = watch->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void end(const struct watch *watch)
{
    if (watch->keyboard)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &watch->before);
    if (watch->terminal)
        (void)fputs("\x1b[?25h\x1b[?1049l", stdout);
    (void)fflush(stdout);
}

/* From the corner, each line cleared to its end, nothing cleared before: it does not flicker. */
static void draw(const struct watch *watch)
{
    struct winsize size = {0};
    struct buffer frame = {0};
    const char *no_colour = getenv("NO_COLOR");
    struct watch_view view = {WRAP_WIDTH, FRAME_LINES, no_colour == NULL || no_colour[0] == 0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        view.columns = size.ws_col;
        view.lines = size.ws_row;
    }
    watch_frame(earlier(watch), sample_at(watch, watch->taken - 1), &view, &frame);
    (void)fputs("\x1b[H", stdout);
    for (const char *at = buffer_text(&frame); *at != 0;) {
        size_t line = strcspn(at, "\n");
        (void)printf("%.*s\x1b[K%s", (int)line, at, at[line] != 0 ? "\n" : "");
        at += line + (at[line] != 0);
    }
    (void)fputs("\x1b[J", stdout);
    (void)fflush(stdout);
    buffer_fini(&frame);
}

static void print(const struct watch *watch)
{
    struct buffer line = {0};
    watch_line(earlier(watch), sample_at(watch, watch->taken - 1), &line);
    (void)fputs(buffer_text(&line), stdout);
    (void)fflush(stdout);
    buffer_fini(&line);
}

/* ---- the loop ---- */

/* Until the time has come, or q, a signal, another size of the window. */
static void wait_until(struct watch *watch, int64_t until_us)
{
    for (int64_t left_us; !stopped && (left_us = until_us - loop_monotonic_us()) > 0;) {
        struct pollfd keys = {.fd = watch->keyboard ? STDIN_FILENO : -1, .events = POLLIN};
        char key;
        if (poll(&keys, 1, (int)(left_us / 1000 + 1)) > 0 && read(STDIN_FILENO, &key, 1) == 1 &&
            (key == 'q' || key == 'Q'))
            stopped = 1;
        if ((keys.revents & (POLLHUP | POLLERR)) != 0)
            stopped = 1;
        if (resized && watch->terminal && watch->taken > 0) {
            resized = 0;
            draw(watch);
        }
    }
}

static void watch_on(struct watch *watch, uint64_t interval_ms, uint64_t count)
{
    int64_t next_us = loop_monotonic_us();
    for (uint64_t shown = 0; !stopped && (count == 0 || shown < count);) {
        take_sample(watch);
        if (stopped)
            break;
        if (watch->terminal)
            draw(watch);
        else if (watch->taken > 1)
            print(watch);
        shown += watch->terminal || watch->taken > 1;
        next_us += (int64_t)interval_ms * 1000;
        if (next_us < loop_monotonic_us())
            next_us = loop_monotonic_us();
        if (count == 0 || shown < count)
            wait_until(watch, next_us);
        if (ferror(stdout))
            break; /* who read it is gone */
    }
}

static int run(struct cli *cli)
{
    uint64_t interval = cli_number_within(cli, "--interval", 1, 1, 3600), count = cli_number(cli, "--count", 0);
    struct sigaction action = {.sa_handler = on_signal};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};
    if (!cli_arguments(cli, &command_watch, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    struct watch watch = {.cli = cli, .terminal = isatty(STDOUT_FILENO) != 0};
    watch.samples = calloc(KEPT, sizeof *watch.samples);
    INVARIANT(watch.samples != NULL);
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaction(signals[i], &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    begin(&watch);
    watch_on(&watch, interval * 1000, count);
    end(&watch);
    free(watch.samples);
    return CLI_OK;
}

const struct command command_watch = {
    .name = "watch",
    .usage = "watch [--interval S] [--count N]",
    .summary = "a view that refreshes: rates, latency, lag with trend, room, parties, what is not ready and why",
    .summary_zh = "不断刷新的视图：速率、时延、落后及趋势、空间、接入方、未就绪者及原因",
    .help =
        "Each second, over the last five: messages accepted, decided, delivered; half and 99 of 100 outcomes are in a "
        "mailbox within p50 and p99; how far each service is behind, how long the oldest record waits, how the lag "
        "changes and when it is gone. ? is not known. q or Ctrl-C ends it. Piped, it is a line each time, with the "
        "greatest lag of all services.\n\n"
        "  hutong watch\n"
        "  hutong watch --interval 10 --count 6 >minute",
    .help_zh = "每秒一次，取最近五秒：受理、决定、投递的报文；半数和百分之九十九的结果在 p50 和 p99 "
               "之内到达信箱；各服务落后多少、"
               "最早的记录已等多久、落后如何变化、何时追平。? 为不详。按 q 或 Ctrl-C "
               "结束。输出到管道时每次一行，落后取各服务中最大者。\n"
               "\n"
               "  hutong watch\n"
               "  hutong watch --interval 10 --count 6 >minute",
    .options =
        (const struct command_option[]){
            {"--interval", "S", "间隔的秒数，缺省 1", "seconds between two, 1 unless given"},
            {"--count", "N", "次数，缺省不限", "how many times; without end unless given"},
            {0}},
    .run = run,
};
