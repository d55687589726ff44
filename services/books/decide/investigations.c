/* SPDX-License-Identifier: Apache-2.0
 * Co-investigation. */
#include "services/books/decide/investigations.h"

#include "common/base/check.h"
#include "common/codes/workday.h"
#include "common/engines/gazette/care_kinds.h"
#include "services/books/decide/figures.h"
#include "services/books/decide/intake.h"
#include "services/books/keep/bills.h"
#include "services/books/keep/due.h"
#include "services/books/keep/inquiry.h"
#include "services/books/keep/journal.h"
#include "services/books/keep/policies.h"
#include "services/books/keep/provisional.h"
#include "services/books/keep/record.h"

static void say(struct books *books, const struct inquiry *inquiry, const struct book_bill *bill, const char *text)
{
    record_say_pair(books, BOOKS_INVESTIGATION, book_bill_pair(bill));
    struct investigation_state *state = record_part(books, sizeof *state);
    *state = inquiry_state(books, inquiry, bill, text);
    books->answer.investigation = state;
}

/* Refused: only who asked hears of it. */
static void refuse(struct books *books, enum rule rule, const char *path)
{
    record_say(books, BOOKS_INVESTIGATION, books->event->sender);
    record_find(books, rule, path, NULL);
}

void investigations_offer(struct books *books, const struct book_bill *bill)
{
    const struct clearing_policy *policy = policies_on(books, books->today);
    struct inquiry inquiry = {.settlement = bill->row.number, .stage = INVESTIGATION_OFFERED};
    bool stay = clearing_type_is_inpatient(books->published, bill->row.clearing_type);
    if (policy != NULL && stay && policy->investigation_offer > 0 && bill->row.total > policy->investigation_offer)
        say(books, &inquiry, bill, "");
}

static bool is_party(const struct books *books, const struct book_bill *bill)
{
    unsigned sender = clearing_region_index(books->event->sender), pair = book_bill_pair(bill);
    return sender == pair / REGIONS || sender == pair % REGIONS;
}

void investigations_ask(struct books *books, const struct investigation *request)
{
    const struct clearing_policy *policy = policies_on(books, books->today);
    struct book_bill bill;
    struct inquiry inquiry = {.request = books->position,
                              .settlement = request->about,
                              .asker = clearing_region_index(books->event->sender),
                              .stage = INVESTIGATION_REQUESTED};
    if (!bills_load(books, request->about, &bill) || bill.kind != BILL_SETTLEMENT)
        refuse(books, RULE_INVESTIGATION_UNKNOWN_BILL, "investigation_request.settlement");
    else if (!is_party(books, &bill))
        refuse(books, RULE_INVESTIGATION_NOT_PARTY, "sender");
    else if (bill.investigation != 0)
        refuse(books, RULE_INVESTIGATION_OPEN, "investigation_request.settlement");
    else if (bill.adjustments >= ADJUSTMENTS_A_BILL_MAX)
        refuse(books, RULE_INVESTIGATION_TOO_MANY, "investigation_request.settlement");
    else if (policy == NULL)
        refuse(books, RULE_CLEARING_POLICY_MISSING, "investigation_request");
    else {
        const uint32_t days[3] = {policy->investigation_days, 0, 0};
        struct clearing_limits limits;
        due_limits(books, days, "investigation_request", &limits);
        inquiry.answer_by = limits.ask_by;
        if (inquiry.answer_by != 0) {
            due_add(books, civil_date_add_days(inquiry.answer_by, 1), DUE_INVESTIGATION, inquiry.request);
            provisional_keep(books, PROVISIONAL_INVESTIGATION, inquiry.request, days, &limits);
        }
        bill.investigation = inquiry.request;
        bill.held = policy->investigation_holds;
        inquiry_store(books, &inquiry);
        intake_decide(books, &bill);
        say(books, &inquiry, &bill, request->text);
    }
}

