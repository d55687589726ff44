/* SPDX-License-Identifier: Apache-2.0
 * Layout of `hutong watch`: cells of a width in columns, a row is a line. */
#include "tools/watch_frame.h"

#include <stdio.h>
#include <string.h>

#include "common/base/instant.h"
#include "tools/language.h"
#include "tools/wrap.h"

enum { CELL_SIZE = 64, LINE_SIZE = 1024, FRAME_HEAD = 6, PARTY_HEAD = 2 };
enum colour { PLAIN, BOLD, RED, YELLOW, GREY };

struct frame {
    const struct watch_sample *before, *now;
    const struct watch_view *view;
    struct buffer *out;
    int column, line;
};

/* ---- cells ---- */

static const char *start_of(enum colour colour)
{
    static const char *const starts[] = {"", "\x1b[1m", "\x1b[1;31m", "\x1b[33m", "\x1b[90m"};
    return starts[colour];
}

/* Its bytes that fit into so many columns. */
static size_t fitting(const char *text, int columns)
{
    char character[8];
    size_t size = 0;
    while (text[size] != 0) {
        size_t next = size + 1;
        while (((unsigned char)text[next] & 0xc0) == 0x80)
            next++;
        (void)snprintf(character, sizeof character, "%.*s", (int)(next - size), text + size);
        columns -= wrap_columns(character);
        if (columns < 0)
            break;
        size = next;
    }
    return size;
}

/* As wide as it is; cut where the line ends. */
static void put(struct frame *frame, enum colour colour, const char *text)
{
    char piece[LINE_SIZE];
    bool painted = frame->view->colours && colour != PLAIN;
    (void)snprintf(piece, sizeof piece, "%.*s", (int)fitting(text, frame->view->columns - frame->column), text);
    frame->column += wrap_columns(piece);
    buffer_printf(frame->out, "%s%s%s", painted ? start_of(colour) : "", piece, painted ? "\x1b[0m" : "");
}

static void blank(struct frame *frame, int columns)
{
    for (int i = 0; i < columns; i++)
        put(frame, PLAIN, " ");
}

/* `width` below 0: to the left, above: to the right. */
static void cell(struct frame *frame, enum colour colour, int width, const char *text)
{
    int room = (width < 0 ? -width : width) - wrap_columns(text);
    if (width > 0)
        blank(frame, room);
    put(frame, colour, text);
    if (width < 0)
        blank(frame, room);
}

/* What is not known is grey. */
static void figure(struct frame *frame, int width, const char *text)
{
    cell(frame, strcmp(text, "?") == 0 ? GREY : PLAIN, width, text);
}

static void end_line(struct frame *frame)
{
    frame->line++;
    frame->column = 0;
    if (frame->line < frame->view->lines)
        buffer_append_text(frame->out, "\n");
}

/* ---- figures ---- */

static int64_t elapsed_ms(const struct watch_sample *before, const struct watch_sample *now)
{
    return before != NULL && now->at_ms > before->at_ms ? now->at_ms - before->at_ms : 0;
}

/* "12.3"; "?": not known, as where a process began anew meanwhile. */
static void rate_text(char text[CELL_SIZE], bool known, int64_t from, int64_t to, int64_t ms)
{
    if (!known || ms <= 0 || to < from)
        (void)snprintf(text, CELL_SIZE, "?");
    else
        (void)snprintf(text, CELL_SIZE, "%lld.%lld", (long long)((to - from) * 1000 / ms),
                       (long long)((to - from) * 10000 / ms % 10));
}

