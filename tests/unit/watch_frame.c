/* SPDX-License-Identifier: Apache-2.0
 * What `hutong watch` shows of two samples. */
#include "tools/watch_frame.h"

#include "tests/support/test.h"
#include "tools/language.h"
#include "tools/wrap.h"

static struct watch_sample sample(int64_t at_ms, int64_t accepted, int64_t lag)
{
    struct watch_sample sample = {.at_ms = at_ms,
                                  .broker = true,
                                  .log_used = 64 << 20,
                                  .log_limit = INT64_C(4096) << 20,
                                  .disk_free = INT64_C(70000) << 20,
                                  .disk_reserve = 256 << 20,
                                  .accepted = accepted,
                                  .decided = accepted - lag,
                                  .mailbox = true,
                                  .party_count = 4,
                                  .service_count = 6};
    static const char *const parties[] = {"110000", "120000", "130000", "operator"},
                             *const services[] = {"mailbox-0",    "mailbox_books-0", "audit-0",
                                                  "validation-0", "settlement-0",    "books-0"};
    for (unsigned i = 0; i < 4; i++)
        sample.parties[i] = (struct watch_party){.accepted = accepted / 4, .oldest_ms = -1, .seen_ms = at_ms - 3000};
    for (unsigned i = 0; i < 4; i++)
        (void)snprintf(sample.parties[i].name, sizeof sample.parties[i].name, "%s", parties[i]);
    for (unsigned i = 0; i < 6; i++) {
        sample.services[i] = (struct watch_service){
            .answered = true, .ready = true, .lag_known = true, .position = accepted, .state_limit = 100};
        (void)snprintf(sample.services[i].name, sizeof sample.services[i].name, "%s", services[i]);
    }
    sample.services[4].lag_records = lag;
    sample.services[4].lag_ms = lag > 0 ? 4000 : 0;
    return sample;
}

/* Each line with a '|' before it; held to the view. */
static char shown[16384];
static const char *show(const struct watch_sample *before, const struct watch_sample *now, int columns, int lines,
                        const char *language)
{
    struct buffer out = {0};
    struct watch_view view = {columns, lines, false};
    int count = 1;
    assert_true(language_choose(language));
    watch_frame(before, now, &view, &out);
    (void)snprintf(shown, sizeof shown, "|%s", buffer_text(&out));
    buffer_fini(&out);
    for (char *at = shown + 1, *next; at != NULL; at = next) {
        char line[1024];
        next = strchr(at, '\n');
        (void)snprintf(line, sizeof line, "%.*s", next != NULL ? (int)(next - at) : (int)strlen(at), at);
        if (wrap_columns(line) > columns)
            fail_msg("%d columns: %s", wrap_columns(line), line);
        if (next != NULL)
            *next++ = '|';
        count += next != NULL;
    }
    assert_true(count <= lines);
    return shown;
}

static void has(const char *frame, const char *words)
{
    if (strstr(frame, words) == NULL)
        fail_msg("no \"%s\" in: %s", words, frame);
}

TEST(figures_a_second_are_differences)
{
    struct watch_sample before = sample(1000000, 1000, 900), now = sample(1005000, 1500, 400);
    const char *frame = show(&before, &now, 80, 24, "en");
    has(frame, "accepted 100.0   decided 200.0   delivered 0.0     p50 -       p99 -");
    has(frame, "|READY|");
    has(frame, "settlement-0            1500      400      4 s     -100       4 s     0     0%");
    has(frame, "validation-0            1500        0     0 ms       +0         -");
    has(frame, "log 64 of 4096 MiB; disk 70000 MiB free (256 kept); dead 0; restarts 0");
    has(frame, "110000                  25.0");
}

TEST(lag_that_grows_never_clears)
{
    struct watch_sample before = sample(1000000, 1000, 100), now = sample(1001000, 1500, 350);
    has(show(&before, &now, 80, 24, "en"), "     +250     never");
}

