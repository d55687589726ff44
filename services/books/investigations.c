/* SPDX-License-Identifier: Apache-2.0
 * Co-investigation (协查, DOMAIN 3).
 *
 *   REQUESTED --the other side answers--> ANSWERED --the region of care finds--> FOUND
 *       \--the limit passes--> OVERDUE --answer or finding--^
 *
 * The request may come from either side, the finding from the region of care, which administers its institutions. A
 * bill that no table holds yet waits meanwhile, where the policy says so. What a finding takes off goes back as an
 * adjustment: an item of its own that clears like a reversal.
 *
 * Value: settlement (8) | asking region (1) | stage (1) | answer by (4) | verdict (1) | amount (8) */
#include "common/base/check.h"
#include "common/codes/insurance.h"
#include "common/codes/workday.h"
#include "services/books/question.h"

enum stage { STAGE_NONE, STAGE_OFFERED, STAGE_REQUESTED, STAGE_OVERDUE, STAGE_ANSWERED, STAGE_FOUND };
enum { VALUE_SIZE = 23 };

struct inquiry {
    uint64_t request;
    uint64_t settlement;
    unsigned asker;
    enum stage stage;
    civil_date_t answer_by;
    enum investigation_verdict verdict;
    fen_t amount;
};

static void inquiry_store(struct books *books, const struct inquiry *inquiry)
{
    uint8_t key[8], value[VALUE_SIZE];
    bytes_put_be(key, inquiry->request, 8);
    bytes_put_le(value, inquiry->settlement, 8);
    value[8] = (uint8_t)inquiry->asker;
    value[9] = (uint8_t)inquiry->stage;
    bytes_put_le(value + 10, inquiry->answer_by, 4);
    value[14] = (uint8_t)inquiry->verdict;
    bytes_put_le(value + 15, (uint64_t)inquiry->amount, 8);
    store_put(books->txn, INVESTIGATIONS, span_of(key, sizeof key), span_of(value, sizeof value));
}

static void inquiry_read(uint64_t request, struct span value, struct inquiry *inquiry)
{
    INVARIANT(value.size == VALUE_SIZE);
    *inquiry = (struct inquiry){.request = request,
                                .settlement = bytes_get_le(value.data, 8),
                                .asker = value.data[8],
                                .stage = (enum stage)value.data[9],
                                .answer_by = (civil_date_t)bytes_get_le(value.data + 10, 4),
                                .verdict = (enum investigation_verdict)value.data[14],
                                .amount = (fen_t)bytes_get_le(value.data + 15, 8)};
}

static bool inquiry_load(struct books *books, uint64_t request, struct inquiry *inquiry)
{
    uint8_t key[8];
    struct span value;
    bytes_put_be(key, request, 8);
    if (!store_get(books->txn, INVESTIGATIONS, span_of(key, sizeof key), &value))
        return false;
    inquiry_read(request, value, inquiry);
    return true;
}

static void inquiry_encode(const struct inquiry *inquiry, const struct book_bill *bill, const char *text,
                           uint32_t number, struct buffer *out)
{
    size_t mark = wire_begin(out, number);
    wire_put_uint(out, 1, inquiry->request);
    wire_put_uint(out, 2, bill->row.number);
    wire_put_uint(out, 3, (uint64_t)inquiry->stage);
    wire_put_text(out, 4, text);
    wire_put_uint(out, 5, inquiry->answer_by);
    wire_put_uint(out, 6, (uint64_t)inquiry->verdict);
    wire_put_int(out, 7, inquiry->amount);
    wire_put_uint(out, 8, bill->held && bill->month == 0);
    wire_end(out, mark);
}

static void say(struct books *books, const struct inquiry *inquiry, const struct book_bill *bill, const char *text)
{
    books_say(books, BOOKS_INVESTIGATION, clearing_region(book_bill_pair(bill) / REGIONS));
    books_say(books, BOOKS_INVESTIGATION, clearing_region(book_bill_pair(bill) % REGIONS));
    inquiry_encode(inquiry, bill, text, 22, &books->answer.body);
}

/* Refused: only who asked hears of it. */
static void refuse(struct books *books, enum rule rule, const char *path)
{
    books_say(books, BOOKS_INVESTIGATION, books->event->sender);
    books_find(books, rule, path, NULL);
}

void investigation_offer(struct books *books, const struct book_bill *bill)
{
    const struct clearing_policy *policy = policy_on(books, books->today);
    struct inquiry inquiry = {.settlement = bill->row.number, .stage = STAGE_OFFERED};
    bool stay = clearing_type_is_inpatient(bill->row.clearing_type);
    if (policy != NULL && stay && policy->investigation_offer > 0 && bill->row.total > policy->investigation_offer)
        say(books, &inquiry, bill, "");
}

static bool is_party(const struct books *books, const struct book_bill *bill)
{
    unsigned sender = clearing_region_index(books->event->sender), pair = book_bill_pair(bill);
    return sender == pair / REGIONS || sender == pair % REGIONS;
}

void investigation_ask(struct books *books, const struct investigation *request)
{
    const struct clearing_policy *policy = policy_on(books, books->today);
    struct book_bill bill;
    struct inquiry inquiry = {.request = books->position,
                              .settlement = request->about,
                              .asker = clearing_region_index(books->event->sender),
                              .stage = STAGE_REQUESTED};
    if (!bill_load(books, request->about, &bill) || bill.kind != BILL_SETTLEMENT)
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
        if (workday_add(books->today, policy->investigation_days, &inquiry.answer_by) == OK)
            due_add(books, civil_date_from_day(civil_date_to_day(inquiry.answer_by) + 1), DUE_INVESTIGATION,
                    inquiry.request);
        else
            books_find(books, RULE_CALENDAR_UNKNOWN, "investigation_request", NULL);
        bill.investigation = inquiry.request;
        bill.held = policy->investigation_holds;
        inquiry_store(books, &inquiry);
        bill_decide(books, &bill);
        say(books, &inquiry, &bill, request->text);
    }
}

