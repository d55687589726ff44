/* SPDX-License-Identifier: Apache-2.0
 * Lists and shapes of medical-insurance codes. */
#include "common/codes/insurance.h"

#include <stddef.h>
#include <string.h>

struct insurance_type {
    const char *code;
    uint32_t scheme;
    enum insurance_class class;
    bool settled;
};

struct care_kind {
    const char *code;
    enum care_class class;
    bool inpatient;
    bool urgent;
    const char *clearing_type;
};

enum { SCHEME_IS_NONE, SCHEME_IS_PENSION, SCHEME_IS_MEDICAL, SCHEME_IS_UNEMPLOYMENT }; /* proto TransferScheme */

#define INSURANCE_TYPE(code, scheme, class, settled, ...) {code, SCHEME_IS_##scheme, INSURANCE_##class, settled},
#define CARE_KIND(code, class, ...)
#define CREDENTIAL(code, ...)
static const struct insurance_type insurance_types[] = {
#include "common/codes/insurance.def"
};
#undef INSURANCE_TYPE
#undef CARE_KIND
#define INSURANCE_TYPE(code, ...)
#define CARE_KIND(code, class, inpatient, urgent, clearing, ...) {code, CARE_##class, inpatient, urgent, clearing},
static const struct care_kind care_kinds[] = {
#include "common/codes/insurance.def"
};
#undef CARE_KIND
#undef CREDENTIAL
#define CARE_KIND(code, ...)
#define CREDENTIAL(code, ...) code,
static const char *const credentials[] = {
#include "common/codes/insurance.def"
};

static const char digits[] = "0123456789";
static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* NULL: not in the list. */
static const struct insurance_type *insurance_type_find(const char *code)
{
    for (size_t i = 0; i < sizeof insurance_types / sizeof insurance_types[0]; i++)
        if (strcmp(insurance_types[i].code, code) == 0)
            return &insurance_types[i];
    return NULL;
}

/* NULL: not in the list. */
static const struct care_kind *care_kind_find(const char *code)
{
    for (size_t i = 0; i < sizeof care_kinds / sizeof care_kinds[0]; i++)
        if (strcmp(care_kinds[i].code, code) == 0)
            return &care_kinds[i];
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
    if (strlen(category) != 4 || strspn(category, digits) != 4 || category[0] != '1')
        return PERSON_UNKNOWN;
    return category[1] >= '1' && category[1] <= '6' ? (enum person_class)(category[1] - '0') : PERSON_UNKNOWN;
}

bool care_kind_is_known(const char *care_kind)
{
    return care_kind_find(care_kind) != NULL;
}

bool care_kind_is_inpatient(const char *care_kind)
{
    const struct care_kind *kind = care_kind_find(care_kind);
    return kind != NULL && kind->inpatient;
}

bool care_kind_is_urgent(const char *care_kind)
{
    const struct care_kind *kind = care_kind_find(care_kind);
    return kind != NULL && kind->urgent;
}

/* An unknown kind is refused; its first digit still says what else is wrong with the bill. */
enum care_class care_class_of(const char *care_kind)
{
    const struct care_kind *kind = care_kind_find(care_kind);
    return kind != NULL ? kind->class : care_kind[0] == '5' ? CARE_MATERNITY : CARE_ORDINARY;
}

const char *clearing_type_of(const char *care_kind)
{
    const struct care_kind *kind = care_kind_find(care_kind);
    return kind != NULL ? kind->clearing_type : care_kinds[0].clearing_type;
}

bool clearing_type_is_inpatient(const char *clearing_type)
{
    size_t i = 0, count = sizeof care_kinds / sizeof care_kinds[0];
    while (i < count && strcmp(care_kinds[i].clearing_type, clearing_type) != 0)
        i++;
    return i < count && care_kinds[i].inpatient;
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
    return strlen(code) == 6 && code[0] == 'M' && strspn(code + 1, digits) == 5;
}

enum item_kind item_kind_of(const char *code)
{
    return code[0] == 'X' || code[0] == 'Z' ? ITEM_DRUG : code[0] == 'C' ? ITEM_CONSUMABLE : ITEM_SERVICE;
}

bool institution_code_is_shaped(const char *code)
{
    return strlen(code) == 12 && (code[0] == 'H' || code[0] == 'P') && strspn(code + 1, digits) == 11;
}

bool item_code_is_shaped(const char *code)
{
    size_t size = strlen(code);
    if (size == 0 || strspn(code, alphabet) != size)
        return false;
    switch (code[0]) {
    case 'X':
        return size == 23;
    case 'Z':
        return size == 20;
    case 'C':
        return size == 20 || size == 27;
    default:
        return size == 15;
    }
}

bool diagnosis_is_shaped(const char *code)
{
    size_t size = strlen(code);
    if (size < 7 || size > 20 || code[0] < 'A' || code[0] > 'Z' || code[3] != '.')
        return false;
    bool middle = strspn(code + 1, digits) == 2 && (code[4] == 'x' || (code[4] >= '0' && code[4] <= '9'));
    bool tail = strspn(code + 5, digits) >= 2;
    return middle && tail && strspn(code + 7, "0123456789xX+*") == size - 7;
}
