/* SPDX-License-Identifier: Apache-2.0
 * Pages of daemons. */
#include "tools/help_daemon.h"

#include <stdio.h>
#include <string.h>

#include "common/config/service.h"
#include "tools/language.h"
#include "tools/wrap.h"

enum { OPTION_GAP = 20 };

static const struct {
    const char *name, *does, *keeps, *stops, *does_zh, *keeps_zh, *stops_zh;
} pages[SERVICE_COUNT] = {
#define DAEMON(name, instances, states, does, keeps, stops, does_zh, keeps_zh, stops_zh)                               \
    {#name, does, keeps, stops, does_zh, keeps_zh, stops_zh},
#define SERVICE(name, instances, input, second, output, unhurried, does, keeps, stops, does_zh, keeps_zh, stops_zh)    \
    {#name, does, keeps, stops, does_zh, keeps_zh, stops_zh},
#include "common/config/service.def"
#undef DAEMON
#undef SERVICE
};

/* The tables' texts stand in pages too: `code` and [text](page) as plain text. */
static void put_plain(struct buffer *out, const char *text)
{
    for (const char *at = text; *at != 0; at++) {
        if (*at == ']' && at[1] == '(')
            at += strcspn(at, ")");
        else if (*at != '`' && *at != '[')
            buffer_append(out, at, 1);
    }
}

static void put_options(struct buffer *out, bool partitioned)
{
    buffer_append_text(out, said("\n选项\n", "\nOptions\n"));
    wrap_beside(out, "  --config FILE", OPTION_GAP,
                said("平台的配置文件，见 hutong.yaml(5)", "the exchange's configuration, hutong.yaml(5)"));
    if (partitioned)
        wrap_beside(out, "  --partition N", OPTION_GAP, said("第几个分区，自 0 起", "which partition, from 0 on"));
    wrap_beside(
        out, "  --restarts N", OPTION_GAP,
        said("此前被重新启动的次数，由监督进程给出", "how often it was started again before, by who supervises it"));
    wrap_beside(out, "  --version", OPTION_GAP, said("版本与构建", "version and build"));
    buffer_append_text(out, "\n");
    wrap_page(
        out,
        said("运行记录是标准错误上每行一个 JSON 对象。SIGTERM 使它按次序停止，SIGKILL "
             "无害。各退出码及应对：OPERATING，“退出码”。"
             "由 hutong up 或 systemd 启动。",
             "Its diary is one JSON object a line on standard error. SIGTERM ends it in order, SIGKILL harms nothing. "
             "Exit codes and what to do: OPERATING, \"Exit codes\". hutong up or systemd starts it."),
        0);
}

bool help_daemon(const char *program)
{
    struct buffer text = {0}, plain = {0};
    unsigned row = 0;
    const char *name = strncmp(program, "hutong-", 7) == 0 ? program + 7 : "";
    while (row < SERVICE_COUNT && strcmp(pages[row].name, name) != 0)
        row++;
    if (row == SERVICE_COUNT)
        return false;
    bool partitioned = service_rows[row].partitioned;
    buffer_printf(&text, said("用法：hutong-%s --config FILE%s\n\n", "usage: hutong-%s --config FILE%s\n\n"), name,
                  partitioned ? " --partition N" : "");
    put_plain(&plain, said(pages[row].does_zh, pages[row].does));
    buffer_append_text(&plain, said("。data_directory 下的状态：", ". State under data_directory: "));
    put_plain(&plain, said(pages[row].keeps_zh, pages[row].keeps));
    buffer_append_text(&plain, said("。", ". It may end: "));
    put_plain(&plain, said(pages[row].stops_zh, pages[row].stops));
    buffer_append_text(&plain, said("。", "."));
    wrap_page(&text, buffer_text(&plain), 0);
    put_options(&text, partitioned);
    (void)fputs(buffer_text(&text), stdout);
    buffer_fini(&text);
    buffer_fini(&plain);
    return true;
}