/* "850 ms", "12 s", "3 min", "5 h", "2 d". */
static void time_text(char text[CELL_SIZE], int64_t ms)
{
    static const struct {
        int64_t below_ms, unit_ms;
        const char *zh, *en;
    } units[] = {{1000, 1, "%lld 毫秒", "%lld ms"},
                 {120000, 1000, "%lld 秒", "%lld s"},
                 {7200000, 60000, "%lld 分", "%lld min"},
                 {172800000, 3600000, "%lld 时", "%lld h"},
                 {INT64_MAX, 86400000, "%lld 日", "%lld d"}};
    unsigned i = 0;
    while (ms >= units[i].below_ms && i < 4)
        i++;
    (void)snprintf(text, CELL_SIZE, said(units[i].zh, units[i].en), (long long)(ms / units[i].unit_ms));
}

int64_t watch_quantile(const struct watch_sample *before, const struct watch_sample *now, unsigned percent)
{
    int64_t counts[WATCH_LATENCIES], total = 0, seen = 0;
    for (unsigned i = 0; i < WATCH_LATENCIES; i++) {
        counts[i] = now->latencies[i] - (before != NULL ? before->latencies[i] : 0);
        total += counts[i] > 0 ? counts[i] : 0;
    }
    if (!now->mailbox || before == NULL || !before->mailbox || total == 0)
        return -1;
    int64_t rank = (total * percent + 99) / 100;
    for (unsigned i = 0; i < WATCH_LATENCIES; i++) {
        int64_t low = i == 0 ? 0 : INT64_C(1) << (i - 1), high = INT64_C(1) << i;
        if (counts[i] <= 0)
            continue;
        if (seen + counts[i] >= rank)
            return low + (high - low) * (rank - seen) / counts[i];
        seen += counts[i];
    }
    return -1;
}

static void quantile_text(char text[CELL_SIZE], const struct frame *frame, unsigned percent)
{
    int64_t us = watch_quantile(frame->before, frame->now, percent);
    if (us < 0)
        (void)snprintf(text, CELL_SIZE, "%s", frame->now->mailbox && frame->before != NULL ? "-" : "?");
    else
        (void)snprintf(text, CELL_SIZE, said("%lld.%lld 毫秒", "%lld.%lld ms"), (long long)(us / 1000),
                       (long long)(us / 100 % 10));
}

/* ---- the head ---- */

static const struct watch_service *same_service(const struct watch_sample *sample, const char *name)
{
    for (unsigned i = 0; sample != NULL && i < sample->service_count; i++)
        if (strcmp(sample->services[i].name, name) == 0)
            return &sample->services[i];
    return NULL;
}

/* Why it is not well, the broker first; "": it is. */
static void trouble(const struct watch_sample *now, char text[LINE_SIZE])
{
    text[0] = 0;
    if (!now->broker)
        (void)snprintf(text, LINE_SIZE, "%s", said("代理没有应答", "the broker does not answer"));
    else if (now->full)
        (void)snprintf(text, LINE_SIZE, "%s", now->full_cause);
    for (unsigned i = 0; i < now->service_count; i++) {
        const struct watch_service *service = &now->services[i];
        size_t used = strlen(text);
        if (service->answered && service->ready)
            continue;
        (void)snprintf(text + used, LINE_SIZE - used, "%s%s: %s", used > 0 ? "; " : "", service->name,
                       service->answered ? service->why : said("没有应答", "does not answer"));
    }
}

static void put_head(struct frame *frame)
{
    char text[40], when[40], why[LINE_SIZE];
    instant_describe(frame->now->at_ms, text); /* 2026-11-30T07:31:44.835+08:00 */
    (void)snprintf(when, sizeof when, "%.10s %.8s %s", text, text + 11, text + 23);
    put(frame, BOLD, said("hutong 互通", "hutong"));
    cell(frame, PLAIN, frame->view->columns - frame->column, when);
    end_line(frame);
    trouble(frame->now, why);
    put(frame, why[0] != 0 ? RED : BOLD, why[0] != 0 ? said("未就绪  ", "NOT READY  ") : said("就绪", "READY"));
    put(frame, PLAIN, why);
    end_line(frame);
    end_line(frame);
}

