/* SPDX-License-Identifier: Apache-2.0
 * A bill's own rules. */
#include "services/validation/bill_rules.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/codes/insurance.h"
#include "common/codes/rule.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/gazette/care_kinds.h"
#include "common/engines/gazette/item_shapes.h"

struct place {
    struct findings *findings;
    const struct published *published;
    const char *root;
};

static void add(const struct place *place, enum rule rule, const char *field, const char *detail)
{
    char path[FINDING_PATH_MAX + 1];
    (void)snprintf(path, sizeof path, "%s.%s", place->root, field);
    findings_add(place->findings, (uint32_t)rule, path, detail);
}

static void add_item(const struct place *place, enum rule rule, uint32_t index, const char *field, const char *detail)
{
    char path[FINDING_PATH_MAX + 1];
    (void)snprintf(path, sizeof path, "%s.items[%u]%s%s", place->root, index, field[0] ? "." : "", field);
    findings_add(place->findings, (uint32_t)rule, path, detail);
}

static void compare(char out[FINDING_DETAIL_MAX + 1], fen_t found, fen_t wanted)
{
    char a[32], b[32];
    money_describe(found, a);
    money_describe(wanted, b);
    (void)snprintf(out, (FINDING_DETAIL_MAX + 1), "found %s, expected %s", a, b);
}

static bool id_is_printable(const char *id)
{
    size_t size = strlen(id);
    for (size_t i = 0; i < size; i++)
        if (id[i] < 0x21 || id[i] > 0x7e)
            return false;
    return size > 0 && size <= BILL_ID_SIZE_MAX;
}

static void check_codes(const struct bill *bill, const struct place *place)
{
    enum care_class class = care_class_of(place->published, bill->care_kind);
    if (!id_is_printable(bill->bill_id))
        add(place, RULE_BILL_ID_INVALID, "bill_id", NULL);
    if (!institution_code_is_shaped(bill->institution))
        add(place, RULE_INSTITUTION_CODE_INVALID, "institution", NULL);
    if (area_find(place->published, bill->insured_area) == NULL)
        add(place, RULE_AREA_UNKNOWN, "insured_area", NULL);
    if (!insurance_type_is_settled(bill->insurance_type))
        add(place, RULE_BILL_INSURANCE_TYPE, "insurance_type", NULL);
    if (!care_kind_is_known(place->published, bill->care_kind))
        add(place, RULE_BILL_CARE_KIND, "care_kind", NULL);
    if (insurance_class_of(bill->insurance_type) == INSURANCE_MATERNITY && class != CARE_MATERNITY)
        add(place, RULE_BILL_TYPE_CARE, "care_kind", NULL);
    if (class == CARE_CHRONIC ? !special_disease_is_shaped(bill->special_disease) : bill->special_disease[0] != 0)
        add(place, RULE_BILL_SPECIAL_DISEASE, "special_disease", NULL);
    if (!(class == CARE_PHARMACY && bill->diagnosis[0] == 0) && !diagnosis_is_shaped(bill->diagnosis))
        add(place, RULE_BILL_DIAGNOSIS, "diagnosis", NULL);
    if (!credential_is_known(bill->credential))
        add(place, RULE_BILL_CREDENTIAL, "credential", NULL);
}

static void check_dates(const struct bill *bill, civil_date_t today, const struct place *place)
{
    bool admission = civil_date_exists(bill->admission_date), discharge = civil_date_exists(bill->discharge_date);
    if (!admission)
        add(place, RULE_BILL_DATE_INVALID, "admission_date", NULL);
    if (!discharge)
        add(place, RULE_BILL_DATE_INVALID, "discharge_date", NULL);
    if (admission && discharge && bill->discharge_date < bill->admission_date)
        add(place, RULE_BILL_DATES_REVERSED, "discharge_date", NULL);
    if (discharge && bill->discharge_date > today)
        add(place, RULE_BILL_DATE_FUTURE, "discharge_date", NULL);
}

static bool within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

