/* SPDX-License-Identifier: Apache-2.0
 * Figures of designated institutions. */
#include "services/books/decide/figures.h"

#include "common/base/check.h"
#include "common/codes/logic.h"
#include "common/engines/gazette/care_kinds.h"
#include "services/books/keep/bills.h"

/* Of one person's bills, for one more. */
enum {
    LOOKED_AT_MAX = FIGURES_CLASHES_MAX,
    NEAREST_MAX = 40 /* from LOGIC_NEAREST_STAYS on: whoever has more of them within a stay is seen by then */
};
_Static_assert((int)FIGURES_COUNT == (int)TALLY_VALUES_MAX, "one tally holds them");

static int64_t *figures_of(struct books *books, civil_date_t day, const char *institution)
{
    struct row_bytes key = figures_key(month_of(day), institution);
    return tally_at(books->figures, books->txn, row_span(&key));
}

static struct row_bytes stay_key(const struct book_bill *bill)
{
    return stays_key(bill->person, bill->admission, bill->row.number);
}

bool figures_is_stay(const struct books *books, const struct book_bill *bill)
{
    return clearing_type_is_inpatient(books->published, bill->row.clearing_type);
}

/* A bill of the same person that this one clashes with. */
struct clash {
    uint64_t number;
    bool overlaps, duplicate;
};

/* What a stored stay says against this bill. The day of discharge may be the next day of admission. */
static struct clash clash_of(const struct books *books, const struct book_bill *bill, const struct stays_key *key,
                             const struct stays_value *stay)
{
    bool here = strcmp(stay->institution, bill->row.institution) == 0;
    return (struct clash){.number = key->number,
                          .duplicate = here && key->admission == bill->admission && stay->total == bill->row.total,
                          .overlaps = figures_is_stay(books, bill) && stay->is_a_stay != 0 &&
                                      bill->admission < stay->discharge && key->admission < bill->discharge};
}

struct clashes {
    struct clash found[LOOKED_AT_MAX];
    unsigned count, looked_at, most;
};

/* Of what began from `first` to before `end`, in the order of admission. */
static void look_at(struct clashes *clashes, const struct books *books, const struct book_bill *bill,
                    civil_date_t first, civil_date_t end)
{
    struct store_walk walk;
    struct stays_key key;
    struct stays_value stay;
    struct row_bytes from = stays_key(bill->person, first, 0);
    bool more = store_walk_start(&walk, books->txn, STAYS, row_span(&from));
    for (; more && clashes->looked_at < clashes->most && row_shares(walk.key, &from, STAYS_ADMISSION_AT);
         more = store_walk_next(&walk), clashes->looked_at++) {
        INVARIANT(stays_key_read(walk.key, &key) && stays_value_read(walk.value, &stay));
        if (key.admission >= end)
            break;
        struct clash clash = clash_of(books, bill, &key, &stay);
        if (clash.overlaps || clash.duplicate)
            clashes->found[clashes->count++] = clash;
    }
    store_walk_end(&walk);
}

/* The bills of one person that this one clashes with. Stays that began long before may last until now; what is no stay
 * can only be the same again. What began during this one is looked at first, as all of it clashes. */
static void clashes_of(struct clashes *clashes, const struct books *books, const struct book_bill *bill)
{
    civil_date_t next = civil_date_add_days(bill->admission, 1), end = next < bill->discharge ? bill->discharge : next,
                 year = civil_date_add_days(bill->admission, -STAY_DAYS_MAX);
    bool nearest = logic_has(books->published->logic, LOGIC_NEAREST_STAYS), stay = figures_is_stay(books, bill);
    *clashes = (struct clashes){.most = nearest ? NEAREST_MAX : LOOKED_AT_MAX};
    if (nearest || !stay)
        look_at(clashes, books, bill, bill->admission, end);
    if (stay)
        look_at(clashes, books, bill, year, nearest ? bill->admission : end);
}

static void add(int64_t *figure, int64_t change)
{
    *figure = *figure + change > 0 ? *figure + change : 0; /* not all were counted, if there were very many */
}

