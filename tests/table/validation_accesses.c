/* SPDX-License-Identifier: Apache-2.0
 * Records of accesses: what must be said in them; from which version of the rules on they are any. */
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

TEST(before_version_five_there_is_no_such_event)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    rig_logic(&rig, 4);
    assert_int_equal(send(&rig, &rows[0]), REJECT_UNDECODABLE);
    rig_stop(&rig);
}
