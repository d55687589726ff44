/* SPDX-License-Identifier: Apache-2.0
 * Dates of a life (F22), the account that moves with a medical transfer, temporary accounts: each under version 2 of
 * logic, and as it was before. */

#include "common/engines/transfer/contribution.h"
#include "services/settlement/settled.h"
#include "tests/support/gazettes.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

#define TODAY 20250310

static void publish(void *rig, const struct gazette *gazette)
{
    const char *sender = gazette->region[0] != 0 ? gazette->region : "operator";
    send_event(rig, &(struct event){.sender = sender, .kind = EVENT_GAZETTE, .body.gazette = gazette});
    assert_int_equal(((struct transfer_rig *)rig)->outcome.kind, OUTCOME_APPLIED);
}

static void start(struct transfer_rig *rig, uint32_t version)
{
    transfer_rig_start(rig, TODAY, 0, 1);
    if (version == 1)
        return;
    gazettes_publish(publish, rig);
    send_event(rig, &(struct event){.sender = "operator",
                                    .kind = EVENT_LOGIC_VERSION,
                                    .body.logic = {.version = version, .reason = ""}});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

static void certify(struct transfer_rig *rig, const char *person, const char *id, uint32_t kind, civil_date_t date,
                    uint32_t status)
{
    bool request = kind == CERTIFICATION_REQUEST;
    struct certification_letter letter = {.certification_id = id,
                                          .paying_area = BEIJING,
                                          .residence_area = TIANJIN,
                                          .kind = kind,
                                          .due_date = request ? date : 0,
                                          .monthly_pension = request ? 400000 : 0,
                                          .status = status,
                                          .method = request ? "" : "register",
                                          .date = request ? 0 : date};
    send_certification(rig, request ? BEIJING : TIANJIN, person, &letter);
}

/* F22 a-c: asked for, answered; the rule by which it is refused, RULE_NONE: it is taken. */
static const struct {
    const char *what;
    civil_date_t birth, due, date;
    uint32_t status;
    enum rule asked, answered;
} certifications[] = {
    {"a typing error of ten years", 19500101, 20150301, 0, 0, RULE_TRP_CERTIFICATION, RULE_NONE},
    {"a year late", 19500101, 20240310, 20250301, PENSIONER_ALIVE, RULE_NONE, RULE_NONE},
    {"a year and a day late", 19500101, 20240309, 0, 0, RULE_TRP_CERTIFICATION, RULE_NONE},
    {"dead before birth", 19500101, 20250401, 19490101, PENSIONER_DEAD, RULE_NONE, RULE_TRP_CERTIFICATION},
    {"dead as a child", 19500101, 20250401, 19600101, PENSIONER_DEAD, RULE_NONE, RULE_TRP_CERTIFICATION},
    {"dead two years ago", 19500101, 20250401, 20230301, PENSIONER_DEAD, RULE_NONE, RULE_NONE},
    {"seen ten years ago", 19500101, 20250401, 20150101, PENSIONER_ALIVE, RULE_NONE, RULE_TRP_CERTIFICATION},
    {"seen a day before the period", 19500101, 20250401, 20240331, PENSIONER_ALIVE, RULE_NONE, RULE_TRP_CERTIFICATION},
    {"seen on its first day", 19500101, 20250401, 20240401, PENSIONER_ALIVE, RULE_NONE, RULE_NONE},
    {"imprisoned long ago", 19500101, 20250401, 20100101, PENSIONER_IMPRISONED, RULE_NONE, RULE_TRP_CERTIFICATION},
    {"a pensioner of thirty", 19950101, 20250401, 0, 0, RULE_NONE, RULE_NONE},
    {"due before it could be drawn", 19850101, 20250401, 0, 0, RULE_TRP_CERTIFICATION, RULE_NONE},
};

TEST(certificates_fit_the_life)
{
    for (unsigned i = 0; i < sizeof certifications / sizeof certifications[0]; i++)
        for (uint32_t version = 1; version <= 2; version++) {
            struct transfer_rig rig;
            const char *person = somebody(certifications[i].birth, true, i);
            bool held = version > 1;
            start(&rig, version);
            certify(&rig, person, "C-1", CERTIFICATION_REQUEST, certifications[i].due, 0);
            print_message("%s, version %u\n", certifications[i].what, version);
            if (held && (certifications[i].asked != RULE_NONE || certifications[i].birth > 19800310)) {
                assert_refused_by(&rig, RULE_TRP_CERTIFICATION);
            } else {
                assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
                if (certifications[i].date != 0)
                    certify(&rig, person, "C-1", CERTIFICATION_RESULT, certifications[i].date,
                            certifications[i].status);
                if (held && certifications[i].answered != RULE_NONE)
                    assert_refused_by(&rig, certifications[i].answered);
                else
                    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
            }
            transfer_rig_stop(&rig);
        }
}

TEST(nobody_dies_before_he_was_seen)
{
    struct transfer_rig rig;
    const char *person = somebody(19500101, true, 1);
    start(&rig, 2);
    certify(&rig, person, "C-1", CERTIFICATION_REQUEST, 20250401, 0);
    certify(&rig, person, "C-1", CERTIFICATION_RESULT, 20250301, PENSIONER_ALIVE);
    certify(&rig, person, "C-2", CERTIFICATION_REQUEST, 20250401, 0);
    certify(&rig, person, "C-2", CERTIFICATION_RESULT, 20250228, PENSIONER_DEAD);
    assert_refused_by(&rig, RULE_TRP_CERTIFICATION);
    certify(&rig, person, "C-2", CERTIFICATION_RESULT, 20250301, PENSIONER_DEAD);
    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
    transfer_rig_stop(&rig);
}

static void until_the_form(struct transfer_rig *rig, const char *person, uint32_t scheme)
{
    struct transfer_letter application = letter_of(scheme, LETTER_APPLICATION);
    struct transfer_letter contact = letter_of(scheme, LETTER_CONTACT);
    send_letter(rig, TIANJIN, person, &application);
    assert_int_equal(rig->outcome.kind, OUTCOME_MOVED);
    send_letter(rig, TIANJIN, person, &contact);
    assert_int_equal(rig->outcome.kind, OUTCOME_MOVED);
}

/* F22 d: a form with contributions at the age of two. */
TEST(nobody_pays_before_the_age_of_employment)
{
    static const struct {
        civil_date_t birth;
        bool refused;
    } cases[] = {{20021201, true}, {19880201, true}, {19880101, false}};
    for (unsigned i = 0; i < 3; i++)
        for (uint32_t version = 1; version <= 2; version++) {
            struct transfer_rig rig;
            const char *person = somebody(cases[i].birth, true, i);
            struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION); /* from 2004-01 on */
            start(&rig, version);
            enrol_at(&rig, TIANJIN, person, "110", "1101", 20250201, 0);
            until_the_form(&rig, person, SCHEME_PENSION);
            send_letter(&rig, BEIJING, person, &form);
            if (version > 1 && cases[i].refused)
                assert_refused_by(&rig, RULE_TRANSFER_ROW_BEFORE_AGE);
            else
                assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
            transfer_rig_stop(&rig);
        }
}

