/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/transfer_rig.h"

#include "services/settlement/settled.h"
#include "services/settlement/settlement_core.h"
#include "services/validation/validation_core.h"
#include "tests/support/test.h"

const struct paid_row domain_rows[3] = {
    {.from_month = 200401, .to_month = 200412, .months = 12, .base = 100000, .document = ""},
    {.from_month = 200501, .to_month = 200512, .months = 12, .base = 110000, .document = ""},
    {.from_month = 200601, .to_month = 200606, .months = 6, .base = 120000, .document = ""},
};

void transfer_rig_start(struct transfer_rig *rig, civil_date_t today, uint32_t partition, uint32_t partitions)
{
    memset(rig, 0, sizeof *rig);
    rig->today = today;
    harness_start(&rig->validation, &validation_core, partition, partitions, 1);
    harness_start(&rig->settlement, &settlement_core, partition, partitions, 1);
}

void transfer_rig_stop(struct transfer_rig *rig)
{
    assert_ledger_is_zero(rig);
    harness_stop(&rig->validation);
    harness_stop(&rig->settlement);
}

const char *somebody(civil_date_t birth, bool male, unsigned index)
{
    char digits[18];
    (void)snprintf(digits, sizeof digits, "110101%08u%03u", birth, index % 499 * 2 + (male ? 1 : 0));
    return identity_of(digits);
}

void send_envelope(struct transfer_rig *rig, struct span envelope)
{
    assert_canonical(WIRE_ENVELOPE, envelope);
    struct span record = harness_submission(&rig->validation, civil_date_start(rig->today) + 12 * 3600000, envelope);
    assert_int_equal(harness_apply(&rig->validation, &record, 1), OK);
    assert_int_equal(harness_apply(&rig->settlement, (struct span[]){buffer_span(&rig->validation.output), record}, 2),
                     OK);
    memset(&rig->outcome, 0, sizeof rig->outcome);
    rig->answered = rig->settlement.output.size > 0;
    if (!rig->answered)
        return;
    assert_canonical(WIRE_OUTCOME, buffer_span(&rig->settlement.output));
    assert_int_equal(outcome_decode(buffer_span(&rig->settlement.output), &rig->settlement.arena, &rig->outcome), OK);
}

void send_event(struct transfer_rig *rig, const struct event *event)
{
    struct event whole = *event;
    send_envelope(rig, harness_envelope(&rig->validation, &whole));
}

void send_letter(struct transfer_rig *rig, const char *sender, const char *person, const struct transfer_letter *letter)
{
    send_event(rig,
               &(struct event){.sender = sender, .person_id = person, .kind = EVENT_TRANSFER, .body.transfer = letter});
}

void send_certification(struct transfer_rig *rig, const char *sender, const char *person,
                        const struct certification_letter *letter)
{
    send_event(rig,
               &(struct event){
                   .sender = sender, .person_id = person, .kind = EVENT_CERTIFICATION, .body.certification = *letter});
}

void send_tick(struct transfer_rig *rig)
{
    send_event(rig,
               &(struct event){.sender = "exchange", .kind = EVENT_TICK, .body.tick.number = rig->validation.position});
}

