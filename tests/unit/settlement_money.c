/* SPDX-License-Identifier: Apache-2.0
 * Cases of wrong money that reports of such systems tell of, each by its name, under logic version 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/settlement_rig.h"

static void state_balance(struct rig *rig, bool stated, bool in_force, fen_t balance)
{
    struct event event = {.sender = INSURED,
                          .person_id = person(1),
                          .kind = EVENT_ENROLMENT,
                          .body.enrolment = {.area = "110000",
                                             .insurance_type = "310",
                                             .category = "1101",
                                             .effective_date = 20240101,
                                             .has_account_balance = stated,
                                             .account_balance = balance}};
    decide(rig, &event, (struct verdict){.account_restated = in_force});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

static fen_t account_of(struct rig *rig)
{
    struct year_key key = {.area = "110000", .type = "310"};
    person_number(1, key.person);
    return account_get(rig->harness.txn, &key);
}

static void F08_a_balance_that_is_not_stated_stays(void **state)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    state_balance(&rig, true, false, 500000); /* version 1 takes what comes last */
    state_balance(&rig, false, false, 0);
    assert_int_equal(account_of(&rig), 0);
    rig_logic_two(&rig);
    state_balance(&rig, true, true, 500000);
    state_balance(&rig, false, true, 0);
    assert_int_equal(account_of(&rig), 500000);
    state_balance(&rig, true, false, 100000); /* a row that is not in force today */
    assert_int_equal(account_of(&rig), 500000);
    state_balance(&rig, true, true, 0); /* 0 is a statement */
    assert_int_equal(account_of(&rig), 0);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(F08_a_balance_that_is_not_stated_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
