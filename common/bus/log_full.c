/* SPDX-License-Identifier: Apache-2.0
 * Why a log takes nothing in. */
#include "common/bus/log_full.h"

#include <stddef.h>

const char *log_full_text(enum log_full full)
{
    switch (full) {
    case LOG_FULL_LIMIT:
        return "日志已达到 log_limit_mib，暂不接收，读取照常：请调高该值或裁剪日志; the log has reached log_limit_mib, "
               "nothing is accepted, reads go on: raise it, or trim the log";
    case LOG_FULL_DISK:
        return "磁盘可用空间低于保留值，暂不接收，读取照常：请扩容或清理磁盘; the disk has less free than must stay "
               "free, "
               "nothing is accepted, reads go on: make room on the disk";
    default:
        return NULL;
    }
}