static void named(struct frame *frame, const char *name, const char *value)
{
    put(frame, PLAIN, name);
    put(frame, PLAIN, " ");
    cell(frame, strcmp(value, "?") == 0 ? GREY : BOLD, -8, value);
}

static void put_rates(struct frame *frame)
{
    const struct watch_sample *before = frame->before, *now = frame->now;
    int64_t ms = elapsed_ms(before, now);
    bool broker = now->broker && before != NULL && before->broker, mailbox = now->mailbox && ms > 0 && before->mailbox;
    char text[CELL_SIZE];
    put(frame, PLAIN, said("每秒 ", "/s "));
    rate_text(text, broker, broker ? before->accepted : 0, now->accepted, ms);
    named(frame, said("受理", "accepted"), text);
    rate_text(text, broker, broker ? before->decided : 0, now->decided, ms);
    named(frame, said("决定", "decided"), text);
    rate_text(text, mailbox, mailbox ? before->delivered : 0, now->delivered, ms);
    named(frame, said("投递", "delivered"), text);
    quantile_text(text, frame, 50);
    named(frame, "p50", text);
    quantile_text(text, frame, 99);
    named(frame, "p99", text);
    end_line(frame);
}

static void put_room(struct frame *frame)
{
    const struct watch_sample *now = frame->now;
    char text[LINE_SIZE];
    int64_t dead = 0, restarts = 0;
    bool whole = true;
    for (unsigned i = 0; i < now->service_count; i++) {
        whole = whole && now->services[i].answered;
        dead += now->services[i].dead_letters;
        restarts += now->services[i].restarts;
    }
    if (now->broker)
        (void)snprintf(text, sizeof text,
                       said("日志 %lld／%lld MiB；磁盘剩余 %lld MiB（保留 %lld）",
                            "log %lld of %lld MiB; disk %lld MiB free (%lld kept)"),
                       (long long)now->log_used >> 20, (long long)now->log_limit >> 20, (long long)now->disk_free >> 20,
                       (long long)now->disk_reserve >> 20);
    else
        (void)snprintf(text, sizeof text, "%s", said("日志 ?", "log ?"));
    put(frame, now->broker ? PLAIN : GREY, text);
    (void)snprintf(text, sizeof text, said("；死信 %s%lld", "; dead %s%lld"), whole ? "" : ">=", (long long)dead);
    put(frame, dead > 0 ? YELLOW : PLAIN, text);
    (void)snprintf(text, sizeof text, said("；重启 %s%lld", "; restarts %s%lld"),
                   whole ? "" : ">=", (long long)restarts);
    put(frame, restarts > 0 ? YELLOW : PLAIN, text);
    end_line(frame);
    end_line(frame);
}

/* ---- services ---- */

/* How fast the lag grows, and when it will be gone. */
static void put_trend(struct frame *frame, const struct watch_service *service)
{
    const struct watch_service *earlier = same_service(frame->before, service->name);
    int64_t ms = elapsed_ms(frame->before, frame->now);
    char trend[CELL_SIZE] = "?", clears[CELL_SIZE] = "?";
    if (earlier != NULL && earlier->lag_known && ms > 0) {
        int64_t grows = (service->lag_records - earlier->lag_records) * 1000 / ms;
        (void)snprintf(trend, sizeof trend, "%+lld", (long long)grows);
        if (service->lag_records == 0)
            (void)snprintf(clears, sizeof clears, "-");
        else if (grows < 0)
            time_text(clears, service->lag_records * 1000 / -grows);
        else
            (void)snprintf(clears, sizeof clears, "%s", said("不会", "never"));
    }
    figure(frame, 9, trend);
    figure(frame, 10, clears);
}

