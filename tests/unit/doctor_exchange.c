/* SPDX-License-Identifier: Apache-2.0
 * What is found in answers that daemons might give. */
#include "tools/doctor_exchange.h"

#include "common/codes/logic.h"
#include "tests/support/test.h"
#include "tools/doctor_machine.h"

enum { NOW = 1795993172 };
static const instant_ms_t now = (instant_ms_t)NOW * 1000;
static char found[4096];

/* In the place of tools/doctor.c: what was found, in order. */
void doctor_found(struct doctor *doctor, enum doctor_finding finding, const char *file, const char *where)
{
    static const char *const names[] = {
#define FINDING(name, ...) #name,
#include "tools/finding.def"
    };
    size_t used = strlen(found);
    doctor->found++;
    (void)snprintf(found + used, sizeof found - used, "%s %s %s; ", names[finding], file, where);
}

static json_t *service_with(const char *key, json_t *value)
{
    json_t *status = json_pack("{s:b,s:s,s:i,s:i,s:i,s:s,s:s,s:I}", "ready", 1, "build", "abc", "logicVersion",
                               LOGIC_VERSION_KNOWN, "lagMs", 0, "deadLetters", 0, "stateBytes", "1048576",
                               "stateLimitBytes", "104857600", "logAtMs", (json_int_t)now);
    if (key != NULL)
        json_object_set_new(status, key, value);
    return status;
}

static const char *of_service(const char *key, json_t *value)
{
    struct doctor doctor = {0};
    json_t *status = service_with(key, value);
    found[0] = 0;
    doctor_service(&doctor, "settlement-0", status, "abc", now);
    json_decref(status);
    return found;
}

TEST(finds_nothing_in_a_sound_service)
{
    assert_string_equal(of_service(NULL, NULL), "");
}

TEST(finds_one_thing_where_one_is_wrong)
{
    assert_string_equal(of_service("ready", json_false()), "NOT_READY settlement-0 ; ");
    assert_string_equal(of_service("lagMs", json_integer(60001)), "LAGS settlement-0 0 records, 60 s; ");
    assert_string_equal(of_service("lagMs", json_integer(60000)), "");
    assert_string_equal(of_service("deadLetters", json_string("3")), "DEAD_LETTERS settlement-0 3; ");
    assert_string_equal(of_service("restarts", json_string("1")), "RESTARTED settlement-0 1; ");
    assert_string_equal(of_service("stateBytes", json_string("94371840")), "STATE_FILLS settlement-0 90 / 100 MiB; ");
    assert_string_equal(of_service("stateBytes", json_string("83886080")), ""); /* 80 % */
    assert_string_equal(of_service("build", json_string("abd")), "BUILDS_DIFFER settlement-0 abd, hutong abc; ");
    assert_non_null(strstr(of_service("logicVersion", json_integer(1)), "LOGIC_OLDER settlement-0 1 < "));
    assert_string_equal(of_service("logAtMs", json_integer(now + 5000)), "CLOCK_BEHIND settlement-0 5 s; ");
    assert_string_equal(of_service("logAtMs", json_integer(now + 1000)), "");
}

TEST(finds_what_ends_by_its_days)
{
    static const struct {
        int days;
        const char *found;
    } rows[] = {{61, ""},
                {60, "ENDS_LATER calendar 20261231 (+60); "},
                {31, "ENDS_LATER calendar 20261231 (+31); "},
                {30, "ENDS calendar 20261231 (+30); "},
                {-3, "ENDS calendar 20261231 (-3); "}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(of_service("ends", json_pack("[{s:s,s:i,s:i}]", "table", "calendar", "lastDay", 20261231,
                                                         "daysLeft", rows[i].days)),
                            rows[i].found);
}

TEST(finds_a_region_that_does_not_fetch)
{
    static const char party[] = "[{\"party\":\"%s\",\"backlog\":\"7\",\"oldest\":{\"position\":3,\"ageMs\":%d}}]";
    char text[256];
    (void)snprintf(text, sizeof text, party, "110000", 86400000 * 2);
    assert_string_equal(of_service("parties", json_loads(text, 0, NULL)),
                        "UNFETCHED 110000 7 records, the oldest for 2 days; ");
    (void)snprintf(text, sizeof text, party, "110000", 86399999);
    assert_string_equal(of_service("parties", json_loads(text, 0, NULL)), "");
    (void)snprintf(text, sizeof text, party, "operator", 86400000 * 2);
    assert_string_equal(of_service("parties", json_loads(text, 0, NULL)), "");
}

static const char *of_broker(const char *text)
{
    struct doctor doctor = {0};
    json_t *status = text != NULL ? json_loads(text, 0, NULL) : NULL;
    found[0] = 0;
    doctor_broker(&doctor, status);
    json_decref(status);
    return found;
}

TEST(finds_what_is_wrong_with_the_log)
{
    assert_string_equal(of_broker(NULL), "SILENT broker-0 ; ");
    assert_string_equal(of_broker("{\"usedBytes\":\"1\",\"limitBytes\":\"1000\"}"), "");
    assert_string_equal(of_broker("{\"usedBytes\":\"94371840\",\"limitBytes\":\"104857600\"}"),
                        "LOG_FILLS broker-0 90 / 100 MiB; ");
    assert_string_equal(of_broker("{\"damagedSegments\":\"2\"}"), "LOG_DAMAGED broker-0 2; ");
    assert_non_null(strstr(of_broker("{\"full\":true,\"fullCause\":\"LOG_FULL_DISK\"}"), "LOG_FULL broker-0 "));
    assert_string_equal(of_broker("{\"streams\":[{\"stream\":\"verdicts.0\",\"end\":\"9\",\"readers\":[{\"reader\":"
                                  "\"settlement.0\",\"cursor\":\"4\"}]}]}"),
                        "READER_HOLDS verdicts.0 settlement.0, 4..9; ");
    assert_string_equal(of_broker("{\"streams\":[{\"stream\":\"verdicts.0\",\"end\":\"9\",\"readers\":[{\"reader\":"
                                  "\"settlement.0\",\"cursor\":\"4\",\"connected\":true},{\"reader\":\"x\",\"cursor\":"
                                  "\"9\"}]}]}"),
                        "");
}

TEST(finds_signing_keys_that_end)
{
    struct doctor doctor = {0};
    json_t *list =
        json_pack("{s:[{s:s,s:I},{s:s,s:I},{s:s,s:I},{s:s,s:I,s:i}]}", "keys", "party", "110000", "validUntilMs",
                  (json_int_t)(now + INT64_C(30) * 86400000), "party", "120000", "validUntilMs",
                  (json_int_t)(now + INT64_C(31) * 86400000), "party", "130000", "validUntilMs", (json_int_t)(now - 1),
                  "party", "operator", "validUntilMs", (json_int_t)(now + 1), "until", 5);
    found[0] = 0;
    assert_non_null(list);
    doctor_signing_keys(&doctor, list, now);
    assert_string_equal(found, "KEY_ENDS 110000 in 30 days; ");
    json_decref(list);
}

TEST(a_disk_is_full_by_its_growth)
{
    assert_int_equal(doctor_days_left(1000, 0, 86400000), -1);
    assert_int_equal(doctor_days_left(1000, 100, 1000), -1); /* too short to tell */
    assert_int_equal(doctor_days_left(1000, 100, 86400000), 10);
    assert_int_equal(doctor_days_left(0, 100, 86400000), 0);
    assert_int_equal(doctor_days_left(UINT64_C(1) << 60, UINT64_C(1) << 40, INT64_C(7) * 86400000), 7 << 20);
}