void investigation_answered(struct books *books, const struct investigation *answer)
{
    struct book_bill bill;
    struct inquiry inquiry;
    unsigned sender = clearing_region_index(books->event->sender);
    if (!inquiry_load(books, answer->about, &inquiry) || !bill_load(books, inquiry.settlement, &bill)) {
        refuse(books, RULE_INVESTIGATION_UNKNOWN, "investigation_answer.request");
        return;
    }
    bool within = book_bill_pair(&bill) / REGIONS == book_bill_pair(&bill) % REGIONS;
    if (!is_party(books, &bill) || (sender == inquiry.asker && !within))
        refuse(books, RULE_INVESTIGATION_NOT_PARTY, "sender");
    else if (inquiry.stage != STAGE_REQUESTED && inquiry.stage != STAGE_OVERDUE)
        refuse(books, RULE_INVESTIGATION_STEP, "investigation_answer.request");
    else {
        inquiry.stage = STAGE_ANSWERED;
        inquiry_store(books, &inquiry);
        say(books, &inquiry, &bill, answer->text);
    }
}

/* The other way round from the settlement, by so much. */
static void adjust(struct books *books, const struct book_bill *bill, fen_t amount)
{
    struct book_bill item = *bill;
    const char *insured = clearing_region(book_bill_pair(bill) / REGIONS),
               *care = clearing_region(book_bill_pair(bill) % REGIONS);
    item.kind = BILL_ADJUSTMENT;
    item.row.number = books->position;
    item.row.original = bill->row.number;
    item.row.day = books->today;
    item.row.total = item.row.fund = item.row.account = 0;
    item.adjust = -amount;
    item.adjusted = 0;
    item.adjustments = 0;
    item.investigation = item.disputed_by = item.reversed_by = 0;
    item.held = item.has_dependents = false;
    item.month = 0;
    item.reason = OPEN_ORIGINAL;
    memset(item.side, 0, sizeof item.side);
    memset(item.difference, 0, sizeof item.difference);
    bill_add(books, &item);
    bill_decide(books, &item);
    journal_add(books, amount, "payable", insured, care);
    journal_add(books, -amount, "receivable", care, insured);
    journal_add(books, amount, "institution", bill->row.institution, NULL);
    journal_add(books, -amount, "adjusted", bill->row.insured_area, bill->row.insurance_type);
    journal_post(books, "an investigation found a bill wrong");
}

void investigation_found(struct books *books, const struct investigation *finding)
{
    struct book_bill bill;
    struct inquiry inquiry;
    if (!inquiry_load(books, finding->about, &inquiry) || !bill_load(books, inquiry.settlement, &bill)) {
        refuse(books, RULE_INVESTIGATION_UNKNOWN, "investigation_finding.request");
        return;
    }
    fen_t left = bill.reversed_by != 0 ? 0 : book_bill_amount(&bill) - bill.adjusted;
    fen_t amount = finding->verdict == VERDICT_CONFIRMED    ? 0
                   : finding->verdict == VERDICT_WRONG_PART ? finding->amount
                                                            : left;
    if (clearing_region_index(books->event->sender) != book_bill_pair(&bill) % REGIONS)
        refuse(books, RULE_INVESTIGATION_NOT_PARTY, "sender");
    else if (inquiry.stage != STAGE_ANSWERED && inquiry.stage != STAGE_OVERDUE)
        refuse(books, RULE_INVESTIGATION_STEP, "investigation_finding.request");
    else if (finding->verdict != VERDICT_CONFIRMED && (amount <= 0 || amount > left))
        refuse(books, RULE_INVESTIGATION_AMOUNT, "investigation_finding.amount_fen");
    else {
        inquiry.stage = STAGE_FOUND;
        inquiry.verdict = (enum investigation_verdict)finding->verdict;
        inquiry.amount = amount;
        inquiry_store(books, &inquiry);
        bill.investigation = 0;
        bill.held = false;
        bill_decide(books, &bill);
        if (amount > 0) {
            adjust(books, &bill, amount);
            figures_found(books, &bill);
        }
        say(books, &inquiry, &bill, finding->text);
    }
}

void investigation_overdue(struct books *books, uint64_t request)
{
    struct inquiry inquiry;
    struct book_bill bill;
    INVARIANT(inquiry_load(books, request, &inquiry) && bill_load(books, inquiry.settlement, &bill));
    if (inquiry.stage != STAGE_REQUESTED)
        return;
    inquiry.stage = STAGE_OVERDUE;
    inquiry_store(books, &inquiry);
    say(books, &inquiry, &bill, "");
    books->answer.kind = BOOKS_OVERDUE;
}

void investigations_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct question_page page;
    struct inquiry inquiry;
    struct book_bill bill;
    bool more = page_start(&page, books, INVESTIGATIONS, question, span_of(NULL, 0), answer);
    for (; more; more = page_next(&page)) {
        inquiry_read(bytes_get_be(page.walk.key.data, 8), page.walk.value, &inquiry);
        INVARIANT(bill_load(books, inquiry.settlement, &bill));
        if (!question_sees(question, book_bill_pair(&bill)) || (question->open && inquiry.stage == STAGE_FOUND))
            continue;
        inquiry_encode(&inquiry, &bill, "", 14, answer);
        page.found++;
    }
    page_end(&page);
}
