/* SPDX-License-Identifier: Apache-2.0
 * Events of the books before validation: sound ones are admitted; each line changes one thing, and names the one rule
 * that it breaks. */
#include "common/codes/rule.h"
#include "common/engines/clearing_policy/clearing_policy_file.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

#define BODY (draft.event.body)

static struct clearing_policy policy, changed_policy;
static struct statement_row row;
static struct statement_total total;
static uint64_t numbers[2];
static struct statement_row many[STATEMENT_ROWS_MAX + 1];

static void sound(enum event_kind kind)
{
    draft_sound(EVENT_TICK);
    draft.event.kind = kind;
    draft.event.sender = TIANJIN;
    memset(&BODY, 0, sizeof BODY);
    row = (struct statement_row){7, "B-1", 0, BEIJING, "310", "21", 1000, 700, 0};
    total = (struct statement_total){"310", "21", 1, 0, 1000, 700, 0};
    numbers[0] = 7;
    numbers[1] = 9;
    changed_policy = policy;
    switch (kind) {
    case EVENT_STATEMENT:
        BODY.statement = (struct statement){20250309, HOSPITAL, SIDE_CARE, &total, 1, true, 0, 0, &row, 1};
        break;
    case EVENT_CLEARING_REPLY:
        BODY.clearing_reply =
            (struct clearing_reply){202502, BEIJING, TIANJIN, ACTION_DISPUTE, numbers, 2, 0, "no such stay"};
        break;
    case EVENT_PAYMENT:
        BODY.payment = (struct payment){202502, BEIJING, TIANJIN, 100, 20250310, ""};
        break;
    case EVENT_ADVANCE_DEPOSIT:
        BODY.advance_deposit = (struct advance_deposit){BEIJING, TIANJIN, 100, 20250310, false, 5};
        break;
    case EVENT_CLEARING_POLICY:
        draft.event.sender = "operator";
        BODY.clearing_policy = &changed_policy;
        break;
    default:
        BODY.investigation =
            (struct investigation){.about = 7,
                                   .text = "why?",
                                   .verdict = kind == EVENT_INVESTIGATION_FINDING ? VERDICT_WRONG_PART : VERDICT_NONE,
                                   .amount = kind == EVENT_INVESTIGATION_FINDING ? 100 : 0};
        break;
    }
}

enum change {
    NOTHING,
    SENDER_HEBEI,
    SENDER_OPERATOR,
    PERSON_NAMED,
    DAY_TODAY,
    DAY_NONE,
    SIDE_UNKNOWN,
    INSTITUTION_BAD,
    RANGE_TURNED,
    ROWS_WITHOUT_DETAIL,
    ROW_WITHOUT_NUMBER,
    ROW_TOO_MUCH,
    TOTAL_WITHOUT_TYPE,
    TOO_MANY_ROWS,
    MONTH_NONE,
    REGION_UNKNOWN,
    NUMBERS_TURNED,
    NUMBERS_NONE,
    ACTION_UNKNOWN,
    ROLL_BACK_OF_NOTHING,
    AMOUNT_ZERO,
    DATE_NONE,
    PAIR_OF_ONE,
    ABOUT_NOTHING,
    TEXT_EMPTY,
    VERDICT_UNKNOWN,
    WHOLE_WITH_AMOUNT,
    POLICY_TURNED
};

static void change_statement(enum change change)
{
    struct statement *statement = &BODY.statement;
    switch (change) {
    case DAY_TODAY:
        statement->day = 20250310;
        break;
    case DAY_NONE:
        statement->day = 20250230;
        break;
    case SIDE_UNKNOWN:
        statement->side = 3;
        break;
    case INSTITUTION_BAD:
        statement->institution = "H1201";
        statement->side = SIDE_INSURED;
        break;
    case RANGE_TURNED:
        statement->number_from = 9;
        statement->number_to = 8;
        break;
    case ROWS_WITHOUT_DETAIL:
        statement->detailed = false;
        break;
    case ROW_WITHOUT_NUMBER:
        row.number = 0;
        break;
    case ROW_TOO_MUCH:
        row.fund = -BILL_TOTAL_MAX_FEN - 1;
        break;
    case TOTAL_WITHOUT_TYPE:
        total.insurance_type = "";
        break;
    case TOO_MANY_ROWS:
        for (size_t i = 0; i <= STATEMENT_ROWS_MAX; i++)
            many[i] = (struct statement_row){i + 1, "", 0, "", "", "", 0, 0, 0};
        statement->rows = many;
        statement->row_count = STATEMENT_ROWS_MAX + 1;
        break;
    default:
        break;
    }
}

