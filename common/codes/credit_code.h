/* SPDX-License-Identifier: Apache-2.0
 * Unified social credit codes, GB 32100-2015: 18 characters of 0-9A-HJ-NPQRTUWXY, weights 3^(i-1) mod 31, check
 * (31 - S mod 31) mod 31. Some registered codes in the wild fail the check: callers warn, unless policy says error. */
#ifndef HUTONG_COMMON_CODES_CREDIT_CODE_H
#define HUTONG_COMMON_CODES_CREDIT_CODE_H
#include <stdbool.h>

bool credit_code_is_shaped(const char *code);
bool credit_code_check_holds(const char *code); /* PRE: shaped */
#endif