static void put_service(struct frame *frame, const struct watch_service *service)
{
    char text[CELL_SIZE];
    bool well = service->answered && service->ready;
    cell(frame, !service->answered ? RED : well ? PLAIN : YELLOW, -17, service->name);
    if (!service->answered) {
        put(frame, GREY, said("?  没有应答", "?  does not answer"));
        end_line(frame);
        return;
    }
    (void)snprintf(text, sizeof text, "%lld", (long long)service->position);
    figure(frame, 11, text);
    (void)snprintf(text, sizeof text, "%lld", (long long)service->lag_records);
    figure(frame, 9, service->lag_known ? text : "?");
    time_text(text, service->lag_ms);
    figure(frame, 9, service->lag_known ? text : "?");
    if (service->lag_known)
        put_trend(frame, service);
    else
        blank(frame, 19);
    (void)snprintf(text, sizeof text, "%lld", (long long)service->dead_letters);
    cell(frame, service->dead_letters > 0 ? YELLOW : PLAIN, 6, text);
    (void)snprintf(text, sizeof text, "%lld%%",
                   (long long)(service->state_limit > 0 ? service->state * 100 / service->state_limit : 0));
    cell(frame, service->state_limit > 0 && service->state * 100 / service->state_limit > 80 ? RED : PLAIN, 7, text);
    end_line(frame);
}

static bool is_dull(const struct watch_service *service)
{
    return service->answered && service->ready && service->lag_known && service->lag_records == 0 &&
           service->dead_letters == 0;
}

/* All, or as many as there is room for, those first with which something is. */
static void put_services(struct frame *frame, int room)
{
    const struct watch_sample *now = frame->now;
    bool all = (int)now->service_count <= room;
    int shown = 0, most = all ? room : room - 1;
    cell(frame, BOLD, -17, said("服务", "service"));
    cell(frame, BOLD, 11, said("位置", "position"));
    cell(frame, BOLD, 9, said("落后", "behind"));
    cell(frame, BOLD, 9, said("已等", "waits"));
    cell(frame, BOLD, 9, said("每秒增", "a second"));
    cell(frame, BOLD, 10, said("追平还需", "clears in"));
    cell(frame, BOLD, 6, said("死信", "dead"));
    cell(frame, BOLD, 7, said("状态", "state"));
    end_line(frame);
    for (int dull = 0; dull <= 1 && !all; dull++)
        for (unsigned i = 0; i < now->service_count && shown < most; i++)
            if (is_dull(&now->services[i]) == dull) {
                put_service(frame, &now->services[i]);
                shown++;
            }
    for (unsigned i = 0; i < now->service_count && all; i++)
        put_service(frame, &now->services[i]);
    if (!all) {
        char text[CELL_SIZE];
        (void)snprintf(text, sizeof text, said("另有 %d 个", "%d more"), (int)now->service_count - shown);
        put(frame, GREY, text);
        end_line(frame);
    }
}

/* ---- parties ---- */

static void put_party(struct frame *frame, const struct watch_party *party)
{
    int64_t ms = elapsed_ms(frame->before, frame->now), from = -1;
    char text[CELL_SIZE];
    for (unsigned i = 0; frame->before != NULL && i < frame->before->party_count; i++)
        if (strcmp(frame->before->parties[i].name, party->name) == 0)
            from = frame->before->parties[i].accepted;
    cell(frame, PLAIN, -17, party->name);
    rate_text(text, from >= 0, from, party->accepted, ms);
    figure(frame, 11, text);
    const int64_t figures[] = {party->refused, party->busy, party->unconfirmed};
    static const int widths[] = {9, 9, 12};
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(text, sizeof text, "%lld", (long long)figures[i]);
        figure(frame, widths[i], text);
    }
    if (party->oldest_ms >= 0)
        time_text(text, party->oldest_ms);
    figure(frame, 10, party->oldest_ms >= 0 ? text : "-");
    if (party->seen_ms >= 0)
        time_text(text, frame->now->at_ms > party->seen_ms ? frame->now->at_ms - party->seen_ms : 0);
    figure(frame, 11, party->seen_ms >= 0 ? text : "-");
    end_line(frame);
}