static void check_line_amount(const struct bill_item *item, uint32_t index, const struct place *place)
{
    char detail[FINDING_DETAIL_MAX + 1];
    fen_t amount;
    if (money_line(item->unit_price_micro, item->quantity_e4, &amount) != OK)
        return; /* the range has been complained of */
    if (amount == item->amount)
        return;
    compare(detail, item->amount, amount);
    bool by_one = amount - item->amount == 1 || item->amount - amount == 1;
    add_item(place, by_one ? RULE_BILL_LINE_OFF_BY_ONE : RULE_BILL_LINE_MISMATCH, index, "amount_fen", detail);
}

static void check_item(const struct bill_item *item, uint32_t index, const struct place *place)
{
    if (!item_code_is_shaped(place->published, item->code))
        add_item(place, RULE_BILL_ITEM_CODE, index, "code", NULL);
    if (item->level < 1 || item->level > 3)
        add_item(place, RULE_BILL_ITEM_LEVEL, index, "level", NULL);
    if (item->first_own_share_bp > BASIS_POINTS_ONE)
        add_item(place, RULE_BILL_ITEM_SHARE, index, "first_own_share_bp", NULL);
    bool price = within(item->unit_price_micro, 0, ITEM_PRICE_MAX_MICRO);
    bool limit = within(item->price_limit_micro, 0, ITEM_PRICE_MAX_MICRO);
    bool quantity = item->quantity_e4 != 0 && within(item->quantity_e4, -ITEM_QUANTITY_MAX_E4, ITEM_QUANTITY_MAX_E4);
    bool amount = within(item->amount, -BILL_TOTAL_MAX_FEN, BILL_TOTAL_MAX_FEN);
    if (!price)
        add_item(place, RULE_BILL_AMOUNT_RANGE, index, "unit_price_micro", NULL);
    if (!limit)
        add_item(place, RULE_BILL_AMOUNT_RANGE, index, "price_limit_micro", NULL);
    if (!quantity)
        add_item(place, RULE_BILL_AMOUNT_RANGE, index, "quantity_e4", NULL);
    if (!amount)
        add_item(place, RULE_BILL_AMOUNT_RANGE, index, "amount_fen", NULL);
    if (price && quantity && amount)
        check_line_amount(item, index, place);
}

/* ---- lines of one code beside each other: duplicates, and returns beyond what was taken ---- */

struct line {
    const struct bill_item *item;
    uint32_t index;
};

