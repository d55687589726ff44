/* SPDX-License-Identifier: Apache-2.0
 * Policy files: the eight of data/policies load and say what the rules say; every fault is named with its file and
 * line. */
#include <glob.h>
#include <unistd.h>

#include "common/codes/rule.h"
#include "common/engines/policy/policy_check.h"
#include "common/engines/policy/policy_file.h"
#include "common/engines/policy/policy_floors.h"
#include "tests/support/test.h"

enum { FILE_SIZE_MAX = 8192 };

static void load(const char *path, struct policy *policy)
{
    struct buffer why;
    buffer_init(&why);
    if (policy_file_load(path, policy, NULL, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
}

/* ---- the table of parameters in DOMAIN 2, first row to last; fen and basis points ---- */

struct row {
    const char *name;
    fen_t first[3], later[3]; /* levels I, II, III; yuan */
    basis_points_t ratio[3];  /* of the first band; per cent */
    fen_t pool_cap;           /* yuan, as all below */
    basis_points_t large;
    fen_t large_cap, catastrophic_from, catastrophic_cap;
    uint32_t bands, catastrophic_bands;
};

static const struct row rows[] = {
    {"110000-310", {1300, 1300, 1300}, {650, 650, 650}, {90, 87, 85}, 100000, 85, 400000, 0, 0, 3, 0},
    {"110000-390", {300, 800, 1300}, {150, 400, 650}, {80, 78, 75}, 250000, 0, 0, 30404, 0, 1, 2},
    {"120000-310", {800, 1100, 1700}, {270, 350, 500}, {85, 85, 80}, 350000, 80, 0, 0, 0, 1, 0},
    {"120000-390", {500, 500, 500}, {0, 0, 0}, {75, 70, 65}, 250000, 0, 0, 28000, 0, 1, 2},
    {"130100-310", {100, 500, 900}, {100, 500, 900}, {98, 90, 82}, 350000, 90, 500000, 0, 0, 1, 0},
    {"130100-390", {200, 800, 1500}, {200, 800, 1500}, {90, 75, 60}, 200000, 0, 0, 13400, 300000, 1, 3},
    {"131000-310", {200, 500, 800}, {200, 400, 700}, {93, 88, 85}, 200000, 90, 500000, 0, 0, 1, 0},
    {"131000-390", {200, 600, 1200}, {200, 600, 1200}, {85, 75, 60}, 150000, 0, 0, 13000, 300000, 1, 2},
};

static void check_row(const struct row *row)
{
    struct policy policy;
    char path[64];
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", row->name);
    load(path, &policy);
    assert_memory_equal(policy.area, row->name, 6);
    assert_string_equal(policy.insurance_type, row->name + 7);
    assert_int_equal(policy.period_days_max, 90);
    assert_int_equal(policy.pool_cap, row->pool_cap * 100);
    assert_int_equal(policy.large_amount_ratio, row->large * 100);
    assert_int_equal(policy.large_amount_cap, row->large_cap * 100);
    assert_int_equal(policy.catastrophic_deductible, row->catastrophic_from * 100);
    assert_int_equal(policy.catastrophic_cap, row->catastrophic_cap * 100);
    assert_int_equal(policy.catastrophic_band_count, row->catastrophic_bands);
    assert_int_equal(policy.assistance_cap, 5000000);
    for (uint32_t i = 0; i < policy.inpatient_count; i++) {
        const struct policy_inpatient *rule = &policy.inpatient[i];
        if (rule->municipal || rule->care != CARE_ORDINARY)
            continue;
        assert_int_equal(rule->deductible_first, row->first[rule->level - 1] * 100);
        assert_int_equal(rule->deductible_later, row->later[rule->level - 1] * 100);
        assert_int_equal(rule->bands[0].ratio, row->ratio[rule->level - 1] * 100);
        assert_int_equal(rule->band_count, row->bands);
    }
}

TEST(the_eight_policies_say_what_the_rules_say)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
}

TEST(a_policy_travels_as_an_event_unchanged)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy policy, back;
        struct buffer bytes, again;
        char path[64];
        (void)snprintf(path, sizeof path, "data/policies/%s.yaml", rows[i].name);
        load(path, &policy);
        buffer_init(&bytes);
        buffer_init(&again);
        policy_encode(&policy, &bytes);
        assert_int_equal(policy_decode(buffer_span(&bytes), NULL, &back), OK);
        policy_encode(&back, &again);
        assert_true(bytes.size > 0 && span_equal(buffer_span(&bytes), buffer_span(&again)));
        assert_int_equal(back.pool_cap, policy.pool_cap);
        assert_int_equal(back.inpatient[2].bands[0].ratio, policy.inpatient[2].bands[0].ratio);
        buffer_fini(&bytes);
        buffer_fini(&again);
    }
}

/* ---- what is printed is a file that says the same ---- */

