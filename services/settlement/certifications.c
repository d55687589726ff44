/* SPDX-License-Identifier: Apache-2.0
 * Pensions drawn away from home, certified online (DOMAIN 4).
 *
 *   request by the paying region, up to 60 days ahead ── alive ──▶ 12 months from the day of the certificate
 *     │                                                ├─ dead ──▶ stopped from the next month; later payments: a claim
 *     │                                                ├─ missing, imprisoned ──▶ suspended from the next month (M)
 *     └─ due date past: suspended from the next month  └─ not found: still open
 *   certified again after a suspension: resumed next month, with back pay for the months between. */
#include "services/settlement/certifications.h"

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/engines/gazette/published.h"
#include "common/engines/ledger/transit.h"
#include "services/settlement/deadlines.h"
#include "services/settlement/others.h"
#include "services/settlement/transfer_records.h"

struct certifying {
    struct deciding *deciding;
    const struct certification_letter *letter;
    const char *person;
    civil_date_t today;
    struct span bytes;
    uint8_t hash[LETTER_HASH_SIZE];
    struct certification certification;
    struct pension pension;
};

static uint32_t month_after(civil_date_t day)
{
    uint32_t month = day / 100;
    return month % 100 == 12 ? month + 89 : month + 1;
}

/* Months from a (included) to b (excluded); 0 if b is not later. */
static uint32_t months_between(uint32_t a, uint32_t b)
{
    int64_t count = (int64_t)(b / 100) * 12 + b % 100 - ((int64_t)(a / 100) * 12 + a % 100);
    return count > 0 ? (uint32_t)count : 0;
}

/* The same day some months later, or that month's last: 29 February ends on the 28th. */
static civil_date_t certificate_end(const struct published *published, civil_date_t day)
{
    uint32_t month = day / 10000 * 12 + day / 100 % 100 - 1 +
                     (uint32_t)parameter_value(published, PARAMETER_CERTIFICATE_MONTHS, day);
    civil_date_t end = month / 12 * 10000 + (month % 12 + 1) * 100 + day % 100;
    while (!civil_date_exists(end) && end % 100 > 28)
        end--;
    return end;
}

static bool is_same(const struct certifying *certifying, struct span hash)
{
    return span_equal(hash, span_of(certifying->hash, LETTER_HASH_SIZE));
}

static void show(struct certifying *certifying)
{
    struct certification_view *view = arena_take(certifying->deciding->input->arena, sizeof *view);
    INVARIANT(view != NULL);
    certification_view_fill(certifying->person, certifying->letter->certification_id, &certifying->certification, view);
    view->letter = certifying->bytes;
    certifying->deciding->outcome.certification = view;
}

static void keep(struct certifying *certifying)
{
    struct deciding *deciding = certifying->deciding;
    struct buffer *scratch = &deciding->self->scratch;
    certifying->certification.certified_until = certifying->pension.certified_until;
    certifying->certification.suspended_from_month = certifying->pension.suspended_from_month;
    certifying->certification.stopped_from_month = certifying->pension.stopped_from_month;
    certification_put(deciding->txn, certifying->person, certifying->letter->certification_id,
                      &certifying->certification, scratch);
    pension_put(deciding->txn, certifying->person, certifying->certification.paying_area, &certifying->pension,
                scratch);
    show(certifying);
    deliver_to(&deciding->outcome, region_of(certifying->certification.paying_area));
    deliver_to(&deciding->outcome, region_of(certifying->certification.residence_area));
    deciding->outcome.kind = OUTCOME_MOVED;
}

static struct deadline limit_of(const struct certifying *certifying)
{
    return (struct deadline){.due = certifying->certification.due,
                             .region = region_of(certifying->certification.residence_area),
                             .scheme = SCHEME_CERTIFICATION,
                             .person = certifying->person,
                             .id = certifying->letter->certification_id};
}

static void refuse_here(struct certifying *certifying, enum rule rule, const char *path)
{
    refuse(certifying->deciding, rule, path, NULL);
}