static void change_other(enum change change, enum event_kind kind)
{
    bool reply = kind == EVENT_CLEARING_REPLY, payment = kind == EVENT_PAYMENT,
         asks = kind >= EVENT_INVESTIGATION_REQUEST;
    switch (change) {
    case MONTH_NONE:
        *(reply ? &BODY.clearing_reply.month : &BODY.payment.month) = 202513;
        break;
    case REGION_UNKNOWN:
        *(reply     ? &BODY.clearing_reply.insured_region
          : payment ? &BODY.payment.payer
                    : &BODY.advance_deposit.insured_region) = "140000";
        break;
    case NUMBERS_TURNED:
        numbers[1] = 7;
        break;
    case NUMBERS_NONE:
        BODY.clearing_reply.number_count = 0;
        break;
    case ACTION_UNKNOWN:
        BODY.clearing_reply.action = 4;
        break;
    case ROLL_BACK_OF_NOTHING:
        BODY.clearing_reply.action = ACTION_ROLL_BACK;
        break;
    case AMOUNT_ZERO:
        *(payment ? &BODY.payment.amount : asks ? &BODY.investigation.amount : &BODY.advance_deposit.amount) = 0;
        break;
    case DATE_NONE:
        *(payment ? &BODY.payment.paid_on : &BODY.advance_deposit.paid_on) = 20250230;
        break;
    case PAIR_OF_ONE:
        *(payment ? &BODY.payment.payer : &BODY.advance_deposit.insured_region) = TIANJIN;
        break;
    case ABOUT_NOTHING:
        BODY.investigation.about = 0;
        break;
    case TEXT_EMPTY:
        BODY.investigation.text = "";
        break;
    case VERDICT_UNKNOWN:
        BODY.investigation.verdict = 4;
        BODY.investigation.amount = 0;
        break;
    case WHOLE_WITH_AMOUNT:
        BODY.investigation.verdict = VERDICT_WRONG_WHOLE;
        break;
    case POLICY_TURNED:
        changed_policy.cut_day = 28;
        break;
    default:
        break;
    }
}