static int by_code(const void *a, const void *b)
{
    const struct line *left = a, *right = b;
    int order = strcmp(left->item->code, right->item->code);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static bool same_line(const struct bill_item *a, const struct bill_item *b)
{
    return a->unit_price_micro == b->unit_price_micro && a->quantity_e4 == b->quantity_e4 && a->amount == b->amount &&
           a->level == b->level && a->first_own_share_bp == b->first_own_share_bp &&
           a->price_limit_micro == b->price_limit_micro;
}

/* All of it was given back, each part rounded by itself: a fen a line is what a line may be off by. */
static bool is_crumb(const struct place *place, int64_t quantity, fen_t amount, uint32_t lines)
{
    return logic_has(place->published->logic, LOGIC_LINES_BY_NUMBER) && quantity == 0 && -amount <= (fen_t)lines;
}

/* Returns how many lines say what the one before them does. */
static uint32_t check_group(const struct line *lines, uint32_t count, const struct place *place)
{
    char detail[FINDING_DETAIL_MAX + 1];
    bool by_number = logic_has(place->published->logic, LOGIC_LINES_BY_NUMBER);
    int64_t quantity = 0;
    fen_t amount = 0;
    uint32_t alike = 0;
    for (uint32_t i = 0; i < count; i++) { /* ranges are bounded: BILL_ITEMS_MAX lines cannot overflow */
        quantity += lines[i].item->quantity_e4;
        amount += lines[i].item->amount;
        if (i == 0 || !same_line(lines[i - 1].item, lines[i].item))
            continue;
        if (!by_number)
            add_item(place, RULE_BILL_ITEM_DUPLICATE, lines[i].index, "", NULL);
        alike += lines[i].item->line_id[0] == 0;
    }
    if (quantity >= 0 && amount >= 0)
        return alike;
    if (is_crumb(place, quantity, amount, count)) {
        compare(detail, amount, 0);
        add_item(place, RULE_BILL_LINE_OFF_BY_ONE, lines[0].index, "amount_fen", detail);
    } else {
        add_item(place, RULE_BILL_ITEM_NET_NEGATIVE, lines[0].index, "quantity_e4", NULL);
    }
    return alike;
}

static int by_number(const void *a, const void *b)
{
    const struct line *left = a, *right = b;
    int order = strcmp(left->item->line_id, right->item->line_id);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/* A line's own number stands once in the bill. Most bills have none, and are not sorted for them. */
static void check_numbers(struct line *lines, uint32_t count, const struct place *place)
{
    uint32_t without = 0;
    while (without < count && lines[without].item->line_id[0] == 0)
        without++;
    if (without == count)
        return;
    qsort(lines, count, sizeof *lines, by_number);
    for (uint32_t i = 0; i < count; i++) {
        const char *number = lines[i].item->line_id;
        bool twice = i > 0 && strcmp(number, lines[i - 1].item->line_id) == 0;
        if (number[0] != 0 && (twice || !id_is_printable(number)))
            add_item(place, RULE_BILL_ITEM_DUPLICATE, lines[i].index, "line_id", NULL);
    }
}

static void check_groups(const struct bill *bill, struct arena *arena, const struct place *place)
{
    struct line *lines = arena_take(arena, bill->item_count * sizeof *lines);
    if (lines == NULL) {
        add(place, RULE_BILL_TOO_MANY_ITEMS, "items", NULL);
        return;
    }
    for (uint32_t i = 0; i < bill->item_count; i++)
        lines[i] = (struct line){&bill->items[i], i};
    qsort(lines, bill->item_count, sizeof *lines, by_code);
    uint32_t alike = 0;
    for (uint32_t first = 0, next; first < bill->item_count; first = next) {
        for (next = first + 1; next < bill->item_count; next++)
            if (strcmp(lines[next].item->code, lines[first].item->code) != 0)
                break;
        alike += check_group(lines + first, next - first, place);
    }
    if (!logic_has(place->published->logic, LOGIC_LINES_BY_NUMBER))
        return;
    check_numbers(lines, bill->item_count, place);
    if (alike > 0) {
        char detail[FINDING_DETAIL_MAX + 1];
        (void)snprintf(detail, sizeof detail, "%u lines", alike);
        add(place, RULE_BILL_ITEMS_ALIKE, "items", detail);
    }
}

static void check_total(const struct bill *bill, const struct place *place)
{
    char detail[FINDING_DETAIL_MAX + 1];
    wide_t sum = 0;
    fen_t narrow;
    for (uint32_t i = 0; i < bill->item_count; i++)
        sum += bill->items[i].amount;
    if (bill->total < 0)
        add(place, RULE_BILL_TOTAL_NEGATIVE, "total_fen", NULL);
    if (bill->total > BILL_TOTAL_MAX_FEN)
        add(place, RULE_BILL_AMOUNT_RANGE, "total_fen", NULL);
    if (sum == bill->total)
        return;
    detail[0] = 0;
    if (money_narrow(sum, &narrow) == OK)
        compare(detail, bill->total, narrow);
    add(place, RULE_BILL_TOTAL_MISMATCH, "total_fen", detail);
}

void bill_rules_check(const struct bill *bill, const struct published *published, const char *root, civil_date_t today,
                      struct arena *arena, struct findings *findings)
{
    struct place place = {findings, published, root};
    uint32_t before = findings->count;
    check_codes(bill, &place);
    check_dates(bill, today, &place);
    if (bill->item_count == 0)
        add(&place, RULE_BILL_ITEMS_MISSING, "items", NULL);
    bool ranges = true;
    for (uint32_t i = 0; i < bill->item_count; i++)
        check_item(&bill->items[i], i, &place);
    for (uint32_t i = before; i < findings->count; i++)
        ranges = ranges && findings->items[i].rule != RULE_BILL_AMOUNT_RANGE;
    if (ranges && (!findings->overflow || logic_has(published->logic, LOGIC_LINES_BY_NUMBER)))
        check_groups(bill, arena, &place);
    check_total(bill, &place);
}