static void request(struct certifying *certifying)
{
    const struct certification_letter *letter = certifying->letter;
    struct certification *certification = &certifying->certification;
    int32_t ahead = civil_date_to_day(letter->due_date) - civil_date_to_day(certifying->today);
    if (certification->request_hash.size > 0) {
        refuse_here(certifying, RULE_TRP_CERTIFICATION_ANSWERED, "certification.certification_id");
        return;
    }
    if (certifying->pension.stopped_from_month != 0) {
        refuse_here(certifying, RULE_TRP_PENSIONER_DEAD, "certification.request");
        return;
    }
    if (ahead >
        parameter_value(certifying->deciding->published, PARAMETER_CERTIFICATION_DAYS_AHEAD, certifying->today)) {
        refuse_here(certifying, RULE_TRP_CERTIFICATION_EARLY, "certification.request.due_date");
        return;
    }
    *certification = (struct certification){.paying_area = letter->paying_area,
                                            .residence_area = letter->residence_area,
                                            .due = letter->due_date,
                                            .request_hash = span_of(certifying->hash, LETTER_HASH_SIZE),
                                            .request_position = certifying->deciding->input->position};
    certifying->pension.monthly = letter->monthly_pension;
    if (certifying->pension.certified_until == 0)
        certifying->pension.certified_until = letter->due_date;
    struct deadline deadline = limit_of(certifying);
    deadline_put(certifying->deciding->published, certifying->deciding->txn, &deadline);
    keep(certifying);
}

/* The last certificate has run out: no pension from the month after its end, noted when the next result comes. */
static void notice_suspension(struct certifying *certifying)
{
    struct pension *pension = &certifying->pension;
    if (pension->suspended_from_month == 0 && pension->certified_until < certifying->today)
        pension->suspended_from_month = month_after(pension->certified_until);
}

static void alive(struct certifying *certifying)
{
    struct pension *pension = &certifying->pension;
    struct certification *certification = &certifying->certification;
    wide_t owed = 0;
    uint32_t resumed = month_after(certifying->today);
    if (pension->suspended_from_month != 0 && pension->suspended_from_month <= resumed) {
        certification->resumed_from_month = resumed;
        certification->back_pay_months = months_between(pension->suspended_from_month, resumed);
        owed = (wide_t)pension->monthly * certification->back_pay_months;
    }
    INVARIANT(money_narrow(owed, &certification->back_pay) == OK); /* validation bounds the pension */
    pension->suspended_from_month = 0;
    if (logic_has(certifying->deciding->published->logic, LOGIC_DATES_OF_LIFE))
        pension->alive_on = certifying->letter->date;
    pension->certified_until = certificate_end(certifying->deciding->published, certifying->letter->date);
}

/* Care that was settled before the news came, on days after the death: for claim. */
static void list_care_after(struct certifying *certifying)
{
    struct period_wanted wanted = {.from = civil_date_add_days(certifying->letter->date, 1)};
    certifying->pension.died_on = certifying->letter->date;
    (void)others_within(certifying->deciding, certifying->person, &wanted);
}

/* Paid up to the running month, unless it was suspended before. */
static void dead(struct certifying *certifying)
{
    struct pension *pension = &certifying->pension;
    struct deciding *deciding = certifying->deciding;
    struct certification *certification = &certifying->certification;
    uint32_t unpaid = month_after(certifying->today);
    if (pension->suspended_from_month != 0 && pension->suspended_from_month < unpaid)
        unpaid = pension->suspended_from_month;
    pension->stopped_from_month = month_after(certifying->letter->date);
    if (logic_has(deciding->published->logic, LOGIC_CARE_AFTER_DEATH))
        list_care_after(certifying);
    certification->claim_months = months_between(pension->stopped_from_month, unpaid);
    INVARIANT(money_narrow((wide_t)pension->monthly * certification->claim_months, &certification->claim) == OK);
    if (certification->claim == 0)
        return;
    deciding->outcome.posting_count =
        claim_postings(certification->paying_area, certification->claim, deciding->self->postings);
    deciding->outcome.postings = deciding->self->postings;
    ledger_post(deciding->self->ledger, deciding->txn, deciding->self->postings, deciding->outcome.posting_count);
}