/* Nothing unknown reads as nought. */
TEST(what_is_not_known_is_a_question_mark)
{
    struct watch_sample before = sample(1000000, 1000, 0), now = sample(1001000, 1200, 0);
    has(show(NULL, &now, 80, 24, "en"), "accepted ?       decided ?       delivered ?       p50 ?       p99 ?");
    now.broker = false;
    now.mailbox = false;
    now.party_count = 0;
    now.services[4].answered = false;
    now.services[2].lag_known = false;
    const char *frame = show(&before, &now, 80, 24, "en");
    has(frame, "accepted ?       decided ?       delivered ?");
    has(frame, "NOT READY  the broker does not answer; settlement-0: does not answer");
    has(frame, "|settlement-0     ?  does not answer|");
    has(frame, "audit-0                 1200        ?        ?");
    has(frame, "log ?; dead >=0");
}

/* Counters that a new process began anew. */
TEST(a_process_that_began_anew_has_no_rate)
{
    struct watch_sample before = sample(1000000, 1000, 0), now = sample(1001000, 400, 0);
    has(show(&before, &now, 80, 24, "en"), "110000                     ?");
}

TEST(chinese_is_two_columns_wide)
{
    struct watch_sample before = sample(1000000, 1000, 900), now = sample(1005000, 1500, 400);
    now.services[3].ready = false;
    (void)snprintf(now.services[3].why, sizeof now.services[3].why, "catching up with its inputs");
    const char *frame = show(&before, &now, 80, 24, "zh");
    has(frame, "受理 100.0   决定 200.0");
    has(frame, "settlement-0            1500      400     4 秒     -100      4 秒     0     0%");
    has(frame, "未就绪  validation-0");
}

TEST(fits_any_window)
{
    struct watch_sample before = sample(1000000, 1000, 900), now = sample(1005000, 1500, 400);
    static const char *const languages[] = {"en", "zh"};
    for (unsigned i = 0; i < 2; i++)
        for (int columns = 1; columns < 120; columns += 7)
            for (int lines = 1; lines < 40; lines += 3)
                (void)show(&before, &now, columns, lines, languages[i]);
}

/* Sixteen partitions: those with which something is come first, and how many are left out is told. */
TEST(services_with_trouble_come_first)
{
    struct watch_sample before = sample(1000000, 1000, 0), now = sample(1005000, 1500, 0);
    for (unsigned i = 6; i < 36; i++) {
        now.services[i] = now.services[3];
        (void)snprintf(now.services[i].name, sizeof now.services[i].name, "settlement-%u", i);
    }
    now.service_count = 36;
    now.services[35].dead_letters = 1;
    const char *frame = show(&before, &now, 80, 24, "en");
    has(frame, "state|settlement-35");
    has(frame, "more|");
    has(frame, "|operator");
}

TEST(quantiles_are_of_what_came_between)
{
    struct watch_sample before = sample(1000000, 1000, 0), now = sample(1005000, 1500, 0);
    before.latencies[20] = 1000000; /* long ago */
    now.latencies[20] = 1000000;
    assert_int_equal(watch_quantile(&before, &now, 50), -1);
    now.latencies[10] = 98; /* up to 1024 us */
    now.latencies[14] = 2;  /* up to 16384 */
    assert_in_range(watch_quantile(&before, &now, 50), 513, 1024);
    assert_in_range(watch_quantile(&before, &now, 98), 513, 1024);
    assert_in_range(watch_quantile(&before, &now, 99), 8193, 16384);
    assert_int_equal(watch_quantile(NULL, &now, 99), -1);
}

TEST(a_line_for_who_reads_it_later)
{
    struct watch_sample before = sample(1000000, 1000, 900), now = sample(1005000, 1500, 400);
    struct buffer line = {0};
    watch_line(&before, &now, &line);
    has(buffer_text(&line), " accepted=100.0 decided=200.0 delivered=0.0 p50_us=? p99_us=? lag=400 lag_ms=4000 dead=0 "
                            "disk_free_mib=70000 ready\n");
    buffer_fini(&line);
}