static void reread(const char *path, struct policy *policy, struct policy_sources *sources)
{
    struct buffer why = {0};
    if (policy_file_load(path, policy, sources, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    policy->sources = sources->items;
    policy->source_count = sources->count;
    buffer_fini(&why);
}

static void prints_what_it_reads(const char *path)
{
    static struct policy first, second;
    static struct policy_sources first_sources, second_sources;
    char shown[] = "/tmp/hutong-shown-XXXXXX";
    struct buffer text = {0}, one = {0}, two = {0};
    reread(path, &first, &first_sources);
    policy_file_describe(&first, &first_sources, &text);
    int file = mkstemp(shown);
    assert_true(file >= 0 && write(file, text.data, text.size) == (ssize_t)text.size && close(file) == 0);
    reread(shown, &second, &second_sources);
    (void)unlink(shown);
    policy_encode(&first, &one);
    policy_encode(&second, &two);
    if (!span_equal(buffer_span(&one), buffer_span(&two)))
        fail_msg("%s: shown as\n%s", path, buffer_text(&text));
    buffer_fini(&text);
    buffer_fini(&one);
    buffer_fini(&two);
}

TEST(a_policy_is_printed_from_the_rows_that_read_it)
{
    glob_t shipped;
    assert_int_equal(glob("data/policies/*.yaml", 0, NULL, &shipped), 0);
    assert_true(shipped.gl_pathc > 0);
    for (size_t i = 0; i < shipped.gl_pathc; i++)
        prints_what_it_reads(shipped.gl_pathv[i]);
    globfree(&shipped);
}

/* ---- faults: a good file with one thing changed ---- */

struct fault {
    const char *file;
    const char *was, *is;
    unsigned line;     /* 0: libyaml's own text says where */
    const char *wants; /* in what is said */
};

#define SHIJIAZHUANG "data/policies/130100-390.yaml"
#define BEIJING "data/policies/110000-310.yaml"

static const struct fault faults[] = {
    {SHIJIAZHUANG, "area: \"130100\"", "area: \"999999\"", 3, "policy.area: a pooling area"},
    {SHIJIAZHUANG, "area: \"130100\"", "aera: \"130100\"", 0, "aera"},
    {SHIJIAZHUANG, "\"390\"", "\"110\"", 4, "policy.insurance_type"},
    {SHIJIAZHUANG, "2025-01-01", "2025-02-30", 5, "policy.valid_from"},
    {SHIJIAZHUANG, "2025-01-01", "1 January", 5, "a date: 2025-01-01"},
    {SHIJIAZHUANG, "valid_to: \"2025-12-31\"", "valid_to: \"2024-12-31\"", 6, "policy.valid_to"},
    {SHIJIAZHUANG, "source: \"docs/SOURCES.md#benefit-policies (secondary sources)\"\n", "", 0, "policy.source"},
    {SHIJIAZHUANG, "grade: \"S\"", "grade: \"X\"", 8, "policy.grade"},
    {SHIJIAZHUANG, "200000 [S]\"\ninpatient", "0 [S]\"\ninpatient", 10, "policy.pool_cap"},
    {SHIJIAZHUANG, "200000 [S]\"\ninpatient", "200000.005 [S]\"\ninpatient", 10, "at most two decimals"},
    {SHIJIAZHUANG, "200000 [S]\"\ninpatient", "-5 [S]\"\ninpatient", 10, "a number"},
    {SHIJIAZHUANG, "200000 [S]\"\ninpatient", "2e5 [S]\"\ninpatient", 10, "a number"},
    {SHIJIAZHUANG, "200000 [S]\"\ninpatient", "200000 [Q]\"\ninpatient", 10, "grade"},
    {SHIJIAZHUANG, "level: \"2\"", "level: \"4\"", 17, "level 1, 2 or 3"},
    {SHIJIAZHUANG, "level: \"2\"", "level: \"1\"", 17, "one rule a class"},
    {SHIJIAZHUANG, "    deductible_first: \"800 [S]\"\n", "", 17, "this key is missing"},
    {SHIJIAZHUANG, "deductible_first: \"800 [S]\"", "deductible: \"800 [S]\"", 0, "deductible"},
    {SHIJIAZHUANG, "ratio: \"75 [S]\"", "ratio: \"100.01 [S]\"", 21, "0-10,000 basis points"},
    {SHIJIAZHUANG, "{ratio: \"75 [S]\"}", "{upper: \"5000 [S]\", ratio: \"75 [S]\"}", 21, "the last band is open"},
    {SHIJIAZHUANG, "{ratio: \"75 [S]\"}", "{}", 21, "this key is missing"},
    {SHIJIAZHUANG, "upper: \"200000 [S]\"", "upper: \"100000 [S]\"", 41, "rising upper ends"},
    {SHIJIAZHUANG, "  - {category: subsistence", "  - {category: rich", 47, "extreme_poverty, subsistence"},
    {SHIJIAZHUANG, "  - {category: subsistence", "  - {category: extreme_poverty", 47, "one class a category"},
    {SHIJIAZHUANG, "  deductible: \"13400 [S]\"\n", "", 0, "policy.catastrophic.deductible: this key is missing"},
    {SHIJIAZHUANG, "area:", "area: [", 0, SHIJIAZHUANG},
    {BEIJING, "- {community: \"true\", deductible", "- {deductible", 45, "one rule a class"},
    {"data/policies/110000-510.yaml", "  - care: maternity", "  - level: \"3\"", 11, "510 settles nothing else"},
    {"data/policies/130100-310.yaml", "added_level_one: \"1", "added_level_one: \"101", 35, "retired.added_level_one"},
    {BEIJING, "care: chronic", "care: teeth", 50, "ordinary, emergency, chronic, pharmacy or maternity"},
    {BEIJING, "[M 医保发〔2022〕22号]", "[M医保发〔2022〕22号]", 65, "its own source"},
    {BEIJING, "2023-04-01 [P]", "2023-04-31 [P]", 64, "away.counts_as_filed_from"},
    {BEIJING, "other_cut: \"20", "other_cut: \"120", 65, "away.other_cut"},
    {BEIJING, "community: \"true\"", "community: \"yes\"", 45, "true or false"},
    {BEIJING, "own_share_factor: \"60 [O]\"", "own_share_factor: \"160 [O]\"", 38, "retired.own_share_factor"},
};

static void write_changed(const char *path, const struct fault *fault)
{
    static char text[FILE_SIZE_MAX];
    FILE *in = fopen(fault->file, "rb");
    assert_non_null(in);
    size_t size = fread(text, 1, sizeof text - 1, in);
    (void)fclose(in);
    text[size] = 0;
    char *at = strstr(text, fault->was);
    if (at == NULL)
        fail_msg("%s has no \"%s\"", fault->file, fault->was);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    (void)fprintf(out, "%.*s%s%s", (int)(at - text), text, fault->is, at + strlen(fault->was));
    assert_int_equal(fclose(out), 0);
}

TEST(every_fault_is_named_with_its_line)
{
    char path[] = "/tmp/hutong-policy-XXXXXX", place[64];
    struct policy policy;
    struct buffer why;
    int file = mkstemp(path);
    assert_true(file >= 0);
    (void)close(file);
    buffer_init(&why);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const struct fault *fault = &faults[i];
        write_changed(path, fault);
        buffer_reset(&why);
        enum status status = policy_file_load(path, &policy, NULL, &why);
        const char *said = buffer_text(&why);
        if (status != REJECT_MALFORMED)
            fail_msg("\"%s\" for \"%s\" was taken", fault->is, fault->was);
        (void)snprintf(place, sizeof place, "%s:%u:", path, fault->line);
        bool right_line = fault->line == 0 || strstr(said, place) != NULL;
        const char *wants = fault->wants == fault->file ? path : fault->wants;
        if (!right_line || strstr(said, wants) == NULL)
            fail_msg("\"%s\" for \"%s\": line %u and \"%s\" expected, but said: %s", fault->is, fault->was, fault->line,
                     wants, said);
    }
    buffer_fini(&why);
    (void)unlink(path);
}

TEST(a_missing_file_is_a_fault)
{
    struct policy policy;
    struct buffer why;
    buffer_init(&why);
    assert_int_equal(policy_file_load("data/policies/none.yaml", &policy, NULL, &why), REJECT_MALFORMED);
    assert_non_null(strstr(buffer_text(&why), "data/policies/none.yaml"));
    buffer_fini(&why);
}

TEST(all_faults_of_a_policy_are_found_at_once)
{
    static struct findings findings;
    struct policy policy;
    load(SHIJIAZHUANG, &policy);
    policy_check(&policy, published_first(), "policy", &findings);
    assert_int_equal(findings.count, 0);
    policy.pool_cap = -1;
    policy.inpatient[1].bands[0].ratio = -1;
    policy.catastrophic_poor_added = 10001;
    policy.grade[0] = 0;
    policy_check(&policy, published_first(), "policy", &findings);
    assert_int_equal(findings.count, 4);
    assert_true(findings.refused);
    for (uint32_t i = 0; i < findings.count; i++)
        assert_int_equal(findings.items[i].rule, RULE_POLICY_INVALID);
}

TEST(floors_of_the_plan_are_warned_of)
{
    struct policy policy;
    struct buffer warnings;
    buffer_init(&warnings);
    load(BEIJING, &policy);
    policy_floors_check(&policy, &warnings);
    assert_int_equal(warnings.size, 0);
    load(SHIJIAZHUANG, &policy); /* 89.10, 72.00, 55.50 and 61.75 %: below about 75 % on average */
    policy_floors_check(&policy, &warnings);
    assert_non_null(strstr(buffer_text(&warnings), "inpatient: 69.58 %"));
    buffer_reset(&warnings);
    policy.catastrophic_bands[0].ratio = 4999;
    policy.assistance[0].ratio = 6999;
    policy_floors_check(&policy, &warnings);
    assert_non_null(strstr(buffer_text(&warnings), "catastrophic.bands[0]"));
    assert_non_null(strstr(buffer_text(&warnings), "assistance.classes[0]"));
    buffer_fini(&warnings);
}