void investigations_answered(struct books *books, const struct investigation *answer)
{
    struct book_bill bill;
    struct inquiry inquiry;
    unsigned sender = clearing_region_index(books->event->sender);
    if (!inquiry_load(books, answer->about, &inquiry) || !bills_load(books, inquiry.settlement, &bill)) {
        refuse(books, RULE_INVESTIGATION_UNKNOWN, "investigation_answer.request");
        return;
    }
    bool within = book_bill_pair(&bill) / REGIONS == book_bill_pair(&bill) % REGIONS;
    if (!is_party(books, &bill) || (sender == inquiry.asker && !within))
        refuse(books, RULE_INVESTIGATION_NOT_PARTY, "sender");
    else if (inquiry.stage != INVESTIGATION_REQUESTED && inquiry.stage != INVESTIGATION_OVERDUE)
        refuse(books, RULE_INVESTIGATION_STEP, "investigation_answer.request");
    else {
        inquiry.stage = INVESTIGATION_ANSWERED;
        inquiry_store(books, &inquiry);
        say(books, &inquiry, &bill, answer->text);
    }
}

/* The other way round from the settlement, by so much. */
static void adjust(struct books *books, const struct book_bill *bill, fen_t amount)
{
    struct book_bill item = book_bill_against(bill, BILL_ADJUSTMENT, books->position, books->today);
    item.adjust = -amount;
    bills_add(books, &item);
    intake_decide(books, &item);
    journal_adjust(books, bill, amount);
    journal_post(books, "an investigation found a bill wrong");
}

void investigations_found(struct books *books, const struct investigation *finding)
{
    struct book_bill bill;
    struct inquiry inquiry;
    if (!inquiry_load(books, finding->about, &inquiry) || !bills_load(books, inquiry.settlement, &bill)) {
        refuse(books, RULE_INVESTIGATION_UNKNOWN, "investigation_finding.request");
        return;
    }
    fen_t left = bill.reversed_by != 0 ? 0 : book_bill_amount(&bill) - bill.adjusted;
    fen_t amount = finding->verdict == VERDICT_CONFIRMED    ? 0
                   : finding->verdict == VERDICT_WRONG_PART ? finding->amount
                                                            : left;
    if (clearing_region_index(books->event->sender) != book_bill_pair(&bill) % REGIONS)
        refuse(books, RULE_INVESTIGATION_NOT_PARTY, "sender");
    else if (inquiry.stage != INVESTIGATION_ANSWERED && inquiry.stage != INVESTIGATION_OVERDUE)
        refuse(books, RULE_INVESTIGATION_STEP, "investigation_finding.request");
    else if (finding->verdict != VERDICT_CONFIRMED && (amount <= 0 || amount > left))
        refuse(books, RULE_INVESTIGATION_AMOUNT, "investigation_finding.amount_fen");
    else {
        inquiry.stage = INVESTIGATION_FOUND;
        inquiry.verdict = (enum investigation_verdict)finding->verdict;
        inquiry.amount = amount;
        inquiry_store(books, &inquiry);
        bill.investigation = 0;
        bill.held = false;
        intake_decide(books, &bill);
        if (amount > 0) {
            adjust(books, &bill, amount);
            figures_found(books, &bill);
        }
        say(books, &inquiry, &bill, finding->text);
    }
}

bool investigations_overdue(struct books *books, uint64_t request)
{
    struct inquiry inquiry;
    INVARIANT(inquiry_load(books, request, &inquiry));
    if (inquiry.stage != INVESTIGATION_REQUESTED)
        return false;
    inquiry.stage = INVESTIGATION_OVERDUE;
    inquiry_store(books, &inquiry);
    return true;
}

void investigations_say(struct books *books, uint64_t request, enum books_kind kind)
{
    struct inquiry inquiry;
    struct book_bill bill;
    INVARIANT(inquiry_load(books, request, &inquiry) && bills_load(books, inquiry.settlement, &bill));
    say(books, &inquiry, &bill, "");
    books->answer.kind = kind;
}

void investigations_move(struct books *books, uint64_t request, civil_date_t answer_by)
{
    struct inquiry inquiry;
    civil_date_t to = civil_date_add_days(answer_by, 1);
    INVARIANT(inquiry_load(books, request, &inquiry));
    due_move(books, civil_date_add_days(inquiry.answer_by, 1), to, DUE_INVESTIGATION, request);
    inquiry.answer_by = answer_by;
    if (inquiry.stage == INVESTIGATION_OVERDUE && to > books->today)
        inquiry.stage = INVESTIGATION_REQUESTED;
    inquiry_store(books, &inquiry);
}
