/* SPDX-License-Identifier: Apache-2.0
 * Lists and shapes of medical-insurance codes. */
#include "common/codes/insurance.h"

#include <stddef.h>
#include <string.h>

static const struct code_text texts[] = {
#define CODE(list, code, zh, en) {list, code, zh, en},
#include "common/codes/insurance.def"
#undef CODE
};

static const char digits[] = "0123456789";
static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

const struct code_text *code_find(enum code_list list, const char *code)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].list == list && strcmp(texts[i].code, code) == 0)
            return &texts[i];
    return NULL;
}

enum person_class person_class_of(const char *category)
{
    if (strlen(category) != 4 || strspn(category, digits) != 4 || category[0] != '1')
        return PERSON_UNKNOWN;
    return category[1] >= '1' && category[1] <= '6' ? (enum person_class)(category[1] - '0') : PERSON_UNKNOWN;
}

bool care_kind_is_inpatient(const char *care_kind)
{
    return (care_kind[0] == '2' && care_kind[1] >= '1' && care_kind[1] <= '4' && care_kind[2] == 0) ||
           strcmp(care_kind, "52") == 0;
}

enum care_class care_class_of(const char *care_kind)
{
    if (strcmp(care_kind, "13") == 0)
        return CARE_EMERGENCY;
    if (strcmp(care_kind, "14") == 0)
        return CARE_CHRONIC;
    if (strcmp(care_kind, "41") == 0)
        return CARE_PHARMACY;
    return care_kind[0] == '5' ? CARE_MATERNITY : CARE_ORDINARY;
}

bool insurance_type_is_employees(const char *insurance_type)
{
    return strcmp(insurance_type, "310") == 0 || strcmp(insurance_type, "510") == 0;
}

bool insurance_type_is_settled(const char *insurance_type)
{
    return insurance_type_is_employees(insurance_type) || strcmp(insurance_type, "390") == 0;
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