static const struct {
    enum event_kind kind;
    enum change change;
    enum rule rule; /* RULE_NONE: admitted */
    const char *path;
} table[] = {
    {EVENT_STATEMENT, NOTHING, RULE_NONE, ""},
    {EVENT_STATEMENT, SENDER_HEBEI, RULE_STATEMENT_SENDER, "sender"},
    {EVENT_STATEMENT, PERSON_NAMED, RULE_PERSON_ID_UNEXPECTED, "person_id"},
    {EVENT_STATEMENT, DAY_TODAY, RULE_STATEMENT_DAY_NOT_OVER, "statement.day"},
    {EVENT_STATEMENT, DAY_NONE, RULE_STATEMENT_INVALID, "statement.day"},
    {EVENT_STATEMENT, SIDE_UNKNOWN, RULE_STATEMENT_INVALID, "statement.side"},
    {EVENT_STATEMENT, INSTITUTION_BAD, RULE_INSTITUTION_CODE_INVALID, "statement.institution"},
    {EVENT_STATEMENT, RANGE_TURNED, RULE_STATEMENT_INVALID, "statement.number_to"},
    {EVENT_STATEMENT, ROWS_WITHOUT_DETAIL, RULE_STATEMENT_INVALID, "statement.detailed"},
    {EVENT_STATEMENT, ROW_WITHOUT_NUMBER, RULE_STATEMENT_INVALID, "statement.rows"},
    {EVENT_STATEMENT, ROW_TOO_MUCH, RULE_STATEMENT_INVALID, "statement.rows"},
    {EVENT_STATEMENT, TOTAL_WITHOUT_TYPE, RULE_STATEMENT_INVALID, "statement.totals"},
    {EVENT_STATEMENT, TOO_MANY_ROWS, RULE_STATEMENT_TOO_LARGE, "statement.items"},
    {EVENT_CLEARING_REPLY, NOTHING, RULE_NONE, ""},
    {EVENT_CLEARING_REPLY, SENDER_HEBEI, RULE_CLEARING_NOT_PARTY, "sender"},
    {EVENT_CLEARING_REPLY, MONTH_NONE, RULE_BOOKS_FIELD_INVALID, "clearing_reply.month"},
    {EVENT_CLEARING_REPLY, REGION_UNKNOWN, RULE_BOOKS_FIELD_INVALID, "clearing_reply.insured_region"},
    {EVENT_CLEARING_REPLY, NUMBERS_TURNED, RULE_BOOKS_FIELD_INVALID, "clearing_reply.numbers"},
    {EVENT_CLEARING_REPLY, NUMBERS_NONE, RULE_BOOKS_FIELD_INVALID, "clearing_reply.numbers"},
    {EVENT_CLEARING_REPLY, ACTION_UNKNOWN, RULE_BOOKS_FIELD_INVALID, "clearing_reply.action"},
    {EVENT_CLEARING_REPLY, ROLL_BACK_OF_NOTHING, RULE_BOOKS_FIELD_INVALID, "clearing_reply.reply"},
    {EVENT_PAYMENT, NOTHING, RULE_NONE, ""},
    {EVENT_PAYMENT, SENDER_HEBEI, RULE_PAYMENT_NOT_PARTY, "sender"},
    {EVENT_PAYMENT, MONTH_NONE, RULE_BOOKS_FIELD_INVALID, "payment.month"},
    {EVENT_PAYMENT, REGION_UNKNOWN, RULE_BOOKS_FIELD_INVALID, "payment.payer"},
    {EVENT_PAYMENT, AMOUNT_ZERO, RULE_BOOKS_FIELD_INVALID, "payment.amount_fen"},
    {EVENT_PAYMENT, DATE_NONE, RULE_BOOKS_FIELD_INVALID, "payment.paid_on"},
    {EVENT_PAYMENT, PAIR_OF_ONE, RULE_BOOKS_FIELD_INVALID, "payment.payee"},
    {EVENT_ADVANCE_DEPOSIT, NOTHING, RULE_NONE, ""},
    {EVENT_ADVANCE_DEPOSIT, SENDER_HEBEI, RULE_DEPOSIT_SENDER, "sender"},
    {EVENT_ADVANCE_DEPOSIT, REGION_UNKNOWN, RULE_BOOKS_FIELD_INVALID, "advance_deposit.insured_region"},
    {EVENT_ADVANCE_DEPOSIT, AMOUNT_ZERO, RULE_BOOKS_FIELD_INVALID, "advance_deposit.amount_fen"},
    {EVENT_ADVANCE_DEPOSIT, DATE_NONE, RULE_BOOKS_FIELD_INVALID, "advance_deposit.paid_on"},
    {EVENT_ADVANCE_DEPOSIT, PAIR_OF_ONE, RULE_BOOKS_FIELD_INVALID, "advance_deposit.care_region"},
    {EVENT_INVESTIGATION_REQUEST, NOTHING, RULE_NONE, ""},
    {EVENT_INVESTIGATION_REQUEST, SENDER_OPERATOR, RULE_INVESTIGATION_NOT_PARTY, "sender"},
    {EVENT_INVESTIGATION_REQUEST, ABOUT_NOTHING, RULE_BOOKS_FIELD_INVALID, "investigation_request.settlement"},
    {EVENT_INVESTIGATION_REQUEST, TEXT_EMPTY, RULE_BOOKS_FIELD_INVALID, "investigation_request.question"},
    {EVENT_INVESTIGATION_ANSWER, NOTHING, RULE_NONE, ""},
    {EVENT_INVESTIGATION_ANSWER, TEXT_EMPTY, RULE_BOOKS_FIELD_INVALID, "investigation_answer.answer"},
    {EVENT_INVESTIGATION_FINDING, NOTHING, RULE_NONE, ""},
    {EVENT_INVESTIGATION_FINDING, AMOUNT_ZERO, RULE_BOOKS_FIELD_INVALID, "investigation_finding.amount_fen"},
    {EVENT_INVESTIGATION_FINDING, VERDICT_UNKNOWN, RULE_BOOKS_FIELD_INVALID, "investigation_finding.verdict"},
    {EVENT_INVESTIGATION_FINDING, WHOLE_WITH_AMOUNT, RULE_BOOKS_FIELD_INVALID, "investigation_finding.amount_fen"},
    {EVENT_CLEARING_POLICY, NOTHING, RULE_NONE, ""},
    {EVENT_CLEARING_POLICY, SENDER_HEBEI, RULE_ROLE_MAY_NOT, "sender"},
    {EVENT_CLEARING_POLICY, POLICY_TURNED, RULE_CLEARING_POLICY_INVALID, "clearing_policy.generate_day"},
};

