/* SPDX-License-Identifier: Apache-2.0
 * What commands share. */
#include "tools/command.h"

#include <stddef.h>

const struct command_option command_shared_options[] = {
    {"--config", "FILE", "平台的配置文件；缺省依次为 $HUTONG_CONFIG、 ./hutong.yaml、 ./hutong-data/hutong.yaml",
     "the exchange's configuration; else $HUTONG_CONFIG, ./hutong.yaml, ./hutong-data/hutong.yaml"},
    {"--json", NULL, "供程序读取：每行一个 JSON 值", "for programs: one JSON value a line"},
    {"--as", "PARTY",
     "代表 110000、120000、130000 或 operator，经 tcp，用其密钥；也可写密钥的名称或密钥文件。缺省：运维方，经本机 ipc",
     "speak for 110000, 120000, 130000 or operator, over tcp, with its key; the name of a key or its file does as "
     "well. "
     "Without it: the operator, over this machine's ipc"},
    {"--gate", "ENDPOINT", "另一台机器上平台的接收端点", "where an exchange on another machine takes messages"},
    {"--mailbox", "ENDPOINT", "另一台机器上平台的信箱端点", "where it gives results"},
    {"--server-key", "KEY", "另一台机器上平台的公钥：server.key 文件，或其中的 public-key",
     "that exchange's public key: the file server.key, or the text of its public-key"},
    {"--signing-key", "FILE", "签名私钥；缺省为与 --as 的密钥同名的 .pem_secret，没有则不签名",
     "the secret key that signs what is sent; else the .pem_secret beside the key of --as, where there is one"},
    {"--by", "NAME", "何人在操作，记入日志；缺省依次为 $HUTONG_BY、登录名（sudo 时为其调用者）",
     "who acts, for the record; else $HUTONG_BY, else the login name, behind sudo that of who called it"},
    {"--language", "zh|en", "输出语言；缺省看 LC_ALL、LC_MESSAGES、LANG：以 zh 开头则中文，否则英文",
     "of what is printed; else by LC_ALL, LC_MESSAGES, LANG: Chinese where it begins with zh, English otherwise"},
    {"--help", NULL, "本说明；写在命令前后均可", "this; before or after the command"},
    {"--version", NULL, "版本与构建", "version and build"},
    {NULL, NULL, NULL, NULL},
};

bool command_entries_end(const struct command_entry *entry)
{
    return entry->en == NULL && entry->command == NULL;
}

const struct command_option *command_option_at(const struct command_option *own, unsigned index)
{
    unsigned at = 0;
    for (; own != NULL && own->name != NULL; own++, at++)
        if (at == index)
            return own;
    for (own = command_shared_options; own->name != NULL; own++, at++)
        if (at == index)
            return own;
    return NULL;
}
