/* SPDX-License-Identifier: Apache-2.0
 * The simple implementation. Written from the rules, not from the engine. */
#include "tests/table/benefit_simple.h"

#include "tests/support/test.h"

/* ---- exact fractions: numerator over denominator, never reduced further than 128 bits need ---- */

struct fraction {
    wide_t top, bottom;
};

static wide_t gcd(wide_t a, wide_t b)
{
    while (b != 0) {
        wide_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

static struct fraction fraction(wide_t top, wide_t bottom)
{
    wide_t common = gcd(top, bottom);
    return common == 0 ? (struct fraction){0, 1} : (struct fraction){top / common, bottom / common};
}

/* A figure that 128 bits cannot hold says nothing about the engine: it stops the test. */
static wide_t product(wide_t a, wide_t b)
{
    wide_t result = 0;
    if (__builtin_mul_overflow(a, b, &result))
        fail_msg("the reference ran out of 128 bits");
    return result;
}

static struct fraction plus(struct fraction a, struct fraction b)
{
    wide_t common = gcd(a.bottom, b.bottom), scale = b.bottom / common, sum = 0;
    if (__builtin_add_overflow(product(a.top, scale), product(b.top, a.bottom / common), &sum))
        fail_msg("the reference ran out of 128 bits");
    return fraction(sum, product(a.bottom, scale));
}

static struct fraction minus(struct fraction a, struct fraction b)
{
    return plus(a, (struct fraction){-b.top, b.bottom});
}

static struct fraction times(struct fraction a, struct fraction b)
{
    struct fraction left = fraction(a.top, b.bottom), right = fraction(b.top, a.bottom);
    return fraction(product(left.top, right.top), product(left.bottom, right.bottom));
}

static struct fraction over(struct fraction a, struct fraction b)
{
    return times(a, (struct fraction){b.bottom, b.top});
}

static int compare(struct fraction a, struct fraction b)
{
    wide_t difference = minus(a, b).top;
    return (difference > 0) - (difference < 0);
}

static struct fraction smaller(struct fraction a, struct fraction b)
{
    return compare(a, b) < 0 ? a : b;
}

static struct fraction between(struct fraction least, struct fraction value, struct fraction most)
{
    struct fraction bounded = smaller(value, most);
    return compare(bounded, least) < 0 ? least : bounded;
}

static struct fraction whole(fen_t amount)
{
    return (struct fraction){amount, 1};
}

static struct fraction per_cent(basis_points_t points)
{
    return fraction(points, 10000);
}

static basis_points_t up_to_all(basis_points_t points)
{
    return points > 10000 ? 10000 : points;
}

static fen_t half_up(struct fraction value)
{
    wide_t doubled = product(value.top, 2) + value.bottom;
    return (fen_t)(doubled / (value.bottom * 2)); /* never negative here */
}

/* ---- the rules, once more ---- */

static fen_t no_more(fen_t amount, fen_t most)
{
    return amount > most ? most : amount;
}

static struct fraction scope_of(const struct bill *bill, struct expected *out)
{
    struct fraction own = whole(0), above = whole(0), first = whole(0), total = whole(0);
    for (uint32_t i = 0; i < bill->item_count; i++) {
        const struct bill_item *item = &bill->items[i];
        struct fraction amount = whole(item->amount), over_limit = whole(0);
        total = plus(total, amount);
        if (item->level == 3) {
            own = plus(own, amount);
            continue;
        }
        if (item->price_limit_micro != 0 && item->unit_price_micro > item->price_limit_micro)
            over_limit =
                fraction((wide_t)(item->unit_price_micro - item->price_limit_micro) * item->quantity_e4, 100000000);
        above = plus(above, over_limit);
        if (item->level == 2)
            first = plus(first, times(minus(amount, over_limit), per_cent((basis_points_t)item->first_own_share_bp)));
    }
    /* Lines are rounded, parts are not: after returns a part may miss its bounds by a crumb. */
    above = between(whole(0), above, minus(total, own));
    first = between(whole(0), first, minus(minus(total, own), above));
    out->wholly_own = half_up(own);
    out->above = half_up(above);
    /* Two halves of a fen, each shown as one, may not come to more than the bill. */
    out->first_own = no_more(half_up(first), (fen_t)total.top - out->wholly_own - out->above);
    out->in_scope = (fen_t)total.top - out->wholly_own - out->above - out->first_own;
    return minus(minus(minus(total, own), above), first);
}

static bool is_retired(const struct bill_facts *facts)
{
    return facts->category[0] == '1' && facts->category[1] == '2';
}

/* Points taken off away from home (医保发〔2022〕22号): none for the long term, nor once everybody counts as filed. */
static basis_points_t points_off(const struct benefit_input *in)
{
    const char *kind = in->bill->care_kind;
    if (in->policy->away_filed_from != 0 && in->bill->discharge_date >= in->policy->away_filed_from)
        return 0;
    switch (in->facts->filing) {
    case STANDING_OTHER_TEMPORARY:
    case STANDING_UNFILED:
        return strcmp(kind, "13") == 0 || strcmp(kind, "23") == 0 || strcmp(kind, "24") == 0
                   ? in->policy->away_referral_cut
                   : in->policy->away_other_cut;
    case STANDING_REFERRAL_OR_EMERGENCY:
        return in->policy->away_referral_cut;
    default:
        return 0;
    }
}

static struct fraction not_below_nothing(struct fraction value)
{
    return value.top < 0 ? whole(0) : value;
}

static struct fraction pool_ratio(const struct policy *policy, const struct bill_facts *facts, basis_points_t ratio)
{
    if (!is_retired(facts))
        return per_cent(ratio);
    if (policy->retired_own_share_factor != 0)
        return minus(whole(1), times(per_cent(10000 - ratio), per_cent(policy->retired_own_share_factor)));
    basis_points_t more = policy->retired_added;
    if (facts->hospital_level == 1 && policy->retired_added_level_one != 0)
        more = policy->retired_added_level_one;
    return per_cent(up_to_all(ratio + more));
}

/* The row of a level, a municipal hospital's own first; 0 is the row of any level. */
static const struct policy_inpatient *stay_row(const struct benefit_input *in, enum care_class care, uint32_t level)
{
    for (int municipal = in->facts->hospital_municipal; municipal >= 0; municipal--)
        for (uint32_t i = 0; i < in->policy->inpatient_count; i++) {
            const struct policy_inpatient *row = &in->policy->inpatient[i];
            if (row->care == care && row->level == level && row->municipal == (municipal != 0))
                return row;
        }
    return NULL;
}

static const struct policy_inpatient *rule_of_stay(const struct benefit_input *in)
{
    uint32_t level = in->facts->hospital_level;
    const struct policy_inpatient *row = NULL;
    if (strcmp(in->bill->care_kind, "52") == 0) {
        row = stay_row(in, CARE_MATERNITY, level);
        if (row == NULL)
            row = stay_row(in, CARE_MATERNITY, 0);
    }
    return row != NULL ? row : stay_row(in, CARE_ORDINARY, level);
}

static void large_amount(const struct benefit_input *in, struct fraction beyond, struct expected *out)
{
    const struct policy *policy = in->policy;
    basis_points_t ratio = is_retired(in->facts) && policy->retired_large_amount_ratio != 0
                               ? policy->retired_large_amount_ratio
                               : policy->large_amount_ratio;
    if (strcmp(in->bill->insurance_type, "390") == 0 || ratio == 0)
        return;
    out->large = half_up(times(beyond, per_cent(ratio)));
    if (policy->large_amount_cap != 0)
        out->large = no_more(out->large, policy->large_amount_cap > in->year->large_amount_paid
                                             ? policy->large_amount_cap - in->year->large_amount_paid
                                             : 0);
    out->large = no_more(out->large, out->in_scope - out->pool - out->civil);
    out->after.large_amount_paid += out->large;
}

static void inpatient(const struct benefit_input *in, struct fraction scope, struct expected *out)
{
    const struct policy *policy = in->policy;
    const struct policy_inpatient *rule = rule_of_stay(in);
    if (rule == NULL) {
        out->refused = true;
        return;
    }
    bool own_rules = rule->care == CARE_MATERNITY; /* then it is no stay */
    fen_t deductible = own_rules || in->year->stays == 0 ? rule->deductible_first : rule->deductible_later;
    if (is_retired(in->facts) && policy->retired_deductible_less != 0) {
        fen_t less = deductible - policy->retired_deductible_less;
        fen_t least = no_more(policy->retired_deductible_min, deductible);
        deductible = less > least ? less : least;
    }
    if (in->facts->category[1] == '4' && policy->minor_deductible != 0)
        deductible =
            no_more(deductible, half_up(times(whole(rule->deductible_first), per_cent(policy->minor_deductible))));
    struct fraction from = smaller(whole(deductible), scope);
    out->deductible = no_more(half_up(from), out->in_scope);
    fen_t room = policy->pool_cap - in->year->pool_paid;
    struct fraction left = whole(room > 0 ? room : 0), paid = whole(0), at = from, own = whole(0);
    for (uint32_t i = 0; i < rule->band_count; i++) {
        struct fraction end = rule->bands[i].upper == 0 ? scope : smaller(whole(rule->bands[i].upper), scope);
        struct fraction ratio =
            not_below_nothing(minus(pool_ratio(policy, in->facts, rule->bands[i].ratio), per_cent(points_off(in))));
        if (compare(end, at) <= 0)
            continue;
        struct fraction due = times(minus(end, at), ratio);
        if (compare(due, left) > 0) {
            struct fraction consumed = over(left, ratio); /* the exact part that the pool still took */
            paid = plus(paid, left);
            own = plus(own, minus(consumed, left));
            at = plus(at, consumed);
            break;
        }
        paid = plus(paid, due);
        own = plus(own, minus(minus(end, at), due));
        left = minus(left, due);
        at = end;
    }
    out->pool = no_more(half_up(paid), out->in_scope);
    struct fraction beyond = minus(scope, at);
    if (in->facts->civil_servant)
        out->civil = no_more(half_up(times(own, per_cent(policy->civil_servant_aid))), out->in_scope - out->pool);
    large_amount(in, beyond, out);
    out->after.stays += own_rules ? 0 : 1;
    out->after.pool_paid += out->pool;
}

/* The most telling row: of a community institution before others, of the retired before all, of a level before any, of
 * the greatest age that was reached. */
static const struct policy_outpatient *visit_row(const struct benefit_input *in, enum care_class care)
{
    for (int community = in->facts->hospital_community; community >= 0; community--)
        for (int retired = is_retired(in->facts); retired >= 0; retired--)
            for (int any_level = 0; any_level <= 1; any_level++) {
                const struct policy_outpatient *best = NULL;
                for (uint32_t i = 0; i < in->policy->outpatient_count; i++) {
                    const struct policy_outpatient *row = &in->policy->outpatient[i];
                    if (row->care == care && row->community == (community != 0) && row->retired == (retired != 0) &&
                        row->level == (any_level ? 0 : in->facts->hospital_level) && row->age_min <= in->age &&
                        (best == NULL || row->age_min > best->age_min))
                        best = row;
                }
                if (best != NULL)
                    return best;
            }
    return NULL;
}

static const struct policy_outpatient *rule_of_visit(const struct benefit_input *in)
{
    const char *kind = in->bill->care_kind;
    const struct policy_outpatient *row = NULL;
    if (strcmp(kind, "14") == 0)
        return visit_row(in, CARE_CHRONIC);
    if (strcmp(kind, "41") == 0)
        return visit_row(in, CARE_PHARMACY);
    if (strcmp(kind, "13") == 0)
        row = visit_row(in, CARE_EMERGENCY);
    else if (strcmp(kind, "51") == 0)
        row = visit_row(in, CARE_MATERNITY);
    return row != NULL ? row : visit_row(in, CARE_ORDINARY);
}

static void outpatient(const struct benefit_input *in, struct fraction scope, struct expected *out)
{
    const struct policy_outpatient *rule = rule_of_visit(in);
    if (rule == NULL) {
        out->nothing = strcmp(in->bill->care_kind, "41") == 0;
        out->refused = !out->nothing;
        return;
    }
    fen_t seen = in->year->outpatient_in_scope, given = in->year->outpatient_paid;
    if (rule->care == CARE_CHRONIC) {
        seen = in->year->chronic_in_scope;
        given = in->year->chronic_paid;
    } else if (rule->care == CARE_MATERNITY) {
        seen = in->year->maternity_in_scope;
        given = in->year->maternity_paid;
    }
    struct fraction at = whole(seen), to = plus(at, scope), paid = whole(0), start = at;
    if (compare(at, whole(rule->deductible)) < 0)
        at = smaller(whole(rule->deductible), to);
    out->deductible = no_more(half_up(minus(at, start)), out->in_scope);
    fen_t row_room = rule->cap != 0 ? (rule->cap > given ? rule->cap - given : 0) : 1000000000000;
    fen_t pool_room = 1000000000000;
    if (rule->counts_to_pool_cap)
        pool_room = in->policy->pool_cap > in->year->pool_paid ? in->policy->pool_cap - in->year->pool_paid : 0;
    struct fraction room = whole(no_more(row_room, pool_room));
    for (uint32_t i = 0; i < rule->band_count; i++) {
        struct fraction end = rule->bands[i].upper == 0 ? to : smaller(whole(rule->bands[i].upper), to);
        struct fraction ratio = not_below_nothing(minus(per_cent(rule->bands[i].ratio), per_cent(points_off(in))));
        if (compare(end, at) <= 0)
            continue;
        struct fraction due = times(minus(end, at), ratio);
        if (compare(due, room) > 0) { /* the exact part up to the cap is paid, what lies beyond goes on */
            paid = plus(paid, room);
            at = plus(at, over(room, ratio));
            break;
        }
        paid = plus(paid, due);
        room = minus(room, due);
        at = end;
    }
    out->pool = no_more(half_up(paid), out->in_scope);
    if (rule->care == CARE_CHRONIC) {
        out->after.chronic_in_scope += out->in_scope;
        out->after.chronic_paid += out->pool;
    } else if (rule->care == CARE_MATERNITY) {
        out->after.maternity_in_scope += out->in_scope;
        out->after.maternity_paid += out->pool;
    } else {
        out->after.outpatient_in_scope += out->in_scope;
        out->after.outpatient_paid += out->pool;
    }
    if (!rule->counts_to_pool_cap)
        return;
    out->after.pool_paid += out->pool;
    if (compare(to, at) > 0 && pool_room <= row_room)
        large_amount(in, minus(to, at), out);
}

static fen_t year_due(struct fraction entitled, fen_t cap, fen_t before, fen_t left)
{
    fen_t due = half_up(entitled);
    if (cap != 0)
        due = no_more(due, cap);
    due -= before;
    return due < 0 ? 0 : no_more(due, left);
}

static bool is_poor(const struct benefit_input *in, uint32_t logic)
{
    if (in->facts->poverty == 0 || logic < 2 || in->policy->catastrophic_poor_count == 0)
        return in->facts->poverty != 0;
    for (uint32_t i = 0; i < in->policy->catastrophic_poor_count; i++)
        if (in->policy->catastrophic_poor[i].category == in->facts->poverty)
            return true;
    return false;
}

static void year_funds(const struct benefit_input *in, uint32_t logic, struct expected *out)
{
    const struct policy *policy = in->policy;
    bool poor = is_poor(in, logic);
    fen_t left = out->in_scope - out->pool - out->civil - out->large;
    if (policy->catastrophic_band_count != 0 && strcmp(in->bill->insurance_type, "390") == 0) {
        struct fraction base = whole(in->year->catastrophic_base + left), entitled = whole(0);
        fen_t from = policy->catastrophic_deductible;
        if (poor && policy->catastrophic_poor_deductible != 0)
            from = half_up(times(whole(from), per_cent(policy->catastrophic_poor_deductible)));
        struct fraction at = whole(from);
        for (uint32_t i = 0; i < policy->catastrophic_band_count; i++) {
            const struct policy_band *band = &policy->catastrophic_bands[i];
            struct fraction end = band->upper == 0 ? base : smaller(whole(band->upper), base);
            if (compare(end, at) <= 0)
                continue;
            entitled =
                plus(entitled, times(minus(end, at),
                                     per_cent(up_to_all(band->ratio + (poor ? policy->catastrophic_poor_added : 0)))));
            at = end;
        }
        out->catastrophic = year_due(entitled, poor ? 0 : policy->catastrophic_cap, in->year->catastrophic_paid, left);
        out->after.catastrophic_base += left;
        out->after.catastrophic_paid += out->catastrophic;
        left -= out->catastrophic;
    }
    for (uint32_t i = 0; in->facts->poverty != 0 && i < policy->assistance_count; i++)
        if (policy->assistance[i].category == in->facts->poverty) {
            fen_t base = in->year->assistance_base + left - policy->assistance[i].deductible;
            out->assistance = year_due(times(whole(base > 0 ? base : 0), per_cent(policy->assistance[i].ratio)),
                                       policy->assistance_cap, in->year->assistance_paid, left);
            out->after.assistance_base += left;
            out->after.assistance_paid += out->assistance;
        }
}

/* Both days count, of admission and of discharge. */
static int32_t days_between(civil_date_t from, civil_date_t to)
{
    return civil_date_to_day(to) - civil_date_to_day(from) + 1;
}

static fen_t old_years_share(fen_t before, fen_t *after, struct fraction share)
{
    fen_t old = half_up(times(whole(*after - before), share));
    *after -= old;
    return old;
}

/* 医保年度: what a stay adds to paid sums and bases is shared with the old year, by days; the stay itself is the new
 * one's. */
static void split(const struct benefit_input *in, struct expected *out)
{
    civil_date_t from = in->bill->admission_date, to = in->bill->discharge_date;
    const struct accumulators *was = in->year;
    if (!in->policy->year_split_by_days || from / 10000 == to / 10000)
        return;
    struct fraction share = fraction(days_between(from, (to / 10000 - 1) * 10000 + 1231), days_between(from, to));
    out->before_after = (struct accumulators){
        .pool_paid = old_years_share(was->pool_paid, &out->after.pool_paid, share),
        .large_amount_paid = old_years_share(was->large_amount_paid, &out->after.large_amount_paid, share),
        .catastrophic_base = old_years_share(was->catastrophic_base, &out->after.catastrophic_base, share),
        .catastrophic_paid = old_years_share(was->catastrophic_paid, &out->after.catastrophic_paid, share),
        .assistance_base = old_years_share(was->assistance_base, &out->after.assistance_base, share),
        .assistance_paid = old_years_share(was->assistance_paid, &out->after.assistance_paid, share)};
}

void compute_simply(const struct benefit_input *in, uint32_t logic, struct expected *out)
{
    bool stay = in->bill->care_kind[0] == '2' || strcmp(in->bill->care_kind, "52") == 0;
    *out = (struct expected){.after = *in->year};
    struct fraction scope = scope_of(in->bill, out);
    if (stay)
        inpatient(in, scope, out);
    else
        outpatient(in, scope, out);
    if (!out->refused && !out->nothing)
        year_funds(in, logic, out);
    if (stay && !out->refused)
        split(in, out);
    out->person = in->bill->total - out->pool - out->civil - out->large - out->catastrophic - out->assistance;
    out->account = in->bill->use_personal_account ? no_more(in->account_balance, out->person) : 0;
}