TEST(each_rule_is_broken_alone)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        sound(table[i].kind);
        if (table[i].change == SENDER_HEBEI)
            draft.event.sender = HEBEI;
        if (table[i].change == SENDER_OPERATOR)
            draft.event.sender = "operator";
        if (table[i].change == PERSON_NAMED)
            draft.event.person_id = PERSON;
        if (table[i].kind == EVENT_STATEMENT)
            change_statement(table[i].change);
        else
            change_other(table[i].change, table[i].kind);
        assert_int_equal(submit(&rig), OK);
        const struct findings *findings = rig.verdict.findings;
        bool alone = table[i].rule == RULE_NONE
                         ? findings->count == 0
                         : findings->count == 1 && findings->items[0].rule == (uint32_t)table[i].rule &&
                               strcmp(findings->items[0].path, table[i].path) == 0;
        if (!alone || rig.verdict.refused != (table[i].rule != RULE_NONE))
            fail_msg("row %zu: %u findings, first %u at %s", i, findings->count,
                     findings->count == 0 ? 0 : findings->items[0].rule,
                     findings->count == 0 ? "" : findings->items[0].path);
    }
    rig_stop(&rig);
}

/* A day is over at midnight in Shanghai, not a millisecond sooner; and nobody states tomorrow. */
TEST(a_day_is_stated_from_midnight_on)
{
    static const struct {
        civil_date_t day;
        instant_ms_t accepted_at;
        enum rule rule;
    } statements[] = {
        {20250310, MIDNIGHT - 1, RULE_STATEMENT_DAY_NOT_OVER},
        {20250310, MIDNIGHT, RULE_NONE},
        {20250311, MIDNIGHT, RULE_STATEMENT_DAY_NOT_OVER},
        {20250312, MIDNIGHT, RULE_STATEMENT_DAY_NOT_OVER},
    };
    static struct rig rig;
    rig_start(&rig, 0, 1);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        sound(EVENT_STATEMENT);
        BODY.statement.day = statements[i].day;
        draft.accepted_at = statements[i].accepted_at;
        assert_int_equal(submit(&rig), OK);
        const struct findings *findings = rig.verdict.findings;
        assert_int_equal(rig.verdict.refused, statements[i].rule != RULE_NONE);
        assert_int_equal(findings->count == 0 ? 0 : findings->items[0].rule, statements[i].rule);
    }
    rig_stop(&rig);
}

static int load_policies(void **state)
{
    struct buffer why;
    buffer_init(&why);
    enum status status = clearing_policy_file_load("data/clearing/2025.yaml", &policy, &why);
    buffer_fini(&why);
    return status == OK ? load_policy(state) : -1;
}

AROUND_ALL(load_policies, NULL)