TEST(enrolments_begin_with_life)
{
    struct transfer_rig rig;
    start(&rig, 2);
    const char *person = somebody(19951201, true, 1);
    enrol_at(&rig, TIANJIN, person, "110", "1101", 19951201, 0);
    send_event(
        &rig,
        &(struct event){.sender = TIANJIN,
                        .person_id = person,
                        .kind = EVENT_ENROLMENT,
                        .body.enrolment = {
                            .area = TIANJIN, .insurance_type = "110", .category = "1101", .effective_date = 19000101}});
    assert_refused_by(&rig, RULE_REFERENCE_FIELD_INVALID);
    transfer_rig_stop(&rig);
}

TEST(money_follows_the_application)
{
    struct transfer_rig rig;
    const char *person = somebody(19850615, true, 1);
    start(&rig, 2);
    enrol_at(&rig, TIANJIN, person, "110", "1101", 20250201, 0);
    until_the_form(&rig, person, SCHEME_PENSION);
    struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
    send_letter(&rig, BEIJING, person, &form);
    struct transfer_letter notice = letter_of(SCHEME_PENSION, LETTER_FUNDS_NOTICE);
    notice.date = TODAY - 1;
    send_letter(&rig, BEIJING, person, &notice);
    assert_refused_by(&rig, RULE_TRP_DATE);
    notice.date = TODAY;
    send_letter(&rig, BEIJING, person, &notice);
    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
    transfer_rig_stop(&rig);
}

/* ---- the account that moves ---- */

