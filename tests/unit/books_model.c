/* SPDX-License-Identifier: Apache-2.0
 * The simple implementation. */
#include "tests/unit/books_model.h"

uint32_t next_month(uint32_t month)
{
    return month % 100 == 12 ? month + 89 : month + 1;
}

bool table_stands(uint32_t month, civil_date_t today)
{
    return today >= next_month(month) * 100 + 21;
}

static unsigned index_of(const char *code)
{
    return strncmp(code, "11", 2) == 0 ? 0 : strncmp(code, "12", 2) == 0 ? 1 : 2;
}

unsigned insured_of(const struct item *item)
{
    return index_of(item->bill.insured_area);
}

unsigned care_of(const struct item *item)
{
    return index_of(item->bill.institution + 1);
}

static bool may_clear(const struct model *model, const struct item *item)
{
    if (item->held || item->dispute != 0)
        return false;
    if (!item->adjustment && (item->word[0] != 1 || item->word[1] != 1))
        return false;
    return item->original < 0 || model->items[item->original].month != 0;
}

enum open_reason reason_it_is_open(const struct model *model, const struct item *item)
{
    if (item->held)
        return OPEN_INVESTIGATED;
    if (item->dispute != 0)
        return OPEN_DISPUTED;
    if (item->word[0] == 2 || item->word[1] == 2)
        return OPEN_DIFFERS;
    if (!item->adjustment && item->word[0] == 0)
        return OPEN_CARE_STATEMENT;
    if (!item->adjustment && item->word[1] == 0)
        return OPEN_INSURED_STATEMENT;
    bool waits = item->original >= 0 && model->items[item->original].month == 0;
    return waits ? OPEN_ORIGINAL : OPEN_TOO_LATE;
}

static uint32_t month_to_clear_in(const struct model *model, const struct item *item)
{
    uint32_t own = item->day / 100, month = own, over = 0;
    while (table_stands(month, model->today)) {
        month = next_month(month);
        over++;
    }
    if (over > 2) {
        uint32_t last = (own / 100 + 1) * 100 + 2;
        month = table_stands(last, model->today) ? 0 : last;
    }
    if (month != 0 && item->original >= 0 && model->items[item->original].month > month)
        month = model->items[item->original].month;
    while (month != 0 && table_stands(month, model->today))
        month = next_month(month);
    return month;
}

void look_at_all(struct model *model)
{
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < model->count; i++) {
            struct item *item = &model->items[i];
            if ((item->original >= 0) != (pass == 1) || (item->month != 0 && table_stands(item->month, model->today)))
                continue;
            bool early = item->original >= 0 && item->month < model->items[item->original].month;
            if (!may_clear(model, item))
                item->month = 0;
            else if (item->month == 0 || early)
                item->month = month_to_clear_in(model, item);
        }
}