void enrol_at(struct transfer_rig *rig, const char *area, const char *person, const char *type, const char *category,
              civil_date_t from, civil_date_t to)
{
    char region[7] = "000000";
    memcpy(region, area, 2);
    send_event(
        rig,
        &(struct event){
            .sender = region,
            .person_id = person,
            .kind = EVENT_ENROLMENT,
            .body.enrolment = {
                .area = area, .insurance_type = type, .category = category, .effective_date = from, .end_date = to}});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

static void show_findings(const struct transfer_rig *rig)
{
    for (uint32_t i = 0; rig->outcome.findings != NULL && i < rig->outcome.findings->count; i++)
        print_message("  %u at %s: %s\n", rig->outcome.findings->items[i].rule, rig->outcome.findings->items[i].path,
                      rig->outcome.findings->items[i].detail);
}

void assert_moved(const struct transfer_rig *rig, uint32_t state, civil_date_t due)
{
    if (rig->outcome.kind != OUTCOME_MOVED || rig->outcome.transfer == NULL || rig->outcome.transfer->state != state ||
        rig->outcome.transfer->due_date != due) {
        show_findings(rig);
        fail_msg("%s, %s, due %u", outcome_kind_name(rig->outcome.kind),
                 rig->outcome.transfer == NULL ? "-" : transfer_state_name(rig->outcome.transfer->state),
                 rig->outcome.transfer == NULL ? 0 : rig->outcome.transfer->due_date);
    }
}

void assert_refused_by(const struct transfer_rig *rig, enum rule rule)
{
    bool named = false;
    for (uint32_t i = 0; rig->outcome.findings != NULL && i < rig->outcome.findings->count; i++)
        named = named || rig->outcome.findings->items[i].rule == (uint32_t)rule;
    if (rig->outcome.kind != OUTCOME_REFUSED || !named) {
        show_findings(rig);
        fail_msg("%s, not refused by %u", outcome_kind_name(rig->outcome.kind), (unsigned)rule);
    }
    assert_int_equal(rig->outcome.posting_count, 0);
}

bool is_told(const struct transfer_rig *rig, const char *party)
{
    for (uint32_t i = 0; i < rig->outcome.deliver_count; i++)
        if (strcmp(rig->outcome.deliver_to[i], party) == 0)
            return true;
    return false;
}

fen_t transfer_balance(struct transfer_rig *rig, const char *account)
{
    return harness_balance(&rig->settlement, BALANCES, account);
}

void assert_ledger_is_zero(struct transfer_rig *rig)
{
    harness_assert_balanced(&rig->settlement, BALANCES);
}

static void fill_application(uint32_t scheme, struct transfer_letter *letter)
{
    static const char *const types[] = {"", "110", "310", "210"};
    letter->application.source_type = letter->application.target_type = types[scheme];
    letter->application.household_division = "120101";
    letter->application.covered_from_month = scheme == SCHEME_MEDICAL ? 202503 : 0;
}

static void fill_form(uint32_t scheme, struct transfer_letter *letter)
{
    letter->has_form = true;
    letter->form = (struct information_form){.contribution_months = 30, .paid = {domain_rows, 3}};
    if (scheme == SCHEME_PENSION) {
        letter->form.account_to_last_year = letter->form.account_total = 334800;
        letter->form.pooled_total = 388800;
        letter->form.transfer_total = 723600;
    } else if (scheme == SCHEME_MEDICAL) {
        letter->form.transfer_total = 150000;
        letter->form.covered_to_month = 202502;
    } else {
        letter->form.benefit_months = 6;                  /* two full years */
        letter->form.transfer_total = 6 * 212400 * 3 / 2; /* Beijing, under five years */
    }
}

struct transfer_letter letter_of(uint32_t scheme, uint32_t kind)
{
    struct transfer_letter letter = {.transfer_id = "T-1",
                                     .scheme = scheme,
                                     .source_area = BEIJING,
                                     .target_area = TIANJIN,
                                     .kind = kind,
                                     .application = {.source_type = "", .target_type = "", .household_division = ""},
                                     .contact = {"", "", "", ""},
                                     .reference = "",
                                     .reason = ""};
    switch (kind) {
    case LETTER_APPLICATION:
        fill_application(scheme, &letter);
        break;
    case LETTER_CONTACT:
        letter.contact = (struct contact_letter){"Tianjin office", "Bank", "6222000000000001", "022-1"};
        break;
    case LETTER_INFORMATION:
        fill_form(scheme, &letter);
        break;
    case LETTER_FUNDS_NOTICE:
    case LETTER_FUNDS_RECEIPT:
    case LETTER_FUNDS_RETURN:
        fill_form(scheme, &letter);
        letter.has_form = false;
        letter.amount = letter.form.transfer_total;
        letter.reference = "B-1";
        letter.reason = kind == LETTER_FUNDS_RETURN ? "not the amount" : "";
        letter.date = 20250301;
        break;
    case LETTER_CARVE_OUT:
    case LETTER_JOINING:
        letter.date = 20250301;
        letter.reason = kind == LETTER_CARVE_OUT ? "no documents" : "";
        break;
    case LETTER_CONFIRMATION:
    case LETTER_CLOSING:
        break;
    default:
        letter.reason = "as asked";
        break;
    }
    return letter;
}
