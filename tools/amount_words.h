/* SPDX-License-Identifier: Apache-2.0
 * Amounts as cheques and statements write them in Chinese, so that no figure can be altered: 支付结算办法 (银发〔1997〕
 * 393号), appendix 1, "正确填写票据和结算凭证的基本规定". Pure. */
#ifndef HUTONG_TOOLS_AMOUNT_WORDS_H
#define HUTONG_TOOLS_AMOUNT_WORDS_H
#include "common/base/buffer.h"
#include "common/base/money.h"

/* Appends "壹万陆仟肆佰零玖元零贰分"; "负" before what is below zero. */
void amount_words(fen_t amount, struct buffer *out);
#endif