/* A certificate is of a day within the period that the request renews, or later; nobody dies before he was seen. */
static bool date_fits(const struct certifying *certifying)
{
    const struct published *published = certifying->deciding->published;
    const struct certification_letter *letter = certifying->letter;
    uint32_t months = (uint32_t)parameter_value(published, PARAMETER_CERTIFICATE_MONTHS, certifying->today);
    if (!logic_has(published->logic, LOGIC_DATES_OF_LIFE))
        return true;
    return letter->date >= certifying->pension.alive_on &&
           (letter->status == PENSIONER_DEAD ||
            civil_date_add_months(letter->date, months) >= certifying->certification.due);
}

static void result(struct certifying *certifying)
{
    const struct certification_letter *letter = certifying->letter;
    struct certification *certification = &certifying->certification;
    if (certification->request_hash.size == 0 || strcmp(certification->paying_area, letter->paying_area) != 0 ||
        strcmp(certification->residence_area, letter->residence_area) != 0) {
        refuse_here(certifying, RULE_TRP_CERTIFICATION_UNKNOWN, "certification.certification_id");
        return;
    }
    if (certification->status != PENSIONER_NONE && certification->status != PENSIONER_NOT_FOUND) {
        refuse_here(certifying, RULE_TRP_CERTIFICATION_ANSWERED, "certification.certification_id");
        return;
    }
    if (certifying->pension.stopped_from_month != 0) {
        refuse_here(certifying, RULE_TRP_PENSIONER_DEAD, "certification.result");
        return;
    }
    if (!date_fits(certifying)) {
        refuse_here(certifying, RULE_TRP_CERTIFICATION, "certification.result.date");
        return;
    }
    struct deadline deadline = limit_of(certifying);
    certification->status = letter->status;
    certification->result_hash = span_of(certifying->hash, LETTER_HASH_SIZE);
    certification->result_position = certifying->deciding->input->position;
    notice_suspension(certifying);
    if (letter->status == PENSIONER_ALIVE)
        alive(certifying);
    else if (letter->status == PENSIONER_DEAD)
        dead(certifying);
    else if (letter->status != PENSIONER_NOT_FOUND && certifying->pension.suspended_from_month == 0)
        certifying->pension.suspended_from_month = month_after(certifying->today);
    if (letter->status != PENSIONER_NOT_FOUND)
        deadline_delete(certifying->deciding->published, certifying->deciding->txn, &deadline);
    keep(certifying);
}

static void repeat(struct certifying *certifying, uint64_t position)
{
    certifying->deciding->outcome.original_position = position;
    certifying->deciding->outcome.kind = OUTCOME_MOVED;
    show(certifying);
}

enum status certification_decide(struct deciding *deciding, const struct identity *person)
{
    uint8_t hash[DIGEST_SIZE];
    struct certifying certifying = {.deciding = deciding,
                                    .letter = &deciding->event->body.certification,
                                    .person = person->number,
                                    .today = civil_date_of_instant(deciding->verdict->accepted_at),
                                    .bytes = body_bytes(deciding->envelope)};
    const struct certification_letter *letter = certifying.letter;
    struct arena *arena = deciding->input->arena;
    digest_once(deciding->self->digest, certifying.bytes, hash);
    memcpy(certifying.hash, hash, sizeof certifying.hash);
    TRY(certification_get(deciding->txn, certifying.person, letter->certification_id, arena,
                          &certifying.certification));
    TRY(pension_get(deciding->txn, certifying.person, letter->paying_area, arena, &certifying.pension));
    if (is_same(&certifying, certifying.certification.request_hash))
        repeat(&certifying, certifying.certification.request_position);
    else if (is_same(&certifying, certifying.certification.result_hash))
        repeat(&certifying, certifying.certification.result_position);
    else if (letter->kind == CERTIFICATION_REQUEST)
        request(&certifying);
    else
        result(&certifying);
    return OK;
}
