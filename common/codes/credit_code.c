/* SPDX-License-Identifier: Apache-2.0
 * GB 32100-2015. */
#include "common/codes/credit_code.h"

#include <string.h>

#include "common/base/check.h"

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
enum { CREDIT_CODE_SIZE = 18, MODULUS = 31 };

bool credit_code_is_shaped(const char *code)
{
    return strlen(code) == CREDIT_CODE_SIZE && strspn(code, alphabet) == CREDIT_CODE_SIZE;
}

bool credit_code_check_holds(const char *code)
{
    PRE(credit_code_is_shaped(code));
    long sum = 0, weight = 1;
    for (int i = 0; i < CREDIT_CODE_SIZE - 1; i++) {
        sum += (strchr(alphabet, code[i]) - alphabet) * weight;
        weight = weight * 3 % MODULUS;
    }
    return alphabet[(MODULUS - sum % MODULUS) % MODULUS] == code[CREDIT_CODE_SIZE - 1];
}
