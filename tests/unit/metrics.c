/* SPDX-License-Identifier: Apache-2.0
 * Metrics as text: Prometheus' 0.0.4, which nothing changed, and OpenMetrics with its exemplars. */
#include "common/observe/metrics.h"
#include "tests/support/test.h"

static struct metrics *metrics;
static struct metric *took;
static struct buffer text;

static void begin(void)
{
    metrics = metrics_new();
    took = metrics_add(metrics, METRIC_HISTOGRAM, "took_seconds", "Time.", "core=\"toy\"");
    metric_count(metrics_add(metrics, METRIC_COUNTER, "seen_total", "Seen.", "box=\"a\""), 3);
    metric_count(metrics_add(metrics, METRIC_COUNTER, "seen_total", "Seen.", "box=\"b\""), 4);
    metric_set(metrics_add(metrics, METRIC_GAUGE, "of_total", "A gauge keeps its name.", NULL), 5);
}

static void end(void)
{
    buffer_fini(&text);
    metrics_destroy(&metrics);
}

static const char *plain(void)
{
    buffer_reset(&text);
    metrics_render(metrics, &text);
    return buffer_text(&text);
}

static const char *open_metrics(void)
{
    buffer_reset(&text);
    metrics_render_open(metrics, &text);
    return buffer_text(&text);
}

static unsigned count_of(const char *all, const char *part)
{
    unsigned count = 0;
    for (const char *at = all; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

TEST(plain_text_has_no_exemplar_and_no_end)
{
    begin();
    metric_observe_at(took, 3, 17, 1234567);
    const char *told = plain();
    assert_null(strstr(told, "# EOF"));
    assert_null(strstr(told, "position"));
    assert_non_null(strstr(told, "# HELP seen_total Seen.\n# TYPE seen_total counter\nseen_total{box="));
    assert_non_null(strstr(told, "took_seconds_bucket{core=\"toy\",le=\"0.000004\"} 1\n"));
    assert_non_null(strstr(told, "took_seconds_bucket{core=\"toy\",le=\"+Inf\"} 1\n"));
    end();
}

TEST(open_metrics_names_a_counter_without_total_and_ends)
{
    begin();
    const char *told = open_metrics();
    assert_int_equal(count_of(told, "# TYPE seen counter\n"), 1);
    assert_int_equal(count_of(told, "# HELP seen Seen.\n"), 1);
    assert_non_null(strstr(told, "seen_total{box=\"a\"} 3\n"));
    assert_non_null(strstr(told, "seen_total{box=\"b\"} 4\n"));
    assert_non_null(strstr(told, "# TYPE of_total gauge\nof_total 5\n"));
    assert_int_equal(count_of(told, "# EOF\n"), 1);
    assert_string_equal(told + strlen(told) - 6, "# EOF\n");
    end();
}

TEST(the_last_observation_stands_in_its_bucket_alone)
{
    begin();
    metric_observe_us(took, 700);
    assert_null(strstr(open_metrics(), "# {"));
    metric_observe_at(took, 3, 17, 1234567);
    metric_observe_at(took, 1500000, 18446744073709551615u, 1790000000042);
    const char *told = open_metrics();
    assert_int_equal(count_of(told, "# {"), 1);
    assert_non_null(strstr(told, "took_seconds_bucket{core=\"toy\",le=\"2.097152\"} 3 "
                                 "# {position=\"18446744073709551615\"} 1.500000 1790000000.042\n"));
    assert_non_null(strstr(told, "le=\"0.000004\"} 1\n"));
    metric_observe_at(took, 900000000, 19, 1790000001000); /* beyond all bounds */
    assert_non_null(strstr(open_metrics(), "le=\"+Inf\"} 4 # {position=\"19\"} 900.000000 1790000001.000\n"));
    end();
}