/* Stated while the row is in force; then the row ends, and says nothing of the account. */
static void state_account(struct transfer_rig *rig, const char *area, const char *person, civil_date_t from,
                          civil_date_t to, fen_t balance)
{
    struct event event = {.sender = area,
                          .person_id = person,
                          .kind = EVENT_ENROLMENT,
                          .body.enrolment = {.area = area,
                                             .insurance_type = "310",
                                             .category = "1101",
                                             .effective_date = from,
                                             .has_account_balance = true,
                                             .account_balance = balance}};
    send_event(rig, &event);
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
    if (to == 0)
        return;
    event.body.enrolment.end_date = to;
    event.body.enrolment.has_account_balance = false;
    event.body.enrolment.account_balance = 0;
    send_event(rig, &event);
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

static fen_t account(struct transfer_rig *rig, const char *person, const char *area)
{
    struct year_key key = {.type = "310"};
    memcpy(key.person, person, sizeof key.person);
    memcpy(key.area, area, sizeof key.area);
    return account_get(rig->settlement.txn, &key);
}

static void say(struct transfer_rig *rig, const char *sender, const char *person, uint32_t kind, fen_t amount)
{
    struct transfer_letter letter = letter_of(SCHEME_MEDICAL, kind);
    letter.date = letter.date != 0 ? TODAY : 0;
    if (kind == LETTER_CORRECTION) {
        letter.has_form = true;
        letter.form = letter_of(SCHEME_MEDICAL, LETTER_INFORMATION).form;
    }
    if (letter.has_form)
        letter.form.account_total = letter.form.transfer_total = amount;
    else if (letter.amount != 0)
        letter.amount = amount;
    send_letter(rig, sender, person, &letter);
}

TEST(the_account_leaves_and_arrives)
{
    struct transfer_rig rig;
    const char *person = somebody(19850615, true, 1);
    start(&rig, 2);
    state_account(&rig, BEIJING, person, 20240101, 20250228, 100000);
    state_account(&rig, TIANJIN, person, 20250301, 0, 500);
    until_the_form(&rig, person, SCHEME_MEDICAL);
    say(&rig, BEIJING, person, LETTER_INFORMATION, 100001);
    assert_refused_by(&rig, RULE_TRM_ACCOUNT_ABOVE);
    assert_int_equal(account(&rig, person, BEIJING), 100000);
    say(&rig, BEIJING, person, LETTER_INFORMATION, 100000);
    assert_moved(&rig, TRANSFER_INFORMATION_SENT, rig.outcome.transfer->due_date);
    assert_int_equal(account(&rig, person, BEIJING), 0); /* a late bill at the source pays by cash */
    say(&rig, BEIJING, person, LETTER_FUNDS_NOTICE, 100000);
    say(&rig, TIANJIN, person, LETTER_FUNDS_RECEIPT, 100000);
    assert_int_equal(account(&rig, person, TIANJIN), 500);
    say(&rig, TIANJIN, person, LETTER_JOINING, 0);
    assert_moved(&rig, TRANSFER_JOINED, rig.outcome.transfer->due_date);
    assert_int_equal(account(&rig, person, BEIJING), 0);
    assert_int_equal(account(&rig, person, TIANJIN), 100500);
    say(&rig, TIANJIN, person, LETTER_CONFIRMATION, 0);
    say(&rig, BEIJING, person, LETTER_CLOSING, 0);
    assert_int_equal(account(&rig, person, BEIJING), 0);
    assert_int_equal(account(&rig, person, TIANJIN), 100500);
    transfer_rig_stop(&rig);
}

TEST(a_withdrawal_gives_the_account_back)
{
    struct transfer_rig rig;
    const char *person = somebody(19850615, true, 1);
    start(&rig, 2);
    state_account(&rig, BEIJING, person, 20240101, 20250228, 100000);
    state_account(&rig, TIANJIN, person, 20250301, 0, 500);
    until_the_form(&rig, person, SCHEME_MEDICAL);
    say(&rig, BEIJING, person, LETTER_INFORMATION, 99000); /* less than there is: a warning, the rest stays */
    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
    assert_int_equal(rig.outcome.findings->items[0].rule, RULE_TRM_ACCOUNT_BELOW);
    assert_int_equal(account(&rig, person, BEIJING), 1000);
    say(&rig, BEIJING, person, LETTER_CORRECTION, 100000);
    assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
    assert_int_equal(account(&rig, person, BEIJING), 0);
    say(&rig, TIANJIN, person, LETTER_WITHDRAWAL, 0);
    assert_moved(&rig, TRANSFER_WITHDRAWN, 0);
    assert_int_equal(account(&rig, person, BEIJING), 100000);
    assert_int_equal(account(&rig, person, TIANJIN), 500);
    transfer_rig_stop(&rig);
}

/* ---- temporary accounts ---- */

TEST(a_temporary_account_is_said_by_all)
{
    static const struct {
        const char *household;
        bool application, form, rows;
        bool refused;
    } cases[] = {
        {"130102", true, true, true, false}, {"130102", false, true, true, true},
        {"130102", true, false, true, true}, {"130102", true, true, false, true},
        {"110101", true, true, true, true},  {"130102", false, false, false, false},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct transfer_rig rig;
        struct paid_row rows[3];
        const char *person = somebody(19850615, true, i);
        start(&rig, 2);
        enrol_at(&rig, TIANJIN, person, "110", "1101", 20250201, 0);
        struct transfer_letter application = letter_of(SCHEME_PENSION, LETTER_APPLICATION);
        application.application.household_division = cases[i].household;
        application.application.source_is_temporary = cases[i].application;
        application.application.target_holds_relation = cases[i].application; /* else it is sealed (TRP-0011) */
        send_letter(&rig, TIANJIN, person, &application);
        assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
        struct transfer_letter contact = letter_of(SCHEME_PENSION, LETTER_CONTACT);
        send_letter(&rig, TIANJIN, person, &contact);
        struct transfer_letter form = letter_of(SCHEME_PENSION, LETTER_INFORMATION);
        memcpy(rows, domain_rows, sizeof rows);
        for (unsigned j = 0; j < 3; j++)
            rows[j].kind = cases[i].rows ? CONTRIBUTION_TEMPORARY : CONTRIBUTION_EMPLOYED;
        form.form.paid.rows = rows;
        form.form.temporary_account = cases[i].form;
        send_letter(&rig, BEIJING, person, &form);
        if (cases[i].refused)
            assert_refused_by(&rig, RULE_PENSION_TEMPORARY_DIFFERS);
        else
            assert_int_equal(rig.outcome.kind, OUTCOME_MOVED);
        transfer_rig_stop(&rig);
    }
}