/* Two bills that clash count once, where and when the later one was settled; when either is reversed, no longer. */
static void count_clashes(struct books *books, const struct book_bill *bill, int sign)
{
    struct clashes clashes;
    struct book_bill later;
    int64_t overlaps = 0, duplicates = 0; /* of this one, where it is the later */
    clashes_of(&clashes, books, bill);
    for (unsigned i = 0; i < clashes.count; i++) {
        const struct clash *clash = &clashes.found[i];
        if (clash->number < bill->row.number) {
            overlaps += clash->overlaps;
            duplicates += clash->duplicate;
            continue;
        }
        INVARIANT(bills_load(books, clash->number, &later));
        int64_t *figures = figures_of(books, later.row.day, later.row.institution);
        add(&figures[FIGURE_OVERLAPS], clash->overlaps ? sign : 0);
        add(&figures[FIGURE_DUPLICATES], clash->duplicate ? sign : 0);
    }
    int64_t *figures = figures_of(books, bill->row.day, bill->row.institution);
    add(&figures[FIGURE_OVERLAPS], sign * overlaps);
    add(&figures[FIGURE_DUPLICATES], sign * duplicates);
}

unsigned figures_earlier_clashes(const struct books *books, const struct book_bill *bill, bool repeated,
                                 uint64_t numbers[FIGURES_CLASHES_MAX])
{
    struct clashes clashes;
    unsigned count = 0;
    if (bill->person == 0 || bill->kind != BILL_SETTLEMENT || bill->reversed_by != 0)
        return 0;
    clashes_of(&clashes, books, bill);
    for (unsigned i = 0; i < clashes.count; i++) {
        const struct clash *clash = &clashes.found[i];
        if ((repeated ? clash->duplicate : clash->overlaps) && clash->number < bill->row.number)
            numbers[count++] = clash->number;
    }
    return count;
}

void figures_settled(struct books *books, const struct book_bill *bill)
{
    int64_t *figures = figures_of(books, bill->row.day, bill->row.institution);
    figures[FIGURE_SETTLED]++;
    if (figures_is_stay(books, bill)) {
        figures[FIGURE_STAYS]++;
        figures[FIGURE_STAYS_TOTAL] += bill->row.total;
    }
    if (bill->person == 0)
        return;
    count_clashes(books, bill, 1);
    struct row_bytes key = stay_key(bill), value = stays_value(bill->discharge, bill->row.total, bill->row.institution,
                                                               figures_is_stay(books, bill));
    store_put(books->txn, STAYS, row_span(&key), row_span(&value));
}

/* The reversal counts in its own month; the bill leaves the mean cost, and what it clashed with, of the month that it
 * was in. */
void figures_reversed(struct books *books, const struct book_bill *original)
{
    struct row_bytes key = stay_key(original);
    figures_of(books, books->today, original->row.institution)[FIGURE_REVERSED]++;
    if (figures_is_stay(books, original)) {
        int64_t *figures = figures_of(books, original->row.day, original->row.institution);
        figures[FIGURE_STAYS]--;
        figures[FIGURE_STAYS_TOTAL] -= original->row.total;
    }
    if (original->person == 0)
        return;
    store_delete(books->txn, STAYS, row_span(&key));
    count_clashes(books, original, -1);
}

void figures_refused(struct books *books, const char *institution)
{
    if (institution_code_is_shaped(institution)) /* whatever else was sent is nobody's figure */
        figures_of(books, books->today, institution)[FIGURE_REFUSED]++;
}

void figures_found(struct books *books, const struct book_bill *bill)
{
    figures_of(books, books->today, bill->row.institution)[FIGURE_FOUND]++;
}

static void tell_after_death(struct books *books, const char *institution, uint64_t number)
{
    struct row_bytes key = after_death_key(month_of(books->today), institution, number);
    if (!institution_code_is_shaped(institution))
        return;
    (void)figures_of(books, books->today, institution); /* its month has a line, if only of zeros */
    store_put(books->txn, AFTER_DEATH, row_span(&key), span_of(NULL, 0));
}

void figures_after_death(struct books *books, const struct outcome *outcome)
{
    bool certified = outcome->certification != NULL;
    for (uint32_t i = 0; certified && i < outcome->other_count; i++)
        tell_after_death(books, outcome->others[i].institution, outcome->others[i].position);
    for (uint32_t i = 0; outcome->findings != NULL && i < outcome->findings->count; i++) {
        uint32_t rule = outcome->findings->items[i].rule;
        if (rule == RULE_BILL_AFTER_DEATH || rule == RULE_BILL_AFTER_DEATH_SETTLED)
            tell_after_death(books, outcome->institution, outcome->position);
    }
}

uint32_t figures_after_death_count(struct books *books, month_t month, const char *institution)
{
    struct store_walk walk;
    struct row_bytes from = after_death_key(month, institution, 0);
    uint32_t count = 0;
    bool more = store_walk_start(&walk, books->txn, AFTER_DEATH, row_span(&from));
    for (; more && row_shares(walk.key, &from, AFTER_DEATH_NUMBER_AT); more = store_walk_next(&walk))
        count++;
    store_walk_end(&walk);
    return count;
}
