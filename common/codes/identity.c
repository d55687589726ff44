/* SPDX-License-Identifier: Apache-2.0
 * GB 11643-1999, and the foreign permanent resident's card of 2023. */
#include "common/codes/identity.h"

#include <stddef.h>
#include <string.h>

#include "common/base/text.h"

static const uint32_t divisions[] = {
#include "divisions.inc"
};

enum { DIVISIONS_COUNT = sizeof divisions / sizeof divisions[0] };

bool division_index(uint32_t division, uint32_t *index)
{
    size_t low = 0, high = DIVISIONS_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (divisions[middle] < division)
            low = middle + 1;
        else
            high = middle;
    }
    *index = (uint32_t)low;
    return low < DIVISIONS_COUNT && divisions[low] == division;
}

uint32_t divisions_count(void)
{
    return DIVISIONS_COUNT;
}

uint32_t division_at(uint32_t index)
{
    return divisions[index];
}

bool division_is_known(uint32_t division)
{
    uint32_t index;
    return division == 810000 || division == 820000 || division == 830000 || division_index(division, &index);
}

char identity_check_character(const char *digits17)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += (digits17[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

static uint32_t number_of(const char *text, int size)
{
    uint32_t number = 0;
    for (int i = 0; i < size; i++)
        number = number * 10 + (uint32_t)(text[i] - '0');
    return number;
}

enum status identity_parse(const char *text, struct identity *identity)
{
    if (strlen(text) != IDENTITY_SIZE || text_digits(text) < 17)
        return REJECT_MALFORMED;
    char check = text[17] == 'x' ? 'X' : text[17];
    civil_date_t birth_date = number_of(text + 6, 8);
    if (check != identity_check_character(text) || !civil_date_exists(birth_date))
        return REJECT_MALFORMED;
    bool foreigner = text[0] == '9';
    memcpy(identity->number, text, 17);
    identity->number[17] = check;
    identity->number[18] = 0;
    identity->kind = foreigner ? IDENTITY_FOREIGNER : IDENTITY_CITIZEN;
    identity->division = foreigner ? number_of(text + 1, 2) * 10000 : number_of(text, 6);
    identity->birth_date = birth_date;
    identity->male = (text[16] - '0') % 2 == 1;
    return OK;
}

void identity_mask(const char *text, char out[IDENTITY_MASKED_SIZE])
{
    memset(out, '*', IDENTITY_SIZE);
    out[IDENTITY_SIZE] = 0;
    if (strlen(text) != IDENTITY_SIZE)
        return;
    memcpy(out, text, 6);
    memcpy(out + 14, text + 14, 4);
}

uint32_t identity_age_on(civil_date_t birth_date, civil_date_t day)
{
    uint32_t birthday = birth_date % 10000, today = day % 10000;
    uint32_t years = day / 10000 - birth_date / 10000;
    if (day < birth_date)
        return 0;
    return today < birthday ? years - 1 : years;
}