static void put_parties(struct frame *frame)
{
    end_line(frame);
    cell(frame, BOLD, -17, said("接入方", "party"));
    cell(frame, BOLD, 11, said("每秒受理", "accepted/s"));
    cell(frame, BOLD, 9, said("拒绝", "refused"));
    cell(frame, BOLD, 9, said("繁忙", "busy"));
    cell(frame, BOLD, 12, said("未确认", "unconfirmed"));
    cell(frame, BOLD, 10, said("最早", "oldest"));
    cell(frame, BOLD, 11, said("听到于", "seen ago"));
    end_line(frame);
    for (unsigned i = 0; i < frame->now->party_count; i++)
        put_party(frame, &frame->now->parties[i]);
    if (!frame->now->mailbox) {
        put(frame, GREY, "?");
        end_line(frame);
    }
}

void watch_frame(const struct watch_sample *before, const struct watch_sample *now, const struct watch_view *view,
                 struct buffer *out)
{
    struct frame frame = {before, now, view, out, 0, 0};
    struct buffer whole = {0};
    struct watch_view unbounded = *view;
    int parties = now->mailbox ? (int)now->party_count : 1, room = view->lines - FRAME_HEAD - PARTY_HEAD - parties;
    unbounded.lines = INT32_MAX;
    frame.view = &unbounded;
    frame.out = &whole;
    put_head(&frame);
    put_rates(&frame);
    put_room(&frame);
    put_services(&frame, room > 2 ? room - 1 : 2);
    put_parties(&frame);
    const char *text = buffer_text(&whole);
    for (int line = 0; line < view->lines && *text != 0; line++) {
        size_t size = strcspn(text, "\n");
        buffer_printf(out, "%s%.*s", line > 0 ? "\n" : "", (int)size, text);
        text += size + (text[size] == '\n');
    }
    buffer_fini(&whole);
}

/* ---- a line ---- */

void watch_line(const struct watch_sample *before, const struct watch_sample *now, struct buffer *out)
{
    int64_t ms = elapsed_ms(before, now), lag = 0, lag_ms = 0, dead = 0;
    bool broker = now->broker && ms > 0 && before->broker, mailbox = now->mailbox && ms > 0 && before->mailbox,
         known = true;
    char when[40], text[LINE_SIZE];
    for (unsigned i = 0; i < now->service_count; i++) {
        const struct watch_service *service = &now->services[i];
        known = known && service->answered && service->lag_known;
        lag = service->lag_records > lag ? service->lag_records : lag;
        lag_ms = service->lag_ms > lag_ms ? service->lag_ms : lag_ms;
        dead += service->dead_letters;
    }
    instant_describe(now->at_ms, when);
    buffer_append_text(out, when);
    rate_text(text, broker, broker ? before->accepted : 0, now->accepted, ms);
    buffer_printf(out, " accepted=%s", text);
    rate_text(text, broker, broker ? before->decided : 0, now->decided, ms);
    buffer_printf(out, " decided=%s", text);
    rate_text(text, mailbox, mailbox ? before->delivered : 0, now->delivered, ms);
    buffer_printf(out, " delivered=%s", text);
    for (unsigned percent = 50; percent <= 99; percent += 49) {
        int64_t us = watch_quantile(before, now, percent);
        if (us >= 0)
            buffer_printf(out, " p%u_us=%lld", percent, (long long)us);
        else
            buffer_printf(out, " p%u_us=?", percent);
    }
    if (known)
        buffer_printf(out, " lag=%lld lag_ms=%lld dead=%lld", (long long)lag, (long long)lag_ms, (long long)dead);
    else
        buffer_append_text(out, " lag=? lag_ms=? dead=?");
    if (now->broker)
        buffer_printf(out, " disk_free_mib=%lld", (long long)now->disk_free >> 20);
    else
        buffer_append_text(out, " disk_free_mib=?");
    trouble(now, text);
    buffer_printf(out, " %s%s\n", text[0] == 0 ? "ready" : "NOT READY: ", text);
}
