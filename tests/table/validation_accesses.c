/* SPDX-License-Identifier: Apache-2.0
 * Records of accesses: what must be said in them; from which version of the rules on they are any. */
#include "common/codes/logic.h"
#include "common/codes/rule.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

#define LONG_64 "0123456789012345678901234567890123456789012345678901234567890123"
#define LONG_600 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 "012345678901234567890123"

static const struct row {
    const char *person, *accessor, *purpose, *command, *scope, *fault; /* the field at fault; NULL: admitted */
} rows[] = {
    {PERSON, "wang", "complaint 7", "person export", "person", NULL},
    {"", "wang", "complaint 7", "explain", "message", NULL},
    {"no number", "wang", "it was refused", "certificate", "person", NULL},
    {"", LONG_64, LONG_600, LONG_64, LONG_64, NULL},
    {"", "", "why", "dump", "settlement-0/persons", "accessor"},
    {"", "wang", "", "dump", "settlement-0/persons", "purpose"},
    {"", "wang", "why", "", "settlement-0/persons", "command"},
    {PERSON, "wang", "why", "dump", "", "scope"},
    {"", LONG_64 "4", "why", "dump", "log 0-", "accessor"},
    {"", "wang", LONG_600 "0", "dump", "log 0-", "purpose"},
    {"", "wang", "why", LONG_64 "4", "log 0-", "command"},
    {"", "wang", "why", "dump", LONG_64 "4", "scope"},
};

static enum status send(struct rig *rig, const struct row *row)
{
    draft_sound(EVENT_PERSON_ACCESS);
    draft.event.sender = "operator";
    draft.event.person_id = row->person;
    draft.event.body.person_access = (struct person_access){
        .accessor = row->accessor, .purpose = row->purpose, .command = row->command, .scope = row->scope};
    return submit(rig);
}

TEST(an_access_says_who_why_and_what)
{
    static struct rig rig;
    char path[FINDING_PATH_MAX + 1];
    rig_start(&rig, 0, 1);
    rig_logic(&rig, 5);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(send(&rig, &rows[i]), OK);
        assert_int_equal(rig.verdict.refused, rows[i].fault != NULL);
        if (rows[i].fault == NULL)
            continue;
        (void)snprintf(path, sizeof path, "person_access.%s", rows[i].fault);
        assert_int_equal(rig.verdict.findings->count, 1);
        assert_string_equal(rig.verdict.findings->items[0].path, path);
        assert_int_equal(rig.verdict.findings->items[0].rule, RULE_ACCESS_INCOMPLETE);
    }
    rig_stop(&rig);
}

/* ---- whatever the operator's people do ---- */

static enum status send_action(struct rig *rig, struct operator_action action)
{
    draft_sound(EVENT_OPERATOR_ACTION);
    draft.event.sender = "operator";
    draft.event.person_id = "";
    draft.event.body.operator_action = action;
    return submit(rig);
}

#define LONG_200 LONG_64 LONG_64 LONG_64 "01234567"

TEST(an_action_says_who_and_what)
{
    static struct rig rig;
    char path[FINDING_PATH_MAX + 1];
    static const struct {
        struct operator_action action;
        const char *fault;
    } cases[] = {
        {{.by = "wang", .action = "trim", .subject = "100", .reason = "full", .command = "trim 100"}, NULL},
        {{.by = LONG_64, .action = LONG_64, .subject = LONG_200, .reason = LONG_600, .command = LONG_600}, NULL},
        {{.by = "wang", .action = "trim", .of = 1, .result = LONG_200}, NULL},
        {{.by = "", .action = "trim"}, "by"},
        {{.by = LONG_64 "4", .action = "trim"}, "by"},
        {{.by = "wang", .action = ""}, "action"},
        {{.by = "wang", .action = LONG_64 "4"}, "action"},
        {{.by = "wang", .action = "trim", .subject = LONG_200 "8"}, "subject"},
        {{.by = "wang", .action = "trim", .reason = LONG_600 "0"}, "reason"},
        {{.by = "wang", .action = "trim", .command = LONG_600 "0"}, "command"},
        {{.by = "wang", .action = "trim", .of = 1, .result = LONG_200 "8"}, "result"},
        {{.by = "wang", .action = "trim", .of = UINT64_MAX}, "of"},
    };
    rig_start(&rig, 0, 1);
    rig_logic(&rig, 6);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(send_action(&rig, cases[i].action), OK);
        assert_int_equal(rig.verdict.refused, cases[i].fault != NULL);
        if (cases[i].fault == NULL)
            continue;
        (void)snprintf(path, sizeof path, "operator_action.%s", cases[i].fault);
        assert_int_equal(rig.verdict.findings->count, 1);
        assert_string_equal(rig.verdict.findings->items[0].path, path);
        assert_int_equal(rig.verdict.findings->items[0].rule, RULE_ACTION_INCOMPLETE);
    }
    rig_stop(&rig);
}

TEST(before_version_six_there_is_no_such_action)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    rig_logic(&rig, 5);
    assert_int_equal(send_action(&rig, (struct operator_action){.by = "wang", .action = "trim"}), REJECT_UNDECODABLE);
    rig_stop(&rig);
}

static bool goes_on(struct rig *rig, const char *by, const char *reason)
{
    draft_sound(EVENT_LOGIC_VERSION);
    draft.event.body.logic = (struct logic_version){LOGIC_VERSION_KNOWN, reason, by};
    assert_int_equal(submit(rig), OK);
    bool refused = rig->verdict.refused;
    assert_true(!refused || rig->verdict.findings->items[0].rule == RULE_ACTION_INCOMPLETE);
    return !refused;
}

/* As before until that version; from it on nobody acts without a name and a reason. */
TEST(from_version_six_on_acts_say_by_whom_and_why)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    rig_logic(&rig, 5);
    assert_true(goes_on(&rig, "", "")); /* to six, by the rules of five */
    assert_false(goes_on(&rig, "", "upgrade"));
    assert_false(goes_on(&rig, "wang", ""));
    assert_false(goes_on(&rig, LONG_64 "4", "upgrade"));
    assert_false(goes_on(&rig, "wang", LONG_600 "0"));
    assert_true(goes_on(&rig, "wang", "upgrade"));
    rig_stop(&rig);
}

TEST(before_version_five_there_is_no_such_event)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    rig_logic(&rig, 4);
    assert_int_equal(send(&rig, &rows[0]), REJECT_UNDECODABLE);
    rig_stop(&rig);
}
