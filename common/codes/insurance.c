/* SPDX-License-Identifier: Apache-2.0
 * Lists and shapes of medical-insurance codes. */
#include "common/codes/insurance.h"

#include <stddef.h>
#include <string.h>

#include "common/base/text.h"

struct insurance_type {
    const char *code;
    uint32_t scheme;
    enum insurance_class class;
    bool settled;
};

enum { SCHEME_IS_NONE, SCHEME_IS_PENSION, SCHEME_IS_MEDICAL, SCHEME_IS_UNEMPLOYMENT }; /* proto TransferScheme */

#define INSURANCE_TYPE(code, scheme, class, settled, ...) {code, SCHEME_IS_##scheme, INSURANCE_##class, settled},
#define CARE_KIND(code, class, ...)
#define CREDENTIAL(code, ...)
static const struct insurance_type insurance_types[] = {
#include "common/codes/insurance.def"
};
#undef INSURANCE_TYPE
#undef CREDENTIAL
#define INSURANCE_TYPE(code, ...)
#define CREDENTIAL(code, ...) code,
static const char *const credentials[] = {
#include "common/codes/insurance.def"
};

/* NULL: not in the list. */
static const struct insurance_type *insurance_type_find(const char *code)
{
    for (size_t i = 0; i < sizeof insurance_types / sizeof insurance_types[0]; i++)
        if (strcmp(insurance_types[i].code, code) == 0)
            return &insurance_types[i];
    return NULL;
}

bool credential_is_known(const char *code)
{
    for (size_t i = 0; i < sizeof credentials / sizeof credentials[0]; i++)
        if (strcmp(credentials[i], code) == 0)
            return true;
    return false;
}

enum person_class person_class_of(const char *category)
{
    if (strlen(category) != 4 || text_digits(category) != 4 || category[0] != '1')
        return PERSON_UNKNOWN;
    return category[1] >= '1' && category[1] <= '6' ? (enum person_class)(category[1] - '0') : PERSON_UNKNOWN;
}

bool person_class_goes_with(enum person_class class, enum insurance_class type)
{
    bool employee = class == PERSON_WORKING || class == PERSON_RETIRED;
    bool resident = class == PERSON_MINOR || class == PERSON_ADULT || class == PERSON_ELDERLY;
    return type == INSURANCE_EMPLOYEES   ? employee
           : type == INSURANCE_RESIDENTS ? resident
                                         : class != PERSON_UNKNOWN && class != PERSON_VETERAN;
}

bool insurance_type_is_known(const char *insurance_type)
{
    return insurance_type_find(insurance_type) != NULL;
}

bool insurance_type_is_settled(const char *insurance_type)
{
    const struct insurance_type *type = insurance_type_find(insurance_type);
    return type != NULL && type->settled;
}

enum insurance_class insurance_class_of(const char *insurance_type)
{
    const struct insurance_type *type = insurance_type_find(insurance_type);
    return type != NULL ? type->class : INSURANCE_OTHER;
}

uint32_t insurance_scheme_of(const char *insurance_type)
{
    const struct insurance_type *type = insurance_type_find(insurance_type);
    return type != NULL ? type->scheme : SCHEME_IS_NONE;
}

const char *scheme_insurance_type(uint32_t scheme)
{
    for (size_t i = 0; i < sizeof insurance_types / sizeof insurance_types[0]; i++)
        if (insurance_types[i].scheme == scheme && insurance_types[i].class == INSURANCE_EMPLOYEES)
            return insurance_types[i].code;
    return "";
}

bool special_disease_is_shaped(const char *code)
{
    return strlen(code) == 6 && code[0] == 'M' && text_digits(code + 1) == 5;
}

bool institution_code_is_shaped(const char *code)
{
    return strlen(code) == 12 && (code[0] == 'H' || code[0] == 'P') && text_digits(code + 1) == 11;
}

bool diagnosis_is_shaped(const char *code)
{
    size_t size = strlen(code);
    if (size < 7 || size > 20 || code[0] < 'A' || code[0] > 'Z' || code[3] != '.')
        return false;
    bool middle = text_digits(code + 1) == 2 && (code[4] == 'x' || (code[4] >= '0' && code[4] <= '9'));
    bool tail = text_digits(code + 5) >= 2;
    return middle && tail && strspn(code + 7, "0123456789xX+*") == size - 7;
}
