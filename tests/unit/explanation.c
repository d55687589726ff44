/* SPDX-License-Identifier: Apache-2.0
 * What explain prints of a step: of both versions of logic, of letters, of parameters with and without a source. */
#include "tools/explanation.h"

#include <unistd.h>

#include "common/engines/benefit/benefit.h"
#include "common/engines/transfer/steps.h"
#include "tests/support/test.h"

static const struct policy_reference reference = {.row = 3};

/* What is printed meanwhile. */
static FILE *taken;
static int kept;

static void take_output(void)
{
    (void)fflush(stdout);
    taken = tmpfile();
    kept = dup(STDOUT_FILENO);
    assert_true(taken != NULL && kept >= 0 && dup2(fileno(taken), STDOUT_FILENO) >= 0);
}

static const char *output(void)
{
    static char text[4096];
    (void)fflush(stdout);
    (void)dup2(kept, STDOUT_FILENO);
    (void)close(kept);
    rewind(taken);
    text[fread(text, 1, sizeof text - 1, taken)] = 0;
    (void)fclose(taken);
    return text;
}

static void expect(const char *line)
{
    const char *said = output();
    if (strstr(said, line) == NULL)
        fail_msg("%s is not in %s", line, said);
}

static void print_step(struct step step, const struct policy *policy, const struct policy_sources *sources,
                       bool english)
{
    take_output();
    explanation_print_bill(&step, 1, &reference, policy, sources, english);
}

TEST(steps_of_version_one_say_what_they_held)
{
    print_step((struct step){.rule = STEP_BAND, .before = 1870000, .parameter = 8500, .after = 1589500, .index = 1},
               NULL, NULL, true);
    expect("      18700.00          85.00 %         15895.00  band 1 [ratio]  inpatient[2].bands[0].ratio; ");
    print_step((struct step){.rule = STEP_CASH, .before = 410500, .after = 410500}, NULL, NULL, false);
    expect("                                         4105.00  个人现金支付; ");
}

TEST(a_step_is_written_as_it_is_reckoned)
{
    struct step band = {.rule = STEP_BAND_SHARE,
                        .before = 1870000,
                        .parameter = 85000000,
                        .after = 1589500,
                        .index = 1,
                        .lower = 130000,
                        .upper = 2000000};
    print_step(band, NULL, NULL, true);
    expect("      18700.00 ×        85.00 % =       15895.00  band 1 (1300.00 to 20000.00)  ");
    print_step(band, NULL, NULL, false);
    expect("      18700.00 ×        85.00 % =       15895.00  第1段(1300.00 至 20000.00)  ");
    band.parameter = 91123456;
    print_step(band, NULL, NULL, true);
    expect("18700.00 ×    91.123456 % =");
    print_step(
        (struct step){.rule = STEP_BAND_RETIRED_FACTOR, .before = 85000000, .parameter = 6000, .after = 91000000}, NULL,
        NULL, true);
    expect("    1 - (1 - 85.00 %) × 60.00 % =        91.00 %  ratio of band 0, ");
    print_step((struct step){.rule = STEP_CRUMBS, .before = 100, .parameter = -1, .after = 99}, NULL, NULL, true);
    expect("          1.00 +          -0.01 =           0.99  crumbs");
    print_step((struct step){.rule = 9999, .before = 100, .after = 99}, NULL, NULL, true);
    expect("?");
}

TEST(a_parameter_without_a_source_rests_on_its_policy)
{
    static struct policy policy = {.grade = "O", .source = "art. 36"};
    static struct policy_sources sources = {.count = 1, .items = {{.path = "pool_cap", .grade = "O", .source = ""}}};
    struct step cap = {.rule = STEP_POOL_CAP_LEFT, .before = 100, .after = 100};
    print_step(cap, &policy, &sources, true);
    expect("pool_cap [O art. 36]; ");
    (void)snprintf(sources.items[0].grade, sizeof sources.items[0].grade, "M");
    print_step(cap, &policy, &sources, true);
    expect("pool_cap [M]; ");
    (void)snprintf(sources.items[0].source, sizeof sources.items[0].source, "a notice");
    print_step(cap, &policy, &sources, true);
    expect("pool_cap [M a notice]; ");
    print_step(cap, NULL, NULL, true);
    expect("pool_cap; ");
}

TEST(letters_name_their_document_and_months_are_no_money)
{
    const struct step steps[] = {{.rule = STEP_POOLED_AT_RATE, .before = 3240000, .parameter = 1200, .after = 388800},
                                 {.rule = STEP_EMPLOYEES_MONTHS, .parameter = 144}};
    take_output();
    explanation_print_steps(steps, 2, true);
    const char *said = output();
    assert_non_null(
        strstr(said, "      32400.00      12.00 %        3888.00  pooled part: sum of bases × rate [rate]; "));
    assert_non_null(strstr(said, "\n                        144                 months of"));
    assert_non_null(strstr(said, "人社部发〔2014〕17号"));
}
