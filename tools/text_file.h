/* SPDX-License-Identifier: Apache-2.0
 * A text file's bytes as UTF-8, whatever a spreadsheet or an older system has saved them as. */
#ifndef HUTONG_TOOLS_TEXT_FILE_H
#define HUTONG_TOOLS_TEXT_FILE_H
#include "common/base/buffer.h"

bool text_file_is_utf8(struct span text);
/* UTF-8 stays as it is (its mark too); UTF-16 with a mark, and GB18030 (GBK, GB2312), are read as UTF-8. False: `why`
 * has the fault, a workbook say. True with something in `why`: what the file was read as. */
bool text_file_read(struct buffer *bytes, struct buffer *why);
#endif
